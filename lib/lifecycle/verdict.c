/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include "action.h"
#include "cancel_mark.h"
#include "clock.h"
#include "file.h"
#include "find.h"
#include "past_lease.h"
#include "progress.h"
#include "queue_index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char verdict_suffix[] = ".verdict";

/* tmp/USER-ID.verdict. */
static struct path verdict_path(const struct account *account, const char *id)
{
    char name[ID_LENGTH_MAX + 40];
    snprintf(name, sizeof name, "%" PRId64 "-%s%s", account->user, id,
        verdict_suffix);
    return path_in(SPOOL_TMP, name);
}

bool verdict_is_name(const char *name)
{
    size_t length = strlen(name);
    size_t suffix = sizeof verdict_suffix - 1;
    return length > suffix &&
           strcmp(name + length - suffix, verdict_suffix) == 0;
}

/* ERROR_NONE: `path` is another name of our record. ERROR_EXISTS: it is that of
 * another, or of nothing. Any other: it cannot be told. */
static enum error look_for_link(
    const struct spool *spool, struct path record, struct path path)
{
    struct stat ours;
    struct stat theirs;
    if (fstatat(spool->directory, record.text, &ours, AT_SYMLINK_NOFOLLOW) != 0)
        return error_from_errno(errno);
    if (fstatat(spool->directory, path.text, &theirs, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || errno == ENOTDIR ? ERROR_EXISTS
                                                   : error_from_errno(errno);
    return file_is_same(&ours, &theirs) ? ERROR_NONE : ERROR_EXISTS;
}

static bool is_link(
    const struct spool *spool, struct path record, struct path path)
{
    return look_for_link(spool, record, path) == ERROR_NONE;
}

/* Where the record of a task is kept that has completed, or has failed. */
static struct path done_path(
    const struct account *account, const char *id, bool completed)
{
    return account_path(
        account, SPOOL_DONE, name_format_done(id, completed).text);
}

static bool catalogue_wants(const struct record_head *head)
{
    return head->completed && action_ingest(head->action) != INGEST_NONE;
}

static struct path ingest_path(
    const struct account *account, const struct record_head *head)
{
    char name[(size_t)CLOCK_STAMP_LENGTH + ID_LENGTH_MAX + 8];
    char stamp[CLOCK_STAMP_LENGTH + 1];
    clock_format_stamp(stamp, head->completed_at);
    snprintf(name, sizeof name, "%s-%s.json", stamp, head->id);
    return account_path(account, SPOOL_INGEST, name);
}

/* The catalogue's share is linked before done/ is, so that no record can be
 * done and forgotten. */
static enum error link_for_catalogue(const struct account *account,
    struct path record, const struct record_head *head)
{
    if (!catalogue_wants(head))
        return ERROR_NONE;
    enum error error = account_make_folder(account, SPOOL_INGEST);
    if (error != ERROR_NONE)
        return error;
    error = file_link(account->spool->directory, record.text,
        ingest_path(account, head).text);
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        return error;
    return account_sync_folder(account, SPOOL_INGEST);
}

/* Puts the record over a declared failure in one step. The new name in tmp/
 * is needed because renaming one hard link of a file over another does
 * nothing and leaves both (rename(2)). */
static enum error replace_failure(const struct account *account,
    struct path record, struct path place, const struct record_head *head)
{
    struct path step;
    char name[SPOOL_NAME_MAX];
    if (is_link(account->spool, record, place))
        return ERROR_NONE;
    /* Somebody may have finished our verdict for us, and another's word have
     * replaced it since. */
    enum error error = find_undone(account, head->id, !head->declared);
    if (error != ERROR_NONE)
        return error;
    snprintf(name, sizeof name, "%.200s.%" PRId64,
        record.text + strlen(spool_directory_name(SPOOL_TMP)) + 1, clock_now());
    step = path_in(SPOOL_TMP, name);
    error = file_link(account->spool->directory, record.text, step.text);
    if (error == ERROR_NONE)
        error = file_rename(account->spool->directory, step.text, place.text);
    if (error != ERROR_NONE)
        file_remove(account->spool->directory, step.text);
    return error;
}

/* A success may have been recorded while our declared failure was on its way:
 * it looked for a failure to remove before ours was there. */
static enum error yield_to_success(const struct account *account,
    struct path record, struct path place, const struct record_head *head)
{
    struct path success = done_path(account, head->id, true);
    if (!head->declared)
        return ERROR_NONE;
    enum error error = file_look(account->spool->directory, success.text);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error == ERROR_NONE && is_link(account->spool, record, place))
        error = file_remove(account->spool->directory, place.text);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_EXISTS
                                                           : error;
}

static enum error place_record(const struct account *account,
    struct path record, const struct record_head *head)
{
    struct path place = done_path(account, head->id, head->completed);
    enum error error = account_make_folder(account, SPOOL_DONE);
    if (error == ERROR_NONE)
        error = file_link(account->spool->directory, record.text, place.text);
    if (error == ERROR_EXISTS)
        error = replace_failure(account, record, place, head);
    if (error == ERROR_NONE)
        error = yield_to_success(account, record, place, head);
    if (error == ERROR_NONE)
        error = account_sync_folder(account, SPOOL_DONE);
    return error;
}

/* A success that took the place of a declared failure: the failure may go
 * once the success is safe. */
static bool remove_failure(
    const struct account *account, const struct record_head *head)
{
    if (!head->completed)
        return true;
    enum error error = file_remove(
        account->spool->directory, done_path(account, head->id, false).text);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND;
}

static bool is_pending(struct path entry)
{
    const char *pending = spool_directory_name(SPOOL_PENDING);
    return strncmp(entry.text, pending, strlen(pending)) == 0;
}

/* A task that came back by itself has a note of its past leases. */
static void forget_leases(const struct account *account, struct path entry)
{
    struct lease_name lease;
    const char *name = strrchr(entry.text, '/') + 1;
    enum error error = is_pending(entry) ? name_parse_queued(name, &lease.task)
                                         : name_parse_executing(name, &lease);
    if (error == ERROR_NONE)
        past_lease_forget(account, &lease.task);
}

static enum error remove_entry(const struct account *account, struct path entry)
{
    struct queue_index index;
    bool pending = is_pending(entry);
    if (pending)
        queue_index_begin(&index, account);
    enum error error = file_remove(account->spool->directory, entry.text);
    if (pending)
        queue_index_commit(&index, NULL);
    if (error == ERROR_NONE)
        forget_leases(account, entry);
    return error;
}

/* Removes the entries that `find` finds. True if none is left. A task that is
 * done no more has been queued again since, and what is found of it now is no
 * debris. This is asked between finding an entry and removing it: no two tries
 * have the same name. */
static bool remove_found(const struct account *account, const char *id,
    enum error (*find)(const struct account *account, const char *id,
        struct task_place *place))
{
    struct task_place place;
    for (;;) {
        enum error error = find(account, id, &place);
        if (error != ERROR_NONE)
            return error == ERROR_NOT_FOUND;
        error = find_undone(account, id, false);
        if (error != ERROR_EXISTS)
            return error == ERROR_NONE;
        error = remove_entry(account, place.path);
        account_fault(account, "verdict", place.path, error);
        if (error != ERROR_NONE)
            return false;
    }
}

bool verdict_clear_entries(const struct account *account, const char *id)
{
    bool executing = remove_found(account, id, find_executing);
    bool pending = remove_found(account, id, find_pending);
    return executing && pending;
}

/* What is left of it is the sweeper's; and all of it, where it cannot be told
 * that the task is still done. */
static void forget_progress(
    const struct account *account, const struct record_head *head)
{
    if (find_undone(account, head->id, false) != ERROR_EXISTS)
        return;
    progress_forget(account, head->id);
    cancel_mark_remove(account, head->id);
}

enum error verdict_carry_out(const struct account *account, struct path record,
    const struct record_head *head, const struct path *entry, bool *clean)
{
    enum error error = link_for_catalogue(account, record, head);
    /* While the catalogue's share was flushed somebody may have finished this
     * verdict for us, and a third have queued the task again: it must not be
     * done once more. So the .verdict must still be there, and ours. */
    if (error == ERROR_NONE)
        error = look_for_link(
            account->spool, record, verdict_path(account, head->id));
    if (error == ERROR_NONE)
        error = place_record(account, record, head);
    if (error != ERROR_NONE)
        return error;
    *clean = remove_failure(account, head);
    if (entry == NULL || remove_entry(account, *entry) != ERROR_NONE)
        *clean = verdict_clear_entries(account, head->id) && *clean;
    forget_progress(account, head);
    return ERROR_NONE;
}

enum error verdict_clear_entry(const struct account *account, struct path entry)
{
    enum error error = account_sync_folder(account, SPOOL_DONE);
    return error == ERROR_NONE ? remove_entry(account, entry) : error;
}

enum error verdict_clear_done(
    const struct account *account, const char *id, struct path entry)
{
    enum error error = find_undone(account, id, false);
    if (error != ERROR_EXISTS)
        return error;
    error = verdict_clear_entry(account, entry);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_EXISTS
                                                           : error;
}

/* Undoes step 3 for a verdict that could not be carried out. Nothing was
 * acknowledged. False if it reached done/ after all, or may have: then it
 * stands, and whatever else is left of the task remains to be cleared. */
static bool take_back(const struct account *account, struct path record,
    const struct record_head *head)
{
    struct path place = done_path(account, head->id, head->completed);
    if (look_for_link(account->spool, record, place) != ERROR_EXISTS)
        return false;
    if (catalogue_wants(head))
        file_remove(account->spool->directory, ingest_path(account, head).text);
    return true;
}

/* `record` is another link of the verdict at `verdict`, which nobody else
 * touches: `verdict` itself may at any moment become somebody else's. */
static enum error finish_own(
    struct account account, struct path verdict, struct path record)
{
    struct record_head head;
    bool clean = true;
    enum error error = record_load_head(account.spool, record, &head);
    if (error != ERROR_NONE)
        return error;
    account.user = head.user;
    error = find_undone(&account, head.id, !head.declared);
    if (error == ERROR_EXISTS) /* by this very verdict, perhaps */
        error = look_for_link(account.spool, record,
            done_path(&account, head.id, head.completed));
    if (error == ERROR_NONE)
        error = verdict_carry_out(&account, record, &head, NULL, &clean);
    /* Where it gives way to another's word, it has only to go. */
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        return error;
    if (!clean)
        return ERROR_BUSY;
    if (is_link(account.spool, record, verdict))
        file_remove(account.spool->directory, verdict.text);
    return ERROR_NONE;
}

enum error verdict_finish(
    const struct spool *spool, const struct config *config, const char *name)
{
    char text[SPOOL_NAME_MAX];
    struct path verdict = path_in(SPOOL_TMP, name);
    snprintf(text, sizeof text, "%.200s.%ld.%" PRId64, name, (long)getpid(),
        clock_now());
    struct path record = path_in(SPOOL_TMP, text);
    enum error error = file_link(spool->directory, verdict.text, record.text);
    if (error != ERROR_NONE)
        return error;
    error = finish_own((struct account){spool, config, 0}, verdict, record);
    file_remove(spool->directory, record.text);
    return error;
}

enum error verdict_finish_other(const struct account *account, const char *id)
{
    struct path verdict = verdict_path(account, id);
    return verdict_finish(
        account->spool, account->config, strrchr(verdict.text, '/') + 1);
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

/* Whether what was spoken about is still where it was found: its entry, or the
 * failure that we had declared. If not, somebody may have finished the task and
 * queued it again, and that try must not be done before it has run. Nobody can
 * do both from now on, since the .verdict is ours. ERROR_NOT_FOUND: look again.
 */
static enum error look_for_subject(const struct account *account,
    const struct record_head *head, const struct path *entry)
{
    struct path subject =
        entry != NULL ? *entry : done_path(account, head->id, false);
    return file_look(account->spool->directory, subject.text);
}

/* Step 2 and what follows. */
static enum error speak(const struct account *account, struct path record,
    const struct record_head *head, const struct path *entry)
{
    struct path verdict = verdict_path(account, head->id);
    enum error error =
        file_link(account->spool->directory, record.text, verdict.text);
    if (error != ERROR_NONE)
        return error;
    bool clean = true;
    /* Whoever had the name before us may have finished in between. */
    error = find_undone(account, head->id, !head->declared);
    if (error == ERROR_NONE)
        error = look_for_subject(account, head, entry);
    if (error == ERROR_NONE)
        error = verdict_carry_out(account, record, head, entry, &clean);
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        clean = take_back(account, record, head);
    /* What could not be cleared now is the sweeper's, who goes by the name; and
     * whoever finished it for us may have made way for another's since. */
    if (clean && is_link(account->spool, record, verdict))
        file_remove(account->spool->directory, verdict.text);
    return error;
}

/* Another verdict was in the way: carried out, or being given at this moment,
 * or left by a crash. Finishes it, so that it stands or is out of the way. */
static enum error give_way(
    const struct account *account, const struct record_head *head)
{
    enum error error = verdict_finish_other(account, head->id);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return ERROR_BUSY;
    error = find_undone(account, head->id, !head->declared);
    return error == ERROR_NONE ? ERROR_BUSY : error;
}

enum error verdict_give(const struct account *account, const struct task *task,
    const struct path *entry, const struct verdict *verdict)
{
    struct buffer text = BUFFER_EMPTY;
    struct path record;
    int64_t now = clock_now();
    struct record_head head = make_head(task, verdict, now);
    enum error error;
    record_write(&text, task, verdict, now);
    if (text.failed)
        error = ERROR_MEMORY;
    else if (text.length > file_no_limit)
        error = ERROR_TOO_LARGE; /* somebody laid it into the queue by hand */
    else
        error = spool_write_temporary(
            account->spool, buffer_text(&text), text.length, &record);
    buffer_free(&text);
    if (error != ERROR_NONE)
        return error;
    error = speak(account, record, &head, entry);
    if (error == ERROR_EXISTS)
        error = give_way(account, &head);
    file_remove(account->spool->directory, record.text);
    return error;
}
