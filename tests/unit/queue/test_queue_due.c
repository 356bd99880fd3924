/* SPDX-License-Identifier: MIT */
/* What stands before the first candidate, in a small queue and in a deep one,
 * which has an index. */
#include "clock.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "queue.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of each rank so many are due and so many are scheduled: in a small queue a
 * tenth of them. */
struct rank_row {
    int rank;
    int due;
    int scheduled;
};

static const struct rank_row ranks[] = {
    {0, 0, 40},
    {499, 10, 300},
    {997, 20, 10},
    {998, 30, 350},
    {999, 10, 0},
};

static struct path place_of(int rank, bool due, int number)
{
    char name[NAME_LENGTH_MAX];
    snprintf(name, sizeof name, "%03d-%s0000.%06dZ-%s-n%d-%d.json", rank,
        due ? "20241207T10" : "20991231T23", number,
        number % 2 == 0 ? "even" : "odd", rank, number);
    return path_in_user(SPOOL_PENDING, 42, name);
}

static void fill(const struct fixture *fixture, int part)
{
    static const char model[] = "tmp/model";
    int directory = fixture->spool.directory;
    fixture_put(fixture, model, "{}");
    fixture_put(fixture, "pending/42/.made", "");
    for (size_t i = 0; i < COUNT_OF(ranks); i++) {
        int due = ranks[i].due / part;
        for (int n = 0; n < due + (ranks[i].scheduled / part); n++) {
            struct path path = place_of(ranks[i].rank, n < due, n);
            assert_int_equal(
                linkat(directory, model, directory, path.text, 0), 0);
        }
    }
    fixture_age(fixture, "pending/42", 100);
}

/* Exactly those that are due and of an action that is not held back, in order.
 */
static void expect_due(struct queue *queue, int part, bool odd_too)
{
    for (size_t i = 0; i < COUNT_OF(ranks); i++) {
        for (int n = 0; n < ranks[i].due / part; n++) {
            struct path path = place_of(ranks[i].rank, true, n);
            if (odd_too || n % 2 == 0)
                fixture_next(queue, strrchr(path.text, '/') + 1);
        }
    }
    fixture_next(queue, NULL);
}

static void check(const struct fixture *fixture, int part)
{
    fill(fixture, part);
    for (int round = 0; round < 2; round++) {
        struct queue queue = fixture_queue(fixture, false);
        assert_int_equal(queue.indexed, part == 1);
        expect_due(&queue, part, true);
        /* 2099-12-31T23:00:00 and no microsecond: rank 0 has that one */
        assert_int_equal(
            queue.filter.next_due, INT64_C(4102441200) * clock_second);
        queue_close(&queue);
        queue = fixture_queue(fixture, false);
        queue_hold_back(&queue, "odd");
        expect_due(&queue, part, false);
        queue_close(&queue);
    }
}

static void test_small(void **state)
{
    check(*state, 10);
}

static void test_deep(void **state)
{
    check(*state, 1);
}

/* Taken from behind what is passed over, each once, over many polls. */
static void test_taken_from_behind(void **state)
{
    const struct fixture *fixture = *state;
    fill(fixture, 1);
    for (int n = 0; n < 30; n++) {
        char name[NAME_LENGTH_MAX];
        struct queue queue = fixture_queue(fixture, false);
        assert_true(queue.indexed);
        do {
            const char *next = queue_next(&queue);
            assert_non_null(next);
            snprintf(name, sizeof name, "%s", next);
        } while (memcmp(name, "998", 3) != 0);
        assert_string_equal(
            name, strrchr(place_of(998, true, n).text, '/') + 1);
        struct path path = path_in_user(SPOOL_PENDING, 42, name);
        queue_begin(&queue);
        assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
        queue_took(&queue);
        queue_close(&queue);
    }
    struct queue queue = fixture_queue(fixture, false);
    assert_true(queue.indexed);
    int left = 0;
    for (; queue_next(&queue) != NULL; left++)
        assert_memory_not_equal(queue.current, "998", 3);
    assert_int_equal(left, 10 + 20 + 10);
    queue_close(&queue);
}

/* A rename by hand reschedules. */
static void test_moved_to_now(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fill(fixture, 1);
    struct queue queue = fixture_queue(fixture, false);
    queue_close(&queue);
    struct path path = place_of(0, false, 17);
    const char *now = "000-" CREATED "-odd-n0-17.json";
    assert_int_equal(renameat(directory, path.text, directory,
                         path_in_user(SPOOL_PENDING, 42, now).text),
        0);
    queue = fixture_queue(fixture, false);
    fixture_take(fixture, &queue, now);
    expect_due(&queue, 1, true);
    queue_close(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_small),
        IN_SPOOL(test_deep),
        IN_SPOOL(test_taken_from_behind),
        IN_SPOOL(test_moved_to_now),
    };
    return cmocka_run_group_tests_name("queue_due", tests, NULL, NULL);
}
