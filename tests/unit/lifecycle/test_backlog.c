/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "backlog.h"
#include "buffer.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "figures.h"
#include "ingest_fixture.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>

static void fill_many(const struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, fixture_filled(i));
        fixture_put(fixture, path.text, "");
    }
}

/* What is told; whether a folder was read for that. */
static bool tell(
    const struct fixture *fixture, struct backlog *backlog, bool *due)
{
    struct config config = fixture_config();
    struct buffer steps = BUFFER_EMPTY;
    fault_watch(&steps);
    assert_int_equal(
        backlog_tell(UNDER(fixture, &config), backlog, due), ERROR_NONE);
    fault_watch(NULL);
    bool read = strstr(buffer_text(&steps), "list ") != NULL;
    assert_int_equal(backlog->is_kept, !read);
    buffer_free(&steps);
    return read;
}

static void test_few(void **state)
{
    struct backlog backlog;
    bool due;
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fixture_put(*state, EXECUTING(FUTURE, "l", "a", "e"), DROP("a"));
    for (int i = 0; i < 2; i++) {
        assert_true(tell(*state, &backlog, &due));
        assert_int_equal(backlog.pending, 1);
        assert_int_equal(backlog.executing, 1);
        assert_int_equal(backlog.next_due, 0);
    }
    assert_int_equal(fixture_count(*state, "index"), 0);
}

/* Very many are counted once in a while, behind an answer where that may be. */
static void test_many(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct backlog backlog;
    bool due;
    fill_many(fixture, FIGURES_MANY + 1);
    assert_true(tell(fixture, &backlog, &due));
    fixture_put(fixture, PENDING("a", "new"), DROP("a"));
    assert_false(tell(fixture, &backlog, &due));
    assert_false(due);
    assert_int_equal(backlog.pending, FIGURES_MANY + 1);
    clock_fixture_set(FIGURES_FRESH + 2);
    assert_false(tell(fixture, &backlog, &due));
    assert_true(due);
    backlog_renew(UNDER(fixture, &config));
    assert_false(tell(fixture, &backlog, &due));
    assert_false(due);
    assert_int_equal(backlog.pending, FIGURES_MANY + 2);
    clock_fixture_set(FIGURES_FRESH + FIGURES_KEPT + 4);
    assert_true(tell(fixture, &backlog, &due));
    clock_fixture_set(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_few),
        IN_SPOOL(test_many),
    };
    return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
