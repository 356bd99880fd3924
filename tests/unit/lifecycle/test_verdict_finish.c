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

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What each step of verdict.h leaves when the program is killed behind it, and
 * that whoever comes next finishes it. */

#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define VERDICT "42-t.verdict"
#define INGEST "ingest/42/20241207T100100.000000Z-t.json"
#define RECORD(status, more)                                                   \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"created_at\":\"2024-12-07T10:00:00.000000Z\","            \
    "\"status\":\"" status                                                     \
    "\",\"completed_at\":\"2024-12-07T10:01:00.000000Z\"" more "}"
#define SUCCESS RECORD("completed", ",\"result\":{}")
#define SUCCESS_OF(leases)                                                     \
    RECORD("completed", ",\"leases\":" leases ",\"result\":{}")
#define FAILURE RECORD("failed", ",\"error\":\"no\"")
#define TIMEOUT RECORD("failed", ",\"declared\":\"timeout\"")

enum {
    AT_VERDICT = 1, /* tmp/42-t.verdict */
    AT_INGEST = 2,
    AT_DONE = 4,
    AT_EXECUTING = 8,
    AT_PENDING = 16,
    AT_FAILED = 32 /* a failure we had declared before */
};

struct step_case {
    const char *what;
    const char *record;
    unsigned left;    /* of the names above */
    const char *tree; /* after verdict_finish */
};

#define ALL_DONE COMPLETED("t") "\n" INGEST "\n"

static const struct step_case steps[] = {
    {"2: spoken", SUCCESS, AT_VERDICT | AT_EXECUTING, ALL_DONE},
    {"2: spoken on a requeued", SUCCESS, AT_VERDICT | AT_PENDING, ALL_DONE},
    {"2: spoken on one in both", SUCCESS,
        AT_VERDICT | AT_PENDING | AT_EXECUTING, ALL_DONE},
    {"2: spoken, the entry removed by hand", SUCCESS, AT_VERDICT, ALL_DONE},
    {"3: linked for the catalogue", SUCCESS,
        AT_VERDICT | AT_INGEST | AT_EXECUTING, ALL_DONE},
    {"4: done", SUCCESS, AT_VERDICT | AT_INGEST | AT_DONE | AT_EXECUTING,
        ALL_DONE},
    {"4: done, still pending", SUCCESS,
        AT_VERDICT | AT_INGEST | AT_DONE | AT_PENDING, ALL_DONE},
    {"5: the entry gone", SUCCESS, AT_VERDICT | AT_INGEST | AT_DONE, ALL_DONE},
    {"2: over a declared failure", SUCCESS, AT_VERDICT | AT_FAILED, ALL_DONE},
    {"4: over a declared failure", SUCCESS,
        AT_VERDICT | AT_INGEST | AT_DONE | AT_FAILED, ALL_DONE},
    {"2: a failure", FAILURE, AT_VERDICT | AT_EXECUTING, FAILED("t") "\n"},
    {"2: a failure over a declared one", FAILURE,
        AT_VERDICT | AT_FAILED | AT_EXECUTING, FAILED("t") "\n"},
    {"2: a timeout", TIMEOUT, AT_VERDICT | AT_EXECUTING, FAILED("t") "\n"},
};

/* Makes the names of one file, as the steps do by link(2). */
static void leave(const struct fixture *fixture, const struct step_case *row)
{
    static const struct {
        unsigned bit;
        const char *path;
    } links[] = {
        {AT_VERDICT, "tmp/" VERDICT},
        {AT_INGEST, INGEST},
        {AT_DONE, COMPLETED("t")},
    };
    int directory = fixture->spool.directory;
    fixture_put(fixture, "tmp/record", row->record);
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        if ((row->left & links[i].bit) == 0)
            continue;
        fixture_put(fixture, links[i].path, "");
        unlinkat(directory, links[i].path, 0);
        assert_int_equal(
            linkat(directory, "tmp/record", directory, links[i].path, 0), 0);
    }
    assert_int_equal(unlinkat(directory, "tmp/record", 0), 0);
    if ((row->left & AT_EXECUTING) != 0)
        fixture_put(fixture, RUNNING, DROP("get_stats"));
    if ((row->left & AT_PENDING) != 0)
        fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
    if ((row->left & AT_FAILED) != 0)
        fixture_put(fixture, FAILED("t"), TIMEOUT);
}

static void test_every_step(void **state)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const struct fixture *fixture = *state;
        leave(fixture, &steps[i]);
        enum error error =
            verdict_finish(&fixture->spool, &fixture->config, VERDICT);
        if (error != ERROR_NONE)
            fail_msg("%s: have error %d", steps[i].what, (int)error);
        print_message("# %s\n", steps[i].what);
        fixture_expect_tree(fixture, steps[i].tree);
        fixture_expect(fixture,
            strchr(steps[i].tree, '\n')[1] == '\0' ? FAILED("t")
                                                   : COMPLETED("t"),
            steps[i].record);
        fixture_renew(*state);
    }
}

struct late_case {
    const char *what;
    const char *stands;
    const char *path;
    const char *spoken;
    const char *tree;
};

/* What had been spoken before another verdict was recorded was never
 * acknowledged: it goes. */
static const struct late_case late_cases[] = {
    {"success", SUCCESS, COMPLETED("t"), FAILURE, COMPLETED("t") "\n"},
    {"failure", FAILURE, FAILED("t"), SUCCESS, FAILED("t") "\n"},
    {"declared", TIMEOUT, FAILED("t"), TIMEOUT, FAILED("t") "\n"},
    {"timeout after success", SUCCESS, COMPLETED("t"), TIMEOUT,
        COMPLETED("t") "\n"},
    {"timeout after failure", FAILURE, FAILED("t"), TIMEOUT, FAILED("t") "\n"},
};

static void test_another_stands(void **state)
{
    for (size_t i = 0; i < COUNT_OF(late_cases); i++) {
        const struct fixture *fixture = *state;
        const struct late_case *row = &late_cases[i];
        fixture_put(fixture, row->path, row->stands);
        fixture_put(fixture, "tmp/" VERDICT, row->spoken);
        enum error error =
            verdict_finish(&fixture->spool, &fixture->config, VERDICT);
        if (error != ERROR_NONE)
            fail_msg("%s: have error %d", row->what, (int)error);
        fixture_expect_tree(fixture, row->tree);
        fixture_expect(fixture, row->path, row->stands);
        fixture_renew(*state);
    }
}

/* After a loss of power: what its task is by then. */
static const struct try_case {
    const char *what;
    const char *spoken;
    const char *task;
    const char *text; /* of the task's file */
    const char *tree;
} tries[] = {
    {"in its own hands", SUCCESS_OF("[\"l1\"]"), RUNNING, DROP("get_stats"),
        ALL_DONE},
    {"in other hands", SUCCESS_OF("[\"l0\"]"), RUNNING, DROP("get_stats"),
        RUNNING "\n"},
    {"of nobody's lease", SUCCESS_OF("[]"), RUNNING, DROP("get_stats"),
        RUNNING "\n"},
    {"of an older version", SUCCESS, RUNNING, DROP("get_stats"), ALL_DONE},
    {"waiting again", SUCCESS_OF("[\"l0\"]"),
        "pending/42/998-" CREATED "-get_stats-t.r1.json", DROP("get_stats"),
        ALL_DONE},
    {"waiting still", SUCCESS_OF("[\"l0\"]"), PENDING("get_stats", "t"),
        DROP("get_stats"), PENDING("get_stats", "t") "\n"},
    {"waiting, of a result without a lease", SUCCESS_OF("null"),
        PENDING("get_stats", "t"), DROP("get_stats"), ALL_DONE},
    {"retried, of a time-out", SUCCESS_OF("[\"l0\"]"),
        PENDING("get_stats", "t"), TIMEOUT, ALL_DONE},
    {"retried, of a failure", SUCCESS_OF("[\"l0\"]"), PENDING("get_stats", "t"),
        FAILURE, PENDING("get_stats", "t") "\n"},
    {"moved back by hand", SUCCESS_OF("[\"l0\"]"),
        "pending/42/" FUTURE "-l1-" QUEUED("get_stats", "t"), DROP("get_stats"),
        ALL_DONE "pending/42/" FUTURE "-l1-" QUEUED("get_stats", "t") "\n"},
    {"being withdrawn", SUCCESS_OF("[\"l0\"]"),
        EXECUTING(FUTURE, LEASE_CANCELLED, "get_stats", "t"), DROP("get_stats"),
        ALL_DONE},
};

static void test_earlier_try(void **state)
{
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        const struct fixture *fixture = *state;
        print_message("# %s\n", tries[i].what);
        fixture_put(fixture, "tmp/" VERDICT, tries[i].spoken);
        fixture_put(fixture, tries[i].task, tries[i].text);
        assert_int_equal(
            verdict_finish(&fixture->spool, &fixture->config, VERDICT),
            ERROR_NONE);
        fixture_expect_tree(fixture, tries[i].tree);
        fixture_renew(*state);
    }
}

/* Another has dropped it, and who has the task says his own by now. */
static enum error speak_instead(void *context)
{
    const struct fixture *fixture = context;
    assert_int_equal(unlinkat(fixture->spool.directory, "tmp/" VERDICT, 0), 0);
    fixture_put(fixture, "tmp/" VERDICT, SUCCESS_OF("[\"l1\"]"));
    return ERROR_NONE;
}

/* That word stays, whenever it has come. */
static void test_dropped_meanwhile(void **state)
{
    bool has_met = true;
    unsigned which = 0;
    while (has_met) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, "tmp/" VERDICT, SUCCESS_OF("[\"l0\"]"));
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        fault_meet(FAULT_STATUS, ++which, speak_instead, *state);
        enum error error =
            verdict_finish(&fixture->spool, &fixture->config, VERDICT);
        has_met = fault_clear();
        assert_int_equal(error, ERROR_NONE);
        fixture_expect_tree(
            fixture, has_met ? RUNNING "\ntmp/" VERDICT "\n" : RUNNING "\n");
        fixture_renew(*state);
    }
    assert_true(which > 2);
}

/* A record that a retry has moved to the queue, and that a poll has taken from
 * there: its .verdict was brought back by a loss of power. What it tells of for
 * the catalogue is told all the same. */
static void test_queued_again(void **state)
{
    static const char *const places[] = {PENDING("get_stats", "t"), RUNNING};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct fixture *fixture = *state;
        int directory = fixture->spool.directory;
        char tree[SPOOL_PATH_MAX];
        fixture_put(fixture, places[i], SUCCESS);
        fixture_put(fixture, INGEST, "");
        assert_int_equal(unlinkat(directory, INGEST, 0), 0);
        assert_int_equal(linkat(directory, places[i], directory, INGEST, 0), 0);
        fixture_put(fixture, "tmp/none", "");
        assert_int_equal(unlinkat(directory, "tmp/none", 0), 0);
        assert_int_equal(
            linkat(directory, places[i], directory, "tmp/" VERDICT, 0), 0);
        assert_int_equal(
            verdict_finish(&fixture->spool, &fixture->config, VERDICT),
            ERROR_NONE);
        snprintf(tree, sizeof tree,
            i == 0 ? INGEST "\n%s\n" : "%s\n" INGEST "\n", places[i]);
        fixture_expect_tree(fixture, tree);
        fixture_renew(*state);
    }
}

struct ender {
    const struct fixture *fixture;
    bool was_done;
    bool has_come;
};

/* Another has come to the end of the .verdict. */
static enum error end_verdict(void *context)
{
    struct ender *ender = context;
    int directory = ender->fixture->spool.directory;
    ender->has_come = true;
    ender->was_done = faccessat(directory, COMPLETED("t"), F_OK, 0) == 0;
    unlinkat(directory, "tmp/" VERDICT, 0);
    return ERROR_NONE;
}

/* Once it has gone, nothing comes of it, be it in the last moment: the task may
 * have been queued again. */
static void test_gone_meanwhile(void **state)
{
    bool has_met = true;
    for (unsigned which = 1; has_met; which++) {
        const struct fixture *fixture = *state;
        struct ender ender = {fixture, false, false};
        leave(fixture, &steps[1]);
        fault_meet(FAULT_NAMES, which, end_verdict, &ender);
        verdict_finish(&fixture->spool, &fixture->config, VERDICT);
        fault_clear();
        has_met = ender.has_come;
        bool is_done = fixture_count(fixture, "done/42") > 0;
        if (has_met && is_done != ender.was_done)
            fail_msg("before call %u", which);
        fixture_renew(*state);
    }
}

static void test_no_record(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const texts[] = {"", "x", "{}", "[]",
        RECORD("pending", ""), "{\"task_id\":\"../../x\"}"};
    assert_int_equal(verdict_finish(&fixture->spool, &fixture->config, VERDICT),
        ERROR_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fixture_put(fixture, "tmp/" VERDICT, texts[i]);
        assert_int_equal(
            verdict_finish(&fixture->spool, &fixture->config, VERDICT),
            ERROR_SYNTAX);
        fixture_expect_tree(fixture, "tmp/" VERDICT "\n");
    }
}

/* Whoever comes to speak while the name is taken finishes what was spoken. */
static void test_speaks_after_a_crash(void **state)
{
    const struct fixture *fixture = *state;
    struct task task;
    const struct verdict failure = {
        .error = "late", .error_length = 4, .execution_time_ms = -1};
    leave(fixture, &steps[0]);
    struct path found = fixture_load(fixture, RUNNING, &task);
    assert_int_equal(
        verdict_give(&fixture->account, &task, &found, &failure), ERROR_EXISTS);
    task_free(&task);
    fixture_expect_tree(fixture, ALL_DONE);
    fixture_expect(fixture, COMPLETED("t"), SUCCESS);
}

static void test_speaks_beside_what_is_no_record(void **state)
{
    const struct fixture *fixture = *state;
    struct task task;
    const struct verdict failure = {
        .error = "late", .error_length = 4, .execution_time_ms = -1};
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    fixture_put(fixture, "tmp/" VERDICT, "torn");
    struct path found = fixture_load(fixture, RUNNING, &task);
    assert_int_equal(
        verdict_give(&fixture->account, &task, &found, &failure), ERROR_BUSY);
    task_free(&task);
    fixture_expect_tree(fixture, RUNNING "\ntmp/" VERDICT "\n");
}

enum {
    SPEAKERS = 8,
    ROUNDS = 10
};

/* Exit status 0: this one's verdict was taken. */
static int speak(const struct fixture *fixture, const struct task *task,
    const struct path *entry, int speaker)
{
    char error[2] = {(char)('0' + speaker), '\0'};
    struct verdict verdict = {.completed = speaker % 2 == 0,
        .error = error,
        .error_length = 1,
        .execution_time_ms = -1};
    enum error result = verdict_give(&fixture->account, task, entry, &verdict);
    if (result == ERROR_NONE)
        return 0;
    /* Not found: another was done between two looks, and the entry gone. */
    bool lost = result == ERROR_EXISTS || result == ERROR_BUSY ||
                result == ERROR_NOT_FOUND;
    return lost ? 1 : 2;
}

/* Starts one speaker, which waits until the gate closes. */
static pid_t start(const struct fixture *fixture, const struct task *task,
    const struct path *entry, int speaker, const int gate[2])
{
    char byte;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child != 0)
        return child;
    close(gate[1]);
    _exit(read(gate[0], &byte, 1) == 0 ? speak(fixture, task, entry, speaker)
                                       : 3);
}

/* The speaker whose verdict was taken; -1 for none. */
static int let_speak(const struct fixture *fixture)
{
    struct task task;
    pid_t children[SPEAKERS];
    int gate[2];
    int winner = -1;
    struct path entry = fixture_load(fixture, RUNNING, &task);
    assert_int_equal(pipe(gate), 0);
    for (int i = 0; i < SPEAKERS; i++)
        children[i] = start(fixture, &task, &entry, i, gate);
    close(gate[0]);
    close(gate[1]); /* now they all begin */
    for (int i = 0; i < SPEAKERS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
            fail_msg("speaker %d: have status %#x, want 0 or 0x100", i,
                (unsigned)status);
        if (WEXITSTATUS(status) == 0) {
            assert_int_equal(winner, -1);
            winner = i;
        }
    }
    task_free(&task);
    return winner;
}

/* All at once: at most one is told that it won (none, if another finished for
 * it), and what that one said is recorded under the name that says the same. */
static void test_many_speak(void **state)
{
    for (int round = 0; round < ROUNDS; round++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        int winner = let_speak(fixture);
        bool completed = file_exists(fixture->spool.directory, COMPLETED("t"));
        const char *path = completed ? COMPLETED("t") : FAILED("t");
        fixture_expect_member(fixture, path, "status",
            completed ? "\"completed\"" : "\"failed\"");
        if (winner >= 0) {
            const char want[4] = {'"', (char)('0' + winner), '"', '\0'};
            fixture_expect_member(fixture, path, "error", want);
        }
        fixture_expect_tree(
            fixture, completed ? COMPLETED("t") "\ningest/42/*-t.json\n"
                               : FAILED("t") "\n");
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_every_step),
        IN_SPOOL(test_another_stands),
        IN_SPOOL(test_earlier_try),
        IN_SPOOL(test_dropped_meanwhile),
        IN_SPOOL(test_queued_again),
        IN_SPOOL(test_gone_meanwhile),
        IN_SPOOL(test_no_record),
        IN_SPOOL(test_speaks_after_a_crash),
        IN_SPOOL(test_speaks_beside_what_is_no_record),
        IN_SPOOL(test_many_speak),
    };
    return cmocka_run_group_tests_name("verdict_finish", tests, NULL, NULL);
}
