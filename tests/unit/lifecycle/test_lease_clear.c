/* SPDX-License-Identifier: MIT */
/* Names that a crash has left of a task that is executing: who settles it, and
 * each sweep, clears them. */
#include "error.h"
#include "file.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>

/* What a crash, or a file system that keeps both sides of a rename, leaves. */
static void test_clear(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "done"), DROP("a"));
    fixture_put(fixture, COMPLETED("done"), "{}");
    fixture_put(fixture, EXECUTING(FUTURE, "l2", "a", "both"), DROP("a"));
    fixture_put(fixture, PENDING("a", "both"), DROP("a"));
    fixture_put(fixture, EXECUTING(FUTURE, "l3", "a", "one"), DROP("a"));
    fixture_put(fixture, PENDING("a", "other"), DROP("a"));
    assert_int_equal(lease_clear(&fixture->account, &report), ERROR_NONE);
    assert_int_equal(report.cleared, 2);
    fixture_expect_tree(
        fixture, COMPLETED("done") "\n" EXECUTING(
                     FUTURE, "l2", "a", "both") "\n" EXECUTING(FUTURE, "l3",
                     "a", "one") "\n" PENDING("a", "other") "\n");
    assert_int_equal(lease_clear(&fixture->other, &report), ERROR_NONE);
    assert_int_equal(report.cleared, 2);
}

#define NEXT_TRY "pending/42/998-" CREATED "-get_stats-t.r1.json"

/* Other names of an entry's file: of a later step, of another hand-out, of
 * another task, as who makes links by hand has it, and of none that we know. */
static const struct {
    const char *name;
    bool is_later;
} others_of_one[] = {
    {NEXT_TRY, true},
    /* put off */
    {"pending/42/998-20990101T000000.000000Z-get_stats-t.r1.json", true},
    {EXECUTING(FUTURE, "l1", "get_stats", "t"), true},
    {"executing/42/" PAST "-l2-998-" CREATED "-get_stats-t.r1.json", true},
    {EXECUTING(FUTURE, "l2", "get_stats", "t"), false},
    {"pending/42/998-" CREATED "-get_stats-other.r1.json", false},
    {EXECUTING(FUTURE, "l1", "get_stats", "other"), false},
    {"pending/42/x", false},
};

/* As power loss may show them: the rename that ends the one over the other
 * would do nothing, however often it is made, and a plugin may be at it by the
 * later name. A copy is another file. */
static void test_clear_earlier(void **state)
{
    static const char entry[] = EXECUTING(PAST, "l1", "get_stats", "t");
    for (size_t i = 0; i < 4 * COUNT_OF(others_of_one); i++) {
        const struct fixture *fixture = *state;
        struct lease_report report = {0};
        const char *other = others_of_one[i / 4].name;
        bool is_copy = i % 2 == 1;
        bool sweeps = i % 4 < 2;
        bool goes = others_of_one[i / 4].is_later && !is_copy;
        fixture_put(fixture, entry, DROP("get_stats"));
        fixture_put(fixture, other, DROP("get_stats"));
        if (!is_copy) {
            file_remove(fixture->spool.directory, other);
            file_link(fixture->spool.directory, entry, other);
        }
        if (sweeps)
            lease_clear(&fixture->account, &report);
        else
            lease_settle_one(
                &fixture->account, strrchr(entry, '/') + 1, &report);
        if (report.cleared != goes)
            fail_msg("%s: %d", other, (int)i);
        assert_int_equal(
            file_exists(fixture->spool.directory, entry), sweeps && !goes);
        if (goes)
            assert_true(file_exists(fixture->spool.directory, other));
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_clear),
        IN_SPOOL(test_clear_earlier),
    };
    return cmocka_run_group_tests_name("lease_clear", tests, NULL, NULL);
}
