/* SPDX-License-Identifier: MIT */
#include "task_fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const taken[] = {
    PENDING("b", "t"),
    "pending/42/000-20200101T000000.000000Z-b-t.r3.json",
    EXECUTING(PAST, "l1", "b", "t"),
    COMPLETED("t"),
    FAILED("t"),
};

/* An ID is unique per user over all states. */
static void test_id_is_taken(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        fixture_put(fixture, taken[i], "{}");
        fixture_put(fixture, "pending/42/x.json",
            "{\"action\":\"a\",\"task_id\":\"t\"}");
        if (fixture_route(fixture, 42, "x.json") != DROP_REJECTED)
            fail_msg("%s: was no conflict", taken[i]);
        fixture_expect(fixture, taken[i], "{}");
        assert_int_equal(fixture_count(fixture, "rejected"), 2);
        fixture_put(fixture, "pending/43/x.json",
            "{\"action\":\"a\",\"task_id\":\"t\"}");
        assert_int_equal(fixture_route(fixture, 43, "x.json"), DROP_ROUTED);
        fixture_tear_down(state);
        fixture_set_up(state);
        fixture = *state;
    }
}

static void test_id_is_held(void **state)
{
    fixture_put(*state, "tmp/42-t.hold", "");
    fixture_put(
        *state, "pending/42/x.json", "{\"action\":\"a\",\"task_id\":\"t\"}");
    assert_int_equal(fixture_route(*state, 42, "x.json"), DROP_WAITING);
    fixture_expect_tree(*state, "pending/42/x.json\ntmp/42-t.hold\n");
}

static void test_odd_things(void **state)
{
    struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    char large[1002];
    memset(large, ' ', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    fixture_put(fixture, "log/secret", DROP("a"));
    fixture_put(fixture, "pending/42/large.json", large);
    assert_int_equal(mkfifoat(directory, "pending/42/fifo.json", 0600), 0);
    assert_int_equal(mkdirat(directory, "pending/42/dir.json", 0700), 0);
    assert_int_equal(
        symlinkat("../../log/secret", directory, "pending/42/link.json"), 0);
    assert_int_equal(fixture_route(fixture, 42, "gone.json"), DROP_GONE);
    assert_int_equal(fixture_route(fixture, 42, "large.json"), DROP_REJECTED);
    assert_int_equal(fixture_route(fixture, 42, "fifo.json"), DROP_REJECTED);
    assert_int_equal(fixture_route(fixture, 42, "dir.json"), DROP_REJECTED);
    assert_int_equal(fixture_route(fixture, 42, "link.json"), DROP_REJECTED);
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(fixture_count(fixture, "rejected"), 8);
    fixture_expect(fixture, "log/secret", DROP("a"));
}

static const char *const hostile_names[] = {
    "new\nline.json",
    "-rf ~.json",
    "\xFF\xFE.json",
    "..json.json",
    "a\".json",
    "$(id).json",
    "%s%n.json",
};

/* A dropped file's name means nothing and may be any bytes. */
static void test_hostile_names(void **state)
{
    for (size_t i = 0; i < COUNT_OF(hostile_names); i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, hostile_names[i]);
        fixture_put(*state, path.text, "{\"action\":\"a\",\"task_id\":\"t\"}");
        assert_int_equal(
            fixture_route(*state, 42, hostile_names[i]), DROP_ROUTED);
        fixture_expect_tree(*state, PENDING("a", "t") "\n");
        fixture_put(*state, path.text, "{}");
        assert_int_equal(
            fixture_route(*state, 42, hostile_names[i]), DROP_REJECTED);
        assert_int_equal(fixture_count(*state, "rejected"),
            hostile_names[i][0] == '.' ? 0 : 2);
        fixture_tear_down(state);
        fixture_set_up(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_id_is_taken),
        IN_SPOOL(test_id_is_held),
        IN_SPOOL(test_odd_things),
        IN_SPOOL(test_hostile_names),
    };
    return cmocka_run_group_tests_name("drop_odd", tests, NULL, NULL);
}
