/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "clock.h"
#include "file.h"
#include "name.h"
#include "name_list.h"
#include "path.h"
#include "stamp.h"
#include "task.h"
#include "withdraw.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One user's turn. What `expire` ends shows in a name and is ended each time;
 * expires_in stands in the file, and files are read a part at a time. */
struct expire_walk {
    struct sweep *sweep;
    const struct account *account;
    int64_t now;
    unsigned *count;
    bool reads_files;
    char behind[NAME_LENGTH_MAX]; /* the name up to which the last look came,
                                   * "" where it came to the end */
    struct name_list names;       /* to be read, in order */
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
static enum error visit_name(void *context, const char *name)
{
    struct expire_walk *walk = context;
    struct task_name task;
    if (name_parse_queued(name, &task) != ERROR_NONE ||
        task.created > walk->now)
        return ERROR_NONE;
    if (task_expiry_by_rule(walk->sweep->config, &task) <= walk->now)
        expire_task(walk, name);
    else if (walk->reads_files && strcmp(name, walk->behind) > 0)
        return name_list_append(&walk->names, name, strlen(name));
    return ERROR_NONE;
}

static void read_task(const struct expire_walk *walk, const char *name)
{
    const struct sweep *sweep = walk->sweep;
    struct task_name parsed;
    struct task_fault fault;
    struct task task;
    struct path path = account_path(walk->account, SPOOL_PENDING, name);
    if (name_parse_queued(name, &parsed) != ERROR_NONE)
        return;
    enum error error = task_load(walk->account, path, &parsed, &task, &fault);
    if (error != ERROR_NONE && !sweep->dry_run && !task_is_spoilt(error))
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

/* Reads where to go on, and says whether it is time to. A position that is
 * lost or torn is as good as any: what is passed over is met the next time
 * round, or by the poll that would claim it. */
static bool read_position(struct expire_walk *walk)
{
    struct stat status;
    struct buffer text = BUFFER_EMPTY;
    enum error error = file_read(walk->sweep->spool->directory,
        position_path(walk->account).text, sizeof walk->behind - 1, &text,
        &status);
    snprintf(walk->behind, sizeof walk->behind, "%s", buffer_text(&text));
    buffer_free(&text);
    if (error != ERROR_NONE)
        return true;
    int64_t last = clock_from_timespec(status.st_mtim);
    return stamp_is_due(last, walk->now, EXPIRE_EVERY);
}

static void write_position(const struct expire_walk *walk)
{
    const struct spool *spool = walk->sweep->spool;
    int descriptor = openat(spool->directory, position_path(walk->account).text,
        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
        0600);
    if (descriptor < 0)
        return;
    /* Truncating what was empty leaves its mtime. */
    ssize_t count = write(descriptor, walk->behind, strlen(walk->behind));
    (void)count; /* torn: as good as any */
    futimens(descriptor, NULL);
    close(descriptor);
}

static void read_files(struct expire_walk *walk)
{
    size_t count = walk->names.count;
    size_t i = 0;
    if (count == 0 && walk->behind[0] == '\0')
        return; /* nothing to remember of an empty queue */
    if (name_list_sort(&walk->names) != ERROR_NONE)
        return;
    while (i < count && i < EXPIRE_FILES && !sweep_is_over(walk->sweep)) {
        name_list_copy(&walk->names, i++, walk->behind, sizeof walk->behind);
        read_task(walk, walk->behind);
    }
    if (i == count)
        walk->behind[0] = '\0';
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
        .count = &round->count,
        .names = NAME_LIST_EMPTY};
    walk.reads_files = read_position(&walk);
    enum error error = sweep_each_name(round->sweep,
        account_folder(account, SPOOL_PENDING), visit_name, &walk);
    if (error == ERROR_NONE && walk.reads_files)
        read_files(&walk);
    name_list_free(&walk.names);
    return ERROR_NONE;
}

void sweep_expired(struct sweep *sweep)
{
    struct expire_round round = {.sweep = sweep};
    sweep_each(sweep, SPOOL_PENDING, expire_user, &round);
    sweep_tell_count(
        sweep, "expired", round.count, "task", " not fetched in time");
}
