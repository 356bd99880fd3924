/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "second.h"
#include "task_fixture.h"
#include "unit.h"
#include "withdraw.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define WAITING PENDING("a", "t")
#define STATS PENDING("get_stats", "t")
#define RUNNING EXECUTING(FUTURE, "l1", "a", "t")

static enum error look(const struct fixture *fixture)
{
    return second_look(&fixture->account, "t", (struct path){WAITING});
}

static void put_both(const struct fixture *fixture)
{
    fixture_put(fixture, WAITING, DROP("a"));
    fixture_put(fixture, RUNNING, DROP("a"));
}

static void test_alone(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, WAITING, DROP("a"));
    assert_int_equal(look(fixture), ERROR_NONE);
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "u"), DROP("a"));
    assert_int_equal(look(fixture), ERROR_NONE);
}

static void test_executing_besides(void **state)
{
    put_both(*state);
    assert_int_equal(look(*state), ERROR_EXISTS);
}

static enum error take(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, WAITING);
}

static void test_taken_meanwhile(void **state)
{
    put_both(*state);
    fault_meet(FAULT_STATUS, 1, take, *state);
    assert_int_equal(look(*state), ERROR_NOT_FOUND);
}

static enum error give_back(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, RUNNING);
}

/* Between the look for its pending name and that for its other one. */
static void test_given_back_meanwhile(void **state)
{
    put_both(*state);
    fault_meet(FAULT_STATUS, 2, give_back, *state);
    assert_int_equal(look(*state), ERROR_CONFLICT);
}

static void test_cannot_tell(void **state)
{
    put_both(*state);
    fault_set(FAULT_OPEN, 1, EACCES);
    assert_int_equal(look(*state), ERROR_DENIED);
    assert_true(fault_clear());
}

static void expect_safe(const struct fixture *fixture, const char *folder)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, folder, &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
}

static void make_unsafe(const struct fixture *fixture, const char *folder)
{
    int directory = fixture->spool.directory;
    assert_int_equal(mkdirat(directory, folder, 0700), 0);
    assert_int_equal(fchmodat(directory, folder, 01700, 0), 0);
}

/* What is moved into a folder goes with it where its own name is lost, and is
 * not in the old one either once somebody has fsynced that. */
static void test_folder_made_by_the_dead(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, STATS, DROP("get_stats"));
    make_unsafe(fixture, "executing/42");
    fixture_claim(fixture, "", "t");
    expect_safe(fixture, "executing/42");
}

static enum error make_executing(void *context)
{
    make_unsafe(context, "executing/42");
    return ERROR_NONE;
}

/* The first rename has met no folder. */
static void test_folder_made_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, STATS, DROP("get_stats"));
    fault_meet(FAULT_NAMES, 2, make_executing, *state);
    fixture_claim(fixture, "", "t");
    expect_safe(fixture, "executing/42");
}

/* Over a network a mkdir that was done may report that there is one. */
static void test_folder_made_late(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, STATS, DROP("get_stats"));
    fault_set_late(FAULT_NAMES, 2, EEXIST);
    fixture_claim(fixture, "", "t");
    assert_true(fault_clear());
    expect_safe(fixture, "executing/42");
}

static void test_withdrawn_into_folder_of_the_dead(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, STATS, DROP("get_stats"));
    make_unsafe(fixture, "executing/42");
    assert_int_equal(withdraw_pending(&fixture->account,
                         strrchr(STATS, '/') + 1, WITHDRAW_CANCELLED),
        ERROR_NONE);
    expect_safe(fixture, "executing/42");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_alone),
        IN_SPOOL(test_executing_besides),
        IN_SPOOL(test_taken_meanwhile),
        IN_SPOOL(test_given_back_meanwhile),
        IN_SPOOL(test_cannot_tell),
        IN_SPOOL(test_folder_made_by_the_dead),
        IN_SPOOL(test_folder_made_meanwhile),
        IN_SPOOL(test_folder_made_late),
        IN_SPOOL(test_withdrawn_into_folder_of_the_dead),
    };
    return cmocka_run_group_tests_name("second", tests, NULL, NULL);
}
