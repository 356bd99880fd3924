/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "clock.h"
#include "error.h"
#include "file.h"
#include "name.h"
#include "path.h"
#include "safety.h"
#include "spool.h"
#include "stranger.h"
#include "verdict.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What is pruned from one folder: names that `fits` accepts, untouched since
 * `before` (INT64_MAX: of any age). */
struct prune {
    struct sweep *sweep;
    struct path folder;
    int64_t before;
    bool (*fits)(struct prune *prune, const char *name);
    unsigned count;
    bool incomplete; /* something could not be looked at */
};

static bool path_in_folder(
    const struct prune *prune, const char *name, struct path *path)
{
    int length = snprintf(
        path->text, sizeof path->text, "%s/%s", prune->folder.text, name);
    return length > 0 && (size_t)length < sizeof path->text;
}

/* The moment a name was last written; INT64_MAX for what is no file, or gone,
 * so that it is never old. */
static int64_t file_age_moment(const struct spool *spool, struct path path)
{
    struct stat status;
    if (fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) !=
            0 ||
        !S_ISREG(status.st_mode))
        return INT64_MAX;
    return clock_from_timespec(status.st_mtim);
}

static enum error prune_name(void *context, const char *name)
{
    struct prune *prune = context;
    const struct sweep *sweep = prune->sweep;
    struct path path;
    if (!prune->fits(prune, name) || !path_in_folder(prune, name, &path))
        return ERROR_NONE;
    if (prune->before != INT64_MAX &&
        file_age_moment(sweep->spool, path) >= prune->before)
        return ERROR_NONE;
    enum error error = sweep->dry_run
                           ? ERROR_NONE
                           : file_remove(sweep->spool->directory, path.text);
    prune->count += error == ERROR_NONE;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* Whether the whole of the folder was looked at. */
static bool prune_folder(struct prune *prune)
{
    enum error error =
        spool_each_name(prune->sweep->spool, prune->folder, prune_name, prune);
    return !prune->incomplete &&
           (error == ERROR_NONE || error == ERROR_NOT_FOUND);
}

static bool is_record(struct prune *prune, const char *name)
{
    (void)prune;
    return name_is_json(name);
}

/* A failure beside a success of the same task: one that we declared, and that
 * gave way to the plugin's word before a crash or a file system brought it
 * back. */
static bool is_outlived(struct prune *prune, const char *name)
{
    static const char failed[] = ".failed.json";
    char completed[SPOOL_NAME_MAX + 1];
    struct path path;
    size_t length = strlen(name);
    size_t suffix = sizeof failed - 1;
    if (length <= suffix || strcmp(name + length - suffix, failed) != 0)
        return false;
    int written = snprintf(completed, sizeof completed, "%.*s.completed.json",
        (int)(length - suffix), name);
    if (written < 0 || (size_t)written >= sizeof completed ||
        !path_in_folder(prune, completed, &path))
        return false;
    enum error error = file_look(prune->sweep->spool->directory, path.text);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        prune->incomplete = true;
    return error == ERROR_NONE;
}

/* The stamp of the last look through a user's done/. */
static struct path prune_stamp(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "pruned");
}

static bool was_pruned_lately(const struct account *account)
{
    int64_t last = file_age_moment(account->spool, prune_stamp(account));
    return last != INT64_MAX &&
           clock_now() < last + (PRUNE_EVERY * clock_second);
}

/* Pending names of tasks that are done: what a file system may keep of a
 * rename. Claiming one would show it, but nobody may ever claim it. */
struct outlived_walk {
    const struct sweep *sweep;
    const struct account *account;
    unsigned count;
};

static enum error clear_outlived(void *context, const char *name)
{
    struct outlived_walk *walk = context;
    struct task_name task;
    if (name_parse_queued(name, &task) != ERROR_NONE)
        return ERROR_NONE;
    enum error error = verdict_stands(walk->account, task.id, false);
    if (error == ERROR_NONE && !walk->sweep->dry_run) {
        error = verdict_clear_entry(
            walk->account, account_path(walk->account, SPOOL_PENDING, name));
    }
    walk->count += error == ERROR_NONE;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* Whether the whole of the folder was looked at. */
static bool clear_pending(struct sweep *sweep, const struct account *account)
{
    struct outlived_walk walk = {sweep, account, 0};
    enum error error = spool_each_name(sweep->spool,
        account_folder(account, SPOOL_PENDING), clear_outlived, &walk);
    if (walk.count > 0)
        sweep_line(
            sweep, "cleared pending entries of finished tasks: %u", walk.count);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND;
}

static enum error prune_done(void *context, const struct account *account)
{
    struct prune *prune = context;
    struct sweep *sweep = prune->sweep;
    if (sweep_is_over(sweep))
        return ERROR_BUSY;
    if (was_pruned_lately(account))
        return ERROR_NONE;
    prune->folder = account_folder(account, SPOOL_DONE);
    struct prune outlived = {.sweep = prune->sweep,
        .folder = prune->folder,
        .before = INT64_MAX,
        .fits = is_outlived};
    bool whole = prune_folder(&outlived);
    if (sweep->config->keep_done > 0)
        whole = prune_folder(prune) && whole;
    whole = clear_pending(sweep, account) && whole;
    if (whole && !sweep->dry_run)
        file_touch(sweep->spool->directory, prune_stamp(account).text);
    return ERROR_NONE;
}

void sweep_done(struct sweep *sweep)
{
    static const int64_t day = 86400;
    int64_t keep = sweep->config->keep_done * day * clock_second;
    struct prune prune = {
        .sweep = sweep, .before = clock_now() - keep, .fits = is_record};
    account_each(sweep->spool, sweep->config, SPOOL_DONE, prune_done, &prune);
    if (prune.count > 0) {
        sweep_line(sweep, "removed %u finished task%s older than %d days",
            prune.count, sweep_plural(prune.count), sweep->config->keep_done);
    }
}

/* A verdict is not debris: sweep_verdicts carries it out. */
static bool is_temporary(struct prune *prune, const char *name)
{
    (void)prune;
    return !verdict_is_name(name);
}

/* A reason without the file it explains: the program died between the two. */
static bool is_lone_reason(struct prune *prune, const char *name)
{
    char kept[SPOOL_NAME_MAX + 1];
    size_t length = strlen(name);
    if (length <= 4 || strcmp(name + length - 4, ".why") != 0)
        return false;
    snprintf(kept, sizeof kept, "%.*s", (int)(length - 4), name);
    return !file_exists(
        prune->sweep->spool->directory, path_in(SPOOL_REJECTED, kept).text);
}

void sweep_temporary(struct sweep *sweep)
{
    struct prune prune = {
        .sweep = sweep, .before = clock_now() - (TEMPORARY_AGE * clock_second)};
    prune.fits = is_temporary;
    prune.folder = path_of(SPOOL_TMP);
    prune_folder(&prune);
    prune.fits = is_lone_reason;
    prune.folder = path_of(SPOOL_REJECTED);
    prune_folder(&prune);
    sweep_tell_count(sweep, "removed", prune.count, "file", " left by crashes");
}

struct stranger_walk {
    const struct sweep *sweep;
    struct path folder;
    unsigned count;
};

static enum error count_stranger(void *context, const char *name)
{
    struct stranger_walk *walk = context;
    walk->count += stranger_is_old(walk->sweep->spool, walk->folder, name);
    return ERROR_NONE;
}

static enum error count_user_strangers(
    void *context, const struct account *account)
{
    struct stranger_walk *walk = context;
    if (sweep_is_over(walk->sweep))
        return ERROR_BUSY;
    walk->folder = account_folder(account, SPOOL_PENDING);
    spool_each_name(walk->sweep->spool, walk->folder, count_stranger, walk);
    return ERROR_NONE;
}

void sweep_strangers(struct sweep *sweep)
{
    struct stranger_walk walk = {sweep, path_of(SPOOL_PENDING), 0};
    spool_each_name(sweep->spool, walk.folder, count_stranger, &walk);
    account_each(sweep->spool, sweep->config, SPOOL_PENDING,
        count_user_strangers, &walk);
    sweep_tell_count(sweep, "left alone", walk.count, "file",
        " in pending/ that can be no task");
}
