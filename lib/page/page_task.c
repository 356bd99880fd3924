/* SPDX-License-Identifier: MIT */
/* GET /api/tasks/{id}: all that is known of a task. DELETE, or POST with
 * /cancel behind it, cancels it; POST with /retry queues it again. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "buffer.h"
#include "cancel.h"
#include "error.h"
#include "file.h"
#include "file_fault.h"
#include "find.h"
#include "json.h"
#include "json_write.h"
#include "locate.h"
#include "problem.h"
#include "record.h"
#include "reply.h"
#include "retry.h"
#include "route.h"
#include "spool.h"
#include "summary.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* A record goes out as it stands, but never as anything else than JSON and
 * Unicode, which somebody may have made of it; so without the byte order mark
 * that an editor may have put before it (RFC 8259 section 8.1). */
static enum error write_record(
    const struct spool *spool, const struct task_place *place, struct reply *to)
{
    struct json_document document;
    struct buffer *out = &to->body;
    enum error error = record_open(spool, place->path, out, &document);
    if (error != ERROR_NONE)
        return error;
    size_t mark = utf8_mark(buffer_text(out), out->length);
    if (document.mended != NULL)
        memcpy(out->data + mark, document.mended, document.length);
    memset(out->data, ' ', mark);
    json_free(&document);
    return ERROR_NONE;
}

/* A poll that takes a pending name whose task is done gives it up again: until
 * then it seems to be executing, under a lease that nobody has. So that is told
 * only of one that is not done after it was seen. */
static enum error write_live(
    struct program *program, const struct task_place *place)
{
    struct buffer *out = &program->reply.body;
    enum error error = summary_write_live(out, &program->account, place, true);
    buffer_append_byte(out, '\n');
    if (error != ERROR_NONE || place->state != TASK_EXECUTING)
        return error;
    error = find_undone(&program->account, program->id, false);
    return error == ERROR_EXISTS ? ERROR_BUSY : error;
}

static enum error show_once(struct program *program)
{
    struct task_place place;
    struct reply *reply = &program->reply;
    enum error error = locate_task(&program->account, program->id, &place);
    if (error != ERROR_NONE)
        return error;
    if (place.state == TASK_COMPLETED || place.state == TASK_FAILED)
        error = write_record(&program->spool, &place, reply);
    else
        error = write_live(program, &place);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

static void show(struct program *program)
{
    enum error error = ERROR_BUSY;
    /* It may move between the look and the reading. */
    for (int look = 0; look < 5 && error == ERROR_BUSY; look++) {
        buffer_clear(&program->reply.body);
        error = show_once(program);
    }
    if (error == ERROR_NOT_FOUND)
        program_unknown_task(program);
    else if (error != ERROR_NONE)
        file_fault_set_task(program, error, "Reading the task");
}

static void write_state(struct program *program, const char *status, bool asked)
{
    struct buffer *out = &program->reply.body;
    buffer_append_byte(out, '{');
    json_member_text(out, "task_id", program->id);
    json_member_text(out, "status", status);
    if (asked)
        json_member_boolean(out, "cancel_requested", true);
    buffer_append_text(out, "}\n");
}

static void cancel(struct program *program)
{
    enum cancel_outcome outcome;
    enum error error = cancel_task(&program->account, program->id, &outcome);
    if (error == ERROR_NOT_FOUND) {
        program_unknown_task(program);
    } else if (error != ERROR_NONE) {
        file_fault_set_task(program, error, "Cancelling the task");
    } else if (outcome == CANCEL_TOO_LATE) {
        problem_set(&program->reply, PROBLEM_TASK_FINISHED,
            "Task %s has finished already.", program->id);
    } else if (outcome == CANCEL_ASKED) {
        program->reply.status = 202;
        write_state(program, "executing", true);
    } else {
        write_state(program, "cancelled", false);
    }
}

static bool has_succeeded(const struct program *program)
{
    struct task_place place;
    return find_done(&program->account, program->id, &place) == ERROR_NONE &&
           place.state == TASK_COMPLETED;
}

static void refuse_retry(struct program *program, enum error error)
{
    static const char queueing[] = "Queueing the task again";
    struct path left;
    struct reply *reply = &program->reply;
    switch (error) {
    case ERROR_NOT_FOUND:
        program_unknown_task(program);
        break;
    case ERROR_EXISTS:
        problem_set(reply, PROBLEM_UNFINISHED,
            "Task %s is still pending or executing.", program->id);
        break;
    case ERROR_CONFLICT:
        problem_set(reply, PROBLEM_NOT_REPEATABLE,
            "Task %s %s been carried out, and doing it twice would not be "
            "harmless. Look at Vinted; then send {\"force\":true}.",
            program->id, has_succeeded(program) ? "has" : "may have");
        break;
    default:
        if (retry_find_left(&program->account, program->id, &left))
            file_fault_set(program, error, left, queueing);
        else
            file_fault_set_task(program, error, queueing);
        break;
    }
}

static void retry(struct program *program, bool force)
{
    enum error error = retry_task(&program->account, program->id, force);
    if (error == ERROR_NONE)
        write_state(program, "pending", false);
    else
        refuse_retry(program, error);
}

static bool read_force(
    struct program *program, struct json_value object, bool *force)
{
    struct json_value value = json_member(object, "force");
    *force = false;
    return !json_is_given(value) || json_boolean(value, force) == ERROR_NONE ||
           problem_refuse(&program->reply, "force", "must be true or false");
}

/* POST …/cancel and …/retry. */
static void answer_post(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    bool force;
    bool is_retry = strstr(program->route->pattern, "/retry") != NULL;
    if (!body_read_object(program, true, &text, &document))
        return;
    if (!is_retry || read_force(program, json_root(&document), &force)) {
        bool found = program_owner(program) != 0;
        if (found && is_retry)
            retry(program, force);
        else if (found)
            cancel(program);
    }
    json_free(&document);
    buffer_free(&text);
}

static void answer(struct program *program)
{
    if (program->route->method == METHOD_POST) {
        answer_post(program);
        return;
    }
    if (program_owner(program) == 0)
        return;
    if (program->route->method == METHOD_GET)
        show(program);
    else
        cancel(program);
}

const struct page page_task = {"task", answer, false};
