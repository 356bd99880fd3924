/* SPDX-License-Identifier: MIT */
#include "pace.h"

#include "budget.h"
#include "clock.h"
#include "file.h"
#include "random.h"
#include "spool_lock.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
    READINGS_MOST = 3 /* of a folder that changes all the time */
};

void pace_init(struct pace *pace, const struct account *account)
{
    memset(pace, 0, sizeof *pace);
    pace->account = account;
    pace->lock = -1;
}

static bool is_paced(const struct action_rules *rules)
{
    return rules->pace > 0 || rules->pace_random > 0;
}

static void take_lock(struct pace *pace)
{
    pace->lock = account_lock(pace->account, "pace");
}

static enum error look_at_stamp(
    struct pace *pace, const struct action_rules *rules, int64_t now)
{
    struct stat status;
    if (fstatat(pace->account->spool->directory, pace->stamp.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERROR_NONE : error_from_errno(errno);
    pace->had_stamp = true;
    pace->stamp_before = status.st_mtim;
    int64_t longest = (int64_t)rules->pace + rules->pace_random;
    int64_t next = clock_from_timespec(status.st_mtim);
    if (next <= now || stamp_is_astray(next, now, longest))
        return ERROR_NONE;
    if (pace->next == 0 || next < pace->next)
        pace->next = next;
    return ERROR_BUSY;
}

int64_t pace_look(struct pace *pace, const char *action)
{
    struct action_rules rules = config_rules(pace->account->config, action);
    pace->next = 0;
    if (is_paced(&rules)) {
        pace->stamp = account_path(pace->account, SPOOL_PACE, action);
        look_at_stamp(pace, &rules, clock_now());
    }
    return pace->next;
}

struct executing_count {
    const char *action;
    int count;
};

static enum error count_executing(void *context, const char *name)
{
    struct executing_count *executing = context;
    struct lease_name lease;
    if (name_parse_executing(name, &lease) == ERROR_NONE)
        executing->count += strcmp(lease.task.action, executing->action) == 0;
    return ERROR_NONE;
}

/* One that is renewed while the folder is read may be missed, and must not let
 * another go: then it is read again. */
static enum error look_at_executing(
    struct pace *pace, const struct action_rules *rules, const char *action)
{
    const struct spool *spool = pace->account->spool;
    struct path folder = account_folder(pace->account, SPOOL_EXECUTING);
    for (int times = 0; times < READINGS_MOST; times++) {
        struct executing_count executing = {action, 0};
        int64_t since = clock_last();
        enum error error =
            spool_each_name(spool, folder, count_executing, &executing);
        if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
            return error;
        pace->full = pace->full || executing.count >= rules->max_executing;
        if (executing.count >= rules->max_executing)
            return ERROR_BUSY;
        if (stamp_is_quiet(spool, folder, since))
            break;
    }
    return ERROR_NONE;
}

static enum error set_stamp(const struct pace *pace, struct timespec time)
{
    const struct timespec times[2] = {time, time};
    int directory = pace->account->spool->directory;
    enum error error = file_set_times(directory, pace->stamp.text, times);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = account_make_folder(pace->account, SPOOL_PACE);
    if (error == ERROR_NONE)
        error = file_set_times(directory, pace->stamp.text, times);
    return error;
}

/* Before the claim, not after it: whoever dies in between has then held a task
 * back, not let two go. */
static enum error put_off_next(
    struct pace *pace, const struct action_rules *rules, int64_t now)
{
    int64_t more;
    enum error error = random_number(rules->pace_random * clock_second, &more);
    if (error != ERROR_NONE)
        return error;
    more += rules->pace * clock_second;
    error = set_stamp(pace, clock_to_timespec(now + more));
    pace->set = error == ERROR_NONE;
    return error;
}

static enum error decide(
    struct pace *pace, const struct action_rules *rules, const char *action)
{
    int64_t now = clock_now();
    enum error error = ERROR_NONE;
    if (is_paced(rules))
        error = look_at_stamp(pace, rules, now);
    if (error == ERROR_NONE && rules->max_executing > 0)
        error = look_at_executing(pace, rules, action);
    if (error == ERROR_NONE && is_paced(rules))
        error = put_off_next(pace, rules, now);
    return error;
}

enum error pace_begin(struct pace *pace, const char *action)
{
    struct action_rules rules = config_rules(pace->account->config, action);
    bool is_ruled = is_paced(&rules) || rules.max_executing > 0;
    pace->set = false;
    pace->had_stamp = false;
    if (is_ruled || budget_is_set(pace->account))
        take_lock(pace);
    if (!is_ruled)
        return ERROR_NONE;
    pace->stamp = account_path(pace->account, SPOOL_PACE, action);
    enum error error = decide(pace, &rules, action);
    if (error != ERROR_NONE)
        pace_end(pace, false);
    return error;
}

void pace_end(struct pace *pace, bool claimed)
{
    if (pace->set && !claimed && pace->had_stamp)
        set_stamp(pace, pace->stamp_before);
    else if (pace->set && !claimed)
        file_remove(pace->account->spool->directory, pace->stamp.text);
    pace->set = false;
    spool_unlock(pace->lock);
    pace->lock = -1;
}
