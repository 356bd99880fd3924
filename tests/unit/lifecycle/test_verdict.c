/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "path.h"
#include "record.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict.h"
#include "verdict_clear.h"
#include "verdict_step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define RUNNING EXECUTING(FUTURE, "l1", "a", "t")

static const struct verdict success = {.completed = true,
    .result = "{\"n\":1}",
    .result_length = 7,
    .execution_time_ms = 5};

/* On the task t wherever it lies, as a program that found it would. */
static enum error give(const struct fixture *fixture, const char *path,
    const struct verdict *verdict)
{
    struct task task;
    struct path found = fixture_load(fixture, path, &task);
    enum error error = verdict_give(&fixture->account, &task, &found, verdict);
    task_free(&task);
    return error;
}

static void test_success(void **state)
{
    fixture_put(*state, RUNNING,
        "{\"action\":\"a\",\"params\":{\"x\":1},\"priority\":1}");
    assert_int_equal(give(*state, RUNNING, &success), ERROR_NONE);
    fixture_expect_tree(*state, COMPLETED("t") "\n");
    fixture_expect_member(*state, COMPLETED("t"), "status", "\"completed\"");
    fixture_expect_member(*state, COMPLETED("t"), "result", "{\"n\":1}");
    fixture_expect_member(*state, COMPLETED("t"), "params", "{\"x\":1}");
    fixture_expect_member(*state, COMPLETED("t"), "error", "null");
    fixture_expect_member(*state, COMPLETED("t"), "declared", "");
}

static void test_failure(void **state)
{
    fixture_put(*state, RUNNING, DROP("a"));
    assert_int_equal(give(*state, RUNNING, &said_failure), ERROR_NONE);
    fixture_expect_tree(*state, FAILED("t") "\n");
    fixture_expect_member(*state, FAILED("t"), "status", "\"failed\"");
    fixture_expect_member(*state, FAILED("t"), "error", "\"no\"");
    fixture_expect_member(*state, FAILED("t"), "result", "null");
}

static void test_modes(void **state)
{
    const struct fixture *fixture = *state;
    struct stat status;
    mode_t mask = umask(0);
    fixture_put(fixture, RUNNING, DROP("a"));
    enum error error = give(fixture, RUNNING, &success);
    umask(mask);
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(
        fstatat(fixture->spool.directory, COMPLETED("t"), &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
}

struct place_case {
    const char *at;    /* where the task lies */
    const char *entry; /* where the speaker has found it; NULL: in done/ */
};

static const struct place_case places[] = {
    {RUNNING, RUNNING},
    {PENDING("a", "t"), PENDING("a", "t")},
};

/* It has moved since: whoever speaks has to look again whether it may. */
static const struct place_case moved[] = {
    {RUNNING, NULL},
    {RUNNING, EXECUTING(PAST, "l1", "a", "t")}, /* its deadline was renewed */
    {RUNNING, PENDING("a", "t")},
    {PENDING("a", "t"), RUNNING}, /* requeued, or retried */
    {PENDING("a", "t"), NULL},
};

static void test_entries_go(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct task task;
        struct path entry = {""};
        fixture_put(fixture, places[i].at, DROP("a"));
        fixture_put(fixture, PENDING("a", "tt"), DROP("a")); /* not its own */
        fixture_put(fixture, EXECUTING(FUTURE, "t", "t", "t-t"), DROP("t"));
        if (places[i].entry != NULL)
            memcpy(entry.text, places[i].entry, strlen(places[i].entry) + 1);
        fixture_load(fixture, places[i].at, &task);
        assert_int_equal(verdict_give(&fixture->account, &task,
                             places[i].entry == NULL ? NULL : &entry, &success),
            ERROR_NONE);
        task_free(&task);
        fixture_expect_tree(
            fixture, COMPLETED("t") "\n" EXECUTING(
                         FUTURE, "t", "t", "t-t") "\n" PENDING("a", "tt") "\n");
        file_remove(fixture->spool.directory, COMPLETED("t"));
    }
}

/* A network file system says of an entry, whenever it is to be removed, that it
 * is not there: it is left to whoever meets it next. */
static void test_entry_that_stays(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("t"), "{}");
    fixture_put(fixture, RUNNING, DROP("a"));
    fault_set_lasting(FAULT_NAMES, 1, ENOENT);
    assert_int_equal(verdict_clear_entries(&fixture->account, "t"), ERROR_NONE);
    assert_true(fault_clear());
    fixture_expect_tree(fixture, COMPLETED("t") "\n" RUNNING "\n");
    assert_int_equal(verdict_clear_entries(&fixture->account, "t"), ERROR_NONE);
    fixture_expect_tree(fixture, COMPLETED("t") "\n");
}

/* A retry must not be done by a word on the try before it. */
static void test_moved(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(moved); i++) {
        struct task task;
        struct path entry = {""};
        char tree[sizeof entry.text];
        fixture_put(fixture, moved[i].at, DROP("a"));
        if (moved[i].entry != NULL)
            memcpy(entry.text, moved[i].entry, strlen(moved[i].entry) + 1);
        fixture_load(fixture, moved[i].at, &task);
        assert_int_equal(verdict_give(&fixture->account, &task,
                             moved[i].entry == NULL ? NULL : &entry, &success),
            ERROR_NOT_FOUND);
        task_free(&task);
        snprintf(tree, sizeof tree, "%s\n", moved[i].at);
        fixture_expect_tree(fixture, tree);
        file_remove(fixture->spool.directory, moved[i].at);
    }
}

struct second_case {
    const char *what;
    const struct verdict *first;
    const struct verdict *second;
    enum error want;
    const char *tree;
    const char *error; /* what stands in the record */
};

/* The first stands, but a failure that only we declared gives way to the
 * plugin's own word. */
static const struct second_case second_cases[] = {
    {"the same again", &success, &success, ERROR_EXISTS, COMPLETED("t") "\n",
        "null"},
    {"failure after success", &success, &said_failure, ERROR_EXISTS,
        COMPLETED("t") "\n", "null"},
    {"success after failure", &said_failure, &success, ERROR_EXISTS,
        FAILED("t") "\n", "\"no\""},
    {"timeout after success", &success, &said_timeout, ERROR_EXISTS,
        COMPLETED("t") "\n", "null"},
    {"timeout after failure", &said_failure, &said_timeout, ERROR_EXISTS,
        FAILED("t") "\n", "\"no\""},
    {"timeout twice", &said_timeout, &said_timeout, ERROR_EXISTS,
        FAILED("t") "\n", "\"timeout\""},
    {"success after timeout", &said_timeout, &success, ERROR_NONE,
        COMPLETED("t") "\n", "null"},
    {"failure after timeout", &said_timeout, &said_failure, ERROR_NONE,
        FAILED("t") "\n", "\"no\""},
};

static void test_second_verdict(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(second_cases); i++) {
        const struct second_case *row = &second_cases[i];
        struct task task;
        fixture_put(fixture, RUNNING, DROP("a"));
        struct path found = fixture_load(fixture, RUNNING, &task);
        assert_int_equal(
            verdict_give(&fixture->account, &task, &found, row->first),
            ERROR_NONE);
        enum error error =
            verdict_give(&fixture->account, &task, NULL, row->second);
        if (error != row->want)
            fail_msg("%s: have error %d, want %d", row->what, (int)error,
                (int)row->want);
        task_free(&task);
        fixture_expect_tree(fixture, row->tree);
        fixture_expect_member(fixture, "done/42/t.*", "error", row->error);
        file_remove(fixture->spool.directory, COMPLETED("t"));
        file_remove(fixture->spool.directory, FAILED("t"));
    }
}

/* A record that a person has spoilt still says that the task is done, and is
 * not overwritten. */
static void test_spoilt_record(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{}", "x",
        "{\"declared\":\"timeout\"}", "{\"status\":\"failed\"}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fixture_put(*state, RUNNING, DROP("a"));
        fixture_put(*state, FAILED("t"), texts[i]);
        assert_int_equal(give(*state, RUNNING, &success), ERROR_EXISTS);
        fixture_expect_tree(*state, FAILED("t") "\n" RUNNING "\n");
        fixture_expect(*state, FAILED("t"), texts[i]);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_true(verdict_step_is_name("42-t.verdict"));
    assert_false(verdict_step_is_name("42-t.verdict.1"));
    assert_false(verdict_step_is_name("42-verdict"));
    assert_false(verdict_step_is_name(".verdict"));
    assert_false(verdict_step_is_name(""));
}

/* Only successes that tell of products are linked for the catalogue, under
 * the moment of their completion, and both names are one file. */
static void test_link_for_the_catalogue(void **state)
{
    const struct fixture *fixture = *state;
    struct stat record;
    struct stat link;
    static const char *const place = EXECUTING(FUTURE, "l1", "get_stats", "t");
    fixture_put(fixture, place, DROP("get_stats"));
    assert_int_equal(give(fixture, place, &said_failure), ERROR_NONE);
    fixture_expect_tree(fixture, FAILED("t") "\n");
    file_remove(fixture->spool.directory, FAILED("t"));
    fixture_put(fixture, place, DROP("get_stats"));
    assert_int_equal(give(fixture, place, &success), ERROR_NONE);
    fixture_expect_tree(fixture, COMPLETED("t") "\ningest/42/2*Z-t.json\n");
    assert_int_equal(
        fstatat(fixture->spool.directory, COMPLETED("t"), &record, 0), 0);
    struct path path = path_in_user(
        SPOOL_INGEST, 42, fixture_find(fixture, "ingest/42", "-t.json"));
    assert_int_equal(fstatat(fixture->spool.directory, path.text, &link, 0), 0);
    assert_int_equal(record.st_ino, link.st_ino);
}

/* Where a verdict cannot be placed, nothing of it stays but the task. */
static void test_no_place_in_done(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const place = EXECUTING(FUTURE, "l1", "get_stats", "t");
    fixture_put(fixture, place, DROP("get_stats"));
    fixture_put(fixture, "done/42", "a file where a folder should be");
    enum error error = give(fixture, place, &success);
    assert_int_not_equal(error, ERROR_NONE);
    assert_int_not_equal(error, ERROR_EXISTS);
    fixture_expect_tree(
        fixture, "done/42\nexecuting/42/*-l1-998-*-get_stats-t.json\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_success),
        IN_SPOOL(test_failure),
        IN_SPOOL(test_modes),
        IN_SPOOL(test_entries_go),
        IN_SPOOL(test_entry_that_stays),
        IN_SPOOL(test_moved),
        IN_SPOOL(test_second_verdict),
        IN_SPOOL(test_spoilt_record),
        cmocka_unit_test(test_names),
        IN_SPOOL(test_link_for_the_catalogue),
        IN_SPOOL(test_no_place_in_done),
    };
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
