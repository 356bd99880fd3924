/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "random.h"
#include "unit.h"

#include <string.h>

enum {
    DRAWN = 2000
};

static void test_uuid(void **state)
{
    (void)state;
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    for (int i = 0; i < DRAWN; i++) {
        char uuid[UUID_LENGTH + 1];
        assert_int_equal(random_uuid(uuid), ERROR_NONE);
        assert_int_equal(strlen(uuid), UUID_LENGTH);
        assert_true(id_is_valid(uuid, UUID_LENGTH));
        for (size_t at = 0; at < UUID_LENGTH; at++) {
            const char one[2] = {form[at], '\0'};
            const char *allowed = one;
            if (form[at] == 'x')
                allowed = "0123456789abcdef";
            else if (form[at] == 'y')
                allowed = "89ab";
            if (strchr(allowed, uuid[at]) == NULL)
                fail_msg(
                    "%s: have %c at %zu, want %s", uuid, uuid[at], at, allowed);
        }
    }
}

static void test_lease(void **state)
{
    (void)state;
    for (int i = 0; i < DRAWN; i++) {
        char lease[LEASE_LENGTH_MAX + 1];
        assert_int_equal(random_lease(lease), ERROR_NONE);
        assert_int_equal(strlen(lease), LEASE_RANDOM_LENGTH);
        assert_true(lease_is_valid(lease, LEASE_RANDOM_LENGTH));
        assert_true(receive_id_is_valid(lease, LEASE_RANDOM_LENGTH));
    }
}

/* Of 2^122 and of 2^80 no two are drawn twice. */
static void test_all_are_different(void **state)
{
    (void)state;
    struct name_list list = NAME_LIST_EMPTY;
    for (int i = 0; i < DRAWN; i++) {
        char uuid[UUID_LENGTH + 1];
        char lease[LEASE_LENGTH_MAX + 1];
        assert_int_equal(random_uuid(uuid), ERROR_NONE);
        assert_int_equal(random_lease(lease), ERROR_NONE);
        name_list_append(&list, uuid, UUID_LENGTH);
        name_list_append(&list, lease, LEASE_RANDOM_LENGTH);
    }
    assert_int_equal(name_list_sort(&list), ERROR_NONE);
    for (size_t i = 1; i < list.count; i++) {
        struct name_slice a = name_list_get(&list, i - 1);
        struct name_slice b = name_list_get(&list, i);
        if (a.length == b.length && memcmp(a.text, b.text, a.length) == 0)
            fail_msg("%.*s was drawn twice", (int)a.length, a.text);
    }
    name_list_free(&list);
}

/* Every digit shows at every place that is free. */
static void test_every_digit_shows(void **state)
{
    (void)state;
    bool seen[LEASE_RANDOM_LENGTH][16] = {{false}};
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < DRAWN; i++) {
        char lease[LEASE_LENGTH_MAX + 1];
        assert_int_equal(random_lease(lease), ERROR_NONE);
        for (size_t at = 0; at < LEASE_RANDOM_LENGTH; at++)
            seen[at][strchr(digits, lease[at]) - digits] = true;
    }
    for (size_t at = 0; at < LEASE_RANDOM_LENGTH; at++) {
        for (int digit = 0; digit < 16; digit++)
            assert_true(seen[at][digit]);
    }
}

/* Every number of a small range comes, and none beyond it. */
static void test_numbers(void **state)
{
    (void)state;
    for (int64_t most = 0; most < 20; most++) {
        bool seen[20] = {false};
        for (int i = 0; i < DRAWN; i++) {
            int64_t number = -1;
            assert_int_equal(random_number(most, &number), ERROR_NONE);
            assert_true(number >= 0 && number <= most);
            seen[number] = true;
        }
        for (int64_t number = 0; number <= most; number++)
            assert_true(seen[number]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_lease),
        cmocka_unit_test(test_all_are_different),
        cmocka_unit_test(test_every_digit_shows),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
