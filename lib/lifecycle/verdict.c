/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include "action.h"
#include "clock.h"
#include "file.h"
#include "find.h"
#include "verdict_clear.h"
#include "verdict_step.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MODES = 07777,
    MODE_REFUSED = 0400 /* of a record whose word stands nowhere */
};

/* Whether the record says that no word of this lease is its. */
static enum error look_for_lease(
    const struct spool *spool, struct path record, const char *lease)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error = record_open(spool, record, &text, &document);
    if (error != ERROR_NONE)
        return error;
    bool fits = record_fits_lease(json_root(&document), lease);
    json_free(&document);
    buffer_free(&text);
    return fits ? ERROR_NONE : ERROR_EXISTS;
}

/* A task that waits, and did not come back by itself: no word of a hand-out is
 * about it, as none can have been given under the word that is asked for here.
 * But where it is a failure that we had declared, queued by a retry a moment
 * ago, its late word stands. */
static enum error look_for_new(
    const struct spool *spool, struct path record, struct path task)
{
    struct record_head head;
    enum error error = look_for_lease(spool, record, LEASE_EXPIRED);
    if (error != ERROR_EXISTS)
        return error;
    error = record_load_head(spool, task, &head);
    if (error == ERROR_NOT_FOUND)
        return ERROR_BUSY; /* it has moved; whoever comes next looks again */
    if (error == ERROR_SYNTAX)
        return ERROR_EXISTS;
    return error == ERROR_NONE && !record_gives_way(head.word, WORD_COMPLETED)
               ? ERROR_EXISTS
               : error;
}

/* A task that is not done may be at a later try than the .verdict is about,
 * where power loss has brought that back, or has taken back the hand-out that
 * it was spoken under. ERROR_EXISTS: so it is, for the task's file is this very
 * record, queued again; or no word under its lease would be taken now. *spoken
 * says then that its speaker may be on the way still. */
static enum error look_for_try(const struct account *account,
    struct path record, const struct record_head *head, bool *spoken)
{
    struct task_place place;
    const struct lease_name *lease = &place.lease;
    enum error error = find_task(account, head->id, &place);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    bool executing = place.state == TASK_EXECUTING;
    if (!executing && place.state != TASK_PENDING)
        return ERROR_NONE;
    error = verdict_step_look(account->spool, record, place.path);
    *spoken = error != ERROR_NONE;
    if (error != ERROR_EXISTS)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    if (executing && !lease_is_withdrawal(lease->lease))
        return look_for_lease(account->spool, record, lease->lease);
    return !executing && !place.by_hand && lease->task.generation == 0
               ? look_for_new(account->spool, record, place.path)
               : ERROR_NONE;
}

/* What it tells of for the catalogue stays there: the plugin did so, and that
 * may have been acknowledged before the task was queued again. A speaker who is
 * on the way still takes his own back. */
static enum error drop(const struct account *account, struct path verdict,
    struct path record, bool spoken)
{
    int directory = account->spool->directory;
    if (spoken)
        fchmodat(directory, record.text, MODE_REFUSED, 0);
    return verdict_step_is_link(account->spool, record, verdict)
               ? file_remove(directory, verdict.text)
               : ERROR_NONE;
}

/* `error` is what came of carrying it out. Where it gives way to another's
 * word, it has only to go. */
static enum error end_own(const struct account *account, struct path verdict,
    struct path record, const struct record_head *head, enum error error)
{
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        return error;
    /* A network file system may not see for a moment what is there. */
    if (error == ERROR_EXISTS &&
        find_undone(account, head->id, head->word) != ERROR_EXISTS)
        return ERROR_NOT_FOUND;
    if (!verdict_step_is_link(account->spool, record, verdict))
        return ERROR_NONE;
    if (error == ERROR_NONE) {
        file_remove(account->spool->directory, verdict.text);
        return ERROR_NONE;
    }
    /* Whoever has spoken it may be on the way still, and looks for this. */
    fchmodat(account->spool->directory, record.text, MODE_REFUSED, 0);
    verdict_step_take_back(account, record, head);
    return ERROR_NONE;
}

/* `record` is another link of the verdict at `verdict`, which nobody else
 * touches: `verdict` itself may at any moment become somebody else's. */
static enum error finish_own(struct account account, struct path verdict,
    struct path record, enum error *left)
{
    struct record_head head;
    bool spoken = false;
    enum error error = record_load_head(account.spool, record, &head);
    if (error != ERROR_NONE)
        return error;
    account.user = head.user;
    error = find_undone(&account, head.id, head.word);
    if (error == ERROR_NONE) {
        error = look_for_try(&account, record, &head, &spoken);
        if (error == ERROR_EXISTS)
            return drop(&account, verdict, record, spoken);
    } else if (error == ERROR_EXISTS) { /* by this very verdict, perhaps */
        error = verdict_step_look(account.spool, record,
            verdict_step_place(&account, head.id, head.completed));
    }
    if (error == ERROR_NONE)
        error = verdict_step_carry_out(&account, record, &head, NULL, left);
    if (error == ERROR_NONE && *left != ERROR_NONE)
        return ERROR_BUSY;
    return end_own(&account, verdict, record, &head, error);
}

static enum error finish(const struct spool *spool, const struct config *config,
    const char *name, enum error *left)
{
    char text[SPOOL_NAME_MAX];
    struct path verdict = path_in(SPOOL_TMP, name);
    snprintf(text, sizeof text, "%.200s.%ld.%" PRId64, name, (long)getpid(),
        clock_now());
    struct path record = path_in(SPOOL_TMP, text);
    enum error error = file_link(spool->directory, verdict.text, record.text);
    if (error != ERROR_NONE)
        return error;
    error =
        finish_own((struct account){spool, config, 0}, verdict, record, left);
    file_remove(spool->directory, record.text);
    return error;
}

enum error verdict_finish(
    const struct spool *spool, const struct config *config, const char *name)
{
    enum error left = ERROR_NONE;
    return finish(spool, config, name, &left);
}

enum error verdict_heed_other(
    const struct account *account, const char *id, struct path entry)
{
    enum error error = verdict_finish_other(account, id);
    /* Done, though something else of it is left. */
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND || error == ERROR_BUSY)
        error = verdict_clear_done(account, id, entry);
    return error;
}

static enum error finish_other(
    const struct account *account, const char *id, enum error *left)
{
    struct path verdict = find_verdict_place(account, id);
    return finish(
        account->spool, account->config, strrchr(verdict.text, '/') + 1, left);
}

enum error verdict_finish_other(const struct account *account, const char *id)
{
    enum error left = ERROR_NONE;
    return finish_other(account, id, &left);
}

enum error verdict_finish_whole(const struct account *account, const char *id)
{
    enum error left = ERROR_NONE;
    enum error error = finish_other(account, id, &left);
    return left == ERROR_NONE || left == ERROR_NOT_FOUND ? error : left;
}

static struct record_head make_head(const struct task *task,
    const struct verdict *verdict, int64_t completed_at)
{
    struct record_head head = {.user = task->user,
        .completed = verdict->completed,
        .unknown = verdict->unknown,
        .word = record_find_word(verdict),
        .ingest = verdict->completed
                      ? action_ingest(task->name.action, task->draft.params)
                      : INGEST_NONE,
        .completed_at = completed_at};
    memcpy(head.id, task->name.id, sizeof head.id);
    memcpy(head.action, task->name.action, sizeof head.action);
    return head;
}

/* Whether what was spoken about is still where it was found: its entry, or a
 * word that is not the plugin's own, which may be a success. If not, somebody
 * may have finished the task and queued it again, and that try must not be done
 * before it has run. Nobody can do both from now on, since the .verdict is
 * ours. ERROR_NOT_FOUND: look again.
 */
static enum error look_for_subject(const struct account *account,
    const struct record_head *head, const struct path *entry)
{
    struct path subject =
        entry != NULL ? *entry : verdict_step_place(account, head->id, false);
    enum error error = file_look(account->spool->directory, subject.text);
    if (error != ERROR_NOT_FOUND || entry != NULL ||
        head->word != WORD_COMPLETED)
        return error;
    subject = verdict_step_place(account, head->id, true);
    return file_look(account->spool->directory, subject.text);
}

/* Another has carried out our verdict, and a third may have queued the task
 * again since. The folders in the order in which that is made safe. */
static enum error make_taken_safe(const struct account *account)
{
    enum error error = account_sync_folder(account, SPOOL_PENDING);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND
               ? account_sync_folder(account, SPOOL_DONE)
               : error;
}

/* Our .verdict has gone. ERROR_NONE: another has carried it out, for the record
 * is the task's file now, done or queued again. That the name has gone does not
 * say so: whoever removes one that is theirs may have looked before ours came
 * in its place. Any other: `reason`, or that it cannot be told. */
static enum error look_whether_taken(const struct account *account,
    struct path record, const struct record_head *head, enum error reason)
{
    struct stat status;
    struct task_place place;
    if (fstatat(account->spool->directory, record.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return error_from_errno(errno);
    if ((status.st_mode & MODES) == MODE_REFUSED) {
        verdict_step_undo(account, record, head);
        return reason;
    }
    enum error error = find_task(account, head->id, &place);
    if (error == ERROR_NONE)
        error = verdict_step_look(account->spool, record, place.path);
    if (error == ERROR_NONE)
        return make_taken_safe(account);
    return error == ERROR_EXISTS || error == ERROR_NOT_FOUND ? reason : error;
}

/* What our .verdict says cannot be carried out by us, for this reason. Where
 * its name has gone by itself our word may have been taken, and must not be
 * given on the next try. */
static enum error give_up(const struct account *account, struct path record,
    const struct record_head *head, enum error reason)
{
    struct path verdict = find_verdict_place(account, head->id);
    enum error error = verdict_step_look(account->spool, record, verdict);
    if (error == ERROR_EXISTS)
        return reason == ERROR_EXISTS || reason == ERROR_NOT_FOUND
                   ? look_whether_taken(account, record, head, reason)
                   : reason;
    if (error != ERROR_NONE ||
        (reason != ERROR_EXISTS &&
            !verdict_step_is_undone(account, record, head)))
        return reason;
    verdict_step_take_back(account, record, head);
    return reason;
}

/* Step 2 and what follows. */
static enum error speak(const struct account *account, struct path record,
    const struct record_head *head, const struct path *entry)
{
    struct path verdict = find_verdict_place(account, head->id);
    enum error error =
        file_link(account->spool->directory, record.text, verdict.text);
    if (error != ERROR_NONE)
        return error;
    enum error left = ERROR_NONE;
    /* Whoever had the name before us may have finished in between. */
    error = find_undone(account, head->id, head->word);
    if (error == ERROR_NONE)
        error = look_for_subject(account, head, entry);
    if (error == ERROR_NONE)
        error = verdict_step_carry_out(account, record, head, entry, &left);
    if (error != ERROR_NONE)
        return give_up(account, record, head, error);
    /* What could not be cleared now is the sweeper's, who goes by the name; and
     * whoever finished it for us may have made way for another's since. */
    if (left == ERROR_NONE &&
        verdict_step_is_link(account->spool, record, verdict))
        file_remove(account->spool->directory, verdict.text);
    return ERROR_NONE;
}

/* Another verdict was in the way: carried out, or being given at this moment,
 * or left by a crash. Finishes it, so that it stands or is out of the way. */
static enum error give_way(
    const struct account *account, const struct record_head *head)
{
    enum error error = verdict_finish_other(account, head->id);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return ERROR_BUSY;
    error = find_undone(account, head->id, head->word);
    return error == ERROR_NONE ? ERROR_BUSY : error;
}

/* Then it is of no account whether it took effect. */
static bool may_be_repeated(const struct task *task)
{
    return action_is_repeatable(task->name.action, task->draft.params);
}

enum error verdict_give(const struct account *account, const struct task *task,
    const struct path *entry, const struct verdict *verdict)
{
    struct buffer text = BUFFER_EMPTY;
    struct path record;
    int64_t now = clock_now();
    struct verdict said = *verdict;
    said.unknown = verdict->unknown && !may_be_repeated(task);
    struct record_head head = make_head(task, &said, now);
    enum error error;
    record_write(&text, task, &said, now);
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
