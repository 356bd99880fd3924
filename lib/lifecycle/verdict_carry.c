/* SPDX-License-Identifier: MIT */
#include "verdict_carry.h"

#include "action.h"
#include "cancel_mark.h"
#include "clock.h"
#include "error.h"
#include "file.h"
#include "find.h"
#include "name.h"
#include "path.h"
#include "progress.h"
#include "queue_change.h"
#include "record.h"
#include "spool.h"
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char verdict_suffix[] = ".verdict";

struct path verdict_path(const struct account *account, const char *id)
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

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

bool verdict_same_file(const struct spool *spool, struct path a, struct path b)
{
    struct stat first;
    struct stat second;
    return fstatat(spool->directory, a.text, &first, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           fstatat(spool->directory, b.text, &second, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           is_same(&first, &second);
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
    if (verdict_same_file(account->spool, record, place))
        return ERROR_NONE;
    /* Somebody may have finished our verdict for us, and another's word have
     * replaced it since. */
    enum error stands = verdict_stands(account, head->id, !head->declared);
    if (stands != ERROR_NOT_FOUND)
        return stands == ERROR_NONE ? ERROR_EXISTS : stands;
    snprintf(name, sizeof name, "%.200s.%" PRId64,
        record.text + strlen(spool_directory_name(SPOOL_TMP)) + 1, clock_now());
    step = path_in(SPOOL_TMP, name);
    enum error error =
        file_link(account->spool->directory, record.text, step.text);
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
    struct name name = name_format_done(head->id, true);
    struct path success = account_path(account, SPOOL_DONE, name.text);
    if (!head->declared)
        return ERROR_NONE;
    enum error error = file_look(account->spool->directory, success.text);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error == ERROR_NONE && verdict_same_file(account->spool, record, place))
        error = file_remove(account->spool->directory, place.text);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_EXISTS
                                                           : error;
}

static enum error place_record(const struct account *account,
    struct path record, const struct record_head *head)
{
    struct name name = name_format_done(head->id, head->completed);
    struct path place = account_path(account, SPOOL_DONE, name.text);
    enum error error = account_make_folder(account, SPOOL_DONE);
    if (error == ERROR_NONE)
        error = file_link(account->spool->directory, record.text, place.text);
    if (error == ERROR_EXISTS)
        error = replace_failure(account, record, place, head);
    if (error == ERROR_NONE)
        error = yield_to_success(account, record, place, head);
    if (error == ERROR_NONE) {
        error = account_sync_folder(account, SPOOL_DONE);
    }
    return error;
}

/* A success that took the place of a declared failure: the failure may go
 * once the success is safe. */
static bool remove_failure(
    const struct account *account, const struct record_head *head)
{
    struct name failed = name_format_done(head->id, false);
    if (!head->completed)
        return true;
    enum error error = file_remove(account->spool->directory,
        account_path(account, SPOOL_DONE, failed.text).text);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND;
}

static enum error remove_entry(const struct account *account, struct path entry)
{
    struct queue_change change;
    const char *pending = spool_directory_name(SPOOL_PENDING);
    if (strncmp(entry.text, pending, strlen(pending)) != 0)
        return file_remove(account->spool->directory, entry.text);
    queue_change_begin(&change, account);
    enum error error = file_remove(account->spool->directory, entry.text);
    queue_change_end(&change, NULL);
    return error;
}

/* ERROR_NONE: the task is still done. ERROR_NOT_FOUND: it has been queued again
 * since, so that what is found of it now is no debris. Looked at between
 * finding an entry and removing it: no two tries have the same name. */
static enum error look_at_record(
    const struct account *account, const struct record_head *head)
{
    struct task_place place;
    return find_done(account, head->id, &place);
}

/* Removes the entries that `find` finds. True if none is left. */
static bool remove_found(const struct account *account,
    const struct record_head *head,
    enum error (*find)(const struct account *account, const char *id,
        struct task_place *place))
{
    struct task_place place;
    for (;;) {
        enum error error = find(account, head->id, &place);
        if (error != ERROR_NONE)
            return error == ERROR_NOT_FOUND;
        error = look_at_record(account, head);
        if (error != ERROR_NONE)
            return error == ERROR_NOT_FOUND;
        if (remove_entry(account, place.path) != ERROR_NONE)
            return false;
    }
}

/* Removes every entry the task still has. One that escapes, because it moves
 * at this moment, is met by its claimant or by the sweeper, who look in done/
 * too. */
static bool remove_entries(
    const struct account *account, const struct record_head *head)
{
    bool executing = remove_found(account, head, find_executing);
    bool pending = remove_found(account, head, find_pending);
    return executing && pending;
}

/* What is left of it is the sweeper's. */
static void forget_progress(
    const struct account *account, const struct record_head *head)
{
    if (look_at_record(account, head) != ERROR_NONE)
        return;
    progress_forget(account, head->id);
    cancel_mark_remove(account, head->id);
}

/* While the catalogue's share was flushed somebody may have finished this
 * verdict for us, and a third have queued the task again: it must not be done
 * once more. ERROR_EXISTS: the .verdict is gone, or another's. */
static enum error look_for_verdict(const struct account *account,
    struct path record, const struct record_head *head)
{
    struct stat ours;
    struct stat theirs;
    struct path verdict = verdict_path(account, head->id);
    if (fstatat(account->spool->directory, record.text, &ours,
            AT_SYMLINK_NOFOLLOW) != 0)
        return error_from_errno(errno);
    if (fstatat(account->spool->directory, verdict.text, &theirs,
            AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERROR_EXISTS : error_from_errno(errno);
    return is_same(&ours, &theirs) ? ERROR_NONE : ERROR_EXISTS;
}

enum error verdict_carry_out(const struct account *account, struct path record,
    const struct record_head *head, const struct path *entry, bool *clean)
{
    enum error error = link_for_catalogue(account, record, head);
    if (error == ERROR_NONE)
        error = look_for_verdict(account, record, head);
    if (error == ERROR_NONE)
        error = place_record(account, record, head);
    if (error != ERROR_NONE)
        return error;
    *clean = remove_failure(account, head);
    if (entry == NULL || remove_entry(account, *entry) != ERROR_NONE)
        *clean = remove_entries(account, head) && *clean;
    forget_progress(account, head);
    return ERROR_NONE;
}

enum error verdict_clear_entry(const struct account *account, struct path entry)
{
    enum error error = account_sync_folder(account, SPOOL_DONE);
    return error == ERROR_NONE ? remove_entry(account, entry) : error;
}

bool verdict_withdraw(const struct account *account, struct path verdict,
    const struct record_head *head)
{
    struct name name = name_format_done(head->id, head->completed);
    struct path place = account_path(account, SPOOL_DONE, name.text);
    if (verdict_same_file(account->spool, verdict, place))
        return false;
    if (catalogue_wants(head))
        file_remove(account->spool->directory, ingest_path(account, head).text);
    return true;
}
