/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "clock.h"
#include "error.h"
#include "ingest_fixture.h"
#include "name.h"
#include "name_list.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "queue_lines.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void append(struct queue_index *index, const char *text, size_t length)
{
    assert_int_equal(
        pwrite(index->descriptor, text, length, (off_t)index->end), length);
    index->end += (int64_t)length;
}

static void test_every_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    struct queue_lines lines = {0};
    int64_t offset = index.head;
    for (int i = 0; i < 5; i++) {
        struct name_slice line;
        const char *want = fixture_filled(i);
        assert_int_equal(
            queue_lines_read(&lines, &index, offset, &line), ERROR_NONE);
        assert_int_equal(line.length, strlen(want));
        assert_memory_equal(line.text, want, line.length);
        offset += (int64_t)line.length + 1;
    }
    assert_int_equal(offset, index.sorted_end);
    queue_lines_free(&lines);
    queue_index_close(&index);
}

static void expect_torn(const struct queue_index *index, int64_t offset)
{
    struct queue_lines lines = {0};
    struct name_slice line;
    assert_int_equal(
        queue_lines_read(&lines, index, offset, &line), ERROR_SYNTAX);
    queue_lines_free(&lines);
}

static void test_no_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    int64_t end = index.end;
    expect_torn(&index, end);
    append(&index, "998-20241207T100000.000000Z-a-b.json", 36);
    expect_torn(&index, end);
    queue_index_close(&index);
}

/* A line longer than any name is not read on and on. */
static void test_endless_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    char line[2 * NAME_LENGTH_MAX];
    int64_t end = index.end;
    memset(line, '9', sizeof line);
    line[sizeof line - 1] = '\n';
    append(&index, line, sizeof line);
    expect_torn(&index, end);
    line[sizeof line - 1] = '\0';
    assert_int_equal(queue_index_append(&index, line), ERROR_TOO_LARGE);
    queue_index_close(&index);
}

/* The region's end lies within its last line, which must not be handed out as
 * a part of it. */
static void test_sorted_names_that_end_in_a_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    struct queue_lines lines = {0};
    struct queue_filter filter;
    index.sorted_end -= 10;
    queue_filter_init(&filter, clock_now());
    queue_lines_begin(&lines, &index);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(queue_lines_next(&lines, &index, &filter), ERROR_NONE);
        assert_string_equal(lines.name, fixture_filled(i));
        assert_int_equal(queue_lines_use(&lines, &index), ERROR_NONE);
    }
    assert_int_equal(queue_lines_next(&lines, &index, &filter), ERROR_SYNTAX);
    assert_true(index.head <= index.sorted_end);
    queue_lines_free(&lines);
    queue_index_close(&index);
}

static void test_arrivals_that_end_in_a_line(void **state)
{
    struct queue_index index = fixture_index(*state);
    struct buffer arrivals = BUFFER_EMPTY;
    assert_int_equal(queue_index_append(&index, fixture_filled(9)), ERROR_NONE);
    index.end--;
    assert_int_equal(
        queue_index_read_arrivals(&index, &arrivals), ERROR_SYNTAX);
    index.end += 2; /* past the end of the file */
    assert_int_equal(
        queue_index_read_arrivals(&index, &arrivals), ERROR_SYNTAX);
    assert_int_equal(arrivals.length, 0);
    buffer_free(&arrivals);
    queue_index_close(&index);
}

/* An index with so many lines of each rank, of very different lengths. */
static struct queue_index ranked(
    const struct fixture *fixture, const int *counts, size_t ranks)
{
    struct queue_index index;
    struct name_list names = NAME_LIST_EMPTY;
    for (size_t rank = 0; rank < ranks; rank++) {
        for (int i = 0; i < counts[rank]; i++) {
            char name[NAME_LENGTH_MAX];
            int length = snprintf(name, sizeof name,
                "%03d-20241207T%02d%02d%02d.000000Z-a-%0*d.json",
                (int)rank * 333, i / 3600, i / 60 % 60, i % 60,
                1 + (i * 7 % ID_LENGTH_MAX), i);
            name_list_append(&names, name, (size_t)length);
        }
    }
    queue_index_init(&index, &fixture->account);
    assert_int_equal(
        queue_index_build(&index, &names, fixture_known, fixture_recheck),
        ERROR_NONE);
    name_list_free(&names);
    return index;
}

/* Where the first line with a higher rank than the one at `offset` begins, by
 * reading them all. */
static int64_t next_rank_slowly(const struct queue_index *index, int64_t offset)
{
    struct queue_lines lines = {0};
    struct name_slice line;
    char rank[4] = "";
    while (offset < index->sorted_end) {
        assert_int_equal(
            queue_lines_read(&lines, index, offset, &line), ERROR_NONE);
        if (rank[0] == '\0')
            memcpy(rank, line.text, 3);
        if (memcmp(rank, line.text, 3) != 0)
            break;
        offset += (int64_t)line.length + 1;
    }
    queue_lines_free(&lines);
    return offset;
}

static void check_every_line(const struct queue_index *index)
{
    struct queue_lines lines = {0};
    struct name_slice line;
    int64_t offset = index->head;
    while (offset < index->sorted_end) {
        int64_t found;
        assert_int_equal(
            queue_lines_next_rank(&lines, index, offset, &found), ERROR_NONE);
        assert_int_equal(found, next_rank_slowly(index, offset));
        assert_int_equal(
            queue_lines_read(&lines, index, offset, &line), ERROR_NONE);
        offset += (int64_t)line.length + 1;
    }
    queue_lines_free(&lines);
}

static const int rank_cases[][4] = {
    {1, 0, 0, 0},
    {1, 1, 1, 1},
    {300, 0, 0, 0},
    {0, 300, 1, 0},
    {1, 300, 0, 1},
    {200, 1, 200, 300},
    {3, 90, 0, 60},
};

static void test_next_rank(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rank_cases); i++) {
        struct queue_index index = ranked(*state, rank_cases[i], 4);
        check_every_line(&index);
        queue_index_close(&index);
    }
}

/* Those that are used up still say where their rank ends. */
static void test_next_rank_over_used_lines(void **state)
{
    struct queue_index index = ranked(*state, rank_cases[5], 4);
    struct queue_lines lines = {0};
    struct name_slice line;
    int64_t offset = index.head;
    while (offset < index.sorted_end) {
        int64_t next;
        assert_int_equal(
            queue_lines_read(&lines, &index, offset, &line), ERROR_NONE);
        next = offset + (int64_t)line.length + 1;
        assert_int_equal(queue_index_use(&index, offset), ERROR_NONE);
        offset = next;
    }
    queue_lines_free(&lines);
    check_every_line(&index);
    queue_index_close(&index);
}

/* What power loss tears reads as zeros. */
static void test_next_rank_in_a_hole(void **state)
{
    static const char zeros[10000];
    struct queue_index index = ranked(*state, rank_cases[2], 4);
    struct queue_lines lines = {0};
    int64_t found;
    assert_int_equal(
        pwrite(index.descriptor, zeros, sizeof zeros, (off_t)index.head + 4096),
        sizeof zeros);
    assert_int_equal(queue_lines_next_rank(&lines, &index, index.head, &found),
        ERROR_SYNTAX);
    queue_lines_free(&lines);
    queue_index_close(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_every_line),
        IN_SPOOL(test_no_line),
        IN_SPOOL(test_endless_line),
        IN_SPOOL(test_sorted_names_that_end_in_a_line),
        IN_SPOOL(test_arrivals_that_end_in_a_line),
        IN_SPOOL(test_next_rank),
        IN_SPOOL(test_next_rank_over_used_lines),
        IN_SPOOL(test_next_rank_in_a_hole),
    };
    return cmocka_run_group_tests_name("queue_lines", tests, NULL, NULL);
}
