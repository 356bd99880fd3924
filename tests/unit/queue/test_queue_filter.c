/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "queue_filter.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* 2024-12-07 at 10:00:00 */
static const int64_t now = INT64_C(1733565600000000);

static enum queue_filter_answer ask(
    struct queue_filter *filter, const char *name)
{
    return queue_filter_ask(filter, name, strlen(name));
}

struct filter_case {
    const char *name;
    enum queue_filter_answer answer;
};

static const struct filter_case cases[] = {
    {"998-20241207T095959.999999Z-a-x.json", FILTER_CANDIDATE},
    {"998-20241207T100000.000000Z-a-x.json", FILTER_CANDIDATE},
    {"998-20241207T100000.000001Z-a-x.json", FILTER_LATER},
    {"000-20991231T235959.999999Z-held-x.json", FILTER_LATER},
    {"998-20241207T095959.999999Z-held-x.json", FILTER_HELD_BACK},
    {"998-20241207T095959.999999Z-held_too-x.json", FILTER_CANDIDATE},
    {"998-20241207T095959.999999Z-hel-d-x.json", FILTER_CANDIDATE},
    {"998-20241207T095959.999999Z-a-held-x.json", FILTER_CANDIDATE},
    {"998-20241207T095959.999999Z-held", FILTER_CANDIDATE},
    {"998-20241207T095959.999999Z-", FILTER_CANDIDATE},
    {"998-2024", FILTER_CANDIDATE},
    {"", FILTER_CANDIDATE},
};

static void test_answers(void **state)
{
    struct queue_filter filter;
    (void)state;
    queue_filter_init(&filter, now);
    queue_filter_hold_back(&filter, "held");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum queue_filter_answer have = ask(&filter, cases[i].name);
        if (have != cases[i].answer)
            fail_msg("%s: have %d, want %d", cases[i].name, (int)have,
                (int)cases[i].answer);
    }
}

static void test_next_due(void **state)
{
    struct queue_filter filter;
    (void)state;
    queue_filter_init(&filter, now);
    ask(&filter, cases[0].name);
    assert_int_equal(filter.next_due, 0);
    ask(&filter, "998-20241207T110000.000000Z-a-x.json");
    assert_int_equal(filter.next_due, now + (3600 * clock_second));
    ask(&filter, "998-20241207T120000.000000Z-a-x.json");
    assert_int_equal(filter.next_due, now + (3600 * clock_second));
    ask(&filter, "999-20241207T100000.000001Z-a-x.json");
    assert_int_equal(filter.next_due, now + 1);
    ask(&filter, "999-99999999T999999.999999Z-a-x.json");
    assert_int_equal(filter.next_due, now + 1);
}

/* What finds no room is met one by one. */
static void test_many_held_back(void **state)
{
    struct queue_filter filter;
    (void)state;
    queue_filter_init(&filter, now);
    for (int i = 0; i < 2 * FILTER_ACTIONS_MAX; i++) {
        char action[20];
        char name[60];
        snprintf(action, sizeof action, "action_%d", i);
        snprintf(name, sizeof name, "998-" CREATED "-%s-x.json", action);
        assert_int_equal(ask(&filter, name), FILTER_CANDIDATE);
        bool room = i < FILTER_ACTIONS_MAX;
        assert_int_equal(queue_filter_hold_back(&filter, action), room);
        assert_int_equal(ask(&filter, name),
            i < FILTER_ACTIONS_MAX ? FILTER_HELD_BACK : FILTER_CANDIDATE);
    }
}

/* The same actions, in whatever order and however often. */
static void test_sum(void **state)
{
    struct queue_filter one;
    struct queue_filter other;
    (void)state;
    queue_filter_init(&one, now);
    queue_filter_init(&other, now);
    assert_int_equal(one.held_back_sum, 0);
    assert_true(queue_filter_hold_back(&one, "a"));
    assert_true(queue_filter_hold_back(&one, "a"));
    assert_int_equal(one.held_back_count, 1);
    assert_true(queue_filter_hold_back(&other, "b"));
    assert_int_not_equal(one.held_back_sum, other.held_back_sum);
    assert_true(queue_filter_hold_back(&one, "b"));
    assert_true(queue_filter_hold_back(&other, "a"));
    assert_int_equal(one.held_back_sum, other.held_back_sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_next_due),
        cmocka_unit_test(test_many_held_back),
        cmocka_unit_test(test_sum),
    };
    return cmocka_run_group_tests_name("queue_filter", tests, NULL, NULL);
}
