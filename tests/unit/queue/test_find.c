/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "ingest_fixture.h"
#include "queue.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct place_case {
    const char *paths[3]; /* where the task lies */
    enum task_state state;
    const char *found; /* NULL: nowhere */
};

/* Done stands before executing before pending. */
static const struct place_case cases[] = {
    {{NULL}, TASK_PENDING, NULL},
    {{PENDING("a", "t")}, TASK_PENDING, PENDING("a", "t")},
    {{"pending/42/000-" CREATED "-a-t.r7.json"}, TASK_PENDING,
        "pending/42/000-" CREATED "-a-t.r7.json"},
    {{EXECUTING(PAST, "l", "a", "t")}, TASK_EXECUTING,
        EXECUTING(PAST, "l", "a", "t")},
    {{COMPLETED("t")}, TASK_COMPLETED, COMPLETED("t")},
    {{FAILED("t")}, TASK_FAILED, FAILED("t")},
    {{PENDING("a", "t"), EXECUTING(PAST, "l", "a", "t")}, TASK_EXECUTING,
        EXECUTING(PAST, "l", "a", "t")},
    {{PENDING("a", "t"), EXECUTING(PAST, "l", "a", "t"), FAILED("t")},
        TASK_FAILED, FAILED("t")},
    {{FAILED("t"), COMPLETED("t")}, TASK_COMPLETED, COMPLETED("t")},
    /* not this task */
    {{PENDING("t", "tt"), EXECUTING(PAST, "t", "t", "t-t"), COMPLETED("T")},
        TASK_PENDING, NULL},
    {{"pending/42/t.json", "executing/42/t.json", "done/42/t.json"},
        TASK_PENDING, NULL},
    {{"pending/42/.998-" CREATED "-a-t.json", "pending/" QUEUED("a", "t"),
         "done/t.completed.json"},
        TASK_PENDING, NULL},
    {{"pending/43/" QUEUED("a", "t"), "done/4/t.completed.json"}, TASK_PENDING,
        NULL},
};

static void test_places(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct fixture *fixture = *state;
        const struct place_case *row = &cases[i];
        struct task_place place;
        for (size_t p = 0; p < 3 && row->paths[p] != NULL; p++)
            fixture_put(fixture, row->paths[p], DROP("a"));
        enum error error = find_task(&fixture->account, "t", &place);
        enum error want = row->found == NULL ? ERROR_NOT_FOUND : ERROR_NONE;
        if (error != want)
            fail_msg(
                "%s: have %d, want %d", row->paths[0], (int)error, (int)want);
        if (error == ERROR_NONE) {
            assert_string_equal(place.path.text, row->found);
            assert_int_equal(place.state, row->state);
        }
        fixture_renew(*state);
    }
}

static void test_what_the_name_says(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place place;
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "act", "t"), "");
    assert_int_equal(
        find_executing(&fixture->account, "t", &place), ERROR_NONE);
    assert_string_equal(place.lease.lease, "l1");
    assert_string_equal(place.lease.task.action, "act");
    assert_int_equal(
        find_pending(&fixture->account, "t", &place), ERROR_NOT_FOUND);
    fixture_put(fixture, "pending/42/990-" CREATED "-act-u.r2.json", "");
    assert_int_equal(find_pending(&fixture->account, "u", &place), ERROR_NONE);
    assert_int_equal(place.lease.task.priority, 9);
    assert_int_equal(place.lease.task.generation, 2);
}

struct undone_case {
    const char *path; /* what lies there, besides the task */
    const char *text;
    enum error any; /* the answers */
    enum error own; /* to the plugin's own word */
};

#define HEAD                                                                   \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"a\","                      \
    "\"completed_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":"

/* "No", "yes" and "cannot tell". */
static const struct undone_case undone_cases[] = {
    {COMPLETED("u"), "", ERROR_NONE, ERROR_NONE},
    {COMPLETED("t"), HEAD "\"completed\"}", ERROR_EXISTS, ERROR_EXISTS},
    {COMPLETED("t"), "", ERROR_EXISTS, ERROR_EXISTS},
    {FAILED("t"), HEAD "\"failed\"}", ERROR_EXISTS, ERROR_EXISTS},
    {FAILED("t"), HEAD "\"failed\",\"declared\":\"timeout\"}", ERROR_EXISTS,
        ERROR_NONE},
    {FAILED("t"), "spoilt", ERROR_EXISTS, ERROR_EXISTS},
    /* who declared the failure stands where it cannot be read */
    {FAILED("t") "/x", "", ERROR_EXISTS, ERROR_TYPE},
    /* no folder */
    {"done/42", "", ERROR_SYSTEM, ERROR_SYSTEM},
};

static void test_undone(void **state)
{
    for (size_t i = 0; i < COUNT_OF(undone_cases); i++) {
        const struct fixture *fixture = *state;
        const struct undone_case *row = &undone_cases[i];
        fixture_put(fixture, PENDING("a", "t"), DROP("a"));
        fixture_put(fixture, row->path, row->text);
        enum error any = find_undone(&fixture->account, "t", WORD_DECLARED);
        enum error own = find_undone(&fixture->account, "t", WORD_COMPLETED);
        if (any != row->any || own != row->own)
            fail_msg("%s, %s: have %d and %d", row->path, row->text, (int)any,
                (int)own);
        fixture_renew(*state);
    }
}

static void test_states_have_names(void **state)
{
    (void)state;
    assert_string_equal(task_state_text(TASK_PENDING), "pending");
    assert_string_equal(task_state_text(TASK_EXECUTING), "executing");
    assert_string_equal(task_state_text(TASK_COMPLETED), "completed");
    assert_string_equal(task_state_text(TASK_FAILED), "failed");
}

struct owner_case {
    const char *paths[3];
    enum error error;
    int64_t user;
};

static const struct owner_case owners[] = {
    {{NULL}, ERROR_NOT_FOUND, 0},
    {{"pending/7/" QUEUED("a", "t")}, ERROR_NONE, 7},
    {{"executing/7/" FUTURE "-l-" QUEUED("a", "t")}, ERROR_NONE, 7},
    {{"done/9223372036854775807/t.failed.json"}, ERROR_NONE, INT64_MAX},
    {{"pending/7/" QUEUED("a", "t"), "done/7/t.failed.json"}, ERROR_NONE, 7},
    /* in hand before finished before pending */
    {{"pending/7/" QUEUED("a", "t"), "done/8/t.failed.json"}, ERROR_NONE, 8},
    {{"pending/7/" QUEUED("a", "t"), "done/8/t.failed.json",
         "executing/9/" FUTURE "-l-" QUEUED("a", "t")},
        ERROR_NONE, 9},
    {{"pending/7/" QUEUED("a", "t"), "pending/8/" QUEUED("a", "t")},
        ERROR_CONFLICT, 0},
    {{"done/7/t.completed.json", "done/8/t.failed.json"}, ERROR_CONFLICT, 0},
    {{"pending/7/" QUEUED("a", "u"), "done/08/t.failed.json",
         "done/x/t.failed.json"},
        ERROR_NOT_FOUND, 0},
};

static void test_owners(void **state)
{
    for (size_t i = 0; i < COUNT_OF(owners); i++) {
        const struct fixture *fixture = *state;
        const struct owner_case *row = &owners[i];
        struct account account = {&fixture->spool, &fixture->config, 0};
        for (size_t p = 0; p < 3 && row->paths[p] != NULL; p++)
            fixture_put(fixture, row->paths[p], DROP("a"));
        enum error error = find_owner(&account, "t");
        if (error != row->error ||
            account.user != (error == ERROR_NONE ? row->user : 0))
            fail_msg("%s: have %d, want %d", row->paths[0], (int)error,
                (int)row->error);
        fixture_renew(*state);
    }
}

/* In a deep queue the index is asked: the answers are the same. */
static void test_deep_queue(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct queue queue;
    struct task_place place;
    fixture_fill(fixture, 0, QUEUE_DEEP + 8);
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    fixture_age(fixture, "pending/42", 100);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
        assert_string_equal(place.path.text, PENDING("a", "t"));
        assert_int_equal(
            find_task(&fixture->account, "f519", &place), ERROR_NONE);
        assert_string_equal(place.lease.task.action, "get_stats");
        assert_int_equal(
            find_task(&fixture->account, "f520", &place), ERROR_NOT_FOUND);
        assert_int_equal(
            find_task(&fixture->account, "f", &place), ERROR_NOT_FOUND);
        assert_int_equal(
            queue_open(&queue, UNDER(fixture, &config)), ERROR_NONE);
        assert_true(queue.indexed);
        queue_close(&queue);
    }
    /* What came and went by hand since the index was made. */
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    unlinkat(fixture->spool.directory, PENDING("a", "t"), 0);
    assert_int_equal(find_task(&fixture->account, "u", &place), ERROR_NONE);
    assert_int_equal(
        find_task(&fixture->account, "t", &place), ERROR_NOT_FOUND);
}

/* A task that is never where it is looked for: before each openat(2) of a
 * folder it goes to the other one, as often as it can. */
struct dodger {
    const struct fixture *fixture;
    unsigned moves; /* left */
    unsigned opened;
};

static const char waiting[] = PENDING("a", "t");
static const char in_hand[] = EXECUTING(PAST, "l", "a", "t");

/* The next change of the folder shows, however coarse its clock is. */
static void tick(const struct fixture *fixture, const char *folder)
{
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT}, clock_to_timespec(clock_now())};
    assert_int_equal(utimensat(fixture->spool.directory, folder, times, 0), 0);
}

/* A round of looks opens executing/42, the index, of which there is none,
 * pending/42, then executing/42 again. */
static void dodge(void *context)
{
    struct dodger *dodger = context;
    const struct fixture *fixture = dodger->fixture;
    int directory = fixture->spool.directory;
    unsigned which = dodger->opened++ % 4;
    const char *from = which == 2 ? waiting : in_hand;
    const char *to = which == 2 ? in_hand : waiting;
    if (which == 1 || dodger->moves == 0 ||
        renameat(directory, from, directory, to) != 0)
        return;
    dodger->moves--;
    tick(fixture, "pending/42");
    tick(fixture, "executing/42");
}

static enum error look_for_dodger(
    const struct fixture *fixture, struct dodger *dodger)
{
    struct task_place place;
    fault_set_meanwhile(FAULT_OPEN, dodge, dodger);
    enum error error = find_task(&fixture->account, "t", &place);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    return error;
}

static void test_moves_against_the_looks(void **state)
{
    for (unsigned moves = 0; moves <= 6; moves++) {
        const struct fixture *fixture = *state;
        struct dodger dodger = {fixture, moves, 0};
        fixture_put(fixture, in_hand, DROP("a"));
        fixture_put(fixture, waiting, DROP("a"));
        unlinkat(fixture->spool.directory, in_hand, 0);
        if (look_for_dodger(fixture, &dodger) != ERROR_NONE)
            fail_msg("after %u moves it is nowhere", moves);
        fixture_renew(*state);
    }
}

/* What has just moved bears an old time where the clock is set back. */
static void dodge_set_back(void *context)
{
    clock_fixture_set(-31);
    dodge(context);
}

static void test_moves_while_the_clock_is_set(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place place;
    struct dodger dodger = {fixture, 2, 0};
    fixture_put(fixture, in_hand, DROP("a"));
    fixture_put(fixture, waiting, DROP("a"));
    unlinkat(fixture->spool.directory, in_hand, 0);
    clock_now();
    fault_set_meanwhile(FAULT_OPEN, dodge_set_back, &dodger);
    enum error error = find_task(&fixture->account, "t", &place);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    clock_fixture_set(0);
    assert_int_equal(error, ERROR_NONE);
}

/* It ends, even so. */
static void test_moves_without_end(void **state)
{
    const struct fixture *fixture = *state;
    struct dodger dodger = {fixture, UINT_MAX, 0};
    fixture_put(fixture, in_hand, DROP("a"));
    fixture_put(fixture, waiting, DROP("a"));
    unlinkat(fixture->spool.directory, in_hand, 0);
    assert_int_equal(look_for_dodger(fixture, &dodger), ERROR_NOT_FOUND);
}

/* Where no name has moved lately, what is nowhere is looked for no longer. */
static void test_quiet_folders(void **state)
{
    const struct fixture *fixture = *state;
    struct dodger dodger = {fixture, 0, 0};
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    fixture_put(fixture, EXECUTING(PAST, "l", "a", "v"), DROP("a"));
    fixture_age(fixture, "pending/42", 100);
    fixture_age(fixture, "executing/42", 100);
    assert_int_equal(look_for_dodger(fixture, &dodger), ERROR_NOT_FOUND);
    assert_int_equal(dodger.opened, 4);
    /* And where some have, once more. */
    tick(fixture, "pending/42");
    dodger.opened = 0;
    assert_int_equal(look_for_dodger(fixture, &dodger), ERROR_NOT_FOUND);
    assert_int_equal(dodger.opened, 8);
}

/* The same where another machine moves it, and we are not told of the folders'
 * times, or they are of its clock. */
static void dodge_unseen(void *context)
{
    struct dodger *dodger = context;
    int directory = dodger->fixture->spool.directory;
    dodger->opened++;
    if (dodger->opened == 2)
        assert_int_equal(renameat(directory, waiting, directory, in_hand), 0);
    if (dodger->opened == 3)
        assert_int_equal(renameat(directory, in_hand, directory, waiting), 0);
    fixture_age(dodger->fixture, "pending/42", 100);
    fixture_age(dodger->fixture, "executing/42", 100);
}

static void test_moves_on_another_machine(void **state)
{
    struct fixture *fixture = *state;
    struct task_place place;
    struct dodger dodger = {fixture, 0, 0};
    fault_share(true);
    fixture_put(fixture, in_hand, DROP("a"));
    fixture_put(fixture, waiting, DROP("a"));
    unlinkat(fixture->spool.directory, in_hand, 0);
    fault_set_meanwhile(FAULT_OPEN, dodge_unseen, &dodger);
    enum error error = find_task(&fixture->account, "t", &place);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    fault_share(false);
    assert_int_equal(error, ERROR_NONE);
    assert_string_equal(place.path.text, waiting);
}

/* Nor does an index prove there that an ID is not waiting: what has come may
 * not show in the folder's mtime. */
static void test_deep_queue_of_several_machines(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    struct queue queue;
    struct task_place place;
    fixture_fill(fixture, 0, QUEUE_DEEP + 8);
    fixture_age(fixture, "pending/42", 100);
    assert_int_equal(
        queue_open(&queue, UNDER(fixture, &fixture->config)), ERROR_NONE);
    assert_true(queue.indexed);
    queue_close(&queue);
    int directory = fixture->spool.directory;
    assert_int_equal(fstatat(directory, "pending/42", &status, 0), 0);
    fixture_put(fixture, waiting, DROP("a"));
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    assert_int_equal(utimensat(directory, "pending/42", times, 0), 0);
    fault_share(true);
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    assert_string_equal(place.path.text, waiting);
}

/* A look for its owner opens executing/ and 42 in it, done/, pending/, the
 * index and 42, executing/ and 42 again. */
static void dodge_owner(void *context)
{
    struct dodger *dodger = context;
    int directory = dodger->fixture->spool.directory;
    dodger->opened++;
    if (dodger->opened == 6)
        assert_int_equal(renameat(directory, waiting, directory, in_hand), 0);
    if (dodger->opened == 8)
        assert_int_equal(renameat(directory, in_hand, directory, waiting), 0);
}

static void test_owner_of_one_that_moves(void **state)
{
    const struct fixture *fixture = *state;
    struct account account = {&fixture->spool, &fixture->config, 0};
    struct dodger dodger = {fixture, 0, 0};
    fixture_put(fixture, in_hand, DROP("a"));
    fixture_put(fixture, waiting, DROP("a"));
    unlinkat(fixture->spool.directory, in_hand, 0);
    fault_set_meanwhile(FAULT_OPEN, dodge_owner, &dodger);
    enum error error = find_owner(&account, "t");
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(account.user, 42);
}

/* A success takes the place of a failure that we had declared: done/ alone
 * changes. */
static enum error succeed(void *context)
{
    const struct fixture *fixture = context;
    fixture_put(fixture, COMPLETED("t"), "");
    return unlinkat(fixture->spool.directory, FAILED("t"), 0) == 0 ? ERROR_NONE
                                                                   : ERROR_IO;
}

static enum error look_for_task(struct account *account)
{
    struct task_place place;
    return find_task(account, "t", &place);
}

static enum error look_for_owner(struct account *account)
{
    struct account unknown = {account->spool, account->config, 0};
    return find_owner(&unknown, "t");
}

/* At each moment of the looks, where no other folder has changed lately. */
static void test_moves_within_done(void **state)
{
    static enum error (*const looks[])(struct account *account) = {
        look_for_task, look_for_owner};
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        bool has_met = true;
        for (unsigned which = 1; has_met; which++) {
            fixture_renew(*state);
            struct fixture *fixture = *state;
            fixture_put(fixture, FAILED("t"), "");
            fixture_put(fixture, PENDING("a", "u"), DROP("a"));
            fixture_put(fixture, EXECUTING(PAST, "l", "a", "v"), DROP("a"));
            fixture_age(fixture, "pending/42", 100);
            fixture_age(fixture, "executing/42", 100);
            fault_meet(FAULT_STATUS, which, succeed, fixture);
            enum error error = looks[i](&fixture->account);
            has_met = fault_clear();
            if (error != ERROR_NONE)
                fail_msg("look %u: have %d", which, (int)error);
        }
    }
}

/* A failure that has the name of a success for a moment gets its own, and then
 * loses that one (verdict_step's rename_theirs): at no moment is it undone. */
static enum error bear_own_name(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    linkat(directory, COMPLETED("t"), directory, FAILED("t"), 0);
    return unlinkat(directory, COMPLETED("t"), 0) == 0 ? ERROR_NONE : ERROR_IO;
}

static void test_done_under_another_name(void **state)
{
    bool has_met = true;
    for (unsigned which = 1; has_met; which++) {
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        fixture_put(fixture, COMPLETED("t"),
            "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"a\",\"params\":{},"
            "\"created_at\":\"2024-12-07T10:00:00.000000Z\","
            "\"completed_at\":\"2024-12-07T10:01:00.000000Z\","
            "\"status\":\"failed\"}");
        fault_meet(FAULT_ALL, which, bear_own_name, *state);
        enum error error = find_undone(&fixture->account, "t", WORD_COMPLETED);
        has_met = fault_clear();
        if (error != ERROR_EXISTS)
            fail_msg("call %u: have %d", which, (int)error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_places),
        IN_SPOOL(test_what_the_name_says),
        IN_SPOOL(test_undone),
        cmocka_unit_test(test_states_have_names),
        IN_SPOOL(test_owners),
        IN_SPOOL(test_deep_queue),
        IN_SPOOL(test_moves_against_the_looks),
        IN_SPOOL(test_moves_while_the_clock_is_set),
        IN_SPOOL(test_moves_without_end),
        IN_SPOOL(test_quiet_folders),
        IN_SPOOL(test_moves_on_another_machine),
        IN_SPOOL(test_deep_queue_of_several_machines),
        IN_SPOOL(test_owner_of_one_that_moves),
        IN_SPOOL(test_moves_within_done),
        IN_SPOOL(test_done_under_another_name),
    };
    return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
