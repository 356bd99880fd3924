/* SPDX-License-Identifier: MIT */
#include "queue_sum.h"
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#define ONE "998-20241207T100000.000000Z-a-t1.json\n"
#define TWO "990-20241207T100001.000000Z-get_stats-t2.json\n"

static uint64_t sum_of(const char *text)
{
    return queue_sum_lines(text, strlen(text));
}

static void test_adds_up(void **state)
{
    (void)state;
    assert_true(sum_of("") == 0);
    assert_true(sum_of(ONE) != sum_of(TWO));
    assert_true(sum_of(ONE TWO) == sum_of(ONE) + sum_of(TWO));
}

/* But for the mark, any bit of any byte. */
static void test_every_bit(void **state)
{
    (void)state;
    char text[] = ONE TWO;
    size_t length = sizeof text - 1;
    uint64_t want = queue_sum_lines(text, length);
    for (size_t bit = 0; bit < length * 8; bit++) {
        size_t at = bit / 8;
        bool is_mark = at == QUEUE_MARK_AT || at == strlen(ONE) + QUEUE_MARK_AT;
        text[at] = (char)(text[at] ^ 1 << bit % 8);
        bool is_same = queue_sum_lines(text, length) == want;
        if (is_same != (is_mark && text[at] != '\n'))
            fail_msg("bit %zu", bit);
        text[at] = (char)(text[at] ^ 1 << bit % 8);
    }
}

/* Each length of lost end, which reads as zeros or is not there. */
static void test_every_end(void **state)
{
    (void)state;
    char text[] = ONE TWO;
    size_t length = sizeof text - 1;
    uint64_t want = queue_sum_lines(text, length);
    for (size_t at = length; at-- > 0;) {
        text[at] = '\0';
        assert_true(queue_sum_lines(text, length) != want);
        assert_true(queue_sum_lines(text, at) != want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds_up),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_every_end),
    };
    return cmocka_run_group_tests_name("queue_sum", tests, NULL, NULL);
}
