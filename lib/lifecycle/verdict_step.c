/* SPDX-License-Identifier: MIT */
#include "verdict_step.h"

#include "action.h"
#include "cancel_mark.h"
#include "clock.h"
#include "file.h"
#include "find.h"
#include "number.h"
#include "progress.h"
#include "stuck.h"
#include "unknown.h"
#include "verdict_clear.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char aside_suffix[] = ".aside";

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t end = strlen(suffix);
    return length > end && strcmp(name + length - end, suffix) == 0;
}

bool verdict_step_is_name(const char *name)
{
    return ends_in(name, find_verdict_suffix);
}

/* USER-ID.PID.TIME.aside */
static bool parse_aside(
    const char *name, struct account *account, char id[ID_LENGTH_MAX + 1])
{
    size_t digits = strcspn(name, "-");
    const char *start = name + digits + (name[digits] == '-');
    size_t length = strcspn(start, ".");
    if (!ends_in(name, aside_suffix) || !id_is_valid(start, length) ||
        number_parse(name, digits, &account->user) != ERROR_NONE)
        return false;
    memcpy(id, start, length);
    id[length] = '\0';
    return true;
}

bool verdict_step_is_aside(const char *name)
{
    char id[ID_LENGTH_MAX + 1];
    struct account account;
    return parse_aside(name, &account, id);
}

enum error verdict_step_look(
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

bool verdict_step_is_link(
    const struct spool *spool, struct path record, struct path path)
{
    return verdict_step_look(spool, record, path) == ERROR_NONE;
}

struct path verdict_step_place(
    const struct account *account, const char *id, bool completed)
{
    return account_path(
        account, SPOOL_DONE, name_format_done(id, completed).text);
}

/* Where the record is to be had by the catalogue, which has to take it in or to
 * find out what became of the task. False: nowhere. */
static bool catalogue_wants(
    const struct record_head *head, enum spool_directory *directory)
{
    *directory = head->completed ? SPOOL_INGEST : SPOOL_UNKNOWN;
    return head->completed ? head->ingest != INGEST_NONE
                           : head->unknown && action_can_be_found(head->action);
}

static struct path share_path(const struct account *account,
    const struct record_head *head, enum spool_directory directory)
{
    if (directory == SPOOL_INGEST) {
        char name[(size_t)CLOCK_STAMP_LENGTH + ID_LENGTH_MAX + 8];
        char stamp[CLOCK_STAMP_LENGTH + 1];
        clock_format_stamp(stamp, head->completed_at);
        snprintf(name, sizeof name, "%s-%s.json", stamp, head->id);
        return account_path(account, directory, name);
    }
    struct unknown_name name = {
        .since = head->completed_at, .state = UNKNOWN_NEW};
    memcpy(name.id, head->id, sizeof name.id);
    return unknown_path(account, &name);
}

/* The catalogue's share is linked before done/ is, so that no record can be
 * done and forgotten. */
static enum error link_for_catalogue(const struct account *account,
    struct path record, const struct record_head *head)
{
    enum spool_directory directory;
    if (!catalogue_wants(head, &directory))
        return ERROR_NONE;
    enum error error = account_make_folder(account, directory);
    if (error != ERROR_NONE)
        return error;
    error = file_link(account->spool->directory, record.text,
        share_path(account, head, directory).text);
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        return error;
    return account_sync_folder(account, directory);
}

/* Puts the record over a declared failure in one step. The new name in tmp/
 * is needed because renaming one hard link of a file over another does
 * nothing and leaves both (rename(2)). */
static enum error replace_failure(const struct account *account,
    struct path record, struct path place, const struct record_head *head)
{
    struct path step;
    char name[SPOOL_NAME_MAX];
    if (verdict_step_is_link(account->spool, record, place))
        return ERROR_NONE;
    /* Somebody may have finished our verdict for us, and another's word have
     * replaced it since. */
    enum error error = find_undone(account, head->id, head->word);
    /* Or a third have queued the task again, and that try have failed. */
    if (error == ERROR_NONE)
        error = verdict_step_look(
            account->spool, record, find_verdict_place(account, head->id));
    if (error != ERROR_NONE)
        return error;
    snprintf(name, sizeof name, "%.200s.%" PRId64,
        record.text + strlen(spool_directory_name(SPOOL_TMP)) + 1, clock_now());
    step = path_in(SPOOL_TMP, name);
    error = file_link(account->spool->directory, record.text, step.text);
    if (error == ERROR_NONE)
        error = file_rename(account->spool->directory, step.text, place.text);
    if (error == ERROR_NONE)
        return ERROR_NONE;
    file_remove(account->spool->directory, step.text);
    /* A network file system may report a failure for what was done. */
    return verdict_step_is_link(account->spool, record, place) ? ERROR_NONE
                                                               : error;
}

/* A success may have been recorded while our declared failure was on its way:
 * it looked for a failure to remove before ours was there. What only bears the
 * name of one is about to lose it (rename_theirs). */
static enum error yield_to_success(const struct account *account,
    struct path record, struct path place, const struct record_head *head)
{
    struct record_head other;
    struct path success = verdict_step_place(account, head->id, true);
    if (!record_gives_way(head->word, WORD_COMPLETED) || head->completed)
        return ERROR_NONE;
    enum error error = record_load_head(account->spool, success, &other);
    if (error == ERROR_NOT_FOUND || (error == ERROR_NONE && !other.completed))
        return ERROR_NONE;
    if (error == ERROR_SYNTAX) /* spoilt by hand: it still says "done" */
        error = ERROR_NONE;
    if (error == ERROR_NONE &&
        verdict_step_is_link(account->spool, record, place))
        error = file_remove(account->spool->directory, place.text);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_EXISTS
                                                           : error;
}

/* Another's word that we have linked as if it were ours, which tells of another
 * end. Whoever met it there may have taken the task for done and removed its
 * entry: so it gets its own name, as from anybody who finishes it, before it
 * loses this one. */
static void rename_theirs(const struct account *account, struct path place,
    const struct record_head *theirs)
{
    int directory = account->spool->directory;
    if (link_for_catalogue(account, place, theirs) == ERROR_NONE)
        file_link(directory, place.text,
            verdict_step_place(account, theirs->id, theirs->completed).text);
    file_remove(directory, place.text);
}

/* The link is made from the .verdict itself: whoever finishes it, or drops it,
 * removes that first, and nothing comes of this link then. Should it have gone
 * and have become another's since it was looked at, what was linked is theirs.
 */
static enum error link_ours(const struct account *account, struct path record,
    struct path verdict, struct path place, const struct record_head *head)
{
    struct record_head theirs;
    int directory = account->spool->directory;
    enum error error = file_link(directory, verdict.text, place.text);
    if (error == ERROR_NOT_FOUND)
        return ERROR_EXISTS;
    if (error != ERROR_NONE ||
        verdict_step_look(account->spool, record, place) != ERROR_EXISTS)
        return error;
    if (record_load_head(account->spool, place, &theirs) == ERROR_NONE &&
        theirs.completed != head->completed)
        rename_theirs(account, place, &theirs);
    return ERROR_EXISTS;
}

static enum error place_record(const struct account *account,
    struct path record, const struct record_head *head)
{
    struct path verdict = find_verdict_place(account, head->id);
    struct path place = verdict_step_place(account, head->id, head->completed);
    enum error error = account_make_folder(account, SPOOL_DONE);
    /* While the catalogue's share was flushed somebody may have finished this
     * verdict for us, and a third have queued the task again: it must not be
     * done once more. So the .verdict must still be there, and ours. */
    if (error == ERROR_NONE)
        error = verdict_step_look(account->spool, record, verdict);
    if (error != ERROR_NONE)
        return error;
    error = link_ours(account, record, verdict, place, head);
    if (error == ERROR_EXISTS)
        error = replace_failure(account, record, place, head);
    if (error == ERROR_NONE)
        error = yield_to_success(account, record, place, head);
    if (error == ERROR_NONE)
        error = account_sync_folder(account, SPOOL_DONE);
    return error;
}

/* What goes once a record is safe. It is looked for before that: what comes
 * under such a name afterwards may be of the next try, if another has finished
 * our verdict for us. */
struct remains {
    bool failure; /* declared, beside a success */
    bool mark;    /* of a cancel */
};

static struct remains look_for_remains(
    const struct account *account, const struct record_head *head)
{
    struct path failure = verdict_step_place(account, head->id, false);
    return (struct remains){
        .failure = head->completed && file_look(account->spool->directory,
                                          failure.text) != ERROR_NOT_FOUND,
        .mark = cancel_mark_look(account, head->id) != ERROR_NOT_FOUND,
    };
}

/* What is left of it is the sweeper's; and all of it, where it cannot be told
 * that the task is still done. */
static void forget_progress(const struct account *account,
    const struct record_head *head, const struct remains *remains)
{
    if (find_undone(account, head->id, WORD_DECLARED) != ERROR_EXISTS)
        return;
    progress_forget(account, head->id);
    if (remains->mark)
        cancel_mark_remove(account, head->id);
}

/* Whether this failure was recorded later than a success: of the next try. */
static bool is_later(
    const struct spool *spool, struct path failure, int64_t success_at)
{
    struct record_head head;
    return record_load_head(spool, failure, &head) != ERROR_NONE ||
           head.completed_at > success_at;
}

/* Safe before the name in tmp/ goes: power loss might take both. */
static enum error bring_back(
    const struct account *account, struct path aside, const char *id)
{
    enum error error = account_make_folder(account, SPOOL_DONE);
    if (error == ERROR_NONE)
        error = file_link(account->spool->directory, aside.text,
            verdict_step_place(account, id, false).text);
    return error == ERROR_NONE ? account_sync_folder(account, SPOOL_DONE)
                               : error;
}

/* A look at the success before the removal says little of the moment of it: so
 * the failure is moved aside, and put back where it was the next try's. Where
 * that fails, or after a kill, it stays for verdict_step_settle_aside. */
enum error verdict_step_remove_outlived(
    const struct account *account, const char *id, int64_t success_at)
{
    char name[SPOOL_NAME_MAX];
    int directory = account->spool->directory;
    struct path failure = verdict_step_place(account, id, false);
    struct path success = verdict_step_place(account, id, true);
    snprintf(name, sizeof name, "%" PRId64 "-%s.%ld.%" PRId64 "%s",
        account->user, id, (long)getpid(), clock_now(), aside_suffix);
    struct path aside = path_in(SPOOL_TMP, name);
    enum error error = file_look(directory, success.text);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
    error = file_rename_ours(directory, failure.text, aside.text);
    stuck_note(account->spool, account->user, failure, error, 0);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    error = file_look(directory, success.text);
    if (error != ERROR_NONE && is_later(account->spool, aside, success_at)) {
        enum error back = bring_back(account, aside, id);
        if (back != ERROR_NONE && back != ERROR_EXISTS)
            return back;
    }
    file_remove(directory, aside.text);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

/* Where the task is nowhere else, that is all there is of it. A failure may
 * have been brought back just now, by somebody who has died since. */
enum error verdict_step_settle_aside(
    const struct spool *spool, const struct config *config, const char *name)
{
    char id[ID_LENGTH_MAX + 1];
    struct task_place place;
    struct account account = {spool, config, 0};
    if (!parse_aside(name, &account, id))
        return ERROR_SYNTAX;
    struct path aside = path_in(SPOOL_TMP, name);
    enum error error = find_task(&account, id, &place);
    if (error == ERROR_NOT_FOUND)
        error = bring_back(&account, aside, id);
    else if (error == ERROR_NONE && place.state == TASK_FAILED)
        error = account_sync_folder(&account, SPOOL_DONE);
    return error == ERROR_NONE ? file_remove(spool->directory, aside.text)
                               : error;
}

enum error verdict_step_carry_out(const struct account *account,
    struct path record, const struct record_head *head,
    const struct path *entry, enum error *left)
{
    struct remains remains = look_for_remains(account, head);
    enum error error = link_for_catalogue(account, record, head);
    if (error == ERROR_NONE)
        error = place_record(account, record, head);
    if (error != ERROR_NONE)
        return error;
    *left = ERROR_NONE;
    if (remains.failure)
        *left =
            verdict_step_remove_outlived(account, head->id, head->completed_at);
    if (entry == NULL || verdict_clear_safe(account, *entry) != ERROR_NONE)
        error = verdict_clear_entries(account, head->id);
    if (*left == ERROR_NONE)
        *left = error;
    forget_progress(account, head, &remains);
    return ERROR_NONE;
}

bool verdict_step_is_undone(const struct account *account, struct path record,
    const struct record_head *head)
{
    struct path place = verdict_step_place(account, head->id, head->completed);
    return verdict_step_look(account->spool, record, place) == ERROR_EXISTS;
}

void verdict_step_undo(const struct account *account, struct path record,
    const struct record_head *head)
{
    enum spool_directory directory;
    if (catalogue_wants(head, &directory) &&
        verdict_step_is_undone(account, record, head))
        file_remove(account->spool->directory,
            share_path(account, head, directory).text);
}

/* The .verdict first: whoever has linked the share for it, and has not linked
 * the record, can do so no more. Where it stays, so does its share. */
void verdict_step_take_back(const struct account *account, struct path record,
    const struct record_head *head)
{
    struct path verdict = find_verdict_place(account, head->id);
    enum error error = file_remove(account->spool->directory, verdict.text);
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        verdict_step_undo(account, record, head);
}
