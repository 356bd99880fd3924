/* SPDX-License-Identifier: MIT */
/* A deep queue where its index cannot be made, or somebody changes the folder
 * while we look: what is in the folder is found. */
#include "clock.h"
#include "fault.h"
#include "file.h"
#include "queue_fixture.h"
#include "step_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST "000-" CREATED "-get_stats-first.json"

enum {
    CALLS = 40 /* more than a look makes before it reads the folder */
};

static void expect_first(const struct fixture *fixture, const char *want)
{
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, want);
    queue_close(&queue);
}

/* --- No index ------------------------------------------------------------- */

/* Slower, not wrong. */
static void test_fault(void **state)
{
    static const enum fault_call calls[] = {FAULT_MEMORY, FAULT_OPEN,
        FAULT_WRITE, FAULT_STATUS, FAULT_TIMES, FAULT_NAMES, FAULT_LOCK};
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, MANY);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct queue queue;
            file_remove(fixture->spool.directory, INDEX);
            if (which % 2 == 0)
                fixture_age(fixture, "pending/42", 100);
            struct buffer pool = fault_take_pool();
            fault_set(calls[i], which, EIO);
            enum error error = queue_open(&queue, &fixture->account);
            has_come = fault_clear();
            buffer_free(&pool);
            if (error == ERROR_NONE) {
                fixture_next(&queue, fixture_filled(0));
                fixture_next(&queue, fixture_filled(1));
                queue_close(&queue);
            }
            expect_first(fixture, fixture_filled(0));
        }
    }
}

static void test_refresh_fault(void **state)
{
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, 3);
    fault_set(FAULT_STATUS, 2, EIO);
    assert_int_equal(queue_refresh(&fixture->account), ERROR_IO);
    fault_clear();
    expect_first(fixture, fixture_filled(0));
}

/* --- Changes meanwhile ---------------------------------------------------- */

struct change {
    const struct fixture *fixture;
    int64_t later; /* microseconds by which the folder looks younger then */
};

static enum error change(void *context)
{
    const struct change *change = context;
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
        clock_to_timespec(clock_now() + change->later)};
    fixture_put(change->fixture, "pending/42/" FIRST, DROP("get_stats"));
    if (change->later != 0)
        utimensat(change->fixture->spool.directory, "pending/42", times, 0);
    return ERROR_NONE;
}

/* What comes at any moment is met by the next poll. */
static void each_change(
    const struct fixture *fixture, enum fault_call call, int64_t later)
{
    struct change turn = {fixture, later};
    for (unsigned which = 1; which <= CALLS; which++) {
        struct queue queue;
        file_remove(fixture->spool.directory, INDEX);
        file_remove(fixture->spool.directory, "pending/42/" FIRST);
        fault_meet(call, which, change, &turn);
        enum error error = queue_open(&queue, &fixture->account);
        bool has_come = fault_clear();
        assert_int_equal(error, ERROR_NONE);
        queue_close(&queue);
        if (!has_come)
            break;
        expect_first(fixture, FIRST);
    }
}

static void test_change(void **state)
{
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, MANY);
    each_change(fixture, FAULT_STATUS, 0);
    each_change(fixture, FAULT_OPEN, 0);
    each_change(fixture, FAULT_TIMES, 0);
    each_change(fixture, FAULT_STATUS, 1);
    each_change(fixture, FAULT_STATUS, 2 * clock_second);
}

static enum error remove_folder(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    file_remove(directory, "pending/42/x.txt");
    unlinkat(directory, "pending/42", AT_REMOVEDIR);
    return ERROR_NONE;
}

/* Somebody removes the empty folder. */
static void test_folder_goes(void **state)
{
    struct fixture *fixture = *state;
    for (int call = 0; call < FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct queue queue;
            fixture_put(fixture, "pending/42/x.txt", "");
            fault_meet((enum fault_call)call, which, remove_folder, fixture);
            enum error error = queue_open(&queue, &fixture->account);
            has_come = fault_clear();
            assert_int_equal(error, ERROR_NONE);
            fixture_next(&queue, NULL);
            queue_close(&queue);
        }
    }
}

/* --- Odd indexes ---------------------------------------------------------- */

/* So many have come since that the folder is read as fast. */
static void test_many_arrivals(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_deep(fixture);
    queue_index_begin(&index, &fixture->account);
    assert_true(index.expected);
    while (index.end - index.sorted_end <= QUEUE_FOLDER_BIG)
        assert_int_equal(queue_index_append(&index, FIRST), ERROR_NONE);
    queue_index_cover(&index);
    queue_index_close(&index);
    expect_first(fixture, fixture_filled(0));
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    assert_true(index.end == index.sorted_end);
    queue_index_close(&index);
}

/* A change of ours that cannot have the lock leaves no index: somebody may be
 * about to take it for a change of his own. */
static void test_change_without_lock(void **state)
{
    const struct fixture *fixture = *state;
    step_lay_index(fixture);
    fixture_put(fixture, "tmp/x", DROP("get_stats"));
    fault_set_lasting(FAULT_LOCK, 1, ENOLCK);
    assert_int_equal(
        queue_index_rename(&fixture->account, (struct path){"tmp/x"},
            (struct path){"pending/42/" FIRST}, FIRST),
        ERROR_NONE);
    fault_clear();
    assert_false(queue_index_exists(&fixture->account));
    expect_first(fixture, FIRST);
}

/* Many names that are no tasks make a folder deep, and no queue. */
static void test_strangers(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, "pending/42/x", "");
    for (int i = 0; i < 13500; i++) {
        char path[40];
        snprintf(path, sizeof path, "pending/42/x%d", i);
        assert_int_equal(
            linkat(directory, "pending/42/x", directory, path, 0), 0);
        if (i == 6000)
            fixture_put(fixture, "pending/42/PAUSED", "");
    }
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, NULL);
    assert_true(queue.folder.pause_possible);
    queue_close(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_fault),
        IN_SPOOL(test_refresh_fault),
        IN_SPOOL(test_change),
        IN_SPOOL(test_folder_goes),
        IN_SPOOL(test_many_arrivals),
        IN_SPOOL(test_change_without_lock),
        IN_SPOOL(test_strangers),
    };
    return cmocka_run_group_tests_name("queue_turn", tests, NULL, NULL);
}
