/* SPDX-License-Identifier: MIT */
/* Looking for a task where a call fails: it is found, or that cannot be told.
 */
#include "clock.h"
#include "fault.h"
#include "find.h"
#include "step_fixture.h"
#include "task_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const char *const places[] = {
    "pending/8/" QUEUED("a", "t"),
    "executing/8/" FUTURE "-l-" QUEUED("a", "t"),
    "done/8/t.failed.json",
};

static const int numbers[] = {EIO, EACCES, ESTALE, EINTR};

static void lay(const struct fixture *fixture, const char *place)
{
    fixture_put(fixture, "pending/7/" QUEUED("a", "u"), DROP("a"));
    fixture_put(
        fixture, "executing/9/" FUTURE "-l-" QUEUED("a", "v"), DROP("a"));
    fixture_put(fixture, "done/7/w.failed.json", DROP("a"));
    fixture_put(fixture, place, DROP("a"));
}

static bool fail_at(const struct fixture *fixture, enum fault_call call,
    unsigned which, int number)
{
    struct task_place place;
    struct account owner = {&fixture->spool, &fixture->config, 0};
    const struct account account = {&fixture->spool, &fixture->config, 8};
    fault_set(call, which, number);
    enum error error = find_owner(&owner, "t");
    bool has_come = fault_clear();
    assert_int_not_equal(error, ERROR_NOT_FOUND);
    if (error == ERROR_NONE)
        assert_int_equal(owner.user, 8);
    fault_set(call, which, number);
    error = find_task(&account, "t", &place);
    has_come |= fault_clear();
    assert_int_not_equal(error, ERROR_NOT_FOUND);
    return has_come;
}

static void test_fault(void **state)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        lay(*state, places[i]);
        for (int call = 0; call <= FAULT_ALL; call++) {
            for (size_t k = 0; k < COUNT_OF(numbers); k++) {
                unsigned which = 1;
                while (fail_at(*state, (enum fault_call)call, which,
                    call == FAULT_MEMORY ? ENOMEM : numbers[k]))
                    which++;
            }
        }
        fixture_renew(*state);
    }
}

/* A network file system hides for a moment what the index of the queue names.
 */
static void test_hidden(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place place;
    struct task_name task;
    step_lay_index(fixture);
    assert_int_equal(name_parse_queued(fixture_filled(0), &task), ERROR_NONE);
    bool has_come = true;
    fault_set_clock(100);
    clock_now(); /* so that nothing has moved a moment ago */
    for (unsigned which = 1; has_come; which++) {
        fault_set(FAULT_STATUS, which, ENOENT);
        enum error error = find_task(&fixture->account, task.id, &place);
        has_come = fault_clear();
        if (error != ERROR_NONE)
            fail_msg("look %u: %d", which, (int)error);
    }
    fault_set_clock(0);
}

/* None is found where there is none. */
static void test_unknown(void **state)
{
    const struct fixture *fixture = *state;
    lay(fixture, "done/8/x.failed.json");
    for (int call = 0; call <= FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct account owner = {&fixture->spool, &fixture->config, 0};
            fault_set((enum fault_call)call, which, EIO);
            enum error error = find_owner(&owner, "t");
            has_come = fault_clear();
            assert_int_not_equal(error, ERROR_NONE);
            if (error == ERROR_NOT_FOUND)
                assert_int_equal(owner.user, 0);
        }
    }
}

/* Whose folder could not be looked through is told. */
static void test_closed(void **state)
{
    const struct fixture *fixture = *state;
    struct account owner = {&fixture->spool, &fixture->config, 0};
    fixture_put(fixture, "pending/8/" QUEUED("a", "t"), DROP("a"));
    fixture_put(fixture, "executing/9", "no folder");
    assert_int_equal(find_owner(&owner, "t"), ERROR_SYSTEM);
    assert_int_equal(owner.user, 9);
}

/* The folders change under each look. */
static void change(void *context)
{
    const struct fixture *fixture = context;
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT}, clock_to_timespec(clock_now())};
    utimensat(fixture->spool.directory, "pending/7", times, 0);
    utimensat(fixture->spool.directory, "executing/9", times, 0);
}

static void test_no_rest(void **state)
{
    struct fixture *fixture = *state;
    struct account owner = {&fixture->spool, &fixture->config, 0};
    lay(fixture, "done/8/x.failed.json");
    fault_set_meanwhile(FAULT_STATUS, change, fixture);
    enum error error = find_owner(&owner, "t");
    fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
    assert_int_equal(error, ERROR_NOT_FOUND);
    assert_int_equal(owner.user, 0);
}

/* A failure that has gone each time it is opened may be a success by now. */
static void test_undone_gone(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, FAILED("t"),
        "{\"user_id\":42,\"task_id\":\"t\",\"action\":\"a\","
        "\"status\":\"failed\",\"declared\":\"timeout\","
        "\"completed_at\":\"2024-12-07T11:00:00.000000Z\"}");
    const struct account *account = &fixture->account;
    fault_set_lasting(FAULT_OPEN, 1, ENOENT);
    assert_int_equal(find_undone(account, "t", WORD_COMPLETED), ERROR_BUSY);
    assert_true(fault_clear());
    fault_set(FAULT_OPEN, 1, ENOENT);
    assert_int_equal(find_undone(account, "t", WORD_COMPLETED), ERROR_NONE);
    assert_true(fault_clear());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_fault),
        IN_SPOOL(test_hidden),
        IN_SPOOL(test_unknown),
        IN_SPOOL(test_closed),
        IN_SPOOL(test_no_rest),
        IN_SPOOL(test_undone_gone),
    };
    return cmocka_run_group_tests_name("find_fault", tests, NULL, NULL);
}
