/* SPDX-License-Identifier: MIT */
#include "ingest_fixture.h"
#include "spool_lock.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether another program can have the lock at this moment. */
static bool is_free(const struct fixture *fixture, const char *name)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int lock = spool_lock_try(&fixture->spool, name);
        if (lock >= 0)
            _exit(0);
        _exit(lock == SPOOL_LOCK_HELD ? 1 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return status == 0;
}

static void test_lock(void **state)
{
    const struct fixture *fixture = *state;
    unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR);
    int lock = spool_lock_try(&fixture->spool, "a");
    assert_true(lock >= 0);
    assert_false(is_free(fixture, "a"));
    assert_true(is_free(fixture, "b"));
    spool_unlock(lock);
    assert_true(is_free(fixture, "a"));
    lock = spool_lock(&fixture->spool, "a");
    assert_true(lock >= 0);
    spool_unlock(lock);
    lock = spool_lock_user(&fixture->spool, 42, "a");
    assert_false(is_free(fixture, "42.a"));
    spool_unlock(lock);
    symlinkat("../log/x", fixture->spool.directory, "index/link");
    assert_int_equal(spool_lock(&fixture->spool, "link"), SPOOL_LOCK_NONE);
    spool_unlock(SPOOL_LOCK_NONE);
    assert_int_equal(fixture_count(fixture, "log"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_lock),
    };
    return cmocka_run_group_tests_name("spool_lock", tests, NULL, NULL);
}
