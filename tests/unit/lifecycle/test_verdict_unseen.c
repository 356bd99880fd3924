/* SPDX-License-Identifier: MIT */
/* A word whose task, or whose own record, cannot be looked at: it is not given
 * for that, and not told to have been. */
#include "account.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "retry.h"
#include "step_fixture.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"
#include "verdict.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define WAITING PENDING("get_stats", "t")
#define VERDICT "tmp/42-t.verdict"
#define SUCCESS_OF(leases)                                                     \
    STEP_RECORD("completed", "\"leases\":[\"" leases "\"],")
#define FAILURE STEP_RECORD("failed", "")
#define SHARE "ingest/42/*-t.json"

static enum error finish(const struct fixture *fixture)
{
    return verdict_finish_other(&fixture->account, "t");
}

/* A word that was spoken, and what its task is by now. */
static const struct look_case {
    const char *what;
    const char *task; /* NULL: the record itself, queued again */
    const char *text;
    const char *tree;
} look_cases[] = {
    {"in other hands", RUNNING, DROP("get_stats"), RUNNING "\n"},
    {"waiting still", WAITING, DROP("get_stats"), WAITING "\n"},
    {"retried, of a failure", WAITING, FAILURE, WAITING "\n"},
    {"retried, of a time-out", WAITING, STEP_DECLARED,
        COMPLETED("t") "\n" SHARE "\n"},
    {"queued again", NULL, SUCCESS_OF("l0"), WAITING "\n"},
};

static void lay(const struct fixture *fixture, const struct look_case *row)
{
    int directory = fixture->spool.directory;
    fixture_put(fixture, VERDICT, SUCCESS_OF("l0"));
    fixture_put(fixture, row->task != NULL ? row->task : WAITING, row->text);
    if (row->task != NULL)
        return;
    assert_int_equal(unlinkat(directory, VERDICT, 0), 0);
    assert_int_equal(linkat(directory, WAITING, directory, VERDICT, 0), 0);
}

/* Whether there was such a call. */
static bool look(void **state, const struct look_case *row,
    enum fault_call call, unsigned which)
{
    fixture_renew(*state);
    lay(*state, row);
    fault_set(call, which, EIO);
    finish(*state);
    bool has_come = fault_clear();
    enum error error = finish(*state);
    print_message("# %s: kind %d, %u\n", row->what, (int)call, which);
    assert_true(error == ERROR_NONE || error == ERROR_NOT_FOUND);
    fixture_expect_tree(*state, row->tree);
    return has_come;
}

static void test_each_look(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_OPEN, FAULT_STATUS, FAULT_READ, FAULT_MEMORY};
    for (size_t i = 0; i < COUNT_OF(look_cases); i++) {
        for (size_t j = 0; j < COUNT_OF(calls); j++) {
            unsigned which = 1;
            while (look(state, &look_cases[i], calls[j], which))
                which++;
        }
    }
}

static enum error take_it(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    assert_int_equal(
        account_make_folder(&fixture->account, SPOOL_EXECUTING), ERROR_NONE);
    assert_int_equal(renameat(directory, WAITING, directory, RUNNING), 0);
    return ERROR_NONE;
}

/* A poll takes the task while it is looked at: the word is not its own. */
static void test_taken_meanwhile(void **state)
{
    bool has_come = true;
    for (unsigned which = 1; has_come; which++) {
        fixture_renew(*state);
        lay(*state, &look_cases[1]);
        fault_meet(FAULT_OPEN, which, take_it, *state);
        enum error error = finish(*state);
        has_come = fault_clear();
        if (!has_come)
            assert_int_equal(error, ERROR_NONE);
        finish(*state);
        fixture_expect_tree(*state, has_come ? RUNNING "\n" : WAITING "\n");
    }
}

/* What another does with our .verdict, and which look of ours fails then. */
struct other {
    const struct fixture *fixture;
    enum error (*act)(const struct fixture *fixture);
    unsigned look;
    bool has_come;
    bool has_acted; /* and found what it needs */
};

/* As one who removes a name that was his. */
static enum error remove_verdict(const struct fixture *fixture)
{
    return file_remove(fixture->spool.directory, VERDICT);
}

/* A person removes the task besides. */
static enum error remove_both(const struct fixture *fixture)
{
    file_remove(fixture->spool.directory, RUNNING);
    return remove_verdict(fixture);
}

static enum error finish_and_retry(const struct fixture *fixture)
{
    enum error error = finish(fixture);
    return error == ERROR_NONE ? retry_task(&fixture->account, "t", true)
                               : error;
}

static enum error act(void *context)
{
    struct other *other = context;
    other->has_come = true;
    other->has_acted = other->act(other->fixture) == ERROR_NONE;
    fault_set(FAULT_STATUS, other->look, EIO);
    return ERROR_NONE;
}

static enum error give_beside(struct other *other, unsigned which)
{
    struct task task;
    const struct fixture *fixture = other->fixture;
    struct path found = fixture_load(fixture, RUNNING, &task);
    fault_meet(FAULT_STATUS, which, act, other);
    enum error error =
        verdict_give(&fixture->account, &task, &found, &said_success);
    task_free(&task);
    return error;
}

/* Whether the other came. Who was told that the word was taken finds it done,
 * or queued again after that. */
static bool speak_beside(void **state, struct other *other, unsigned which)
{
    struct task_place place;
    fixture_renew(*state);
    other->fixture = *state;
    other->has_come = other->has_acted = false;
    fixture_put(*state, RUNNING, DROP("get_stats"));
    enum error error = give_beside(other, which);
    bool has_come = fault_clear() || other->has_come;
    print_message("# call %u, look %u: %d\n", which, other->look, (int)error);
    finish(*state);
    enum error found = find_task(&other->fixture->account, "t", &place);
    if (other->act != remove_both || error == ERROR_NONE)
        assert_int_equal(found, ERROR_NONE);
    if (error == ERROR_NONE && other->has_acted &&
        other->act == finish_and_retry)
        fixture_expect_member(
            *state, place.path.text, "status", "\"completed\"");
    else if (error == ERROR_NONE)
        assert_int_equal(place.state, TASK_COMPLETED);
    return has_come;
}

static void test_each_look_at_what_was_taken(void **state)
{
    static enum error (*const acts[])(const struct fixture *fixture) = {
        remove_verdict, remove_both, finish_and_retry};
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        for (unsigned next = 1; next < 8; next++) {
            struct other other = {.act = acts[i], .look = next};
            unsigned which = 1;
            while (speak_beside(state, &other, which))
                which++;
            assert_true(which > 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_each_look),
        IN_SPOOL(test_taken_meanwhile),
        IN_SPOOL(test_each_look_at_what_was_taken),
    };
    return cmocka_run_group_tests_name("verdict_unseen", tests, NULL, NULL);
}
