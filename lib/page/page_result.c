/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/tasks/{id}/result: what became of a task. */
#include "pages.h"

#include "account.h"
#include "block.h"
#include "body.h"
#include "budget.h"
#include "buffer.h"
#include "delivery.h"
#include "error.h"
#include "file_fault.h"
#include "find.h"
#include "item_id.h"
#include "json.h"
#include "json_write.h"
#include "problem.h"
#include "record.h"
#include "reply.h"
#include "result_read.h"
#include "seller.h"
#include "seller_other.h"
#include "share_allow.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LARGE = 256 << 10 /* bytes of a result, from which on it may be too much */
};

static void write_received(struct reply *reply)
{
    buffer_append_byte(&reply->body, '{');
    json_member_text(&reply->body, "status", "received");
    json_member_text(&reply->body, "message", "Task result saved successfully");
    buffer_append_text(&reply->body, "}\n");
}

static void refuse_contradiction(
    struct program *program, const struct task_place *place)
{
    const char *state = task_state_text(place->state);
    account_log(&program->account, "conflict",
        "a second result for task %s contradicts the one recorded (%s)",
        program->id, state);
    problem_set(&program->reply, PROBLEM_RESULT_CONFLICT,
        "Task %s is recorded as %s already, with another result; the first "
        "one stands.",
        program->id, state);
}

static void refuse_lease(struct program *program)
{
    problem_set(&program->reply, PROBLEM_LEASE_LOST,
        "The lease is not that of task %s (any more).", program->id);
}

/* ERROR_NONE: the record says the same. ERROR_EXISTS: it says something else.
 * ERROR_CONFLICT: it is of another lease. ERROR_SYNTAX: somebody has spoilt it,
 * and what it said nobody can know. */
static enum error read_and_compare(
    const struct program *program, const struct delivery *delivery)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    const struct result_body *body = delivery->body;
    enum error error =
        record_open(&program->spool, delivery->place.path, &text, &document);
    if (error != ERROR_NONE)
        return error;
    struct json_value record = json_root(&document);
    if (!record_fits_lease(record, buffer_text(&body->lease)))
        error = ERROR_CONFLICT;
    else
        error = record_compare(record, &body->verdict);
    json_free(&document);
    buffer_free(&text);
    return error;
}

/* The first result stands. The same once more gets the same answer, but not
 * before it is certain that the first is safe: the program that took it may
 * have died before its fsync. */
static void compare(struct program *program, const struct delivery *delivery)
{
    enum error error = read_and_compare(program, delivery);
    if (error == ERROR_NONE)
        error = account_sync_folder(delivery->account, SPOOL_DONE);
    if (error == ERROR_NONE)
        write_received(&program->reply);
    else if (error == ERROR_EXISTS)
        refuse_contradiction(program, &delivery->place);
    else if (error == ERROR_CONFLICT)
        refuse_lease(program);
    else
        file_fault_set(
            program, error, delivery->place.path, "Reading the record");
}

static void answer_error(
    struct program *program, const struct delivery *delivery, enum error error)
{
    if (error == ERROR_EXISTS)
        compare(program, delivery);
    else if (error == ERROR_NOT_FOUND)
        program_unknown_task(program);
    else if (error == ERROR_CONFLICT)
        refuse_lease(program);
    else
        file_fault_set_task(program, error, "Saving the result");
}

/* A failure that shows that nothing was sent tells as much as a number. */
static int64_t count_requests(const struct delivery *delivery)
{
    const struct verdict *verdict = &delivery->body->verdict;
    bool is_unsent = verdict->requests < 0 && !verdict->completed &&
                     config_failure(delivery->account->config, verdict->error,
                         verdict->error_length) == FAILURE_UNSENT;
    return is_unsent ? 0 : verdict->requests;
}

static void settle_budget(const struct delivery *delivery)
{
    const struct task_place *place = &delivery->place;
    const char *lease = buffer_text(&delivery->body->lease);
    if (lease[0] == '\0' && place->state == TASK_EXECUTING)
        lease = place->lease.lease;
    if (budget_is_set(delivery->account))
        budget_settle(delivery->account, lease, count_requests(delivery));
}

/* Who was signed in: the plugin tells with each result, and by the failure of a
 * task that it did not carry out for that reason. */
static uint64_t find_account(struct json_value object, struct json_value *login)
{
    uint64_t number = 0;
    struct json_value account = json_member(object, "account");
    struct json_value data = json_member(object, "data");
    *login = json_member(account, "login");
    if (item_id_read(json_member(account, "id"), &number) != ERROR_NONE &&
        json_string_equals(json_member(data, "code"), "wrong_account"))
        item_id_read(json_member(data, "found"), &number);
    return number;
}

/* Before the next task is handed out, which another account must not get. */
static void heed_account(struct program *program, struct json_value object)
{
    struct json_value login;
    uint64_t own;
    uint64_t found = find_account(object, &login);
    if (found == 0 || seller_look_up(&program->account, &own) != ERROR_NONE ||
        own == 0)
        return;
    if (found == own)
        seller_other_forget(&program->account);
    else
        seller_other_heed(&program->account, program->id, found, login, own);
}

static void receive(struct program *program, const struct result_body *body,
    struct json_value object)
{
    struct delivery delivery = {
        .account = &program->account, .id = program->id, .body = body};
    enum block block = block_judge(object);
    enum error error = delivery_carry_out(&delivery);
    if (error != ERROR_NONE)
        answer_error(program, &delivery, error);
    else
        write_received(&program->reply);
    if (delivery.ingest)
        program->ingest_due = true;
    if (error == ERROR_NONE && delivery.is_news)
        settle_budget(&delivery);
    /* A captcha counts each time it is told: the program that took the result
     * first may have died before it had paused the queue. */
    bool is_news = error == ERROR_NONE && delivery.is_news;
    if (program->reply.status == 200 && (is_news || block == BLOCK_CAPTCHA))
        block_heed(&program->account, program->id, block);
    if (program->reply.status == 200)
        heed_account(program, object);
}

/* A small result is always taken, lest work that was done be lost: there are
 * only as many as tasks. One that stands already takes no more than it does. */
static bool has_room(struct program *program, size_t length)
{
    struct task_place place;
    return length <= LARGE ||
           find_done(&program->account, program->id, &place) == ERROR_NONE ||
           share_allow(program);
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct result_body body;
    if (!body_read_object(program, false, &text, &document))
        return;
    if (result_read(program, json_root(&document), &body)) {
        if (program_owner(program) != 0 && has_room(program, text.length))
            receive(program, &body, json_root(&document));
    }
    result_free(&body);
    json_free(&document);
    buffer_free(&text);
}

/* Goes on with the defaults where etc/stoflow.ini is wrong: plugins turn a
 * 5xx for a success into a failure. */
const struct page page_result = {"result", answer, true};
