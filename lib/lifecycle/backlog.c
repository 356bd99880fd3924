/* SPDX-License-Identifier: MIT */
#include "backlog.h"

#include "clock.h"
#include "figures.h"
#include "pace.h"
#include "spool_lock.h"

#include <string.h>

enum {
    ACTIONS_KEPT = 16 /* paces kept in mind; there are hardly more actions */
};

struct action_pace {
    char action[ACTION_LENGTH_MAX + 1];
    int64_t next;
};

struct walk {
    struct backlog *backlog;
    struct pace pace;
    struct action_pace kept[ACTIONS_KEPT];
    size_t kept_count;
};

/* The moment at which the pace of the action lets a task go. */
static int64_t next_by_pace(struct walk *walk, const char *action)
{
    size_t i = 0;
    while (i < walk->kept_count && strcmp(walk->kept[i].action, action) != 0)
        i++;
    if (i < walk->kept_count)
        return walk->kept[i].next;
    int64_t next = pace_look(&walk->pace, action);
    if (i < ACTIONS_KEPT) {
        memcpy(walk->kept[i].action, action, strlen(action) + 1);
        walk->kept[i].next = next;
        walk->kept_count++;
    }
    return next;
}

static enum error count_pending(void *context, const char *name)
{
    struct walk *walk = context;
    struct backlog *backlog = walk->backlog;
    struct task_name task;
    if (name_parse_queued(name, &task) != ERROR_NONE)
        return ERROR_NONE;
    int64_t due = next_by_pace(walk, task.action);
    if (due < task.created)
        due = task.created;
    if (backlog->pending == 0 || due < backlog->next_due)
        backlog->next_due = due;
    backlog->pending++;
    return ERROR_NONE;
}

static enum error count_executing(void *context, const char *name)
{
    struct walk *walk = context;
    struct lease_name lease;
    walk->backlog->executing +=
        name_parse_executing(name, &lease) == ERROR_NONE;
    return ERROR_NONE;
}

static enum error count_folder(
    struct path folder, spool_name_function *count, struct walk *walk)
{
    enum error error =
        spool_each_name(walk->pace.account->spool, folder, count, walk);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

enum error backlog_read(const struct account *account, struct backlog *backlog)
{
    struct walk walk = {.backlog = backlog};
    pace_init(&walk.pace, account);
    memset(backlog, 0, sizeof *backlog);
    enum error error = count_folder(
        account_folder(account, SPOOL_PENDING), count_pending, &walk);
    if (error == ERROR_NONE)
        error = count_folder(
            account_folder(account, SPOOL_EXECUTING), count_executing, &walk);
    backlog->counted = clock_now();
    if (backlog->next_due <= backlog->counted)
        backlog->next_due = 0;
    return error;
}

/* --- Kept for a while ----------------------------------------------------- */

enum figure {
    FIGURE_PENDING,
    FIGURE_EXECUTING,
    FIGURE_NEXT_DUE,
    FIGURES
};

static enum figures_age read_kept(
    const struct account *account, struct backlog *backlog)
{
    int64_t kept[FIGURES];
    enum figures_age age = figures_read(account->spool,
        account_file(account, SPOOL_INDEX, "backlog"), kept, FIGURES,
        &backlog->counted);
    if (age == FIGURES_NONE)
        return age;
    backlog->pending = kept[FIGURE_PENDING];
    backlog->executing = kept[FIGURE_EXECUTING];
    backlog->next_due = kept[FIGURE_NEXT_DUE];
    if (backlog->next_due <= clock_last())
        backlog->next_due = 0;
    backlog->is_kept = true;
    return age;
}

static enum error count_all(
    const struct account *account, struct backlog *backlog)
{
    enum error error = backlog_read(account, backlog);
    const int64_t kept[FIGURES] = {[FIGURE_PENDING] = backlog->pending,
        [FIGURE_EXECUTING] = backlog->executing,
        [FIGURE_NEXT_DUE] = backlog->next_due};
    if (error == ERROR_NONE &&
        backlog->pending + backlog->executing > FIGURES_MANY)
        figures_write(account->spool,
            account_file(account, SPOOL_INDEX, "backlog"), kept, FIGURES,
            backlog->counted);
    return error;
}

enum error backlog_tell(
    const struct account *account, struct backlog *backlog, bool *due)
{
    memset(backlog, 0, sizeof *backlog);
    enum figures_age age = read_kept(account, backlog);
    *due = age == FIGURES_OLD;
    return age == FIGURES_NONE ? count_all(account, backlog) : ERROR_NONE;
}

/* One is enough, and it may be done by now. */
void backlog_renew(const struct account *account)
{
    struct backlog backlog;
    int lock = account_lock_try(account, "figures");
    if (lock != SPOOL_LOCK_HELD && read_kept(account, &backlog) == FIGURES_OLD)
        count_all(account, &backlog);
    spool_unlock(lock);
}
