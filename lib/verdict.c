/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include "action.h"
#include "clock.h"
#include "file.h"
#include "find.h"
#include "json.h"
#include "log.h"
#include "queue.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char verdict_suffix[] = ".verdict";

static struct path verdict_path(int64_t user, const char *id)
{
    char name[ID_LENGTH_MAX + 40];
    snprintf(name, sizeof name, "%" PRId64 "-%s%s", user, id, verdict_suffix);
    return path_in(SPOOL_TMP, name);
}

bool verdict_is_name(const char *name)
{
    size_t length = strlen(name);
    size_t suffix = sizeof verdict_suffix - 1;
    return length > suffix
        && strcmp(name + length - suffix, verdict_suffix) == 0;
}

/* Reads a record and its head. On success *text and *document are the
 * caller's to free. */
static enum error load_record(const struct spool *spool, struct path path,
    struct buffer *text, struct json_document *document,
    struct record_head *head)
{
    struct json_fault fault;
    enum error error
        = file_read(spool->directory, path.text, SIZE_MAX / 4, text, NULL);
    if (error != ERROR_NONE)
        return error;
    error = json_parse(document, buffer_text(text), text->length, &fault);
    if (error == ERROR_NONE) {
        error = record_read_head(json_root(document), head);
        if (error != ERROR_NONE)
            json_free(document);
    }
    if (error != ERROR_NONE)
        buffer_free(text);
    return error;
}

static enum error read_head(const struct spool *spool, struct path path,
    struct record_head *head)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error = load_record(spool, path, &text, &document, head);
    if (error == ERROR_NONE) {
        json_free(&document);
        buffer_free(&text);
    }
    return error;
}

enum error verdict_stands(const struct spool *spool, int64_t user,
    const char *id, bool own_word)
{
    struct task_place place;
    struct record_head head;
    enum error error = find_done(spool, user, id, &place);
    if (error != ERROR_NONE || place.state == TASK_COMPLETED || !own_word)
        return error;
    error = read_head(spool, place.path, &head);
    if (error == ERROR_NONE && head.declared)
        return ERROR_NOT_FOUND;
    /* A record that somebody has spoilt by hand still says "done". */
    return error == ERROR_SYNTAX ? ERROR_NONE : error;
}

static bool same_file(
    const struct spool *spool, struct path a, struct path b)
{
    struct stat first;
    struct stat second;
    return fstatat(spool->directory, a.text, &first, AT_SYMLINK_NOFOLLOW) == 0
        && fstatat(spool->directory, b.text, &second, AT_SYMLINK_NOFOLLOW)
        == 0
        && first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

static bool catalogue_wants(const struct record_head *head)
{
    return head->completed && action_ingest(head->action) != INGEST_NONE;
}

static struct path ingest_path(const struct record_head *head)
{
    char name[CLOCK_STAMP_LENGTH + ID_LENGTH_MAX + 8];
    char stamp[CLOCK_STAMP_LENGTH + 1];
    clock_format_stamp(stamp, head->completed_at);
    snprintf(name, sizeof name, "%s-%s.json", stamp, head->id);
    return path_in_user(SPOOL_INGEST, head->user, name);
}

/* The catalogue's share is linked before done/ is, so that no record can be
 * done and forgotten. */
static enum error link_for_catalogue(const struct spool *spool,
    struct path record, const struct record_head *head)
{
    if (!catalogue_wants(head))
        return ERROR_NONE;
    enum error error = spool_make_user(spool, SPOOL_INGEST, head->user);
    if (error != ERROR_NONE)
        return error;
    error = file_link(
        spool->directory, record.text, ingest_path(head).text);
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        return error;
    return directory_sync(spool->directory,
        path_of_user(SPOOL_INGEST, head->user).text);
}

/* Puts the record over a declared failure in one step. The new name in tmp/
 * is needed because renaming one hard link of a file over another does
 * nothing and leaves both (rename(2)). */
static enum error replace_failure(
    const struct spool *spool, struct path record, struct path place)
{
    struct path step;
    char name[SPOOL_NAME_MAX];
    if (same_file(spool, record, place))
        return ERROR_NONE;
    snprintf(name, sizeof name, "%.200s.%" PRId64,
        record.text + strlen(spool_directory_name(SPOOL_TMP)) + 1,
        clock_now());
    step = path_in(SPOOL_TMP, name);
    enum error error = file_link(spool->directory, record.text, step.text);
    if (error == ERROR_NONE)
        error = file_rename(spool->directory, step.text, place.text);
    if (error != ERROR_NONE)
        file_remove(spool->directory, step.text);
    return error;
}

static enum error place_record(const struct spool *spool, struct path record,
    const struct record_head *head)
{
    struct name name = name_format_done(head->id, head->completed);
    struct path place = path_in_user(SPOOL_DONE, head->user, name.text);
    enum error error = spool_make_user(spool, SPOOL_DONE, head->user);
    if (error == ERROR_NONE)
        error = file_link(spool->directory, record.text, place.text);
    if (error == ERROR_EXISTS)
        error = replace_failure(spool, record, place);
    if (error == ERROR_NONE) {
        error = directory_sync(
            spool->directory, path_of_user(SPOOL_DONE, head->user).text);
    }
    return error;
}

/* A success that took the place of a declared failure: the failure may go
 * once the success is safe. */
static void remove_failure(
    const struct spool *spool, const struct record_head *head)
{
    struct name failed = name_format_done(head->id, false);
    if (head->completed)
        file_remove(spool->directory,
            path_in_user(SPOOL_DONE, head->user, failed.text).text);
}

static enum error remove_entry(
    const struct spool *spool, int64_t user, struct path entry)
{
    struct queue_change change;
    const char *pending = spool_directory_name(SPOOL_PENDING);
    if (strncmp(entry.text, pending, strlen(pending)) != 0)
        return file_remove(spool->directory, entry.text);
    queue_change_begin(&change, spool, user);
    enum error error = file_remove(spool->directory, entry.text);
    queue_change_end(&change, NULL);
    return error;
}

/* Removes every entry the task still has. One that escapes, because it moves
 * at this moment, is met by its claimant or by the sweeper, who look in done/
 * too. */
static void remove_entries(
    const struct spool *spool, const struct record_head *head)
{
    struct task_place place;
    while (find_executing(spool, head->user, head->id, &place) == ERROR_NONE
        && remove_entry(spool, head->user, place.path) == ERROR_NONE)
        continue;
    if (find_pending(spool, head->user, head->id, &place) == ERROR_NONE)
        remove_entry(spool, head->user, place.path);
}

/* Steps 3 to 5. `entry` (may be NULL) is where the task lay last. */
static enum error carry_out(const struct spool *spool, struct path record,
    const struct record_head *head, const struct path *entry)
{
    enum error error = link_for_catalogue(spool, record, head);
    if (error == ERROR_NONE)
        error = place_record(spool, record, head);
    if (error != ERROR_NONE)
        return error;
    remove_failure(spool, head);
    if (entry == NULL
        || remove_entry(spool, head->user, *entry) != ERROR_NONE)
        remove_entries(spool, head);
    return ERROR_NONE;
}

/* Removes the .verdict unless it has become somebody else's meanwhile. */
static void remove_verdict(const struct spool *spool, struct path verdict,
    const struct record_head *head)
{
    struct name name = name_format_done(head->id, head->completed);
    struct path place = path_in_user(SPOOL_DONE, head->user, name.text);
    if (same_file(spool, verdict, place))
        file_remove(spool->directory, verdict.text);
}

enum error verdict_finish(const struct spool *spool, const char *name)
{
    struct path path = path_in(SPOOL_TMP, name);
    struct record_head head;
    enum error error = read_head(spool, path, &head);
    if (error != ERROR_NONE)
        return error;
    error = verdict_stands(spool, head.user, head.id, !head.declared);
    if (error == ERROR_NONE) {
        struct name done = name_format_done(head.id, head.completed);
        struct path place = path_in_user(SPOOL_DONE, head.user, done.text);
        if (!same_file(spool, path, place)) {
            /* Another verdict stood before this one was acknowledged. */
            file_remove(spool->directory, path.text);
            return ERROR_NONE;
        }
    } else if (error != ERROR_NOT_FOUND) {
        return error;
    }
    error = carry_out(spool, path, &head, NULL);
    if (error == ERROR_NONE)
        remove_verdict(spool, path, &head);
    return error;
}

static struct record_head make_head(const struct task *task,
    const struct verdict *verdict, int64_t completed_at)
{
    struct record_head head = {.user = task->user,
        .completed = verdict->completed,
        .declared = verdict->declared != NULL,
        .completed_at = completed_at};
    memcpy(head.id, task->name.id, sizeof head.id);
    memcpy(head.action, task->name.action, sizeof head.action);
    return head;
}

/* Undoes steps 2 and 3 of a verdict that could not be carried out, unless it
 * reached done/ after all. Nothing was acknowledged. */
static void withdraw(const struct spool *spool, struct path verdict,
    const struct record_head *head)
{
    struct name name = name_format_done(head->id, head->completed);
    struct path place = path_in_user(SPOOL_DONE, head->user, name.text);
    if (catalogue_wants(head) && !same_file(spool, verdict, place))
        file_remove(spool->directory, ingest_path(head).text);
}

/* Step 2 and what follows, with the record at `temporary`. */
static enum error speak(const struct spool *spool, struct path temporary,
    const struct record_head *head, const struct path *entry)
{
    struct path verdict = verdict_path(head->user, head->id);
    enum error error
        = file_link(spool->directory, temporary.text, verdict.text);
    if (error != ERROR_NONE)
        return error;
    /* Whoever had the name before us may have finished in between. */
    error = verdict_stands(spool, head->user, head->id, !head->declared);
    if (error == ERROR_NOT_FOUND)
        error = carry_out(spool, verdict, head, entry);
    else if (error == ERROR_NONE)
        error = ERROR_EXISTS;
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        withdraw(spool, verdict, head);
    file_remove(spool->directory, verdict.text);
    return error;
}

enum error verdict_give(const struct spool *spool, const struct task *task,
    const struct path *entry, const struct verdict *verdict)
{
    struct buffer text = BUFFER_EMPTY;
    struct path temporary;
    int64_t now = clock_now();
    struct record_head head = make_head(task, verdict, now);
    enum error error
        = verdict_stands(spool, head.user, head.id, !head.declared);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    record_write(&text, task, verdict, now);
    error = text.failed ? ERROR_MEMORY
                        : spool_write_temporary(spool, buffer_text(&text),
                            text.length, &temporary);
    buffer_free(&text);
    if (error != ERROR_NONE)
        return error;
    error = speak(spool, temporary, &head, entry);
    if (error == ERROR_EXISTS
        && verdict_stands(spool, head.user, head.id, !head.declared)
            == ERROR_NOT_FOUND) {
        /* Somebody is speaking, or crashed while speaking: finish it. */
        struct path other = verdict_path(head.user, head.id);
        const char *name = strrchr(other.text, '/') + 1;
        enum error finished = verdict_finish(spool, name);
        error = finished == ERROR_NONE ? ERROR_EXISTS : ERROR_BUSY;
    }
    file_remove(spool->directory, temporary.text);
    return error;
}
