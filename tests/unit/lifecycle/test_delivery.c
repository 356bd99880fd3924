/* SPDX-License-Identifier: MIT */
/* A result and whose word it is. */
#include "delivery.h"

#include "cancel.h"
#include "claim.h"
#include "fault.h"
#include "find.h"
#include "retry.h"
#include "step_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNNING EXECUTING(FUTURE, "receive1", "get_stats", "t")
#define BACK "pending/42/998-" CREATED "-get_stats-t.r1.json"
#define NOTE "progress/42/998-" CREATED "-get_stats-t.r1.leases"
#define RECORD(more)                                                           \
    "{\"user_id\":42,\"task_id\":\"t\",\"action\":\"get_stats\","              \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":\"failed\","    \
    "\"completed_at\":\"2024-12-07T10:00:00.000000Z\"," more                   \
    "\"declared\":\"timeout\",\"result\":null}"

static const struct verdict failure = {.error = "No Vinted tab",
    .error_length = sizeof "No Vinted tab" - 1,
    .execution_time_ms = -1};

static enum error deliver(const struct fixture *fixture,
    const struct verdict *verdict, const char *lease)
{
    struct result_body body = {.verdict = *verdict, .lease = BUFFER_EMPTY};
    struct config config = fixture_config();
    struct account account = {&fixture->spool, &config, 42};
    struct delivery delivery = {.account = &account, .id = "t", .body = &body};
    buffer_append_text(&body.lease, lease);
    enum error error = delivery_carry_out(&delivery);
    buffer_free(&body.lease);
    return error;
}

static void lay_back(const struct fixture *fixture)
{
    fixture_put(fixture, BACK, DROP("get_stats"));
    fixture_put(fixture, NOTE, "receive1\n");
}

/* --- Leases that were not given ------------------------------------------- */

static void test_no_lease(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    assert_int_equal(deliver(*state, &said_success, ""), ERROR_NONE);
    fixture_expect_member(*state, COMPLETED("t"), "leases", "[\"receive1\"]");
}

/* A withdrawal is nobody's hand-out. */
static void test_no_lease_of_withdrawal(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "expired", "get_stats", "t"),
        DROP("get_stats"));
    assert_int_equal(deliver(*state, &said_success, ""), ERROR_NONE);
    fixture_expect_member(*state, COMPLETED("t"), "leases", "null");
}

/* Any of those that the record bears, or nobody knows which. */
static void test_no_lease_of_record(void **state)
{
    fixture_put(*state, FAILED("t"), RECORD("\"leases\":[\"a\",\"b\"],"));
    assert_int_equal(deliver(*state, &said_success, ""), ERROR_NONE);
    fixture_expect_member(*state, COMPLETED("t"), "leases", "[\"a\",\"b\"]");
}

static void test_no_lease_anywhere(void **state)
{
    fixture_put(*state, FAILED("t"), RECORD(""));
    assert_int_equal(deliver(*state, &said_success, ""), ERROR_NONE);
    fixture_expect_member(*state, COMPLETED("t"), "leases", "null");
}

/* --- Leases of others ----------------------------------------------------- */

static void test_foreign_of_withdrawal(void **state)
{
    static const char entry[] =
        "executing/42/" FUTURE "-cancel-998-" CREATED "-get_stats-t.r1.json";
    fixture_put(*state, entry, DROP("get_stats"));
    fixture_put(*state, NOTE, "receive1\n");
    assert_int_equal(deliver(*state, &said_success, "foreign"), ERROR_CONFLICT);
    fixture_expect_tree(*state, "executing/*\n" NOTE "\n");
    assert_int_equal(deliver(*state, &said_success, "receive1"), ERROR_NONE);
    fixture_expect(*state, NOTE, NULL);
}

static void test_foreign_of_pending(void **state)
{
    fixture_put(*state, BACK, DROP("get_stats"));
    fixture_put(*state, NOTE, "receive1\n");
    assert_int_equal(deliver(*state, &said_success, "foreign"), ERROR_CONFLICT);
    fixture_expect_tree(*state, BACK "\n" NOTE "\n");
}

static void test_foreign_of_record(void **state)
{
    static const char record[] = RECORD("\"leases\":[\"a\",\"b\"],");
    fixture_put(*state, FAILED("t"), record);
    assert_int_equal(deliver(*state, &said_success, "foreign"), ERROR_CONFLICT);
    fixture_expect(*state, FAILED("t"), record);
}

/* Nor is it believed where it cannot be told where the task is. */
static void test_foreign_fault(void **state)
{
    fixture_put(*state, BACK, DROP("get_stats"));
    fixture_put(*state, NOTE, "receive1\n");
    for (int call = FAULT_OPEN; call < FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            fault_set((enum fault_call)call, which, EACCES);
            enum error error = deliver(*state, &said_success, "foreign");
            has_come = fault_clear();
            /* Of a note that cannot be read nobody knows. */
            bool reads = call == FAULT_OPEN || call == FAULT_READ ||
                         call == FAULT_STATUS;
            assert_true(error != ERROR_NONE || reads);
            fixture_put(*state, BACK, DROP("get_stats"));
            fixture_put(*state, NOTE, "receive1\n");
            unlinkat(((const struct fixture *)*state)->spool.directory,
                COMPLETED("t"), 0);
        }
    }
}

/* --- Put off -------------------------------------------------------------- */

static void test_put_off_twice(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(deliver(fixture, &failure, "receive1"), ERROR_NONE);
        fixture_expect_tree(fixture,
            "pending/42/998-*-get_stats-t.r1.json\nprogress/42/*.leases\n"
            "progress/42/t.failure\n");
        /* So that there is no folder to be made safe in the last round. */
        if (i == 1)
            assert_int_equal(unlinkat(fixture->spool.directory, "executing/42",
                                 AT_REMOVEDIR),
                0);
    }
}

/* Whether more folders are made safe than that it waits and is not executing.
 */
static bool secures_done(
    const struct fixture *fixture, const char *text, bool repeated)
{
    static const enum spool_directory folders[] = {
        SPOOL_PENDING, SPOOL_EXECUTING, SPOOL_DONE, SPOOL_PROGRESS};
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        assert_int_equal(
            account_make_folder(&fixture->account, folders[i]), ERROR_NONE);
    fixture_put(fixture, repeated ? BACK : RUNNING, text);
    if (repeated)
        fixture_put(fixture, NOTE, "receive1\n");
    fault_set(FAULT_SYNC, 4, EIO);
    enum error error = deliver(fixture, &failure, "receive1");
    bool secures = fault_clear();
    assert_int_equal(error != ERROR_NONE, secures);
    fixture_expect_tree(
        fixture, repeated ? "pending/42/998-*-t.r1.json\nprogress/42/*.leases\n"
                          : "pending/42/998-*-t.r1.json\nprogress/42/*.leases\n"
                            "progress/42/t.failure\n");
    return secures;
}

/* That of the record, too, which a retry that has not answered yet has moved.
 */
static void test_put_off_and_retried(void **state)
{
    for (int repeated = 0; repeated < 2; repeated++) {
        assert_false(secures_done(*state, DROP("get_stats"), repeated));
        fixture_renew(*state);
        assert_true(secures_done(*state, STEP_RECORD("failed", ""), repeated));
        fixture_renew(*state);
    }
}

/* From a folder that somebody has removed no record comes back. */
static void test_put_off_without_records(void **state)
{
    fixture_put(*state, RUNNING, STEP_RECORD("failed", ""));
    assert_int_equal(deliver(*state, &failure, "receive1"), ERROR_NONE);
    fixture_expect_tree(*state,
        "pending/42/998-*-t.r1.json\nprogress/42/*.leases\n"
        "progress/42/t.failure\n");
    assert_int_equal(fixture_count(*state, "done"), 0);
}

static enum error fail_under(
    const struct fixture *fixture, int most, const char *action)
{
    struct result_body body = {.verdict = failure, .lease = BUFFER_EMPTY};
    struct config config = fixture_config();
    config.retry.most = most;
    struct account account = {&fixture->spool, &config, 42};
    struct delivery delivery = {.account = &account, .id = "t", .body = &body};
    char path[200];
    snprintf(path, sizeof path,
        "executing/42/" FUTURE "-receive1-998-" CREATED "-%s-t.r2.json",
        action);
    fixture_put(fixture, path, "{}");
    return delivery_carry_out(&delivery);
}

/* Where there are no retries, or no more, it has failed. */
static void test_no_more_tries(void **state)
{
    for (int most = 0; most <= 2; most++) {
        const struct fixture *fixture = *state;
        assert_int_equal(fail_under(fixture, most, "get_stats"), ERROR_NONE);
        fixture_expect_tree(fixture, FAILED("t") "\n");
        unlinkat(fixture->spool.directory, FAILED("t"), 0);
    }
}

static enum error repeat_put_off(const struct fixture *fixture)
{
    return deliver(fixture, &failure, "receive1");
}

/* What waits already is made safe once more. */
static void test_repeated_fault(void **state)
{
    static const struct step step = {.name = "a failure that comes again",
        .prepare = lay_back,
        .work = repeat_put_off,
        .end = BACK "\n"};
    step_each_fault(*state, &step);
}

/* A word that nobody can carry out is in the way. */
static void test_blocked(void **state)
{
    static const char word[] = "tmp/42-t.verdict";
    fixture_put(*state, RUNNING, DROP("get_stats"));
    fixture_put(*state, word, "no record");
    assert_int_equal(deliver(*state, &said_success, "receive1"), ERROR_BUSY);
    fixture_expect_tree(*state, RUNNING "\ntmp/42-t.verdict\n");
    assert_int_not_equal(deliver(*state, &failure, "receive1"), ERROR_NONE);
    fixture_expect_tree(*state, RUNNING "\ntmp/42-t.verdict\n");
}

/* Not what the task asks for is lost, but that it can be asked for again. */
static void test_spoilt(void **state)
{
    fixture_put(*state, RUNNING, "no JSON");
    assert_int_equal(deliver(*state, &failure, "receive1"), ERROR_NONE);
    fixture_expect_member(*state, FAILED("t"), "error", "\"No Vinted tab\"");
}

/* Its end was asked for, and a failure is one. */
static void test_no_try_of_withdrawal(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "cancel", "get_stats", "t"),
        DROP("get_stats"));
    assert_int_equal(deliver(*state, &failure, ""), ERROR_NONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "error", "\"No Vinted tab\"");
}

static void test_unknown(void **state)
{
    assert_int_equal(deliver(*state, &said_success, ""), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, "");
}

/* --- Meetings ------------------------------------------------------------- */

static const char *given_lease;

static enum error deliver_given(const struct fixture *fixture)
{
    return deliver(fixture, &said_success, given_lease);
}

static void claim(const struct fixture *fixture)
{
    struct claim claim;
    struct config config = fixture_config();
    if (claim_next(UNDER(fixture, &config), given_lease, &claim) == ERROR_NONE)
        task_free(&claim.task);
}

/* Its word counts as soon as it was handed out under it. */
static void check_counts(const struct fixture *fixture, enum error error)
{
    bool done = fixture_has_tree(fixture, COMPLETED("t") "\n*");
    assert_int_equal(error, done ? ERROR_NONE : ERROR_CONFLICT);
}

static void test_claimed_meanwhile(void **state)
{
    static const struct step step = {.name = "a result, and a claim under it",
        .prepare = lay_back,
        .work = deliver_given,
        .check = check_counts};
    static const char *const ends[] = {
        COMPLETED("t") "\n*", "executing/42/*-receive9-*.json\n", NULL};
    given_lease = "receive9";
    step_each_turn(*state, &step, claim, ends);
}

struct canceller {
    const struct fixture *fixture;
    enum fault_call call; /* FAULT_CALLS: none fails */
    unsigned which;
    fault_work *third; /* who comes before that call; NULL: it fails */
    bool has_come;
    bool has_ended;
};

static enum error end(void *context)
{
    enum cancel_outcome outcome;
    struct canceller *canceller = context;
    enum error error = cancel_task(&canceller->fixture->account, "t", &outcome);
    canceller->has_come = true;
    canceller->has_ended = error == ERROR_NONE && outcome == CANCEL_DONE;
    if (canceller->third != NULL)
        fault_meet(FAULT_STATUS, canceller->which, canceller->third, context);
    else if (canceller->call != FAULT_CALLS)
        fault_set(canceller->call, canceller->which, EIO);
    return ERROR_NONE;
}

/* Whether the other came. */
static bool put_off_beside(
    void **state, struct canceller *canceller, unsigned which)
{
    fixture_renew(*state);
    canceller->fixture = *state;
    canceller->has_come = canceller->has_ended = false;
    fixture_put(*state, RUNNING, DROP("get_stats"));
    fault_meet(FAULT_STATUS, which, end, canceller);
    enum error error = deliver(*state, &failure, "receive1");
    fault_clear();
    print_message("# call %u, kind %d, %u: %d\n", which, (int)canceller->call,
        canceller->which, (int)error);
    if (canceller->call == FAULT_CALLS)
        assert_int_equal(error, ERROR_NONE);
    if (canceller->has_ended && canceller->third == NULL)
        fixture_expect_tree(*state, FAILED("t") "\n*");
    return canceller->has_come;
}

/* Who says that it was put off is told so, or hears that it cannot be read what
 * it came to while it waited. */
static void test_cancelled_meanwhile(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_CALLS, FAULT_STATUS, FAULT_OPEN, FAULT_READ, FAULT_MEMORY};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        for (unsigned later = 1; later < 7; later++) {
            struct canceller canceller = {.call = calls[i], .which = later};
            bool has_ended = false;
            for (unsigned which = 1; put_off_beside(state, &canceller, which);
                which++)
                has_ended |= canceller.has_ended;
            assert_true(has_ended);
        }
    }
}

static enum error retry(void *context)
{
    struct canceller *canceller = context;
    return retry_task(&canceller->fixture->account, "t", true);
}

/* A person has spoilt the record. */
static enum error spoil(void *context)
{
    struct canceller *canceller = context;
    if (canceller->has_ended)
        fixture_put(canceller->fixture, FAILED("t"), "no JSON");
    return ERROR_NONE;
}

/* And by then there is no such end any more. */
static void test_cancelled_and_moved_meanwhile(void **state)
{
    static fault_work *const thirds[] = {retry, spoil};
    for (size_t i = 0; i < COUNT_OF(thirds); i++) {
        for (unsigned later = 1; later < 12; later++) {
            struct canceller canceller = {
                .third = thirds[i], .call = FAULT_STATUS, .which = later};
            unsigned which = 1;
            while (put_off_beside(state, &canceller, which)) {
                struct task_place place;
                which++;
                assert_int_equal(
                    find_task(&canceller.fixture->account, "t", &place),
                    ERROR_NONE);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_no_lease),
        IN_SPOOL(test_no_lease_of_withdrawal),
        IN_SPOOL(test_no_lease_of_record),
        IN_SPOOL(test_no_lease_anywhere),
        IN_SPOOL(test_foreign_of_withdrawal),
        IN_SPOOL(test_foreign_of_pending),
        IN_SPOOL(test_foreign_of_record),
        IN_SPOOL(test_foreign_fault),
        IN_SPOOL(test_put_off_twice),
        IN_SPOOL(test_put_off_and_retried),
        IN_SPOOL(test_put_off_without_records),
        IN_SPOOL(test_no_more_tries),
        IN_SPOOL(test_repeated_fault),
        IN_SPOOL(test_blocked),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_no_try_of_withdrawal),
        IN_SPOOL(test_unknown),
        IN_SPOOL(test_claimed_meanwhile),
        IN_SPOOL(test_cancelled_meanwhile),
        IN_SPOOL(test_cancelled_and_moved_meanwhile),
    };
    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
