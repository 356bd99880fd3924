/* SPDX-License-Identifier: MIT */
/* Lines of an index that nobody of ours has written so, and reading that fails.
 */
#include "clock.h"
#include "fault.h"
#include "queue_fixture.h"
#include "queue_ids.h"
#include "queue_lines.h"
#include "queue_sum.h"
#include "step_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Puts text behind the index, with a sum that agrees. */
static void append(struct queue_index *index, const char *text)
{
    size_t length = strlen(text);
    assert_int_equal(
        pwrite(index->descriptor, text, length, (off_t)index->end), length);
    index->end += (int64_t)length;
    index->arrivals_sum += queue_sum_lines(text, length);
}

/* An index of the sorted lines of `text`. */
static struct queue_index sorted(
    const struct fixture *fixture, const char *text)
{
    struct queue_index index = fixture_index(fixture);
    index.end = index.head;
    append(&index, text);
    index.sorted_end = index.end;
    return index;
}

/* --- Arrivals ------------------------------------------------------------- */

static void test_arrivals(void **state)
{
    char longest[NAME_LENGTH_MAX + 20];
    const char *const texts[] = {"no name of ours\n", longest};
    memset(longest, 'x', sizeof longest);
    memcpy(longest + sizeof longest - 2, "\n", 2);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct queue_index index = fixture_index(*state);
        struct queue_lines lines = {0};
        struct name_list names = NAME_LIST_EMPTY;
        append(&index, texts[i]);
        assert_int_equal(
            queue_lines_arrivals(&lines, &index, &names), ERROR_SYNTAX);
        assert_int_equal(
            queue_lines_use_arrival(&lines, &index, fixture_filled(0)),
            ERROR_SYNTAX);
        name_list_free(&names);
        queue_lines_free(&lines);
        queue_index_close(&index);
    }
}

static void test_too_long_to_append(void **state)
{
    char longest[NAME_LENGTH_MAX + 2];
    struct queue_index index = fixture_index(*state);
    int64_t end = index.end;
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(queue_index_append(&index, longest), ERROR_TOO_LARGE);
    assert_int_equal(index.end, end);
    assert_false(queue_index_is_used("99#", 3));
    assert_true(queue_index_is_used("998#", 4));
    queue_index_close(&index);
}

/* --- One task ------------------------------------------------------------- */

/* Found among lines that hold its ID, and are not its own. */
static void test_find(void **state)
{
    char longest[2 * NAME_LENGTH_MAX];
    const struct fixture *fixture = *state;
    struct task_name found;
    struct timespec mark;
    struct queue_index index;
    memset(longest, 'x', sizeof longest);
    memcpy(longest + NAME_LENGTH_MAX, "-t.json\n", sizeof "-t.json\n");
    step_lay_index(fixture);
    fixture_put(fixture, "pending/42/" QUEUED("get_stats", "t"), DROP("a"));
    queue_index_init(&index, &fixture->account);
    assert_int_equal(queue_index_open(&index), ERROR_NONE);
    append(&index, "no-t.name\n");
    append(&index, longest);
    append(&index, QUEUED("get_stats", "x-t") "\n");
    append(&index, "997-" CREATED "-get_stats-t.json\n"); /* gone */
    append(&index, "997#" CREATED "-get_stats-used.json\n");
    append(&index, QUEUED("get_stats", "t") "\n");
    assert_true(queue_index_mark(&fixture->account, &mark));
    index.known = mark;
    assert_int_equal(queue_index_save(&index), ERROR_NONE);
    queue_index_close(&index);
    assert_int_equal(
        queue_ids_find(&fixture->account, "t", &found), ERROR_NONE);
    assert_int_equal(found.priority, 1);
    assert_int_equal(
        queue_ids_find(&fixture->account, "stats-t", &found), ERROR_NOT_FOUND);
    assert_int_equal(
        queue_ids_find(&fixture->account, "used", &found), ERROR_NOT_FOUND);
}

/* --- Ranks ---------------------------------------------------------------- */

static int64_t look_for_rank(const struct queue_index *index, enum error *error)
{
    int64_t found = -1;
    struct queue_lines lines = {0};
    *error = queue_lines_next_rank(&lines, index, index->head, &found);
    queue_lines_free(&lines);
    return found;
}

/* The one behind the middle is longer than any of ours, or torn. */
static void test_long_line_in_the_middle(void **state)
{
    enum {
        FIRST_END = 1106,
        SECOND_END = 2157
    };
    enum error error;
    char text[SECOND_END + 2];
    memset(text, 'x', sizeof text);
    memcpy(text, "998-a\n", 6);
    text[FIRST_END] = text[SECOND_END] = '\n';
    text[SECOND_END + 1] = '\0';
    struct queue_index index = sorted(*state, text);
    look_for_rank(&index, &error);
    assert_int_equal(error, ERROR_SYNTAX);
    queue_index_close(&index);
}

/* Lines that are too short to have one are another's, or torn. */
static void test_short_lines(void **state)
{
    enum error error;
    struct queue_index index = sorted(*state, "ab\n998-\n");
    look_for_rank(&index, &error);
    assert_int_equal(error, ERROR_SYNTAX);
    queue_index_close(&index);
    index = sorted(*state, "998-x\nab\n998-y\n");
    assert_int_equal(look_for_rank(&index, &error), index.head + 6);
    assert_int_equal(error, ERROR_NONE);
    queue_index_close(&index);
}

static struct queue_index of_two_ranks(const struct fixture *fixture)
{
    struct buffer text = BUFFER_EMPTY;
    for (int i = 0; i < 120; i++)
        buffer_append_format(&text, "%03d-" CREATED "-get_stats-f%03d.json\n",
            i < 60 ? 1 : 2, i);
    struct queue_index index = sorted(fixture, buffer_text(&text));
    buffer_free(&text);
    return index;
}

/* It is found, or the error told. */
static void test_rank_fault(void **state)
{
    static const enum fault_call calls[] = {FAULT_READ, FAULT_MEMORY};
    enum error error;
    struct queue_index index = of_two_ranks(*state);
    int64_t want = look_for_rank(&index, &error);
    assert_int_equal(error, ERROR_NONE);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct buffer pool = fault_take_pool();
            fault_set(calls[i], which, EIO);
            int64_t found = look_for_rank(&index, &error);
            has_come = fault_clear();
            buffer_free(&pool);
            if (has_come)
                assert_int_not_equal(error, ERROR_NONE);
            else
                assert_int_equal(found, want);
        }
    }
    queue_index_close(&index);
}

/* A region that ends in the middle of a line, where the halves are looked at.
 */
static void test_rank_torn(void **state)
{
    enum error error;
    struct queue_index index = of_two_ranks(*state);
    char hole[4000];
    memset(hole, 'x', sizeof hole);
    assert_int_equal(pwrite(index.descriptor, hole, sizeof hole,
                         (off_t)(index.end - (int64_t)sizeof hole)),
        sizeof hole);
    look_for_rank(&index, &error);
    assert_int_equal(error, ERROR_SYNTAX);
    queue_index_close(&index);
}

/* --- Stretches ------------------------------------------------------------ */

/* The noted stretch begins behind the first line that is held back. */
static void test_stretch_behind(void **state)
{
    struct queue_index index = fixture_index(*state);
    struct queue_lines lines = {0};
    struct queue_filter filter;
    size_t length = strlen(fixture_filled(0)) + 1;
    queue_filter_init(&filter, clock_now());
    assert_true(queue_filter_hold_back(&filter, "get_stats"));
    index.stretch.start = index.head + (int64_t)(2 * length);
    index.stretch.end = index.head + (int64_t)(4 * length);
    index.stretch.actions = filter.held_back_sum;
    queue_lines_begin(&lines, &index);
    assert_int_equal(queue_lines_next(&lines, &index, &filter), ERROR_NONE);
    assert_string_equal(lines.name, "");
    assert_true(lines.next == index.sorted_end);
    queue_lines_free(&lines);
    queue_index_close(&index);
}

struct stretch_case {
    int64_t start;
    int64_t end; /* from the end of the sorted lines; < 0: before start */
};

static void test_stretches_that_do_not_fit(void **state)
{
    static const struct stretch_case cases[] = {{-1, 0}, {400, -1}, {300, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct queue_index index = fixture_index(*state);
        index.stretch.start = cases[i].start;
        index.stretch.end = index.sorted_end + cases[i].end;
        if (cases[i].end < 0)
            index.stretch.end = index.stretch.start - 1;
        assert_int_equal(queue_index_save(&index), ERROR_NONE);
        queue_index_close(&index);
        assert_int_equal(fixture_open_index(*state, &index), ERROR_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_arrivals),
        IN_SPOOL(test_too_long_to_append),
        IN_SPOOL(test_find),
        IN_SPOOL(test_short_lines),
        IN_SPOOL(test_long_line_in_the_middle),
        IN_SPOOL(test_rank_fault),
        IN_SPOOL(test_rank_torn),
        IN_SPOOL(test_stretch_behind),
        IN_SPOOL(test_stretches_that_do_not_fit),
    };
    return cmocka_run_group_tests_name("queue_lines_odd", tests, NULL, NULL);
}
