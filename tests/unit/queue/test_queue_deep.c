/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "path.h"
#include "queue.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Undoes what a change did to the folder's mtime, as two changes within one
 * tick of the clock would. */
static void hide_change(
    const struct fixture *fixture, const struct stat *before)
{
    const struct timespec times[2] = {before->st_mtim, before->st_mtim};
    assert_int_equal(
        utimensat(fixture->spool.directory, "pending/42", times, 0), 0);
}

static void test_taken_one_by_one(void **state)
{
    fixture_deep(*state);
    struct stat index = fixture_status(*state, INDEX);
    for (int i = 0; i < 20; i++) {
        struct queue queue = fixture_queue(*state, false);
        assert_true(queue.indexed);
        fixture_take(*state, &queue, fixture_filled(i));
        queue_close(&queue);
    }
    assert_int_equal(fixture_status(*state, INDEX).st_ino, index.st_ino);
    fixture_expect_queue(*state, 20, MANY - 1);
}

static void test_all_taken_at_once(void **state)
{
    fixture_deep(*state);
    struct queue queue = fixture_queue(*state, false);
    for (int i = 0; i < MANY; i++)
        fixture_take(*state, &queue, fixture_filled(i));
    fixture_next(&queue, NULL);
    queue_close(&queue);
    fixture_expect_queue(*state, 0, -1);
}

/* The proof that the folder is not read: what it hides is not seen. */
static void test_the_folder_is_not_read(void **state)
{
    fixture_deep(*state);
    struct stat folder = fixture_status(*state, "pending/42");
    fixture_fill(*state, MANY, 1);
    hide_change(*state, &folder);
    fixture_expect_queue(*state, 0, MANY - 1);
    fixture_age(*state, "pending/42", 50); /* any other time tells */
    fixture_expect_queue(*state, 0, MANY);
}

static void test_changes_by_hand(void **state)
{
    fixture_deep(*state);
    struct path first = path_in_user(SPOOL_PENDING, 42, fixture_filled(0));
    unlinkat(((const struct fixture *)*state)->spool.directory, first.text, 0);
    fixture_put(*state, "pending/42/by hand.json",
        "{\"action\":\"a\",\"task_id\":\"x\",\"priority\":999}");
    struct queue queue = fixture_queue(*state, false);
    assert_int_equal(queue.folder.drops.routed, 1);
    const char *name = queue_next(&queue);
    assert_non_null(name);
    assert_memory_equal(name, "000-", 4);
    fixture_next(&queue, fixture_filled(1));
    queue_close(&queue);
}

static void test_deleted_during_a_poll(void **state)
{
    fixture_deep(*state);
    struct queue queue = fixture_queue(*state, false);
    fixture_take(*state, &queue, fixture_filled(0));
    unlinkat(((const struct fixture *)*state)->spool.directory, INDEX, 0);
    fixture_take(*state, &queue, fixture_filled(1));
    queue_close(&queue);
    fixture_expect_queue(*state, 2, MANY - 1);
}

/* An index of the day before, put back by a restored backup. */
static void test_old_index(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    int directory = fixture->spool.directory;
    assert_int_equal(linkat(directory, INDEX, directory, "index/old", 0), 0);
    fixture_fill(fixture, MANY, 3);
    fixture_expect_queue(fixture, 0, MANY + 2); /* makes a new one */
    assert_int_equal(renameat(directory, "index/old", directory, INDEX), 0);
    fixture_expect_queue(fixture, 0, MANY + 2);
}

/* The index says so, the folder's mtime too, yet the file is gone. */
static void test_missed(void **state)
{
    fixture_deep(*state);
    const struct fixture *fixture = *state;
    struct stat folder = fixture_status(fixture, "pending/42");
    struct path first = path_in_user(SPOOL_PENDING, 42, fixture_filled(0));
    unlinkat(fixture->spool.directory, first.text, 0);
    hide_change(fixture, &folder);
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, fixture_filled(0));
    queue_missed(&queue);
    fixture_take(fixture, &queue, fixture_filled(1));
    fixture_take(fixture, &queue, fixture_filled(2));
    queue_close(&queue);
    fixture_expect_queue(fixture, 3, MANY - 1);
}

static void test_skipped_stays(void **state)
{
    fixture_deep(*state);
    struct queue queue = fixture_queue(*state, false);
    fixture_next(&queue, fixture_filled(0));
    fixture_take(*state, &queue, fixture_filled(1));
    fixture_next(&queue, fixture_filled(2));
    fixture_take(*state, &queue, fixture_filled(3));
    queue_close(&queue);
    queue = fixture_queue(*state, false);
    assert_true(queue.indexed);
    fixture_take(*state, &queue, fixture_filled(0));
    fixture_take(*state, &queue, fixture_filled(2));
    fixture_take(*state, &queue, fixture_filled(4));
    queue_close(&queue);
    fixture_expect_queue(*state, 5, MANY - 1);
}

/* Without locks there is no index, and nothing else changes. */
static void test_no_place_for_an_index(void **state)
{
    const struct fixture *fixture = *state;
    fixture_fill(fixture, 0, MANY);
    assert_int_equal(
        unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR), 0);
    fixture_put(fixture, "index", "a file where a folder should be");
    fixture_expect_queue(fixture, 0, MANY - 1);
    struct queue queue = fixture_queue(fixture, false);
    fixture_take(fixture, &queue, fixture_filled(0));
    queue_close(&queue);
    fixture_expect_queue(fixture, 1, MANY - 1);
}

static enum error move_folder(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    renameat(directory, "pending/42", directory, "pending/away");
    return ERROR_NONE;
}

/* A person takes the whole of the queue away while it is read. */
static void test_moved_away(void **state)
{
    static const enum fault_call calls[] = {FAULT_OPEN, FAULT_STATUS};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct queue queue;
            const struct fixture *fixture = *state;
            fixture_deep(fixture);
            unlinkat(fixture->spool.directory, INDEX, 0);
            fault_meet(calls[i], which, move_folder, *state);
            enum error error = queue_open(&queue, &fixture->account);
            has_come = fault_clear();
            assert_int_equal(error, ERROR_NONE);
            queue_close(&queue);
            if (has_come) {
                queue = fixture_queue(fixture, false);
                fixture_next(&queue, NULL);
                queue_close(&queue);
            }
            fixture_renew(*state);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_moved_away),
        IN_SPOOL(test_taken_one_by_one),
        IN_SPOOL(test_all_taken_at_once),
        IN_SPOOL(test_the_folder_is_not_read),
        IN_SPOOL(test_changes_by_hand),
        IN_SPOOL(test_deleted_during_a_poll),
        IN_SPOOL(test_old_index),
        IN_SPOOL(test_missed),
        IN_SPOOL(test_skipped_stays),
        IN_SPOOL(test_no_place_for_an_index),
    };
    return cmocka_run_group_tests_name("queue_deep", tests, NULL, NULL);
}
