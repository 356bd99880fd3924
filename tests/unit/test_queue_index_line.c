/* SPDX-License-Identifier: MIT */
#include "queue_fixture.h"

#include <string.h>
#include <unistd.h>

static const char *const bad_lines[] = {
    "x",
    "no-task.json\n",
    "\n",
    "998-20241207T100000.000000Z-a-b.json", /* no newline at the end */
    " 998-20241207T100000.000000Z-a-b.json\n",
    "998-20241207T100000.000000Z-a-b.json.why\n",
    "998-20241207T100000.000000Z-a-../b.json\n",
};

static void test_lines_that_are_no_names(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(bad_lines); i++) {
        char name[NAME_LENGTH_MAX];
        struct queue_index index = fixture_index(fixture);
        int64_t offset = index.end;
        size_t length = strlen(bad_lines[i]);
        assert_int_equal(
            pwrite(index.descriptor, bad_lines[i], length, (off_t)index.end),
            length);
        if (queue_index_line(&index, &offset, name) != ERROR_SYNTAX)
            fail_msg("%s was taken for a name", bad_lines[i]);
        assert_int_equal(offset, index.end);
        queue_index_close(&index);
    }
}

/* A line longer than any name is not read on and on. */
static void test_endless_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    char name[NAME_LENGTH_MAX];
    char line[2 * NAME_LENGTH_MAX];
    int64_t offset = index.end;
    memset(line, '9', sizeof line);
    line[sizeof line - 1] = '\n';
    assert_int_equal(
        pwrite(index.descriptor, line, sizeof line, (off_t)index.end),
        sizeof line);
    assert_int_equal(queue_index_line(&index, &offset, name), ERROR_SYNTAX);
    line[sizeof line - 1] = '\0';
    assert_int_equal(queue_index_append(&index, line), ERROR_TOO_LARGE);
    queue_index_close(&index);
}

static void test_arrivals_that_end_in_a_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    struct buffer arrivals = BUFFER_EMPTY;
    assert_int_equal(queue_index_append(&index, fixture_filled(9)), ERROR_NONE);
    index.end--;
    assert_int_equal(queue_index_arrivals(&index, &arrivals), ERROR_SYNTAX);
    index.end += 2; /* past the end of the file */
    assert_int_equal(queue_index_arrivals(&index, &arrivals), ERROR_SYNTAX);
    assert_int_equal(arrivals.length, 0);
    buffer_free(&arrivals);
    queue_index_close(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_lines_that_are_no_names),
        IN_SPOOL(test_endless_line),
        IN_SPOOL(test_arrivals_that_end_in_a_line),
    };
    return cmocka_run_group_tests_name("queue_index_line", tests, NULL, NULL);
}
