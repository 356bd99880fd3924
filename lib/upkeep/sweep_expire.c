/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "clock.h"
#include "file.h"
#include "husk.h"
#include "name.h"
#include "path.h"
#include "spool_part.h"
#include "stamp.h"
#include "task.h"
#include "withdraw.h"

#include <fcntl.h>
#include <sys/stat.h>

/* One user's turn. What `expire` ends shows in a name and is ended each time;
 * expires_in stands in the file, and files are read a part at a time. */
struct expire_walk {
    struct sweep *sweep;
    const struct account *account;
    int64_t now;
    unsigned *count;
    bool has_tasks;
    bool has_read;
    struct spool_part part; /* of the files: where the last look came to */
};

static void expire_task(const struct expire_walk *walk, const char *name)
{
    const struct sweep *sweep = walk->sweep;
    enum error error = sweep->dry_run ? ERROR_NONE
                                      : withdraw_pending(walk->account, name,
                                            WITHDRAW_EXPIRED);
    *walk->count += error == ERROR_NONE;
    account_fault(walk->account, "expire",
        account_path(walk->account, SPOOL_PENDING, name), error);
}

/* A task that is not due has not expired. */
static bool is_due(
    const struct expire_walk *walk, const char *name, struct task_name *task)
{
    return name_parse_queued(name, task) == ERROR_NONE &&
           task->created <= walk->now;
}

static enum error visit_name(void *context, const char *name)
{
    struct expire_walk *walk = context;
    struct task_name task;
    if (!is_due(walk, name, &task))
        return ERROR_NONE;
    walk->has_tasks = true;
    if (task_expiry_by_rule(walk->sweep->config, &task) <= walk->now)
        expire_task(walk, name);
    return ERROR_NONE;
}

/* What the power has left of a create that nobody was told of. */
static void clear_husk(const struct expire_walk *walk,
    const struct task_name *name, struct path path)
{
    const struct task_place place = {
        .state = TASK_PENDING, .path = path, .lease = {.task = *name}};
    enum error error = husk_clear(walk->account, &place, false);
    if (error != ERROR_BUSY && error != ERROR_EXISTS)
        account_fault(walk->account, "expire", path, error);
}

static void read_task(const struct expire_walk *walk, const char *name,
    const struct task_name *parsed)
{
    const struct sweep *sweep = walk->sweep;
    struct task_fault fault;
    struct task task;
    struct path path = account_path(walk->account, SPOOL_PENDING, name);
    enum error error = task_load(walk->account, path, parsed, &task, &fault);
    if (error == ERROR_SYNTAX && fault.is_torn && !sweep->dry_run)
        clear_husk(walk, parsed, path);
    else if (error != ERROR_NONE && !sweep->dry_run && !task_is_spoilt(error))
        account_stuck(walk->account, path, error);
    if (error != ERROR_NONE)
        return; /* gone; or no task, as the poll that claims it will find */
    int64_t expiry = task_expiry(sweep->config, &task);
    task_free(&task);
    if (expiry <= walk->now)
        expire_task(walk, name);
}

static struct path position_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "expiry");
}

/* Reads where to go on, and says whether it is time to. */
static bool read_position(struct expire_walk *walk)
{
    struct stat status;
    const struct spool *spool = walk->sweep->spool;
    struct path path = position_path(walk->account);
    if (fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) ==
            0 &&
        S_ISREG(status.st_mode) &&
        !stamp_is_due(
            clock_from_timespec(status.st_mtim), walk->now, EXPIRE_EVERY))
        return false;
    walk->part =
        (struct spool_part){spool_part_read(spool, path), EXPIRE_FILES};
    return true;
}

static void write_position(const struct expire_walk *walk)
{
    const struct spool *spool = walk->sweep->spool;
    struct path path = position_path(walk->account);
    spool_part_write(spool, path, walk->part.position);
    if (walk->part.position == 0)
        file_touch(spool->directory, path.text);
}

static enum error visit_file(void *context, const char *name)
{
    struct expire_walk *walk = context;
    struct task_name task;
    if (!is_due(walk, name, &task) ||
        task_expiry_by_rule(walk->sweep->config, &task) <= walk->now)
        return ERROR_NONE; /* the name has said it all */
    if (walk->has_read && sweep_is_over(walk->sweep))
        return ERROR_BUSY;
    read_task(walk, name, &task);
    walk->has_read = true;
    return ERROR_NONE;
}

/* What is passed over, because the position was lost or wrong, is met the next
 * time round, or by the poll that would claim it. */
static void read_files(struct expire_walk *walk)
{
    spool_part_each_name(walk->sweep->spool,
        account_folder(walk->account, SPOOL_PENDING), &walk->part, visit_file,
        walk);
    if (!walk->sweep->dry_run)
        write_position(walk);
}

struct expire_round {
    struct sweep *sweep;
    unsigned count;
};

static enum error expire_user(void *context, const struct account *account)
{
    struct expire_round *round = context;
    struct expire_walk walk = {.sweep = round->sweep,
        .account = account,
        .now = clock_now(),
        .count = &round->count};
    sweep_each_name(round->sweep, account_folder(account, SPOOL_PENDING),
        visit_name, &walk);
    /* Nothing is to be remembered of an empty queue. */
    if (walk.has_tasks && read_position(&walk))
        read_files(&walk);
    return ERROR_NONE;
}

void sweep_expired(struct sweep *sweep)
{
    struct expire_round round = {.sweep = sweep};
    sweep_each(sweep, SPOOL_PENDING, expire_user, &round);
    sweep_tell_count(
        sweep, "expired", round.count, "task", " not fetched in time");
}
