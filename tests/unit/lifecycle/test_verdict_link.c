/* SPDX-License-Identifier: MIT */
/* The links that a verdict is made of, where one was there before, is somebody
 * else's by now, or cannot be made or removed. */
#include "account.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "path.h"
#include "record.h"
#include "step_fixture.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict.h"
#include "verdict_step.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define WAITING PENDING("get_stats", "t")
#define VERDICT "tmp/42-t.verdict"
#define SUCCESS STEP_RECORD("completed", "")
#define SHARE "ingest/42/20241207T100000.000000Z-t.json"

static enum error finish(const struct fixture *fixture)
{
    return verdict_finish_other(&fixture->account, "t");
}

/* What goes wrong is set by `set`, when the task has been loaded. */
static enum error give(
    void *context, const struct verdict *verdict, void (*set)(void *context))
{
    struct task task;
    const struct fixture *fixture = context;
    struct path found = fixture_load(fixture, RUNNING, &task);
    set(context);
    enum error error = verdict_give(&fixture->account, &task, &found, verdict);
    task_free(&task);
    return error;
}

/* A program died once it had linked the catalogue's share, or a program that
 * finishes the same verdict has done so just before. */
static void test_share_that_is_there(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, SHARE, SUCCESS);
    fixture_put(fixture, VERDICT, "");
    assert_int_equal(unlinkat(directory, VERDICT, 0), 0);
    assert_int_equal(linkat(directory, SHARE, directory, VERDICT, 0), 0);
    assert_int_equal(finish(fixture), ERROR_NONE);
    fixture_expect_tree(fixture, COMPLETED("t") "\n" SHARE "\n");
}

static unsigned late; /* which change of a name is done, and told to be not */

static void set_late(void *context)
{
    (void)context;
    fault_set_late(FAULT_NAMES, late, EIO);
}

/* Over a network, when the plugin's word takes the place of what we declared:
 * what stands is told to stand. */
static void test_replaced_and_yet_failed(void **state)
{
    bool has_come = true;
    for (late = 1; has_come; late++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fixture_put(fixture, FAILED("t"), STEP_DECLARED);
        enum error error = give(*state, &said_failure, set_late);
        has_come = fault_clear();
        print_message("# call %u: %d\n", late, (int)error);
        if (error == ERROR_NONE)
            fixture_expect_member(fixture, FAILED("t"), "error", "\"no\"");
        else
            fixture_expect(fixture, FAILED("t"), STEP_DECLARED);
        fixture_renew(*state);
    }
    assert_true(late > 4);
}

/* Ours was finished by another, and the name is that of a success by now. */
static enum error replace_verdict(void *context)
{
    const struct fixture *fixture = context;
    assert_int_equal(
        file_remove(fixture->spool.directory, VERDICT), ERROR_NONE);
    fixture_put(fixture, VERDICT, SUCCESS);
    return ERROR_NONE;
}

static unsigned unnamed; /* which change of a name fails behind that */

static enum error replace_and_fail(void *context)
{
    replace_verdict(context);
    fault_set(FAULT_NAMES, unnamed, EIO);
    return ERROR_NONE;
}

static void set_replaced_and_failing(void *context)
{
    fault_meet(FAULT_NAMES, 2, replace_and_fail, context);
}

static void set_replaced(void *context)
{
    /* The first is the .verdict, the second the link to done/. */
    fault_meet(FAULT_NAMES, 2, replace_verdict, context);
}

/* A success is nobody's failure, be it for a moment. */
static void test_link_of_another(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, COMPLETED("u"), "{}");
    assert_int_not_equal(give(*state, &said_failure, set_replaced), ERROR_NONE);
    assert_true(fault_clear());
    assert_false(file_exists(fixture->spool.directory, FAILED("t")));
    finish(fixture);
    fixture_expect_tree(
        fixture, COMPLETED("t") "\n" COMPLETED("u") "\n" SHARE "\n");
}

static void expect_share(void *context)
{
    const struct fixture *fixture = context;
    if (file_exists(fixture->spool.directory, COMPLETED("t")))
        assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
}

/* Nor is it done for a moment before the catalogue has its share. */
static void test_link_of_another_that_fails(void **state)
{
    bool has_come = true;
    for (unnamed = 1; has_come; unnamed++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fixture_put(fixture, COMPLETED("u"), "{}");
        fault_set_meanwhile(FAULT_NAMES, expect_share, *state);
        give(*state, &said_failure, set_replaced_and_failing);
        has_come = fault_clear();
        finish(fixture);
        fault_set_meanwhile(FAULT_NAMES, NULL, NULL);
        fixture_expect(fixture, COMPLETED("t"), SUCCESS);
        assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
        fixture_renew(*state);
    }
    assert_true(unnamed > 4);
}

static enum error put_spoilt(void *context)
{
    fixture_put(context, COMPLETED("t"), "spoilt");
    return ERROR_NONE;
}

static void set_spoilt(void *context)
{
    fault_meet(FAULT_NAMES, 2, put_spoilt, context);
}

/* What stands in done/ as a success is one, whatever a hand has made of it. */
static void test_spoilt_success(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, COMPLETED("u"), "{}");
    assert_int_equal(give(*state, &said_timeout, set_spoilt), ERROR_EXISTS);
    assert_true(fault_clear());
    assert_false(file_exists(fixture->spool.directory, FAILED("t")));
    fixture_expect(fixture, COMPLETED("t"), "spoilt");
}

static unsigned refused; /* from which change of a name on none is made */

static void set_refused(void *context)
{
    (void)context;
    fault_set_lasting(FAULT_NAMES, refused, EIO);
}

/* A .verdict that can neither be carried out nor removed keeps its share for
 * the catalogue: whoever carries it out later counts on that. */
static void test_verdict_that_stays(void **state)
{
    bool has_stayed = false;
    bool has_come = true;
    for (refused = 2; has_come; refused++) {
        const struct fixture *fixture = *state;
        int directory = fixture->spool.directory;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fixture_put(fixture, COMPLETED("u"), "{}");
        fixture_put(fixture, "ingest/42/u.json", "{}");
        give(*state, &said_success, set_refused);
        has_come = fault_clear();
        bool is_kept = file_exists(directory, VERDICT);
        has_stayed |= is_kept && fixture_count(fixture, "ingest/42") == 2;
        finish(fixture);
        if (is_kept) {
            assert_true(file_exists(directory, COMPLETED("t")));
            assert_int_equal(fixture_count(fixture, "ingest/42"), 2);
        }
        fixture_renew(*state);
    }
    assert_true(has_stayed);
}

#define COPY "tmp/42-t.verdict.1.1"

/* As one whose record it is, and who cannot remove the .verdict. */
static enum error take_back(void *context)
{
    struct record_head head;
    const struct fixture *fixture = context;
    struct path record = {COPY};
    assert_int_equal(
        record_load_head(&fixture->spool, record, &head), ERROR_NONE);
    fault_set(FAULT_NAMES, 1, EIO);
    verdict_step_take_back(&fixture->account, record, &head);
    fault_clear();
    return ERROR_NONE;
}

/* Whoever is carrying out the .verdict meanwhile has linked the share already,
 * and links the record next. */
static void test_taken_back_in_vain(void **state)
{
    bool has_come = true;
    unsigned which = 0;
    while (has_come) {
        const struct fixture *fixture = *state;
        int directory = fixture->spool.directory;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fixture_put(fixture, VERDICT, SUCCESS);
        assert_int_equal(linkat(directory, VERDICT, directory, COPY, 0), 0);
        fault_meet(FAULT_NAMES, ++which, take_back, *state);
        assert_int_equal(finish(fixture), ERROR_NONE);
        has_come = fault_clear();
        fixture_expect(fixture, COMPLETED("t"), SUCCESS);
        assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
        fixture_renew(*state);
    }
    assert_true(which > 4);
}

static enum fault_call unseen_kind;
static unsigned unseen; /* which call of that kind fails */

static enum error put_success(void *context)
{
    fixture_put(context, COMPLETED("t"), SUCCESS);
    fault_set(unseen_kind, unseen, EIO);
    return ERROR_NONE;
}

static enum error remove_failure(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, FAILED("t"));
}

static enum error put_success_and_remove(void *context)
{
    fixture_put(context, COMPLETED("t"), SUCCESS);
    fault_meet(FAULT_NAMES, unseen, remove_failure, context);
    return ERROR_NONE;
}

static void set_removed(void *context)
{
    fault_meet(FAULT_NAMES, 2, put_success_and_remove, context);
}

/* Whoever recorded the success has met the failure and removed it. */
static void test_failure_that_has_gone(void **state)
{
    bool has_come = true;
    for (unseen = 1; has_come; unseen++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fixture_put(fixture, COMPLETED("u"), "{}");
        assert_int_equal(
            give(*state, &said_timeout, set_removed), ERROR_EXISTS);
        has_come = fault_clear();
        assert_false(file_exists(fixture->spool.directory, FAILED("t")));
        assert_int_equal(fixture_count(fixture, "tmp"), 0);
        fixture_renew(*state);
    }
    assert_true(unseen > 2);
}

static void set_unseen(void *context)
{
    /* Before our failure is linked to done/. */
    fault_meet(FAULT_NAMES, 2, put_success, context);
}

static void give_out_of_sight(void **state)
{
    bool has_come = true;
    for (unseen = 1; has_come; unseen++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fixture_put(fixture, COMPLETED("u"), "{}");
        enum error error = give(*state, &said_timeout, set_unseen);
        has_come = fault_clear();
        print_message("# call %u: %d\n", unseen, (int)error);
        assert_int_not_equal(error, ERROR_NONE);
        finish(fixture);
        fixture_expect(fixture, COMPLETED("t"), SUCCESS);
        fixture_renew(*state);
    }
    assert_true(unseen > 3);
}

/* A success came while we declared a failure: nobody is told that the failure
 * stands because that cannot be seen, or because it cannot be taken back. */
static void test_success_out_of_sight(void **state)
{
    static const enum fault_call kinds[] = {FAULT_STATUS, FAULT_NAMES};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        unseen_kind = kinds[i];
        give_out_of_sight(state);
    }
}

/* Whether there was such a change of a name, that failed. */
static bool heed(void **state, unsigned which)
{
    fixture_renew(*state);
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    struct path entry = {WAITING};
    fixture_put(fixture, VERDICT, SUCCESS);
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, WAITING, DROP("get_stats"));
    fault_set(FAULT_NAMES, which, EIO);
    enum error error = verdict_heed_other(&fixture->account, "t", entry);
    bool has_come = fault_clear();
    print_message("# call %u: %d\n", which, (int)error);
    bool is_done = file_exists(directory, COMPLETED("t"));
    if (error == ERROR_EXISTS)
        assert_true(is_done && !file_exists(directory, WAITING));
    else if (error != ERROR_IO)
        assert_true(error == ERROR_NONE && !is_done);
    return has_come;
}

/* Whoever is about to hand the task out hears that it is done, also where
 * something else that is left of it cannot be cleared. */
static void test_heeded_and_not_cleared(void **state)
{
    unsigned which = 1;
    while (heed(state, which))
        which++;
    assert_true(which > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_share_that_is_there),
        IN_SPOOL(test_replaced_and_yet_failed),
        IN_SPOOL(test_link_of_another),
        IN_SPOOL(test_link_of_another_that_fails),
        IN_SPOOL(test_spoilt_success),
        IN_SPOOL(test_verdict_that_stays),
        IN_SPOOL(test_taken_back_in_vain),
        IN_SPOOL(test_failure_that_has_gone),
        IN_SPOOL(test_success_out_of_sight),
        IN_SPOOL(test_heeded_and_not_cleared),
    };
    return cmocka_run_group_tests_name("verdict_link", tests, NULL, NULL);
}
