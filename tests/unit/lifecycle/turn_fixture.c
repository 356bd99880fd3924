/* SPDX-License-Identifier: MIT */
#include "turn_fixture.h"

#include "cancel.h"
#include "claim.h"
#include "delivery.h"
#include "file.h"
#include "find.h"
#include "lease.h"
#include "queue_index.h"
#include "retry.h"
#include "step_fixture.h"
#include "verdict.h"

enum error turn_other_error;
static enum cancel_outcome outcome;

/* --- Turns ---------------------------------------------------------------- */

static enum error poll(const struct fixture *fixture, const char *receive_id)
{
    struct claim claim;
    struct config config = fixture_config();
    enum error error = claim_next(UNDER(fixture, &config), receive_id, &claim);
    if (error == ERROR_NONE)
        task_free(&claim.task);
    return error;
}

enum error turn_claim(const struct fixture *fixture)
{
    return poll(fixture, "receive1");
}

void turn_other_claim(const struct fixture *fixture)
{
    turn_other_error = poll(fixture, "receive2");
}

static enum error deliver(const struct fixture *fixture,
    const struct verdict *verdict, const char *lease)
{
    struct result_body body = {.verdict = *verdict, .lease = BUFFER_EMPTY};
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    buffer_append_text(&body.lease, lease);
    enum error error = delivery_carry_out(&delivery);
    buffer_free(&body.lease);
    return error;
}

static const struct verdict failure = {.error = "No Vinted tab",
    .error_length = sizeof "No Vinted tab" - 1,
    .execution_time_ms = -1};

enum error turn_succeed(const struct fixture *fixture)
{
    return deliver(fixture, &said_success, "receive1");
}

void turn_other_succeed(const struct fixture *fixture)
{
    turn_other_error = turn_succeed(fixture);
}

enum error turn_put_off(const struct fixture *fixture)
{
    return deliver(fixture, &failure, "receive1");
}

void turn_other_put_off(const struct fixture *fixture)
{
    turn_other_error = turn_put_off(fixture);
}

enum error turn_cancel(const struct fixture *fixture)
{
    return cancel_task(&fixture->account, "t", &outcome);
}

void turn_other_cancel(const struct fixture *fixture)
{
    turn_other_error = turn_cancel(fixture);
}

enum error turn_retry(const struct fixture *fixture)
{
    return retry_task(&fixture->account, "t", true);
}

void turn_other_retry(const struct fixture *fixture)
{
    turn_other_error = turn_retry(fixture);
}

void turn_other_claim_and_cancel(const struct fixture *fixture)
{
    turn_other_claim(fixture);
    turn_other_cancel(fixture);
}

enum error turn_settle(const struct fixture *fixture)
{
    struct lease_report report = {0};
    return lease_settle(&fixture->account, 10, &report);
}

void turn_other_settle(const struct fixture *fixture)
{
    turn_other_error = turn_settle(fixture);
}

enum error turn_clear(const struct fixture *fixture)
{
    struct lease_report report = {0};
    return lease_clear(&fixture->account, &report);
}

enum error turn_renew(const struct fixture *fixture)
{
    struct task_place place;
    enum error error = find_executing(&fixture->account, "t", &place);
    return error == ERROR_NONE ? lease_renew(&fixture->account, &place, 60)
                               : error;
}

/* As the sweeper does with what a program that died has left. */
void turn_other_finish(const struct fixture *fixture)
{
    verdict_finish_other(&fixture->account, "t");
}

void turn_other_finish_and_retry(const struct fixture *fixture)
{
    turn_other_finish(fixture);
    turn_other_retry(fixture);
}

void turn_other_finish_and_cancel(const struct fixture *fixture)
{
    turn_other_finish(fixture);
    turn_other_cancel(fixture);
}

/* As a program that knows nothing of others' steps. */
void turn_other_give_back(const struct fixture *fixture)
{
    account_make_folder(&fixture->account, SPOOL_PENDING);
    queue_index_rename(&fixture->account,
        (struct path){EXECUTING(FUTURE, "receive1", "get_stats", "t")},
        (struct path){PENDING("get_stats", "t")}, QUEUED("get_stats", "t"));
}

/* A person removes the entry. */
void turn_other_remove(const struct fixture *fixture)
{
    file_remove(fixture->spool.directory,
        EXECUTING(FUTURE, "receive1", "get_stats", "t"));
}

/* --- Beginnings ----------------------------------------------------------- */

void turn_lay_waiting(const struct fixture *fixture)
{
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
}

void turn_lay_back(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/998-" CREATED "-get_stats-t.r1.json",
        DROP("get_stats"));
    fixture_put(fixture, "progress/42/998-" CREATED "-get_stats-t.r1.leases",
        "receive1\n");
}

void turn_lay_running(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(FUTURE, "receive1", "get_stats", "t"),
        DROP("get_stats"));
}

void turn_lay_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "receive1", "get_stats", "t"),
        DROP("get_stats"));
}

void turn_lay_once_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "receive1", "upload_photo", "t"),
        DROP("upload_photo"));
}

void turn_lay_declared(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), STEP_DECLARED);
}

void turn_lay_completed(const struct fixture *fixture)
{
    fixture_put(fixture, COMPLETED("t"), STEP_RECORD("completed", ""));
}

void turn_each(void *const *state, const struct turn_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        step_each_turn(*state, &pairs[i].step, pairs[i].other, pairs[i].ends);
}
