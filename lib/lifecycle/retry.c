/* SPDX-License-Identifier: MIT */
#include "retry.h"

#include "action.h"
#include "buffer.h"
#include "cancel_mark.h"
#include "clock.h"
#include "done_index.h"
#include "draft.h"
#include "file.h"
#include "find.h"
#include "json.h"
#include "locate.h"
#include "queue_index.h"
#include "record.h"
#include "stuck.h"
#include "twin.h"
#include "verdict.h"
#include "verdict_clear.h"
#include "verdict_step.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The next try. */
struct retry {
    struct task_name name;
    int attempts;         /* before it */
    int64_t completed_at; /* moment at which the last one ended; 0: unknown */
    struct stat record;   /* the file that says so */
};

/* Whether another try cannot do twice what is to be done once: it may be
 * repeated, or it is known to have failed, by the plugin's word or a look at
 * the wardrobe, or no plugin ever had it. */
static bool is_safe(struct json_value record, const struct draft *draft)
{
    struct json_value declared = json_member(record, "declared");
    if (action_is_repeatable(draft->action, draft->params))
        return true;
    if (json_string_equals(json_member(record, "status"), "completed") ||
        record_is_unknown(record))
        return false;
    return json_is(declared, JSON_ABSENT) ||
           json_string_equals(declared, "expired") ||
           json_is(json_member(record, "started_at"), JSON_NULL);
}

/* When the next try comes. Another that retries the task in this microsecond
 * must not give it the same name: each would take the rename for its own. */
static int64_t choose_moment(void)
{
    return clock_now() - (getpid() % 1000);
}

/* Reads the next try from the record. */
static enum error read_record(struct json_value record, int64_t user,
    const char *id, bool force, struct retry *retry)
{
    struct draft draft;
    struct draft_fault fault;
    draft_init(&draft);
    enum error error = draft_read(&draft, record, &fault);
    if (error == ERROR_MEMORY)
        return error;
    if (error != ERROR_NONE || draft.user != user || draft.action[0] == '\0' ||
        strcmp(draft.id, id) != 0)
        return ERROR_SYNTAX;
    if (!force && !is_safe(record, &draft))
        return ERROR_CONFLICT;
    struct task_name *name = &retry->name;
    *name = (struct task_name){.priority = draft.priority,
        .created = draft_due(&draft, choose_moment())};
    memcpy(name->action, draft.action, sizeof name->action);
    memcpy(name->id, draft.id, sizeof name->id);
    retry->attempts = draft.attempts;
    retry->completed_at = 0;
    json_moment(json_member(record, "completed_at"), &retry->completed_at);
    return ERROR_NONE;
}

/* A success has its place beside a failure that we declared, if a crash has
 * left it: that would make the next try look done. Who has removed it did so
 * without an fsync: back with the power it would be all that is told of what
 * was acknowledged as done. */
static enum error remove_outlived(const struct account *account,
    const struct task_place *place, const struct retry *retry)
{
    const char *id = retry->name.id;
    struct path failure = verdict_step_place(account, id, false);
    if (place->state != TASK_COMPLETED)
        return ERROR_NONE;
    enum error error = file_look(account->spool->directory, failure.text);
    if (error == ERROR_NONE)
        error = verdict_step_remove_outlived(account, id, retry->completed_at);
    else if (error == ERROR_NOT_FOUND)
        error = ERROR_NONE;
    return error == ERROR_NONE ? account_sync_folder(account, SPOOL_DONE)
                               : error;
}

/* Whether somebody else has recorded an end of the task meanwhile: beside that
 * the record which was moved has no place, and what is queued is debris. */
static bool is_recorded(
    const struct account *account, const char *id, struct path done)
{
    static const bool ends[] = {true, false};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct path place = verdict_step_place(account, id, ends[i]);
        if (strcmp(place.text, done.text) != 0 &&
            file_look(account->spool->directory, place.text) != ERROR_NOT_FOUND)
            return true;
    }
    return false;
}

/* A result that has given its word before the link need not have seen the link;
 * one that gives it later sees it. So that word is brought to its end first,
 * which is to give way to what stands, to take its place, or to be recorded
 * beside it: then the link goes again. It never goes while a word may have seen
 * it and given way: nothing at all would be left. */
static bool link_back(const struct account *account, const char *id,
    struct path pending, struct path done)
{
    int directory = account->spool->directory;
    if (is_recorded(account, id, done) ||
        file_link(directory, pending.text, done.text) != ERROR_NONE)
        return false;
    verdict_finish_other(account, id);
    if (!is_recorded(account, id, done))
        return true;
    file_remove(directory, done.text);
    return false;
}

/* By link and unlink, since a late result may have taken the place in done/
 * meanwhile: that is not to be overwritten. If the task was handed out
 * meanwhile, there is nothing to give back. The name in done/ is safe before
 * that in pending/ goes: power loss could take the one and not bring the other.
 */
static void give_back(const struct account *account, const char *id,
    struct path pending, struct path done)
{
    struct queue_index index;
    if (!link_back(account, id, pending, done) ||
        account_sync_folder(account, SPOOL_DONE) != ERROR_NONE)
        return;
    queue_index_begin(&index, account);
    file_remove(account->spool->directory, pending.text);
    queue_index_commit(&index, NULL);
}

/* Whether this is a plugin's word on the try before: it counts no attempt more,
 * and tells of leases, which a result on one that waits anew cannot have. */
static bool is_late_word(struct json_value record, int attempts, int before)
{
    return attempts <= before &&
           json_is(json_member(record, "declared"), JSON_ABSENT) &&
           json_is(json_member(record, "leases"), JSON_ARRAY);
}

/* Whether this is the very file that was moved. Of one that could not be looked
 * at the number is 0, which no file has. */
static bool is_file(
    const struct account *account, struct path path, const struct stat *moved)
{
    struct stat status;
    return moved->st_ino != 0 &&
           fstatat(account->spool->directory, path.text, &status,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           file_is_same(&status, moved);
}

/* What was moved; all zero where a poll has it by now. */
static struct stat look_at(const struct account *account, struct path path)
{
    struct stat status = {0};
    fstatat(account->spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW);
    return status;
}

/* ERROR_NOT_FOUND: what stands is a plugin's word on the try before, or the
 * record that we have moved, brought to done/ once more by who had not come to
 * its end. ERROR_NONE: it is what became of the next try, already. */
static enum error judge_record(const struct account *account,
    const struct retry *retry, const struct stat *moved)
{
    struct task_place place;
    struct task task;
    const char *id = retry->name.id;
    enum error error = find_done(account, id, &place);
    if (error == ERROR_NONE && is_file(account, place.path, moved))
        return ERROR_NOT_FOUND;
    if (error == ERROR_NONE)
        error = record_load_task(account, place.path, id, &task);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    bool is_late =
        is_late_word(json_root(&task.document), task.attempts, retry->attempts);
    task_free(&task);
    return is_late ? ERROR_NOT_FOUND : ERROR_NONE;
}

/* A late result may have met the failure that we had declared just before that
 * was renamed, and stand by now: then what was queued is gone. */
static enum error heed_late_word(const struct account *account,
    const struct retry *retry, struct path pending, const struct stat *moved)
{
    enum error error = verdict_heed_other(account, retry->name.id, pending);
    return error == ERROR_EXISTS ? judge_record(account, retry, moved) : error;
}

/* First the new place is made safe, so that power loss cannot leave the task
 * in neither. */
static enum error make_safe(const struct account *account)
{
    enum error error = account_sync_folder(account, SPOOL_PENDING);
    return error == ERROR_NONE ? account_sync_folder(account, SPOOL_DONE)
                               : error;
}

/* Another retry of this record that failed may have linked it back and left its
 * own name, after we have looked for such: that was debris, and would now be a
 * second task. Where ours is still there once it was met it is no later try. */
static void clear_beside(const struct account *account, struct path pending)
{
    struct stat status;
    struct task_place twin;
    int directory = account->spool->directory;
    if (fstatat(directory, pending.text, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    while (twin_find_beside(account, &status, pending, &twin) == ERROR_NONE &&
           file_exists(directory, pending.text)) {
        if (verdict_clear_safe(account, twin.path) != ERROR_NONE)
            return; /* the poll that meets it sees that it is one */
    }
}

static enum error rename_to_queue(
    const struct account *account, struct path done, const struct retry *retry)
{
    struct name name = name_format_queued(&retry->name);
    struct path pending = account_path(account, SPOOL_PENDING, name.text);
    enum error error = queue_index_rename(account, done, pending, name.text);
    if (error != ERROR_NONE)
        return error;
    struct stat moved = look_at(account, pending);
    /* Another retry may have had the record that was read, and a word have come
     * too late for it: what was moved is that word, and the task waits twice.
     */
    error = moved.st_ino == 0 || file_is_same(&moved, &retry->record)
                ? heed_late_word(account, retry, pending, &moved)
                : ERROR_BUSY;
    if (error == ERROR_NOT_FOUND)
        return error;
    if (error == ERROR_NONE) {
        clear_beside(account, pending);
        error = make_safe(account);
    }
    if (error != ERROR_NONE)
        give_back(account, retry->name.id, pending, done);
    return error;
}

/* The verdict has removed the entry in executing/ without an fsync, as debris
 * beside its record, and what has taken the task out of pending/ did so without
 * one if it may be repeated or was withdrawn. Where power loss has brought such
 * a name back, or brings it back with the record gone, the next try would look
 * like a copy of it, or be one of two that wait. */
static enum error make_end_safe(const struct account *account, const char *id)
{
    enum error error = verdict_clear_entries(account, id);
    if (error != ERROR_NONE)
        return error;
    error = account_sync_folder(account, SPOOL_EXECUTING);
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        error = account_sync_folder(account, SPOOL_PENDING);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum error queue_again(const struct account *account,
    const struct task_place *place, const struct retry *retry)
{
    const char *id = retry->name.id;
    enum error error = remove_outlived(account, place, retry);
    if (error == ERROR_NONE)
        error = make_end_safe(account, id);
    if (error == ERROR_NONE)
        error = account_make_folder(account, SPOOL_PENDING);
    if (error == ERROR_NONE)
        error = file_secure(account->spool->directory, place->path.text);
    if (error == ERROR_NONE)
        error = rename_to_queue(account, place->path, retry);
    if (place->state == TASK_COMPLETED)
        done_index_forget(account);
    return error;
}

/* ERROR_BUSY: look again. */
static enum error retry_once(
    const struct account *account, const char *id, bool force)
{
    struct task_place place;
    struct retry retry;
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error = locate_task(account, id, &place);
    if (error != ERROR_NONE)
        return error;
    if (place.state == TASK_PENDING || place.state == TASK_EXECUTING)
        return ERROR_EXISTS;
    /* What was asked of the try before is not asked of the next. */
    error = cancel_mark_remove(account, id);
    if (error != ERROR_NONE)
        return error;
    /* What a crash has left of the verdict would be carried out once more. */
    error = verdict_finish_whole(account, id);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_BUSY : error;
    struct stat record = look_at(account, place.path);
    error = record_open(account->spool, place.path, &text, &document);
    if (error == ERROR_NONE) {
        error =
            read_record(json_root(&document), account->user, id, force, &retry);
        json_free(&document);
        buffer_free(&text);
    }
    retry.record = record;
    if (error == ERROR_NONE)
        error = queue_again(account, &place, &retry);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

enum error retry_task(const struct account *account, const char *id, bool force)
{
    enum error error = ERROR_BUSY;
    /* It moves only when another program takes a step. */
    for (int look = 0; look < 5 && error == ERROR_BUSY; look++)
        error = retry_once(account, id, force);
    return error;
}

bool retry_find_left(
    const struct account *account, const char *id, struct path *left)
{
    struct task_place place;
    const struct spool *spool = account->spool;
    *left = verdict_step_place(account, id, false);
    if (stuck_is_noted(spool, *left))
        return true;
    if (find_executing(account, id, &place) != ERROR_NONE &&
        find_pending(account, id, &place) != ERROR_NONE)
        return false;
    *left = place.path;
    return stuck_is_noted(spool, *left);
}
