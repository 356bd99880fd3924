/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "name_list.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct name_list *list, const char *name)
{
    assert_int_equal(name_list_append(list, name, strlen(name)), ERROR_NONE);
}

static void expect(
    const struct name_list *list, const char *const *want, size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++) {
        struct name_slice have = name_list_get(list, i);
        if (have.length != strlen(want[i]) ||
            memcmp(have.text, want[i], have.length) != 0)
            fail_msg("%zu: have %.*s, want %s", i, (int)have.length, have.text,
                want[i]);
    }
}

static void test_keeps_the_order_of_coming(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "", "a", "a", "longer name"};
    struct name_list list = NAME_LIST_EMPTY;
    for (size_t i = 0; i < 5; i++)
        add(&list, names[i]);
    expect(&list, names, 5);
    name_list_free(&list);
    assert_int_equal(list.count, 0);
    add(&list, "again");
    assert_int_equal(list.count, 1);
    name_list_free(&list);
}

static void test_takes_as_many_bytes_as_told(void **state)
{
    (void)state;
    static const char *const want[] = {"ab", ""};
    struct name_list list = NAME_LIST_EMPTY;
    assert_int_equal(name_list_append(&list, "abcd", 2), ERROR_NONE);
    assert_int_equal(name_list_append(&list, "abcd", 0), ERROR_NONE);
    expect(&list, want, 2);
    name_list_free(&list);
}

/* By bytes, as in the C locale: capitals first, bytes over 127 last, and a
 * name before those that it begins. */
static void test_sorts_by_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "a-", "a", "\xC3\xA9", "B", "a.",
        "ab", "\x01", "a", "", "~", "_", "0", "-", "\xFF"};
    static const char *const want[] = {"", "\x01", "-", "0", "B", "_", "a", "a",
        "a-", "a.", "ab", "b", "~", "\xC3\xA9", "\xFF"};
    struct name_list list = NAME_LIST_EMPTY;
    for (size_t i = 0; i < 15; i++)
        add(&list, names[i]);
    assert_int_equal(name_list_sort(&list), ERROR_NONE);
    expect(&list, want, 15);
    name_list_free(&list);
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Numbers in no order, by a generator of Lehmer's kind. */
static unsigned next_random(unsigned seed)
{
    return (unsigned)((uint64_t)seed * 48271 % 2147483647);
}

/* Every count up to past the sizes where the list and the merges grow, against
 * the C library's sort. */
static void test_sorts_every_count(void **state)
{
    (void)state;
    enum {
        MOST = 300
    };
    static char texts[MOST][16];
    const char *want[MOST] = {NULL};
    unsigned seed = 1;
    for (size_t count = 0; count < MOST; count++) {
        struct name_list list = NAME_LIST_EMPTY;
        for (size_t i = 0; i < count; i++) {
            seed = next_random(seed);
            snprintf(texts[i], sizeof texts[i], "%u", seed % 500);
            want[i] = texts[i];
            add(&list, texts[i]);
        }
        qsort((void *)want, count, sizeof want[0], compare);
        assert_int_equal(name_list_sort(&list), ERROR_NONE);
        expect(&list, want, count);
        name_list_free(&list);
    }
}

static void test_sorted_stays_sorted(void **state)
{
    (void)state;
    static const char *const want[] = {"a", "b", "c", "d"};
    struct name_list list = NAME_LIST_EMPTY;
    add(&list, "d");
    add(&list, "b");
    assert_int_equal(name_list_sort(&list), ERROR_NONE);
    add(&list, "c");
    add(&list, "a");
    assert_int_equal(name_list_sort(&list), ERROR_NONE);
    assert_int_equal(name_list_sort(&list), ERROR_NONE);
    expect(&list, want, 4);
    assert_int_equal(list.text.length, 8);
    name_list_free(&list);
}

static void test_copies(void **state)
{
    (void)state;
    char text[4];
    struct name_list list = NAME_LIST_EMPTY;
    add(&list, "abc");
    add(&list, "abcd");
    assert_string_equal(name_list_copy(&list, 0, text, sizeof text), "abc");
    assert_ptr_equal(name_list_copy(&list, 1, text, sizeof text), text);
    assert_string_equal(text, "abc");
    name_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_the_order_of_coming),
        cmocka_unit_test(test_takes_as_many_bytes_as_told),
        cmocka_unit_test(test_sorts_by_bytes),
        cmocka_unit_test(test_sorts_every_count),
        cmocka_unit_test(test_sorted_stays_sorted),
        cmocka_unit_test(test_copies),
    };
    return cmocka_run_group_tests_name("name_list", tests, NULL, NULL);
}
