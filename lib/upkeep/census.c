/* SPDX-License-Identifier: MIT */
#include "census.h"

#include "clock.h"
#include "drop.h"
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
    census->completed += ends_with(name, ".completed.json");
    census->failed += ends_with(name, ".failed.json");
    return ERROR_NONE;
}

static enum error count_ingest(void *context, const char *name)
{
    const struct count *count = context;
    struct census *census = count->census;
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
