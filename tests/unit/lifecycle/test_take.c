/* SPDX-License-Identifier: MIT */
#include "claim.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"
#include "withdraw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATS PENDING("get_stats", "t")

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

struct other {
    const struct fixture *fixture;
    bool has_come;
};

static enum error make_executing(void *context)
{
    struct other *other = context;
    int directory = other->fixture->spool.directory;
    other->has_come = true;
    if (mkdirat(directory, "executing/42", 0700) == 0)
        fchmodat(directory, "executing/42", 01700, 0);
    return ERROR_NONE; /* or it is there already */
}

/* At whichever moment, and then the other one dies. */
static void test_folder_made_meanwhile(void **state)
{
    struct other other = {*state, true};
    int directory = other.fixture->spool.directory;
    for (unsigned which = 1; other.has_come; which++) {
        struct task_place place;
        other.has_come = false;
        fixture_put(other.fixture, STATS, DROP("get_stats"));
        fault_meet(FAULT_ALL, which, make_executing, &other);
        fixture_claim(other.fixture, "", "t");
        fault_clear();
        expect_safe(other.fixture, "executing/42");
        assert_int_equal(
            find_executing(&other.fixture->account, "t", &place), ERROR_NONE);
        assert_int_equal(unlinkat(directory, place.path.text, 0), 0);
        assert_int_equal(unlinkat(directory, "executing/42", AT_REMOVEDIR), 0);
    }
}

/* Over a network a mkdir that was done may report that there is one. */
static void test_folder_made_late(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, STATS, DROP("get_stats"));
    fault_set_late(FAULT_NAMES, 1, EEXIST);
    fixture_claim(fixture, "", "t");
    assert_true(fault_clear());
    expect_safe(fixture, "executing/42");
}

static unsigned refused; /* which change of a name then fails; 0: none */

static enum error remove_executing(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, "executing/42", AT_REMOVEDIR);
    if (refused > 0)
        fault_set(FAULT_NAMES, refused, ENOSPC);
    return ERROR_NONE;
}

/* A person tidies up: the folder was there when the poll began. */
static void test_folder_removed_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, STATS, DROP("get_stats"));
    assert_int_equal(
        account_make_folder(&fixture->account, SPOOL_EXECUTING), ERROR_NONE);
    fault_meet(FAULT_NAMES, 1, remove_executing, *state);
    fixture_claim(fixture, "", "t");
    assert_true(fault_clear());
    expect_safe(fixture, "executing/42");
}

/* And it cannot be made again, or not be moved there: the task stays. */
static void test_folder_removed_and_no_room(void **state)
{
    const struct fixture *fixture = *state;
    for (refused = 2; refused <= 3; refused++) {
        struct claim claim;
        fixture_put(fixture, STATS, DROP("get_stats"));
        assert_int_equal(
            account_make_folder(&fixture->account, SPOOL_EXECUTING),
            ERROR_NONE);
        fault_meet(FAULT_NAMES, 1, remove_executing, *state);
        assert_int_equal(claim_next(&fixture->account, "", &claim), ERROR_FULL);
        assert_true(fault_clear());
        fixture_expect(fixture, STATS, DROP("get_stats"));
        fixture_claim(fixture, "", "t");
        fixture_renew(*state);
    }
}

static enum error remove_queues(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    assert_int_equal(unlinkat(directory, "pending/42", AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(directory, "pending", AT_REMOVEDIR), 0);
    return ERROR_NONE;
}

/* Nothing comes back from there, so that it is safe to hand the task out: one
 * that was dropped, may not be repeated, and is the last. */
static void test_queues_removed_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("create_product", "t"),
        "{\"action\":\"create_product\",\"user_id\":42}");
    assert_int_equal(
        account_make_folder(&fixture->account, SPOOL_EXECUTING), ERROR_NONE);
    fault_meet(FAULT_SYNC, 1, remove_queues, *state);
    fixture_claim(fixture, "", "t");
    assert_true(fault_clear());
    assert_int_equal(fixture_count(fixture, "executing/42"), 1);
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
        IN_SPOOL(test_folder_made_by_the_dead),
        IN_SPOOL(test_folder_made_meanwhile),
        IN_SPOOL(test_folder_made_late),
        IN_SPOOL(test_folder_removed_meanwhile),
        IN_SPOOL(test_folder_removed_and_no_room),
        IN_SPOOL(test_queues_removed_meanwhile),
        IN_SPOOL(test_withdrawn_into_folder_of_the_dead),
    };
    return cmocka_run_group_tests_name("take", tests, NULL, NULL);
}
