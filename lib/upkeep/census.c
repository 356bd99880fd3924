/* SPDX-License-Identifier: MIT */
#include "census.h"

#include "clock.h"
#include "drop.h"
#include "figures.h"
#include "spool_lock.h"
#include "stuck.h"

#include <string.h>

/* What is counted where. */
struct count {
    const struct spool *spool;
    struct path folder;
    struct census *census;
};

static enum error count_pending(void *context, const char *name)
{
    const struct count *count = context;
    struct census *census = count->census;
    census->met++;
    struct task_name task;
    if (name_parse_queued(name, &task) == ERROR_NONE) {
        census->pending++;
        bool oldest = census->oldest_pending == 0 ||
                      task.created < census->oldest_pending;
        if (oldest && task.created <= census->now)
            census->oldest_pending = task.created;
    } else if (name_is_json(name)) {
        census->dropped++;
    } else {
        census->strangers +=
            drop_is_stranger(count->spool, count->folder, name);
    }
    return ERROR_NONE;
}

static enum error count_executing(void *context, const char *name)
{
    const struct count *count = context;
    struct census *census = count->census;
    census->met++;
    struct lease_name lease;
    if (name_parse_executing(name, &lease) != ERROR_NONE)
        return ERROR_NONE;
    census->executing++;
    census->overdue += lease.deadline < census->now;
    return ERROR_NONE;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t end = strlen(suffix);
    return length > end && strcmp(text + length - end, suffix) == 0;
}

static enum error count_done(void *context, const char *name)
{
    const struct count *count = context;
    struct census *census = count->census;
    census->met++;
    census->completed += ends_with(name, ".completed.json");
    census->failed += ends_with(name, ".failed.json");
    return ERROR_NONE;
}

static enum error count_ingest(void *context, const char *name)
{
    const struct count *count = context;
    struct census *census = count->census;
    census->met++;
    census->ingest += name_is_json(name);
    return ERROR_NONE;
}

struct folder_row {
    enum spool_directory directory;
    spool_name_function *count;
};

static const struct folder_row folders[] = {
    {SPOOL_PENDING, count_pending},
    {SPOOL_EXECUTING, count_executing},
    {SPOOL_DONE, count_done},
    {SPOOL_INGEST, count_ingest},
};

static enum error count_folder(const struct spool *spool, struct path path,
    spool_name_function *function, struct census *census)
{
    struct count count = {spool, path, census};
    census->met++;
    enum error error = spool_each_name(spool, path, function, &count);
    /* One folder that cannot be read is told of otherwise, and is no reason not
     * to tell of the others. */
    return error == ERROR_NOT_FOUND || stuck_is_kind(error) ? ERROR_NONE
                                                            : error;
}

enum error census_user(const struct account *account, struct census *census)
{
    census->now = clock_now();
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        enum error error = count_folder(account->spool,
            path_of_user(folders[i].directory, account->user), folders[i].count,
            census);
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_NONE;
}

struct census_walk {
    const struct spool *spool;
    const struct folder_row *folder;
    struct census *census;
};

static enum error count_user(void *context, int64_t user)
{
    const struct census_walk *walk = context;
    return count_folder(walk->spool,
        path_of_user(walk->folder->directory, user), walk->folder->count,
        walk->census);
}

enum error census_all(const struct spool *spool, struct census *census)
{
    census->now = clock_now();
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        struct census_walk walk = {spool, &folders[i], census};
        enum error error =
            spool_each_user(spool, folders[i].directory, count_user, &walk);
        if (error != ERROR_NONE && !stuck_is_kind(error))
            return error;
    }
    return count_folder(spool, path_of(SPOOL_PENDING), count_pending, census);
}

/* --- Kept for a while ----------------------------------------------------- */

enum figure {
    FIGURE_PENDING,
    FIGURE_EXECUTING,
    FIGURE_OVERDUE,
    FIGURE_COMPLETED,
    FIGURE_FAILED,
    FIGURE_INGEST,
    FIGURE_DROPPED,
    FIGURE_STRANGERS,
    FIGURE_OLDEST,
    FIGURES
};

static struct path kept_path(const struct account *account)
{
    return account->user == 0 ? path_in(SPOOL_INDEX, "census")
                              : account_file(account, SPOOL_INDEX, "census");
}

static enum figures_age read_kept(
    const struct account *account, struct census *census)
{
    int64_t kept[FIGURES];
    enum figures_age age = figures_read(
        account->spool, kept_path(account), kept, FIGURES, &census->now);
    if (age == FIGURES_NONE)
        return age;
    census->pending = kept[FIGURE_PENDING];
    census->executing = kept[FIGURE_EXECUTING];
    census->overdue = kept[FIGURE_OVERDUE];
    census->completed = kept[FIGURE_COMPLETED];
    census->failed = kept[FIGURE_FAILED];
    census->ingest = kept[FIGURE_INGEST];
    census->dropped = kept[FIGURE_DROPPED];
    census->strangers = kept[FIGURE_STRANGERS];
    census->oldest_pending = kept[FIGURE_OLDEST];
    census->is_kept = true;
    return age;
}

static void keep(const struct account *account, const struct census *census)
{
    const int64_t kept[FIGURES] = {
        [FIGURE_PENDING] = census->pending,
        [FIGURE_EXECUTING] = census->executing,
        [FIGURE_OVERDUE] = census->overdue,
        [FIGURE_COMPLETED] = census->completed,
        [FIGURE_FAILED] = census->failed,
        [FIGURE_INGEST] = census->ingest,
        [FIGURE_DROPPED] = census->dropped,
        [FIGURE_STRANGERS] = census->strangers,
        [FIGURE_OLDEST] = census->oldest_pending,
    };
    if (census->met > FIGURES_MANY)
        figures_write(
            account->spool, kept_path(account), kept, FIGURES, census->now);
}

static enum error count_all(
    const struct account *account, struct census *census)
{
    memset(census, 0, sizeof *census);
    enum error error = account->user == 0 ? census_all(account->spool, census)
                                          : census_user(account, census);
    if (error == ERROR_NONE)
        keep(account, census);
    return error;
}

enum error census_tell(
    const struct account *account, struct census *census, bool *due)
{
    memset(census, 0, sizeof *census);
    enum figures_age age = read_kept(account, census);
    *due = age == FIGURES_OLD;
    return age == FIGURES_NONE ? count_all(account, census) : ERROR_NONE;
}

/* One is enough, and it may be done by now. */
void census_renew(const struct account *account)
{
    struct census census;
    int lock = spool_lock_try(account->spool, "figures");
    if (lock != SPOOL_LOCK_HELD && read_kept(account, &census) == FIGURES_OLD)
        count_all(account, &census);
    spool_unlock(lock);
}
