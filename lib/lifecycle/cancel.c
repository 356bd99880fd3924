/* SPDX-License-Identifier: MIT */
#include "cancel.h"

#include "buffer.h"
#include "cancel_mark.h"
#include "clock.h"
#include "find.h"
#include "json.h"
#include "lease.h"
#include "locate.h"
#include "record.h"
#include "task.h"
#include "verdict.h"
#include "withdraw.h"

enum {
    LOOKS_MAX = 10 /* each in vain needs a step of another program between */
};

struct cancel {
    const struct account *account;
    const char *id;
    bool marked; /* by us */
    enum cancel_outcome outcome;
};

/* A file that is no task stays, for the poll that meets it to reject: nobody
 * has been told yet what is wrong with it. Where our mark is gone the try that
 * was marked has come to its end, and somebody has queued the task again: that
 * try is not the one whose end was asked for. */
static enum error end_pending(
    struct cancel *cancel, const struct task_place *place)
{
    struct name name = name_format_queued(&place->lease.task);
    if (cancel->marked &&
        cancel_mark_look(cancel->account, cancel->id) == ERROR_NOT_FOUND) {
        cancel->outcome = CANCEL_ASKED;
        return ERROR_NONE;
    }
    enum error error =
        withdraw_pending(cancel->account, name.text, WITHDRAW_CANCELLED);
    /* To look again might be to meet the next try. */
    if (error == ERROR_NONE)
        cancel->outcome = CANCEL_DONE;
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

/* Overdue, or being withdrawn by a program that may have died. */
static enum error settle(
    const struct cancel *cancel, const struct task_place *place)
{
    struct lease_report report = {0};
    struct name name = name_format_executing(&place->lease);
    enum error error = lease_settle_one(cancel->account, name.text, &report);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ||
                   error == ERROR_EXISTS
               ? ERROR_BUSY
               : error;
}

/* Marked, and still there: whoever takes it back from now on sees the mark. Who
 * found its deadline passed before that, by a clock that was set back since or
 * is another host's, may have left a .verdict that tells of no cancel. Where
 * that is no record, the task's own file is not at fault. */
static enum error heed_verdict(struct cancel *cancel)
{
    enum error error = verdict_finish_other(cancel->account, cancel->id);
    if (error == ERROR_NONE || task_is_spoilt(error))
        return ERROR_BUSY;
    if (error != ERROR_NOT_FOUND)
        return error;
    cancel->outcome = CANCEL_ASKED;
    return ERROR_NONE;
}

static enum error ask_for_end(
    struct cancel *cancel, const struct task_place *place)
{
    if (place->lease.deadline < clock_now() ||
        lease_is_withdrawal(place->lease.lease))
        return settle(cancel, place);
    if (cancel->marked)
        return heed_verdict(cancel);
    enum error error = cancel_mark_make(cancel->account, cancel->id);
    cancel->marked = error == ERROR_NONE;
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

/* Who gave the verdict may have died before it was safe. */
static enum error tell_finished(
    struct cancel *cancel, const struct task_place *place)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error =
        record_open(cancel->account->spool, place->path, &text, &document);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
    struct json_value declared = json_member(json_root(&document), "declared");
    cancel->outcome = json_string_equals(declared, "cancelled")
                          ? CANCEL_DONE
                          : CANCEL_TOO_LATE;
    json_free(&document);
    buffer_free(&text);
    return account_sync_folder(cancel->account, SPOOL_DONE);
}

/* ERROR_BUSY: look again. */
static enum error cancel_once(struct cancel *cancel)
{
    struct task_place place;
    enum error error = locate_task(cancel->account, cancel->id, &place);
    if (error != ERROR_NONE)
        return error;
    switch (place.state) {
    case TASK_PENDING:
        return end_pending(cancel, &place);
    case TASK_EXECUTING:
        return ask_for_end(cancel, &place);
    default:
        return tell_finished(cancel, &place);
    }
}

enum error cancel_task(
    const struct account *account, const char *id, enum cancel_outcome *outcome)
{
    struct cancel cancel = {.account = account, .id = id};
    enum error error = ERROR_BUSY;
    for (int i = 0; i < LOOKS_MAX && error == ERROR_BUSY; i++)
        error = cancel_once(&cancel);
    /* A verdict may have come, and looked for the mark, before we made it. */
    if (cancel.marked &&
        (error == ERROR_NOT_FOUND ||
            (error == ERROR_NONE && cancel.outcome != CANCEL_ASKED)))
        cancel_mark_remove(account, id);
    *outcome = cancel.outcome;
    return error;
}
