/* SPDX-License-Identifier: MIT */
/* GET /api/tasks/{id}: all that is known of a task. DELETE, or POST with
 * /cancel behind it, cancels it; POST with /retry queues it again, and with
 * /settle says what became of it where nobody knows. */
#include "pages.h"

#include "account.h"
#include "action.h"
#include "body.h"
#include "buffer.h"
#include "cancel.h"
#include "error.h"
#include "file.h"
#include "file_fault.h"
#include "find.h"
#include "item_id.h"
#include "json.h"
#include "json_write.h"
#include "locate.h"
#include "problem.h"
#include "record.h"
#include "reply.h"
#include "retry.h"
#include "route.h"
#include "settle_word.h"
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
    error = find_undone(&program->account, program->id, WORD_DECLARED);
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

static void refuse_settle(struct program *program, enum error error)
{
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
        problem_set(reply, PROBLEM_OUTCOME_KNOWN,
            "What became of task %s is known already.", program->id);
        break;
    default:
        file_fault_set_task(program, error, "Settling the task");
        break;
    }
}

/* What the seller has seen on Vinted. */
struct sighting {
    bool found;
    uint64_t item; /* 0: not given */
};

static bool read_sighting(struct program *program, struct json_value object,
    struct sighting *sighting)
{
    struct json_value found = json_member(object, "found");
    struct json_value item = json_member(object, "item_id");
    sighting->item = 0;
    if (json_boolean(found, &sighting->found) != ERROR_NONE)
        return problem_refuse(&program->reply, "found",
            json_is_given(found) ? "must be true or false" : "is missing");
    if (json_is_given(item) &&
        item_id_read(item, &sighting->item) != ERROR_NONE)
        return problem_refuse(
            &program->reply, "item_id", "must be a positive whole number");
    return true;
}

/* Without its number the catalogue could not gain what was listed. */
static bool needs_item(struct program *program, struct sighting sighting)
{
    struct task_place place;
    struct record_head head;
    if (!sighting.found || sighting.item != 0 ||
        find_done(&program->account, program->id, &place) != ERROR_NONE ||
        record_load_head(&program->spool, place.path, &head) != ERROR_NONE ||
        !head.unknown || !action_can_be_found(head.action))
        return false;
    problem_refuse(&program->reply, "item_id", "is missing");
    return true;
}

static void settle(struct program *program, struct sighting sighting)
{
    if (needs_item(program, sighting))
        return;
    enum error error = settle_by_word(&program->account, program->id,
        sighting.found, sighting.found ? sighting.item : 0);
    if (error != ERROR_NONE) {
        refuse_settle(program, error);
        return;
    }
    program->ingest_due = sighting.found;
    write_state(program, sighting.found ? "completed" : "failed", false);
}

static bool is_for(const struct program *program, const char *what)
{
    return strstr(program->route->pattern, what) != NULL;
}

/* Of whom it is: the body may say so, as the query may. */
static bool find_owner_by(struct program *program, struct json_value object)
{
    bool named = json_is_given(json_member(object, "user_id"));
    return (named ? program_body_user(program, object)
                  : program_owner(program)) != 0;
}

/* POST …/cancel, …/retry and …/settle. */
static void answer_post(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct sighting sighting = {false, 0};
    bool force = false;
    if (!body_read_object(
            program, !is_for(program, "/settle"), &text, &document))
        return;
    struct json_value object = json_root(&document);
    bool fits = true;
    if (is_for(program, "/retry"))
        fits = read_force(program, object, &force);
    else if (is_for(program, "/settle"))
        fits = read_sighting(program, object, &sighting);
    bool found = fits && find_owner_by(program, object);
    if (found && is_for(program, "/retry"))
        retry(program, force);
    else if (found && is_for(program, "/settle"))
        settle(program, sighting);
    else if (found)
        cancel(program);
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
