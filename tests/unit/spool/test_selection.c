/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "selection.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is selected, as "key=name key=name ". */
static void expect(struct selection *selection, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    selection_sort(selection);
    for (size_t i = 0; i < selection->count; i++) {
        buffer_append_format(&have, "%s=%s ", selection->entries[i].key,
            selection->entries[i].name);
    }
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
}

static struct selection opened(size_t most, const char *after)
{
    struct selection selection;
    assert_int_equal(selection_open(&selection, most, after), ERROR_NONE);
    return selection;
}

static void test_first_few(void **state)
{
    (void)state;
    struct selection selection = opened(3, "");
    static const char *const keys[] = {"f", "b", "e", "a", "d", "c"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        selection_offer(&selection, keys[i], "x");
    expect(&selection, "a=x b=x c=x ");
    selection_close(&selection);
}

static void test_fewer(void **state)
{
    (void)state;
    struct selection selection = opened(5, "");
    expect(&selection, "");
    selection_offer(&selection, "b", "1");
    selection_offer(&selection, "a", "2");
    expect(&selection, "a=2 b=1 ");
    selection_close(&selection);
}

static void test_after(void **state)
{
    (void)state;
    struct selection selection = opened(2, "b");
    selection_offer(&selection, "a", "1");
    selection_offer(&selection, "b", "2");
    selection_offer(&selection, "bb", "3");
    selection_offer(&selection, "d", "4");
    selection_offer(&selection, "c", "5");
    expect(&selection, "bb=3 c=5 ");
    selection_close(&selection);
}

static void test_twice(void **state)
{
    (void)state;
    struct selection selection = opened(4, "");
    selection_offer(&selection, "a", "1");
    selection_offer(&selection, "b", "1");
    selection_offer(&selection, "a", "1");
    expect(&selection, "a=1 b=1 ");
    selection_close(&selection);
}

/* What the second one has displaced is known to be missing. */
static void test_twice_in_a_full_one(void **state)
{
    (void)state;
    struct selection selection = opened(3, "");
    selection_offer(&selection, "a", "1");
    selection_offer(&selection, "b", "1");
    selection_offer(&selection, "c", "1");
    assert_false(selection.cut);
    selection_offer(&selection, "c", "1");
    assert_false(selection.cut);
    selection_offer(&selection, "a", "1");
    assert_true(selection.cut);
    expect(&selection, "a=1 b=1 ");
    selection_close(&selection);
}

static void test_strike(void **state)
{
    (void)state;
    struct selection selection = opened(3, "");
    selection_offer(&selection, "c", "3");
    selection_offer(&selection, "a", "1");
    selection_offer(&selection, "b", "2");
    selection_sort(&selection);
    selection_strike(&selection, "b");
    selection_strike(&selection, "bb");
    selection_strike(&selection, "");
    expect(&selection, "a=1 b= c=3 ");
    selection_close(&selection);
}

/* Any order of arrival and any size gives the same. */
static void test_any_order(void **state)
{
    (void)state;
    unsigned long seed = 7;
    for (size_t most = 1; most < 40; most++) {
        struct selection selection = opened(most, "");
        int order[200];
        for (int i = 0; i < 200; i++)
            order[i] = i;
        for (int i = 199; i > 0; i--) {
            seed = (seed * 1103515245) + 12345;
            int j = (int)((seed >> 16) % (unsigned long)(i + 1));
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        for (int i = 0; i < 200; i++) {
            char key[16];
            snprintf(key, sizeof key, "%03d", order[i]);
            selection_offer(&selection, key, key);
        }
        selection_sort(&selection);
        assert_int_equal(selection.count, most);
        for (size_t i = 0; i < most; i++)
            assert_int_equal(strtol(selection.entries[i].name, NULL, 10), i);
        selection_close(&selection);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_few),
        cmocka_unit_test(test_fewer),
        cmocka_unit_test(test_after),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_twice_in_a_full_one),
        cmocka_unit_test(test_strike),
        cmocka_unit_test(test_any_order),
    };
    return cmocka_run_group_tests_name("selection", tests, NULL, NULL);
}
