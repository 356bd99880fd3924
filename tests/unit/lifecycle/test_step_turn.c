/* SPDX-License-Identifier: MIT */
/* Two programs at one task: one takes its whole turn before each call of the
 * other. What either has acknowledged stands. */
#include "cancel.h"
#include "claim.h"
#include "delivery.h"
#include "lease.h"
#include "retry.h"
#include "step_fixture.h"

#define RECORD(status, more)                                                   \
    "{\"user_id\":42,\"task_id\":\"t\",\"action\":\"get_stats\","              \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:00:00.000000Z\","                        \
    "\"status\":\"" status "\"," more "\"result\":null}"
#define DECLARED                                                               \
    RECORD("failed", "\"declared\":\"timeout\",\"leases\":[\"receive1\"],")

/* What each of the two was told; ERROR_BUSY: it had no turn. */
static enum error other_error;
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

static enum error claim(const struct fixture *fixture)
{
    return poll(fixture, "receive1");
}

static void other_claim(const struct fixture *fixture)
{
    other_error = poll(fixture, "receive2");
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

static const struct verdict success = {.completed = true,
    .result = "{}",
    .result_length = 2,
    .execution_time_ms = -1};
static const struct verdict failure = {.error = "No Vinted tab",
    .error_length = sizeof "No Vinted tab" - 1,
    .execution_time_ms = -1};

static enum error succeed(const struct fixture *fixture)
{
    return deliver(fixture, &success, "receive1");
}

static void other_succeed(const struct fixture *fixture)
{
    other_error = succeed(fixture);
}

static enum error put_off(const struct fixture *fixture)
{
    return deliver(fixture, &failure, "receive1");
}

static void other_put_off(const struct fixture *fixture)
{
    other_error = put_off(fixture);
}

static enum error cancel(const struct fixture *fixture)
{
    return cancel_task(&fixture->account, "t", &outcome);
}

static void other_cancel(const struct fixture *fixture)
{
    other_error = cancel(fixture);
}

static enum error retry(const struct fixture *fixture)
{
    return retry_task(&fixture->account, "t", true);
}

static void other_retry(const struct fixture *fixture)
{
    other_error = retry(fixture);
}

static enum error settle(const struct fixture *fixture)
{
    struct lease_report report = {0};
    return lease_settle(&fixture->account, 10, &report);
}

static void other_settle(const struct fixture *fixture)
{
    other_error = settle(fixture);
}

/* --- Beginnings ----------------------------------------------------------- */

static void lay_waiting(const struct fixture *fixture)
{
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
}

static void lay_back(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/998-" CREATED "-get_stats-t.r1.json",
        DROP("get_stats"));
    fixture_put(fixture, "progress/42/998-" CREATED "-get_stats-t.r1.leases",
        "receive1\n");
}

static void lay_running(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(FUTURE, "receive1", "get_stats", "t"),
        DROP("get_stats"));
}

static void lay_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "receive1", "get_stats", "t"),
        DROP("get_stats"));
}

static void lay_once_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "receive1", "create_product", "t"),
        DROP("create_product"));
}

static void lay_declared(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), DECLARED);
}

static void lay_completed(const struct fixture *fixture)
{
    fixture_put(fixture, COMPLETED("t"), RECORD("completed", ""));
}

/* --- Ends ----------------------------------------------------------------- */

#define TAKEN "executing/42/*-receive[12]-*-t*.json\n"
#define MARKED TAKEN "progress/42/t.cancel\n"
#define QUEUED_AGAIN "pending/42/*-t*.json\n"
#define DONE COMPLETED("t") "\n*"
#define ENDED FAILED("t") "\n"

struct pair {
    struct step step;
    step_function *other;
    const char *ends[5];
};

static void each_turn(
    void *const *state, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        step_each_turn(*state, &pairs[i].step, pairs[i].other, pairs[i].ends);
}

/* A task is handed out to one of two. */
static void check_claims(const struct fixture *fixture, enum error error)
{
    bool ours = fixture_has_tree(fixture, "executing/42/*-receive1-*.json\n");
    assert_int_equal(error, ours ? ERROR_NONE : ERROR_NOT_FOUND);
    assert_int_equal(other_error, ours ? ERROR_NOT_FOUND : ERROR_NONE);
}

static void test_claim(void **state)
{
    static const struct pair pairs[] = {
        {{.name = "two claims",
             .prepare = lay_waiting,
             .work = claim,
             .check = check_claims},
            other_claim, {TAKEN}},
        {{.name = "a claim and a cancel",
             .prepare = lay_waiting,
             .work = claim},
            other_cancel, {MARKED, ENDED}},
        {{.name = "a claim and a late success",
             .prepare = lay_back,
             .work = claim},
            other_succeed, {DONE}},
        {{.name = "a repeated claim and its success",
             .prepare = lay_running,
             .work = claim},
            other_succeed, {DONE}},
        {{.name = "a repeated claim and a failure",
             .prepare = lay_running,
             .work = claim},
            other_put_off, {QUEUED_AGAIN}},
        {{.name = "a repeated claim of what is overdue, and a deadline",
             .prepare = lay_overdue,
             .work = claim},
            other_settle, {TAKEN, QUEUED_AGAIN}},
    };
    each_turn(state, pairs, COUNT_OF(pairs));
}

/* What was acknowledged stands. */
static void check_success(const struct fixture *fixture, enum error error)
{
    if (error == ERROR_NONE || error == ERROR_EXISTS)
        assert_true(fixture_has_tree(fixture, DONE));
}

static void test_success(void **state)
{
    static const struct pair pairs[] = {
        {{.name = "a success and its deadline",
             .prepare = lay_overdue,
             .work = succeed,
             .check = check_success},
            other_settle, {DONE}},
        {{.name = "a success and a deadline that is its end",
             .prepare = lay_once_overdue,
             .work = succeed,
             .check = check_success},
            other_settle, {DONE}},
        {{.name = "a success and a cancel",
             .prepare = lay_running,
             .work = succeed,
             .check = check_success},
            other_cancel, {DONE}},
        {{.name = "a late success and a cancel",
             .prepare = lay_back,
             .work = succeed,
             .check = check_success},
            other_cancel, {DONE}},
        {{.name = "a late success and a claim",
             .prepare = lay_back,
             .work = succeed,
             .check = check_success},
            other_claim, {DONE, TAKEN}},
        {{.name = "two successes",
             .prepare = lay_running,
             .work = succeed,
             .check = check_success},
            other_succeed, {DONE}},
        {{.name = "a success over a declared failure, and a retry",
             .prepare = lay_declared,
             .work = succeed},
            other_retry, {DONE, QUEUED_AGAIN}},
        {{.name = "a success and a failure",
             .prepare = lay_running,
             .work = succeed},
            other_put_off, {DONE}},
    };
    each_turn(state, pairs, COUNT_OF(pairs));
}

static void test_put_off(void **state)
{
    static const struct pair pairs[] = {
        {{.name = "a failure and its deadline",
             .prepare = lay_overdue,
             .work = put_off},
            other_settle, {QUEUED_AGAIN}},
        {{.name = "a failure and a success",
             .prepare = lay_running,
             .work = put_off},
            other_succeed, {DONE}},
        {{.name = "a failure and a cancel",
             .prepare = lay_running,
             .work = put_off},
            other_cancel, {ENDED}},
        {{.name = "two failures", .prepare = lay_running, .work = put_off},
            other_put_off, {QUEUED_AGAIN}},
        {{.name = "a failure and a claim",
             .prepare = lay_back,
             .work = put_off},
            other_claim, {TAKEN, QUEUED_AGAIN}},
    };
    each_turn(state, pairs, COUNT_OF(pairs));
}

static void test_deadline(void **state)
{
    static const struct pair pairs[] = {
        {{.name = "a deadline and a success",
             .prepare = lay_overdue,
             .work = settle},
            other_succeed, {DONE}},
        {{.name = "a deadline that is the end, and a success",
             .prepare = lay_once_overdue,
             .work = settle},
            other_succeed, {DONE}},
        {{.name = "a deadline and a failure",
             .prepare = lay_overdue,
             .work = settle},
            other_put_off, {QUEUED_AGAIN}},
        {{.name = "a deadline and a cancel",
             .prepare = lay_overdue,
             .work = settle},
            other_cancel, {ENDED}},
        {{.name = "two at one deadline",
             .prepare = lay_overdue,
             .work = settle},
            other_settle, {QUEUED_AGAIN}},
        {{.name = "two at a deadline that is the end",
             .prepare = lay_once_overdue,
             .work = settle},
            other_settle, {ENDED}},
    };
    each_turn(state, pairs, COUNT_OF(pairs));
}

static void test_cancel(void **state)
{
    static const struct pair pairs[] = {
        {{.name = "a cancel and a claim",
             .prepare = lay_waiting,
             .work = cancel},
            other_claim, {MARKED, ENDED}},
        {{.name = "a cancel and a success",
             .prepare = lay_running,
             .work = cancel},
            other_succeed, {DONE}},
        {{.name = "a cancel and a failure",
             .prepare = lay_running,
             .work = cancel},
            other_put_off, {ENDED}},
        {{.name = "a cancel and a deadline",
             .prepare = lay_overdue,
             .work = cancel},
            other_settle, {ENDED}},
        {{.name = "a cancel of what is done, and a retry",
             .prepare = lay_completed,
             .work = cancel},
            other_retry, {QUEUED_AGAIN, ENDED}},
        {{.name = "two cancels", .prepare = lay_waiting, .work = cancel},
            other_cancel, {ENDED}},
    };
    each_turn(state, pairs, COUNT_OF(pairs));
}

static void test_retry(void **state)
{
    static const struct pair pairs[] = {
        {{.name = "a retry and a success",
             .prepare = lay_declared,
             .work = retry},
            other_succeed, {DONE, QUEUED_AGAIN}},
        {{.name = "two retries", .prepare = lay_completed, .work = retry},
            other_retry, {QUEUED_AGAIN}},
        {{.name = "a retry and a claim",
             .prepare = lay_completed,
             .work = retry},
            other_claim, {TAKEN, QUEUED_AGAIN}},
        {{.name = "a retry and a cancel",
             .prepare = lay_completed,
             .work = retry},
            other_cancel, {QUEUED_AGAIN, ENDED}},
    };
    each_turn(state, pairs, COUNT_OF(pairs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_claim),
        IN_SPOOL(test_success),
        IN_SPOOL(test_put_off),
        IN_SPOOL(test_deadline),
        IN_SPOOL(test_cancel),
        IN_SPOOL(test_retry),
    };
    return cmocka_run_group_tests_name("step_turn", tests, NULL, NULL);
}
