/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "path.h"
#include "queue.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void test_no_folder(void **state)
{
    struct queue queue = fixture_queue(*state, false);
    fixture_next(&queue, NULL);
    fixture_next(&queue, NULL);
    queue_close(&queue);
    fixture_expect_tree(*state, "");
}

static const char *const in_order[] = {
    "000-20250101T000000.000000Z-z-a.json",
    "989-20241207T100000.000000Z-z-a.json",
    "998-20241207T095959.999999Z-z-a.json",
    "998-20241207T100000.000000Z-a-z.json",
    "998-20241207T100000.000000Z-a-z.r1.json",
    "998-20241207T100000.000000Z-b-a.json",
    "998-20241207T100000.000001Z-a-a.json",
    "999-20231207T100000.000000Z-a-a.json",
};

static void test_priority_then_age(void **state)
{
    struct queue queue;
    for (size_t i = COUNT_OF(in_order); i-- > 0;) {
        struct path path = path_in_user(SPOOL_PENDING, 42, in_order[i]);
        fixture_put(*state, path.text, DROP("a"));
    }
    queue = fixture_queue(*state, false);
    for (size_t i = 0; i < COUNT_OF(in_order); i++)
        fixture_take(*state, &queue, in_order[i]);
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

/* Left alone: neither candidates nor touched. */
static const char *const strangers[] = {
    "pending/42/upload.part",
    "pending/42/998-20241207T100000.000000Z-a-b.json~",
    "pending/42/.998-20241207T100000.000000Z-a-b.json.swp",
    "pending/42/.json",
    "pending/42/README",
    "pending/43/998-20241207T100000.000000Z-a-b.json",
};

static void test_strangers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(strangers); i++)
        fixture_put(*state, strangers[i], DROP("a"));
    struct queue queue = fixture_queue(*state, false);
    fixture_next(&queue, NULL);
    assert_int_equal(
        queue.folder.drops.routed + queue.folder.drops.rejected, 0);
    queue_close(&queue);
    for (size_t i = 0; i < COUNT_OF(strangers); i++)
        fixture_expect(*state, strangers[i], DROP("a"));
}

static void test_skipped_comes_again_next_time(void **state)
{
    fixture_fill(*state, 0, 3);
    struct queue queue = fixture_queue(*state, false);
    fixture_next(&queue, fixture_filled(0));
    fixture_take(*state, &queue, fixture_filled(1));
    fixture_next(&queue, fixture_filled(2));
    fixture_next(&queue, NULL);
    queue_close(&queue);
    queue = fixture_queue(*state, false);
    fixture_take(*state, &queue, fixture_filled(0));
    fixture_take(*state, &queue, fixture_filled(2));
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

static void test_small_needs_no_index(void **state)
{
    fixture_fill(*state, 0, QUEUE_DEEP);
    struct queue queue = fixture_queue(*state, false);
    assert_false(queue.indexed);
    assert_false(queue.folder.deep);
    queue_close(&queue);
    assert_int_equal(fixture_count(*state, "index"), 0);
}

static void lose(const struct fixture *fixture, const char *name)
{
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
}

/* Where all that were met have gone to other polls there may be more. */
static void test_missed(void **state)
{
    fixture_fill(*state, 0, 2);
    struct queue queue = fixture_queue(*state, false);
    for (int i = 0; i < 2; i++) {
        fixture_next(&queue, fixture_filled(i));
        lose(*state, fixture_filled(i));
        queue_missed(&queue);
    }
    fixture_fill(*state, 5, 1);
    fixture_take(*state, &queue, fixture_filled(5));
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

/* A name that shows in the listing and is never there must not hold a poll
 * for ever. */
static void test_missed_again_and_again(void **state)
{
    int met = 0;
    fixture_fill(*state, 0, 1);
    struct queue queue = fixture_queue(*state, false);
    while (met < 1000 && queue_next(&queue) != NULL) {
        queue_missed(&queue);
        met++;
    }
    assert_true(met > 1);
    assert_true(met < 100);
    queue_close(&queue);
}

static void test_routes_drops(void **state)
{
    fixture_fill(*state, 0, 1);
    fixture_put(*state, "pending/42/by hand.json",
        "{\"action\":\"a\",\"task_id\":\"x\",\"priority\":7}");
    fixture_put(*state, "pending/42/half.json", "{\"action\":");
    fixture_put(*state, "pending/42/wrong.json", "{\"action\":7}");
    struct queue queue = fixture_queue(*state, false);
    assert_int_equal(queue.folder.drops.routed, 1);
    assert_int_equal(queue.folder.drops.rejected, 1);
    assert_int_equal(queue.folder.drops.waiting, 1);
    const char *first = queue_next(&queue);
    assert_non_null(first);
    assert_memory_equal(first, "992-", 4);
    fixture_take(*state, &queue, fixture_filled(0));
    fixture_next(&queue, NULL);
    queue_close(&queue);
    fixture_expect_tree(*state, "pending/42/992-*Z-a-x.json\n"
                                "pending/42/half.json\n"
                                "rejected/wrong.json\n"
                                "rejected/wrong.json.why\n");
}

/* A change brackets nothing where there is no index, and makes none. */
static void test_change_without_index(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_fill(fixture, 0, 1);
    queue_index_begin(&index, &fixture->account);
    fixture_fill(fixture, 1, 1);
    queue_index_commit(&index, fixture_filled(1));
    assert_int_equal(fixture_count(fixture, "index"), 0);
}

/* As a network file system may say of a folder that is there, of which nothing
 * may be noted then. */
static void test_no_folder_for_a_moment(void **state)
{
    const struct fixture *fixture = *state;
    bool has_come = true;
    fixture_fill(fixture, 0, 1);
    fixture_age(fixture, "pending/42", 100);
    for (unsigned which = 1; has_come; which++) {
        struct queue queue;
        fault_set(FAULT_STATUS, which, ENOENT);
        if (queue_open(&queue, &fixture->account) == ERROR_NONE)
            queue_close(&queue);
        has_come = fault_clear();
        fixture_expect_queue(fixture, 0, 0);
    }
}

/* A folder that cannot be read is an error, not an empty queue. */
static void test_no_folder_but_a_file(void **state)
{
    const struct fixture *fixture = *state;
    struct queue queue;
    struct config config = fixture_config();
    fixture_put(fixture, "pending/42", "not a folder");
    assert_int_not_equal(
        queue_open(&queue, UNDER(fixture, &config)), ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_no_folder),
        IN_SPOOL(test_priority_then_age),
        IN_SPOOL(test_strangers),
        IN_SPOOL(test_skipped_comes_again_next_time),
        IN_SPOOL(test_small_needs_no_index),
        IN_SPOOL(test_missed),
        IN_SPOOL(test_missed_again_and_again),
        IN_SPOOL(test_routes_drops),
        IN_SPOOL(test_change_without_index),
        IN_SPOOL(test_no_folder_for_a_moment),
        IN_SPOOL(test_no_folder_but_a_file),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
