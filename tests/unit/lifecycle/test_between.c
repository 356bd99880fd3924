/* SPDX-License-Identifier: MIT */
/* What becomes of a step between two of which another program takes its own, or
 * the host refuses to go on. */
#include "account.h"
#include "buffer.h"
#include "claim.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "path.h"
#include "retry.h"
#include "spool.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNNING EXECUTING(FUTURE, "l1", "create_product", "t")
#define VERDICT "tmp/42-t.verdict"
#define WAITING PENDING("get_stats", "t")
#define TAKEN EXECUTING(FUTURE, "l1", "get_stats", "t")
#define AGAIN "998-" CREATED "-get_stats-t.r1"
#define DECLARED RECORD_WITH("\"declared\":\"timeout\",")
#define RECORD RECORD_WITH("")
#define RECORD_WITH(more) RECORD_OF("failed", more)
#define RECORD_OF(status, more)                                                \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\"," more         \
    "\"params\":{},\"status\":\"" status "\",\"attempts\":1,\"priority\":1,"   \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"timeout\":60}"

static enum error give(
    const struct fixture *fixture, const struct verdict *verdict)
{
    struct task task;
    struct path found = fixture_load(fixture, RUNNING, &task);
    enum error error = verdict_give(&fixture->account, &task, &found, verdict);
    task_free(&task);
    return error;
}

/* --- Another program ----------------------------------------------------- */

/* It finishes our verdict for us, and then the plugin's own word comes. */
static enum error finish_and_speak(void *context)
{
    const struct fixture *fixture = context;
    struct result_body body = {.verdict = said_failure};
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    assert_int_equal(verdict_finish_other(&fixture->account, "t"), ERROR_NONE);
    return delivery_carry_out(&delivery);
}

/* Before the link to done/, which is the third. */
static void test_word_that_replaced_ours(void **state)
{
    fixture_put(*state, RUNNING, DROP("create_product"));
    fault_meet(FAULT_NAMES, 3, finish_and_speak, *state);
    give(*state, &said_timeout);
    assert_true(fault_clear());
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "error", "\"no\"");
}

static enum error put_standing(void *context)
{
    fixture_put(context, FAILED("t"), RECORD);
    return ERROR_NONE;
}

/* However it came there, by hand or from who was slow to finish the verdict of
 * an earlier try: what stands in the way is replaced only if we declared it. */
static void test_record_that_stands(void **state)
{
    fixture_put(*state, RUNNING, DROP("create_product"));
    fault_meet(FAULT_NAMES, 3, put_standing, *state);
    assert_int_equal(give(*state, &said_failure), ERROR_EXISTS);
    assert_true(fault_clear());
    fixture_expect(*state, FAILED("t"), RECORD);
}

static enum error remove_verdict(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, "tmp/42-t.verdict");
}

/* A .verdict that is gone says that it was carried out, but not where what we
 * declared still stands. */
static void test_verdict_that_went(void **state)
{
    struct result_body body = {.verdict = said_failure};
    const struct fixture *fixture = *state;
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    fixture_put(fixture, FAILED("t"), DECLARED);
    fault_meet(FAULT_NAMES, 3, remove_verdict, *state);
    assert_int_equal(delivery_carry_out(&delivery), ERROR_NONE);
    assert_true(fault_clear());
    fixture_expect_member(fixture, FAILED("t"), "error", "\"no\"");
}

/* The success is queued again, and that try fails. */
static enum error fail_next_try(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    file_remove(directory, COMPLETED("t"));
    file_remove(directory, FAILED("t"));
    fixture_put(fixture, FAILED("t"), RECORD);
    return ERROR_NONE;
}

static unsigned looks; /* behind the success, until that happens */

static enum error put_success(void *context)
{
    fixture_put(context, COMPLETED("t"), RECORD_OF("completed", ""));
    fault_meet(FAULT_STATUS, looks, fail_next_try, context);
    return ERROR_NONE;
}

/* Whether the next try has failed. */
static bool declare_beside(void **state, unsigned names)
{
    fixture_put(*state, RUNNING, DROP("create_product"));
    fixture_put(*state, COMPLETED("u"), RECORD);
    fault_meet(FAULT_NAMES, names, put_success, *state);
    give(*state, &said_timeout);
    bool has_failed = fault_clear();
    if (has_failed)
        fixture_expect(*state, FAILED("t"), RECORD);
    fixture_renew(*state);
    return has_failed;
}

/* Who has declared a failure beside a success takes back no other's. */
static void test_failure_that_is_not_ours(void **state)
{
    for (unsigned names = 1; names < 6; names++) {
        looks = 1;
        while (declare_beside(state, names))
            looks++;
        print_message("# name %u: %u looks\n", names, looks);
    }
}

static enum error put_record(void *context)
{
    fixture_put(context, FAILED("t"), "another's");
    fault_set(FAULT_SYNC, 1, EIO);
    return ERROR_NONE;
}

/* A retry that cannot be made safe, when a late result has taken its place. */
static void test_record_that_came_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, FAILED("t"), RECORD);
    fixture_put(fixture, PENDING("a", "other"), DROP("a"));
    /* The fsyncs before are those of the record and of no folder. */
    fault_meet(FAULT_SYNC, 2, put_record, *state);
    assert_int_not_equal(retry_task(&fixture->account, "t", true), ERROR_NONE);
    assert_true(fault_clear());
    fixture_expect(fixture, FAILED("t"), "another's");
}

static bool was_taken;

static enum error give_it_back(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    renameat(directory, TAKEN, directory, WAITING);
    return ERROR_NONE;
}

/* It goes back before the next look, having been seen in between, perhaps. */
static enum error take_it(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    was_taken = true;
    renameat(directory, WAITING, directory, TAKEN);
    fault_meet(FAULT_STATUS, 1, give_it_back, context);
    return ERROR_NONE;
}

/* Another poll takes the task and gives it back, as where it cannot be made
 * safe that it is taken: it is no copy of itself, which would be rejected. */
static void test_task_that_was_given_back(void **state)
{
    unsigned which = 0;
    do {
        struct claim claim;
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        fixture_put(fixture, WAITING, DROP("get_stats"));
        assert_int_equal(
            account_make_folder(&fixture->account, SPOOL_EXECUTING),
            ERROR_NONE);
        was_taken = false;
        fault_meet(FAULT_OPEN, ++which, take_it, *state);
        if (claim_next(&fixture->account, "", &claim) == ERROR_NONE)
            task_free(&claim.task);
        fault_clear();
        assert_int_equal(fixture_count(fixture, "rejected"), 0);
    } while (was_taken);
    assert_true(which > 3);
}

static enum error claim_it(void *context)
{
    fixture_claim(context, "receive9", "t");
    return ERROR_NONE;
}

/* The result of a claim that comes while its task is looked for; it was handed
 * out before. */
static void test_lease_that_came_meanwhile(void **state)
{
    unsigned which = 1;
    struct result_body body = {.verdict = said_success};
    buffer_append_text(&body.lease, "receive9");
    for (;; which++) {
        const struct fixture *fixture = *state;
        struct delivery delivery = {
            .account = &fixture->account, .id = "t", .body = &body};
        fixture_put(fixture, "pending/42/" AGAIN ".json", DROP("get_stats"));
        fixture_put(fixture, "progress/42/" AGAIN ".leases", "l1\n");
        fault_meet(FAULT_OPEN, which, claim_it, *state);
        enum error error = delivery_carry_out(&delivery);
        if (!fault_clear())
            break;
        assert_int_equal(error, ERROR_NONE);
        fixture_renew(*state);
    }
    assert_true(which > 3);
    buffer_free(&body.lease);
}

/* --- The host ------------------------------------------------------------ */

/* A retry that cannot be made safe has not been. */
static void test_unsafe_retry(void **state)
{
    const struct fixture *fixture = *state;
    for (unsigned which = 1;; which++) {
        fixture_put(fixture, FAILED("t"), RECORD);
        fixture_put(fixture, PENDING("a", "other"), DROP("a"));
        fault_set(FAULT_SYNC, which, EIO);
        enum error error = retry_task(&fixture->account, "t", true);
        if (!fault_clear())
            break;
        assert_int_equal(error, ERROR_IO);
        fixture_expect_tree(
            fixture, FAILED("t") "\n" PENDING("a", "other") "\n");
    }
}

static unsigned unsafe; /* so many fsyncs after it is queued again */

static enum error finish_and_retry(void *context)
{
    const struct fixture *fixture = context;
    assert_int_equal(verdict_finish_other(&fixture->account, "t"), ERROR_NONE);
    assert_int_equal(retry_task(&fixture->account, "t", true), ERROR_NONE);
    fault_set(FAULT_SYNC, unsafe, EIO);
    return ERROR_NONE;
}

/* What others have done for us is told once it is safe, in both folders. */
static void test_unsafe_word_that_was_taken(void **state)
{
    for (unsafe = 1; unsafe <= 3; unsafe++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, RUNNING, DROP("create_product"));
        fault_meet(FAULT_NAMES, 2, finish_and_retry, *state);
        enum error error = give(fixture, &said_failure);
        assert_int_equal(fault_clear(), unsafe < 3);
        assert_int_equal(error, unsafe < 3 ? ERROR_IO : ERROR_NONE);
        fixture_renew(*state);
    }
}

/* A verdict that came to nothing is none of the catalogue's. */
static void test_verdict_without_a_place(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("create_product"));
    fixture_put(fixture, COMPLETED("u"), "{}");
    fixture_put(fixture, "ingest/42/u.json", "{}");
    for (unsigned which = 1; fixture_count(fixture, "done/42") == 1; which++) {
        assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
        fault_set(FAULT_NAMES, which, EIO);
        give(fixture, &said_success);
        assert_true(fault_clear());
        assert_true(which < 10);
    }
}

/* It carries out the word that we take back, and has linked the catalogue's
 * share for it. */
static enum error carry_ours_out(void *context)
{
    const struct fixture *fixture = context;
    return verdict_finish_other(&fixture->account, "t");
}

/* What it was about has moved, so we take it back; but what another has made of
 * it meanwhile is the catalogue's, too. */
static void test_share_of_what_was_carried_out(void **state)
{
    const struct fixture *fixture = *state;
    for (unsigned which = 2; which <= 3; which++) {
        struct task task;
        fixture_put(fixture, RUNNING, DROP("create_product"));
        struct path found = fixture_load(fixture, RUNNING, &task);
        file_remove(fixture->spool.directory, found.text);
        fault_meet(FAULT_NAMES, which, carry_ours_out, *state);
        verdict_give(&fixture->account, &task, &found, &said_success);
        task_free(&task);
        bool has_met = fault_clear();
        assert_true(has_met || which > 2);
        assert_int_equal(
            fixture_count(fixture, "ingest/42"), which == 2 ? 1 : 0);
        assert_int_equal(fixture_count(fixture, "done/42"), which == 2 ? 1 : 0);
        fixture_renew(*state);
    }
}

/* It has linked our record as if it were its own, of the other end. */
static enum error mistake_ours(void *context)
{
    const struct fixture *fixture = context;
    file_link(fixture->spool.directory, FAILED("t"), COMPLETED("t"));
    return ERROR_NONE;
}

/* So it gives no way to what only bears the name of a success. */
static void test_failure_mistaken_for_success(void **state)
{
    const struct fixture *fixture = *state;
    bool has_met = true;
    for (unsigned which = 1; has_met; which++) {
        fixture_put(fixture, RUNNING, DROP("create_product"));
        fault_meet(FAULT_ALL, which, mistake_ours, *state);
        give(fixture, &said_timeout);
        has_met = fault_clear();
        file_remove(fixture->spool.directory, COMPLETED("t"));
        fixture_expect_member(fixture, FAILED("t"), "declared", "\"timeout\"");
        fixture_renew(*state);
    }
}

static unsigned steps_met;

/* Ours is finished and another's has come before the link to done/, the fifth
 * of such steps, and that one has gone again before the next. */
static void replace_verdict(void *context)
{
    const struct fixture *fixture = context;
    steps_met++;
    if (steps_met == 5) {
        fixture_put(fixture, "tmp/other", DECLARED);
        file_rename(fixture->spool.directory, "tmp/other", VERDICT);
    }
    if (steps_met == 6)
        file_remove(fixture->spool.directory, VERDICT);
}

/* What was linked is theirs, then, and gets the name that it tells of. */
static void test_verdict_that_became_theirs(void **state)
{
    fixture_put(*state, RUNNING, DROP("create_product"));
    steps_met = 0;
    fault_set_meanwhile(FAULT_NAMES, replace_verdict, *state);
    enum error error = give(*state, &said_success);
    fault_set_meanwhile(FAULT_NAMES, NULL, NULL);
    assert_int_not_equal(error, ERROR_NONE);
    fixture_expect(*state, FAILED("t"), DECLARED);
    assert_int_equal(fixture_count(*state, "done/42"), 1);
}

/* What we declared is replaced, or it is told that it was not. */
static void test_failure_that_stays(void **state)
{
    const struct fixture *fixture = *state;
    bool has_failed = true;
    for (unsigned which = 1; has_failed; which++) {
        fixture_put(fixture, RUNNING, DROP("create_product"));
        fixture_put(fixture, FAILED("t"), DECLARED);
        fault_set(FAULT_NAMES, which, EIO);
        enum error error = give(fixture, &said_failure);
        has_failed = fault_clear();
        if (error == ERROR_NONE)
            fixture_expect_member(fixture, FAILED("t"), "error", "\"no\"");
        verdict_finish_other(&fixture->account, "t");
    }
}

/* The fsync fails, and what tells whether there was anything to make safe. */
static enum error lose_sight(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    assert_int_equal(renameat(directory, "done/42", directory, "done/away"), 0);
    assert_int_equal(symlinkat("42", directory, "done/42"), 0);
    fault_set(FAULT_SYNC, 1, EIO);
    return ERROR_NONE;
}

/* Nor is one taken from it that may have come to something. */
static void test_verdict_out_of_sight(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("create_product"));
    fixture_put(fixture, COMPLETED("u"), "{}");
    fixture_put(fixture, "ingest/42/u.json", "{}");
    fault_meet(FAULT_SYNC, 3, lose_sight, *state); /* that of done/42 */
    assert_int_not_equal(give(fixture, &said_success), ERROR_NONE);
    assert_true(fault_clear());
    assert_int_equal(fixture_count(fixture, "done/away"), 2);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 2);
}

/* What was renamed is ours, though a network may say that it was not. */
static void test_doubtful_claim(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct claim claim;
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    assert_int_equal(
        account_make_folder(&fixture->account, SPOOL_EXECUTING), ERROR_NONE);
    fault_set_late(FAULT_NAMES, 1, EIO);
    enum error error = claim_next(UNDER(fixture, &config), "", &claim);
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_NONE);
    task_free(&claim.task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_word_that_replaced_ours),
        IN_SPOOL(test_record_that_stands),
        IN_SPOOL(test_verdict_that_went),
        IN_SPOOL(test_failure_that_is_not_ours),
        IN_SPOOL(test_record_that_came_meanwhile),
        IN_SPOOL(test_task_that_was_given_back),
        IN_SPOOL(test_lease_that_came_meanwhile),
        IN_SPOOL(test_unsafe_retry),
        IN_SPOOL(test_unsafe_word_that_was_taken),
        IN_SPOOL(test_verdict_without_a_place),
        IN_SPOOL(test_share_of_what_was_carried_out),
        IN_SPOOL(test_failure_mistaken_for_success),
        IN_SPOOL(test_verdict_that_became_theirs),
        IN_SPOOL(test_failure_that_stays),
        IN_SPOOL(test_verdict_out_of_sight),
        IN_SPOOL(test_doubtful_claim),
    };
    return cmocka_run_group_tests_name("between", tests, NULL, NULL);
}
