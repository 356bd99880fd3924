/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "error.h"
#include "ingest_fixture.h"
#include "name_list.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "queue_lines.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error reopen(
    const struct fixture *fixture, struct queue_index *index)
{
    queue_index_close(index);
    return fixture_open_index(fixture, index);
}

/* The lines from `offset` on, up to `end`, "-" for one that is used up. */
static void expect_lines(const struct queue_index *index, int64_t offset,
    int64_t end, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    struct queue_lines lines = {0};
    while (offset < end) {
        struct name_slice line;
        assert_int_equal(
            queue_lines_read(&lines, index, offset, &line), ERROR_NONE);
        if (queue_index_is_used(line.text, line.length))
            buffer_append_text(&have, "- ");
        else
            buffer_append_format(
                &have, "%.2s ", line.text + line.length - strlen("f0.json"));
        offset += (int64_t)line.length + 1;
    }
    assert_int_equal(offset, end);
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
    queue_lines_free(&lines);
}

static void test_built_and_opened(void **state)
{
    struct queue_index index = fixture_index(*state);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(index.known.tv_sec, fixture_known.tv_sec);
        assert_int_equal(index.known.tv_nsec, fixture_known.tv_nsec);
        assert_int_equal(index.recheck, fixture_recheck);
        assert_int_equal(index.head, QUEUE_INDEX_HEADER_SIZE);
        assert_int_equal(index.sorted_end, index.end);
        assert_int_equal(index.live, 5);
        expect_lines(&index, index.head, index.end, "f0 f1 f2 f3 f4 ");
        assert_int_equal(reopen(*state, &index), ERROR_NONE);
    }
    queue_index_close(&index);
    assert_int_equal(fixture_count(*state, "index"), 1);
}

static void test_empty(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    struct name_list none = NAME_LIST_EMPTY;
    struct buffer arrivals = BUFFER_EMPTY;
    queue_index_init(&index, &fixture->account);
    assert_int_equal(
        queue_index_build(&index, &none, fixture_known, 0), ERROR_NONE);
    assert_int_equal(reopen(fixture, &index), ERROR_NONE);
    assert_int_equal(index.head, index.end);
    assert_int_equal(queue_index_read_arrivals(&index, &arrivals), ERROR_NONE);
    assert_int_equal(arrivals.length, 0);
    queue_index_close(&index);
}

static void test_use_and_append(void **state)
{
    struct queue_index index = fixture_index(*state);
    struct buffer arrivals = BUFFER_EMPTY;
    int64_t second = index.head + (int64_t)strlen(fixture_filled(0)) + 1;
    assert_int_equal(queue_index_use(&index, second), ERROR_NONE);
    assert_int_equal(queue_index_append(&index, fixture_filled(9)), ERROR_NONE);
    assert_int_equal(queue_index_append(&index, fixture_filled(7)), ERROR_NONE);
    assert_int_equal(queue_index_save(&index), ERROR_NONE);
    assert_int_equal(reopen(*state, &index), ERROR_NONE);
    assert_int_equal(index.live, 7);
    expect_lines(&index, index.head, index.sorted_end, "f0 - f2 f3 f4 ");
    expect_lines(&index, index.sorted_end, index.end, "f9 f7 ");
    assert_int_equal(queue_index_read_arrivals(&index, &arrivals), ERROR_NONE);
    assert_int_equal(arrivals.length, index.end - index.sorted_end);
    buffer_free(&arrivals);
    queue_index_close(&index);
}

/* What was appended counts only once the header says so. */
static void test_unsaved_is_unseen(void **state)
{
    struct queue_index index = fixture_index(*state);
    int64_t end = index.end;
    assert_int_equal(queue_index_append(&index, fixture_filled(9)), ERROR_NONE);
    assert_int_equal(reopen(*state, &index), ERROR_NONE);
    assert_int_equal(index.end, end);
    assert_int_equal(index.live, 5);
    queue_index_close(&index);
}

static char *content(const struct fixture *fixture)
{
    char *text = fixture_get(fixture, INDEX);
    assert_non_null(text);
    return text;
}

static void expect_torn(
    const struct fixture *fixture, const char *what, size_t at)
{
    struct queue_index index;
    enum error error = fixture_open_index(fixture, &index);
    if (error != ERROR_SYNTAX)
        fail_msg("%s at %zu: have error %d, want %d", what, at, (int)error,
            (int)ERROR_SYNTAX);
}

/* Any one byte of the header, changed in any one bit. */
static void test_every_bit_of_the_header(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index = fixture_index(fixture);
    for (size_t bit = 0; bit < (size_t)QUEUE_INDEX_HEADER_SIZE * 8; bit++) {
        char byte;
        off_t at = (off_t)(bit / 8);
        assert_int_equal(pread(index.descriptor, &byte, 1, at), 1);
        char flipped = (char)(byte ^ 1 << bit % 8);
        assert_int_equal(pwrite(index.descriptor, &flipped, 1, at), 1);
        expect_torn(fixture, "bit", bit);
        assert_int_equal(pwrite(index.descriptor, &byte, 1, at), 1);
    }
    assert_int_equal(reopen(fixture, &index), ERROR_NONE);
    queue_index_close(&index);
}

static void test_every_length(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index = fixture_index(fixture);
    for (int64_t length = index.end - 1; length >= 0; length--) {
        assert_int_equal(ftruncate(index.descriptor, (off_t)length), 0);
        expect_torn(fixture, "length", (size_t)length);
    }
    queue_index_close(&index);
}

struct offset_case {
    const char *what;
    int64_t head;
    int64_t sorted_end;
    int64_t end; /* all three from the true one */
    int64_t live;
};

static const struct offset_case offset_cases[] = {
    {"head in the header", -1, 0, 0, 5},
    {"head past the sorted", 100000, 0, 0, 5},
    {"sorted past the end", 0, 1, 0, 5},
    {"end past the file", 0, 0, 1, 5},
    {"end far past the file", 0, 0, INT64_MAX / 2, 5},
    {"negative head", -100000, 0, 0, 5},
    {"negative count", 0, 0, 0, -1},
};

/* A header that is whole, yet does not fit the file. */
static void test_offsets_that_do_not_fit(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(offset_cases); i++) {
        const struct offset_case *row = &offset_cases[i];
        struct queue_index index = fixture_index(fixture);
        index.head += row->head;
        index.sorted_end += row->sorted_end;
        index.end += row->end;
        index.live = row->live;
        assert_int_equal(queue_index_save(&index), ERROR_NONE);
        queue_index_close(&index);
        expect_torn(fixture, row->what, i);
    }
}

/* Whatever lies at its place: not followed, not waited for, and replaced by
 * the next index where a file may be. */
static void test_things_in_its_place(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    struct queue_index index;
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NOT_FOUND);
    index = fixture_index(fixture);
    queue_index_close(&index);
    assert_int_equal(renameat(directory, INDEX, directory, "log/other"), 0);
    assert_int_equal(symlinkat("../log/other", directory, INDEX), 0);
    assert_int_not_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    index = fixture_index(fixture);
    queue_index_close(&index);
    assert_true(S_ISREG(fixture_status(fixture, INDEX).st_mode));
    assert_int_equal(unlinkat(directory, INDEX, 0), 0);
    assert_int_equal(mkfifoat(directory, INDEX, 0600), 0);
    expect_torn(fixture, "FIFO", 0);
    index = fixture_index(fixture);
    queue_index_close(&index);
    char *text = content(fixture);
    assert_non_null(strstr(text, "-f4.json\n"));
    free(text);
}

static void test_agrees_with_the_folder(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index = fixture_index(fixture);
    const struct timespec times[2] = {fixture_known, fixture_known};
    const struct timespec other = {
        fixture_known.tv_sec, fixture_known.tv_nsec + 1};
    const struct timespec others[2] = {other, other};
    assert_false(queue_index_agrees(&index));
    fixture_put(fixture, "pending/42/a", "");
    assert_false(queue_index_agrees(&index));
    utimensat(fixture->spool.directory, "pending/42", times, 0);
    assert_true(queue_index_agrees(&index));
    utimensat(fixture->spool.directory, "pending/42", others, 0);
    assert_false(queue_index_agrees(&index));
    /* A change to a state that the index does not have leaves it stale. */
    assert_false(queue_index_expect(&index));
    queue_index_cover(&index);
    assert_int_equal(reopen(fixture, &index), ERROR_NONE);
    assert_false(queue_index_agrees(&index));
    utimensat(fixture->spool.directory, "pending/42", times, 0);
    assert_true(queue_index_expect(&index));
    fixture_put(fixture, "pending/42/b", "");
    queue_index_cover(&index);
    assert_int_equal(reopen(fixture, &index), ERROR_NONE);
    assert_true(queue_index_agrees(&index));
    queue_index_close(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_built_and_opened),
        IN_SPOOL(test_empty),
        IN_SPOOL(test_use_and_append),
        IN_SPOOL(test_unsaved_is_unseen),
        IN_SPOOL(test_every_bit_of_the_header),
        IN_SPOOL(test_every_length),
        IN_SPOOL(test_offsets_that_do_not_fit),
        IN_SPOOL(test_things_in_its_place),
        IN_SPOOL(test_agrees_with_the_folder),
    };
    return cmocka_run_group_tests_name("queue_index", tests, NULL, NULL);
}
