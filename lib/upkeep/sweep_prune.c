/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "clock.h"
#include "file.h"
#include "find.h"
#include "idempotency.h"
#include "limit.h"
#include "log.h"
#include "name.h"
#include "path.h"
#include "photo.h"
#include "record.h"
#include "safety.h"
#include "spool_part.h"
#include "stamp.h"
#include "stuck.h"
#include "verdict_clear.h"
#include "verdict_step.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PHOTOS_AT_ONCE = 1000 /* looked at before the time is asked */
};

/* What is pruned from one folder: names that `fits` accepts, untouched since
 * `before` (INT64_MAX: of any age). */
struct prune {
    struct sweep *sweep;
    const struct account *account; /* where `fits` asks for one */
    struct path folder;
    int64_t now; /* moment at which the looking began */
    int64_t before;
    bool debris; /* of no worth to anybody */
    bool (*fits)(struct prune *prune, const char *name);
    /* NULL: as any file */
    enum error (*remove)(const struct prune *prune, struct path path);
    unsigned count;
    bool incomplete; /* something could not be looked at */
};

static struct path path_in_folder(const struct prune *prune, const char *name)
{
    struct path path;
    /* All of both: the compiler cannot see how long they are. */
    snprintf(
        path.text, sizeof path.text, "%.62s/%.255s", prune->folder.text, name);
    return path;
}

/* Whether it was last written before the moment that counts. What is no file,
 * or gone, is never old. */
static bool is_old(const struct prune *prune, struct path path)
{
    struct stat status;
    const struct sweep *sweep = prune->sweep;
    if (prune->before == INT64_MAX)
        return true;
    if (fstatat(sweep->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode))
        return false;
    int64_t written = stamp_written(&status, prune->now);
    if (prune->debris && stamp_bring_back(sweep->spool, path, written,
                             prune->now, sweep->dry_run))
        return false;
    return written < prune->before;
}

static enum error prune_name(void *context, const char *name)
{
    struct prune *prune = context;
    const struct sweep *sweep = prune->sweep;
    struct path path = path_in_folder(prune, name);
    if (!prune->fits(prune, name) || !is_old(prune, path))
        return ERROR_NONE;
    enum error error = ERROR_NONE;
    if (!sweep->dry_run)
        error = prune->remove != NULL
                    ? prune->remove(prune, path)
                    : file_remove(sweep->spool->directory, path.text);
    prune->count += error == ERROR_NONE;
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (!stuck_is_kind(error))
        return error;
    /* It keeps nothing else from going. What is old may wait for the look of
     * the next hour; what goes at any age is the next sweep's. */
    prune->incomplete |= prune->before == INT64_MAX;
    stuck_note(sweep->spool, prune->account == NULL ? 0 : prune->account->user,
        path, error, 0);
    return ERROR_NONE;
}

/* Whether the whole of the folder was looked at. */
static bool prune_folder(struct prune *prune)
{
    enum error error =
        sweep_each_name(prune->sweep, prune->folder, prune_name, prune);
    return !prune->incomplete &&
           (error == ERROR_NONE || error == ERROR_NOT_FOUND);
}

static bool is_record(struct prune *prune, const char *name)
{
    (void)prune;
    return name_is_json(name);
}

/* How much of the name is the ID of a task that has failed; 0: it is none. */
static size_t failed_length(const char *name)
{
    static const char failed[] = ".failed.json";
    size_t length = strlen(name);
    size_t suffix = sizeof failed - 1;
    return length > suffix && strcmp(name + length - suffix, failed) == 0
               ? length - suffix
               : 0;
}

/* A failure beside a success of the same task: one that we declared, and that
 * gave way to the plugin's word before a crash or a file system brought it
 * back. */
static bool is_outlived(struct prune *prune, const char *name)
{
    char completed[SPOOL_NAME_MAX + 1];
    size_t length = failed_length(name);
    if (length == 0)
        return false;
    int written = snprintf(
        completed, sizeof completed, "%.*s.completed.json", (int)length, name);
    if ((size_t)written >= sizeof completed)
        return false;
    enum error error = file_look(
        prune->sweep->spool->directory, path_in_folder(prune, completed).text);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        prune->incomplete = true;
    return error == ERROR_NONE;
}

/* ERROR_NOT_FOUND: it is outlived no more. */
static enum error remove_outlived(const struct prune *prune, struct path path)
{
    char id[SPOOL_NAME_MAX + 1];
    struct record_head head;
    const struct account *account = prune->account;
    const char *name = strrchr(path.text, '/') + 1;
    snprintf(id, sizeof id, "%.*s", (int)failed_length(name), name);
    if (!id_is_valid(id, strlen(id)))
        return ERROR_NOT_FOUND;
    enum error error = record_load_head(
        account->spool, verdict_step_place(account, id, true), &head);
    /* Another's word, which is about to lose this name (verdict_step.c). */
    if (error == ERROR_NONE && !head.completed)
        return ERROR_NOT_FOUND;
    if (error == ERROR_SYNTAX) /* spoilt by hand: it still says "done" */
        head.completed_at = clock_now();
    else if (error != ERROR_NONE)
        return error;
    error = verdict_step_remove_outlived(account, id, head.completed_at);
    return error == ERROR_BUSY ? ERROR_NOT_FOUND : error;
}

/* A folder that was looked through, and left nothing to prune, bears the moment
 * in a stamp. */
static bool is_prune_due(const struct sweep *sweep, struct path stamp)
{
    return stamp_is_due(
        stamp_moment(sweep->spool, stamp), clock_now(), PRUNE_EVERY);
}

static void note_prune(const struct sweep *sweep, struct path stamp)
{
    if (!sweep->dry_run)
        file_touch(sweep->spool->directory, stamp.text);
}

static int64_t days_before(int64_t now, int days)
{
    static const int64_t day = 86400;
    return now - (days * day * clock_second);
}

static void tell_removed(
    struct sweep *sweep, unsigned count, const char *noun, int days)
{
    if (count > 0)
        sweep_line(sweep, "removed %u %s%s older than %d days", count, noun,
            sweep_plural(count), days);
}

/* The stamp of the last look through a user's done/. */
static struct path prune_stamp(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "pruned");
}

/* Pending names of tasks that are done: what a file system may keep of a
 * rename. Claiming one would show it, but nobody may ever claim it. */
struct outlived_walk {
    const struct sweep *sweep;
    const struct account *account;
    unsigned count;
    bool incomplete; /* of one it could not be told, or it could not go */
};

static enum error clear_outlived(void *context, const char *name)
{
    struct outlived_walk *walk = context;
    struct task_name task;
    if (name_parse_queued(name, &task) != ERROR_NONE)
        return ERROR_NONE;
    enum error error =
        walk->sweep->dry_run
            ? find_undone(walk->account, task.id, WORD_DECLARED)
            : verdict_clear_done(walk->account, task.id,
                  account_path(walk->account, SPOOL_PENDING, name));
    walk->count += error == ERROR_EXISTS;
    if (error == ERROR_NONE || error == ERROR_EXISTS)
        return ERROR_NONE;
    /* What is left of one task has nothing to do with the next. */
    if (!walk->sweep->dry_run)
        account_fault(walk->account, "done",
            account_path(walk->account, SPOOL_PENDING, name), error);
    walk->incomplete = true;
    return stuck_is_kind(error) && error != ERROR_SYSTEM ? ERROR_NONE : error;
}

/* Whether the whole of the folder was looked at. */
static bool clear_pending(struct sweep *sweep, const struct account *account)
{
    struct outlived_walk walk = {sweep, account, 0, false};
    enum error error = sweep_each_name(
        sweep, account_folder(account, SPOOL_PENDING), clear_outlived, &walk);
    if (walk.count > 0)
        sweep_line(
            sweep, "cleared pending entries of finished tasks: %u", walk.count);
    return !walk.incomplete &&
           (error == ERROR_NONE || error == ERROR_NOT_FOUND);
}

/* A note is made before its task. */
static bool is_lone_key(struct prune *prune, const char *name)
{
    return idempotency_is_outlived(prune->account, name);
}

static bool prune_keys(struct sweep *sweep, const struct account *account)
{
    int64_t now = clock_now();
    struct prune prune = {.sweep = sweep,
        .account = account,
        .now = now,
        .folder = account_folder(account, SPOOL_KEYS),
        .before = now - (TEMPORARY_AGE * clock_second),
        .fits = is_lone_key};
    bool whole = prune_folder(&prune);
    sweep_tell_count(
        sweep, "removed", prune.count, "key", " of tasks that are gone");
    return whole;
}

static enum error prune_done(void *context, const struct account *account)
{
    struct prune *prune = context;
    struct sweep *sweep = prune->sweep;
    if (!is_prune_due(sweep, prune_stamp(account)))
        return ERROR_NONE;
    prune->account = account;
    prune->folder = account_folder(account, SPOOL_DONE);
    struct prune outlived = {.sweep = prune->sweep,
        .folder = prune->folder,
        .account = account,
        .before = INT64_MAX,
        .fits = is_outlived,
        .remove = remove_outlived};
    bool whole = prune_folder(&outlived);
    if (sweep->config->keep_done > 0)
        whole = prune_folder(prune) && whole;
    whole = clear_pending(sweep, account) && whole;
    whole = prune_keys(sweep, account) && whole;
    if (whole)
        note_prune(sweep, prune_stamp(account));
    return ERROR_NONE;
}

void sweep_done(struct sweep *sweep)
{
    int days = sweep->config->keep_done;
    int64_t now = clock_now();
    struct prune prune = {.sweep = sweep,
        .now = now,
        .before = days_before(now, days),
        .fits = is_record};
    sweep_each(sweep, SPOOL_DONE, prune_done, &prune);
    /* Of whom no task has finished yet. */
    sweep_each(sweep, SPOOL_KEYS, prune_done, &prune);
    tell_removed(sweep, prune.count, "finished task", days);
}

/* A verdict is not debris, nor is what one has moved aside: sweep_verdicts sees
 * to both. */
static bool is_temporary(struct prune *prune, const char *name)
{
    (void)prune;
    return !verdict_step_is_name(name) && !verdict_step_is_aside(name);
}

/* A reason without the file it explains: the program died between the two. A
 * network file system may say for a moment that there is none. */
static bool is_lone_reason(struct prune *prune, const char *name)
{
    char kept[SPOOL_NAME_MAX + 1];
    size_t length = strlen(name);
    if (length <= 4 || strcmp(name + length - 4, ".why") != 0)
        return false;
    snprintf(kept, sizeof kept, "%.*s", (int)(length - 4), name);
    for (int look = 0; look < 2; look++) {
        if (file_look(prune->sweep->spool->directory,
                path_in(SPOOL_REJECTED, kept).text) != ERROR_NOT_FOUND)
            return false;
    }
    return true;
}

void sweep_temporary(struct sweep *sweep)
{
    int64_t now = clock_now();
    struct prune prune = {.sweep = sweep,
        .now = now,
        .before = now - (TEMPORARY_AGE * clock_second),
        .debris = true};
    prune.fits = is_temporary;
    prune.folder = path_of(SPOOL_TMP);
    prune_folder(&prune);
    prune.fits = is_lone_reason;
    prune.folder = path_of(SPOOL_REJECTED);
    prune_folder(&prune);
    sweep_tell_count(sweep, "removed", prune.count, "file", " left by crashes");
}

/* Part by part, from where the last sweep stopped; until the time is up, or one
 * of them is left as it was. Whether that was the last. */
static bool prune_photos(struct sweep *sweep, int days, int64_t *position)
{
    struct spool_part part = {*position, PHOTOS_AT_ONCE};
    bool whole = true;
    unsigned count = 0;
    do {
        count += photo_prune(sweep->spool, days_before(clock_now(), days),
            &part, sweep->dry_run, &whole);
        *position = part.position;
    } while (whole && part.position != 0 && !sweep_is_over(sweep));
    tell_removed(sweep, count, "photo", days);
    return whole && *position == 0;
}

void sweep_photos(struct sweep *sweep)
{
    int days = sweep->config->keep_photos;
    struct path stamp = path_in(SPOOL_INDEX, "photos.pruned");
    struct path place = path_in(SPOOL_INDEX, "photos.at");
    if (days == 0 || !is_prune_due(sweep, stamp))
        return;
    int64_t begun = sweep->dry_run ? 0 : spool_part_read(sweep->spool, place);
    int64_t position = begun;
    if (prune_photos(sweep, days, &position))
        note_prune(sweep, stamp);
    if (position != begun && !sweep->dry_run)
        spool_part_write(sweep->spool, place, position);
}

/* --- Logs ---------------------------------------------------------------- */

static struct path log_path(const char *name, int number)
{
    char numbered[64];
    if (number == 0)
        return path_in(SPOOL_LOG, name);
    snprintf(numbered, sizeof numbered, "%s.%d", name, number);
    return path_in(SPOOL_LOG, numbered);
}

/* A log that has come to the limit of this host for files takes no line more,
 * so that it is put by a little before. */
static bool is_too_large(const struct sweep *sweep, const char *name)
{
    struct stat status;
    uint64_t most = limit_file() / 2;
    if (most > sweep->config->log_size)
        most = sweep->config->log_size;
    return fstatat(sweep->spool->directory, log_path(name, 0).text, &status,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           (uint64_t)status.st_size > most;
}

/* The oldest first, so that none is written over but the one that is to go. A
 * program that opened the log before goes on writing to it under its new name:
 * no line is lost. A crash in between leaves a gap in the numbers. */
static enum error put_by(const struct sweep *sweep, const char *name)
{
    int directory = sweep->spool->directory;
    if (sweep->config->log_keep == 0)
        return file_remove(directory, log_path(name, 0).text);
    for (int number = sweep->config->log_keep; number > 1; number--) {
        file_rename(directory, log_path(name, number - 1).text,
            log_path(name, number).text);
    }
    return file_rename(
        directory, log_path(name, 0).text, log_path(name, 1).text);
}

void sweep_logs(struct sweep *sweep)
{
    unsigned count = 0;
    for (size_t i = 0; i < log_name_count; i++) {
        if (!is_too_large(sweep, log_names[i]))
            continue;
        enum error error =
            sweep->dry_run ? ERROR_NONE : put_by(sweep, log_names[i]);
        stuck_note(sweep->spool, 0, log_path(log_names[i], 0), error, 0);
        count += error == ERROR_NONE;
    }
    sweep_tell_count(sweep, "put by", count, "log", "");
}
