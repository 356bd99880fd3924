/* SPDX-License-Identifier: MIT */
#include "twin.h"

#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DROPPED "pending/42/x.json"
#define WAITING PENDING("a", "t")
#define RUNNING EXECUTING(FUTURE, "l1", "a", "t")

/* A drop, and another link of it under this name. */
static struct stat lay(const struct fixture *fixture, const char *name)
{
    int directory = fixture->spool.directory;
    fixture_put(fixture, DROPPED, DROP("a"));
    fixture_put(fixture, name, "");
    assert_int_equal(unlinkat(directory, name, 0), 0);
    assert_int_equal(linkat(directory, DROPPED, directory, name, 0), 0);
    return fixture_status(fixture, DROPPED);
}

static void test_found(void **state)
{
    static const char *const names[] = {WAITING, RUNNING};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct task_place place;
        const struct fixture *fixture = *state;
        struct stat status = lay(fixture, names[i]);
        fixture_put(fixture, PENDING("a", "u"), DROP("a"));
        fixture_put(fixture, EXECUTING(FUTURE, "l2", "a", "v"), DROP("a"));
        assert_int_equal(
            twin_find(&fixture->account, &status, &place), ERROR_NONE);
        assert_string_equal(place.path.text, names[i]);
        assert_string_equal(place.lease.task.id, "t");
        fixture_renew(*state);
    }
}

static void test_one_link(void **state)
{
    struct task_place place;
    const struct fixture *fixture = *state;
    fixture_put(fixture, DROPPED, DROP("a"));
    fixture_put(fixture, WAITING, DROP("a"));
    struct stat status = fixture_status(fixture, DROPPED);
    assert_int_equal(
        twin_find(&fixture->account, &status, &place), ERROR_NOT_FOUND);
}

static enum error take(void *context)
{
    const struct fixture *fixture = context;
    return file_rename(fixture->spool.directory, WAITING, RUNNING);
}

static enum error remove_it(void *context)
{
    const struct fixture *fixture = context;
    return file_remove(fixture->spool.directory, WAITING);
}

/* Its name was met, and by then it has another, or none any more. */
static void test_moved_meanwhile(void **state)
{
    struct task_place place;
    const struct fixture *fixture = *state;
    struct stat status = lay(fixture, WAITING);
    fixture_put(fixture, "executing/42/x", "");
    fault_meet(FAULT_STATUS, 1, take, *state);
    assert_int_equal(twin_find(&fixture->account, &status, &place), ERROR_NONE);
    assert_true(fault_clear());
    assert_string_equal(place.path.text, RUNNING);
    fixture_renew(*state);
    status = lay(fixture, WAITING);
    fault_meet(FAULT_STATUS, 1, remove_it, *state);
    assert_int_equal(
        twin_find(&fixture->account, &status, &place), ERROR_NOT_FOUND);
    assert_true(fault_clear());
}

/* Where a name cannot be looked at, or its folder. */
static void test_cannot_tell(void **state)
{
    static const char *const names[] = {WAITING, RUNNING};
    const enum fault_call calls[] = {FAULT_STATUS, FAULT_OPEN};
    for (size_t i = 0; i < 4; i++) {
        const struct fixture *fixture = *state;
        struct stat status = lay(fixture, names[i % 2]);
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct task_place place;
            fault_set(calls[i / 2], which, EIO);
            enum error error = twin_find(&fixture->account, &status, &place);
            has_come = fault_clear();
            assert_int_not_equal(error, ERROR_NOT_FOUND);
        }
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_found),
        IN_SPOOL(test_one_link),
        IN_SPOOL(test_moved_meanwhile),
        IN_SPOOL(test_cannot_tell),
    };
    return cmocka_run_group_tests_name("twin", tests, NULL, NULL);
}
