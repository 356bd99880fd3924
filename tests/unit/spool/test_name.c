/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "name.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define STAMP "20241207T100000.123456Z"
#define DEADLINE "20241207T100100.000000Z"
#define TEN "abcdefghij"
#define FIFTY TEN TEN TEN TEN TEN
#define SIXTY_FOUR "ABCDEFGHIJ_-" TEN TEN TEN TEN TEN "01"
#define THIRTY_TWO TEN TEN TEN "09"

static const int64_t created = INT64_C(1733565600123456);
static const int64_t deadline = INT64_C(1733565660000000);

struct good_case {
    const char *text;
    int priority;
    const char *action;
    const char *id;
    int generation;
};

static const struct good_case good_cases[] = {
    {"998-" STAMP "-get_stats-a.json", 1, "get_stats", "a", 0},
    {"000-" STAMP "-a-b.json", 999, "a", "b", 0},
    {"999-" STAMP "-a-b.json", 0, "a", "b", 0},
    {"500-" STAMP "-" FIFTY "-" SIXTY_FOUR ".json", 499, FIFTY, SIXTY_FOUR, 0},
    {"500-" STAMP "-" FIFTY "-" SIXTY_FOUR ".r9999.json", 499, FIFTY,
        SIXTY_FOUR, 9999},
    {"998-" STAMP "-0-550e8400-e29b-41d4-a716-446655440000.json", 1, "0",
        "550e8400-e29b-41d4-a716-446655440000", 0},
    {"998-" STAMP "-a--.json", 1, "a", "-", 0},
    {"998-" STAMP "-a----.r1.json", 1, "a", "---", 1},
    {"998-" STAMP "-a-r1.r10.json", 1, "a", "r1", 10},
};

static void expect_same(const char *what, const struct task_name *have,
    const struct task_name *want)
{
    if (have->priority != want->priority || have->created != want->created ||
        have->generation != want->generation ||
        strcmp(have->action, want->action) != 0 ||
        strcmp(have->id, want->id) != 0)
        fail_msg("%s: have %d %s %s %d, want %d %s %s %d", what, have->priority,
            have->action, have->id, have->generation, want->priority,
            want->action, want->id, want->generation);
}

static struct task_name task_of(const struct good_case *row)
{
    struct task_name task = {.priority = row->priority,
        .created = created,
        .generation = row->generation};
    snprintf(task.action, sizeof task.action, "%s", row->action);
    snprintf(task.id, sizeof task.id, "%s", row->id);
    return task;
}

/* A queued name read and written again; and behind a lease, an executing. */
static void expect_round_trip(const struct good_case *row)
{
    struct task_name task;
    struct lease_name lease;
    char executing[NAME_LENGTH_MAX];
    struct task_name want = task_of(row);
    if (name_parse_queued(row->text, &task) != ERROR_NONE)
        fail_msg("%s was not taken", row->text);
    expect_same(row->text, &task, &want);
    assert_string_equal(name_format_queued(&task).text, row->text);
    snprintf(executing, sizeof executing, "%s-%s-%s", DEADLINE, THIRTY_TWO,
        row->text);
    if (name_parse_executing(executing, &lease) != ERROR_NONE)
        fail_msg("%s was not taken", executing);
    expect_same(executing, &lease.task, &want);
    assert_int_equal(lease.deadline, deadline);
    assert_string_equal(lease.lease, THIRTY_TWO);
    assert_string_equal(name_format_executing(&lease).text, executing);
    assert_int_not_equal(name_parse_queued(executing, &task), ERROR_NONE);
    assert_int_not_equal(name_parse_executing(row->text, &lease), ERROR_NONE);
}

static void test_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++)
        expect_round_trip(&good_cases[i]);
}

static const char *const bad_names[] = {
    "",
    ".json",
    "a.json",
    "998",
    "998-",
    "998-" STAMP,
    "998-" STAMP "-a",
    "998-" STAMP "-a-b",
    "998-" STAMP "-a-.json",  /* no ID */
    "998-" STAMP "--b.json",  /* no action */
    "998-" STAMP "-a.json",   /* one field short */
    "998-" STAMP "-A-b.json", /* the action's alphabet */
    "998-" STAMP "-a.b-c.json",
    "998-" STAMP "-a b-c.json",
    "998-" STAMP "-" FIFTY "a-b.json", /* an action of 51 */
    "998-" STAMP "-a-" SIXTY_FOUR "a.json",
    "998-" STAMP "-a-b c.json",
    "998-" STAMP "-a-b/c.json",
    "998-" STAMP "-a-..json",
    "998-" STAMP "-a-...json",
    "998-" STAMP "-a-b\n.json",
    "998-" STAMP "-a-b\xC3\xA9.json",
    "998-" STAMP "-a-b\xFF.json",
    "998-" STAMP "-a-b.txt", /* the ending */
    "998-" STAMP "-a-b.json ",
    "998-" STAMP "-a-b.json\n",
    "998-" STAMP "-a-b.json.json",
    "998-" STAMP "-a-b.JSON",
    "998-" STAMP "-a-bjson",
    "998-" STAMP "-a-b.json.swp",
    "998-" STAMP "-a-b.r.json", /* the generation */
    "998-" STAMP "-a-b.r0.json",
    "998-" STAMP "-a-b.r01.json",
    "998-" STAMP "-a-b.r-1.json",
    "998-" STAMP "-a-b.r+1.json",
    "998-" STAMP "-a-b.r10000.json",
    "998-" STAMP "-a-b.r99999999999999999999.json",
    "998-" STAMP "-a-b.r1x.json",
    "998-" STAMP "-a-b.r1.r2.json",
    "998-" STAMP "-a-b.R1.json",
    "998-" STAMP "-a-b.r1",
    "98-" STAMP "-a-b.json", /* the rank */
    "0998-" STAMP "-a-b.json",
    "99x-" STAMP "-a-b.json",
    " 98-" STAMP "-a-b.json",
    "-98-" STAMP "-a-b.json",
    "998" STAMP "-a-b.json",
    "998_" STAMP "-a-b.json",
    "998-20241307T100000.123456Z-a-b.json", /* the moment */
    "998-20230229T100000.123456Z-a-b.json",
    "998-20241207T240000.123456Z-a-b.json",
    "998-20241207T106000.123456Z-a-b.json",
    "998-20241207T100000.12345Z-a-b.json",
    "998-20241207T100000.1234567Z-a-b.json",
    "998-20241207T100000Z-a-b.json",
    "998-20241207t100000.123456z-a-b.json",
    "998-2024-12-07-a-b.json",
    ".998-" STAMP "-a-b.json",
};

static void test_bad_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        struct task_name task;
        struct lease_name lease;
        char executing[400];
        if (name_parse_queued(bad_names[i], &task) != ERROR_SYNTAX)
            fail_msg("%s was taken", bad_names[i]);
        snprintf(
            executing, sizeof executing, DEADLINE "-lease1-%s", bad_names[i]);
        if (name_parse_executing(executing, &lease) != ERROR_SYNTAX)
            fail_msg("%s was taken", executing);
    }
}

/* What stands before a good queued name. */
static const char *const bad_heads[] = {
    "",
    DEADLINE "-",
    DEADLINE "--",
    "-lease1-",
    "lease1-" DEADLINE "-",
    DEADLINE "-Lease1-",
    DEADLINE "-lease_1-",
    DEADLINE "-lease.1-",
    DEADLINE "-lease-1-",
    DEADLINE "-" THIRTY_TWO "x-",
    DEADLINE "lease1-",
    "20241207T100100.000000Y-lease1-",
    "20241200T100100.000000Z-lease1-",
};

static void test_bad_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_heads / sizeof bad_heads[0]; i++) {
        struct lease_name lease;
        char name[400];
        snprintf(name, sizeof name, "%s998-" STAMP "-a-b.json", bad_heads[i]);
        if (name_parse_executing(name, &lease) != ERROR_SYNTAX)
            fail_msg("%s was taken", name);
    }
}

/* Every name but the whole one, cut off at each byte. */
static void test_every_prefix(void **state)
{
    (void)state;
    static const char whole[] = DEADLINE "-lease1-998-" STAMP "-a-b.r1.json";
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        char part[sizeof whole];
        struct lease_name lease;
        snprintf(part, sizeof part, "%.*s", (int)length, whole);
        if (name_parse_executing(part, &lease) != ERROR_SYNTAX)
            fail_msg("%s was taken", part);
    }
}

struct order_case {
    struct task_name before;
    struct task_name after;
};

/* What ls sorts first is handed out first. */
static const struct order_case order_cases[] = {
    {{.priority = 999, .created = 9}, {.priority = 998, .created = 1}},
    {{.priority = 10, .created = 9}, {.priority = 9, .created = 1}},
    {{.priority = 1, .created = 1}, {.priority = 1, .created = 2}},
    {{.priority = 1, .created = 999999}, {.priority = 1, .created = 1000000}},
    {{.priority = 1, .created = INT64_C(946684799999999)},
        {.priority = 1, .created = INT64_C(946684800000000)}},
};

static void test_text_order_is_dispatch_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof order_cases / sizeof order_cases[0]; i++) {
        struct task_name before = order_cases[i].before;
        struct task_name after = order_cases[i].after;
        memcpy(before.action, "z", 2);
        memcpy(before.id, "z", 2);
        memcpy(after.action, "a", 2);
        memcpy(after.id, "a", 2);
        struct name first = name_format_queued(&before);
        struct name second = name_format_queued(&after);
        if (strcmp(first.text, second.text) >= 0)
            fail_msg("%s does not sort before %s", first.text, second.text);
    }
}

static void test_done_names(void **state)
{
    (void)state;
    assert_string_equal(name_format_done("a", true).text, "a.completed.json");
    assert_string_equal(name_format_done("a", false).text, "a.failed.json");
    assert_string_equal(
        name_format_done(SIXTY_FOUR, true).text, SIXTY_FOUR ".completed.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_bad_heads),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_text_order_is_dispatch_order),
        cmocka_unit_test(test_done_names),
    };
    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
