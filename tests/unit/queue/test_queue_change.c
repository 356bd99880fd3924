/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "ingest_fixture.h"
#include "path.h"
#include "queue.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST "000-20250101T000000.000000Z-a-first.json"
#define LAST "999-20250101T000000.000000Z-a-last.json"

static void set_folder_time(const struct fixture *fixture, struct timespec time)
{
    const struct timespec times[2] = {time, time};
    assert_int_equal(
        utimensat(fixture->spool.directory, "pending/42", times, 0), 0);
}

static void put(const struct fixture *fixture, const char *name)
{
    fixture_put(fixture, path_in_user(SPOOL_PENDING, 42, name).text, DROP("a"));
}

static void lose(const struct fixture *fixture, const char *name)
{
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
}

/* As enqueue_task does it. */
static void add(const struct fixture *fixture, const char *name)
{
    struct queue_index index;
    queue_index_begin(&index, &fixture->account);
    put(fixture, name);
    queue_index_commit(&index, name);
}

/* Arrivals stand among the sorted names in their order, and the index of
 * before is still the one in use. */
static void test_arrivals(void **state)
{
    fixture_deep(*state);
    ino_t index = fixture_status(*state, INDEX).st_ino;
    add(*state, LAST);
    add(*state, "998-20241207T000002.500000Z-a-middle.json");
    add(*state, FIRST);
    struct queue queue = fixture_queue(*state, false);
    assert_true(queue.indexed);
    fixture_next(&queue, FIRST);
    for (int i = 0; i < MANY; i++) {
        fixture_next(&queue, fixture_filled(i));
        if (i == 2)
            fixture_next(&queue, "998-20241207T000002.500000Z-a-middle.json");
    }
    fixture_next(&queue, LAST);
    fixture_next(&queue, NULL);
    queue_close(&queue);
    assert_int_equal(fixture_status(*state, INDEX).st_ino, index);
}

static void test_arrivals_taken(void **state)
{
    fixture_deep(*state);
    ino_t index = fixture_status(*state, INDEX).st_ino;
    add(*state, LAST);
    add(*state, FIRST);
    for (int round = 0; round < 2; round++) {
        const char *want = round == 0 ? FIRST : fixture_filled(0);
        struct queue queue = fixture_queue(*state, false);
        fixture_take(*state, &queue, want);
        queue_close(&queue);
    }
    struct queue queue = fixture_queue(*state, false);
    for (int i = 1; i < MANY; i++)
        fixture_next(&queue, fixture_filled(i));
    fixture_next(&queue, LAST);
    fixture_next(&queue, NULL);
    queue_close(&queue);
    assert_int_equal(fixture_status(*state, INDEX).st_ino, index);
}

/* The same name goes and comes again, as one that is given back does. */
static void test_given_back(void **state)
{
    fixture_deep(*state);
    for (int round = 0; round < 3; round++) {
        struct queue queue = fixture_queue(*state, false);
        assert_true(queue.indexed);
        fixture_take(*state, &queue, fixture_filled(0));
        queue_close(&queue);
        add(*state, fixture_filled(0));
    }
    struct queue queue = fixture_queue(*state, false);
    for (int i = 0; i < MANY; i++)
        fixture_next(&queue, fixture_filled(i));
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

/* A name removed by us stands in the index still; the claim that meets it
 * reads the folder. */
static void test_removal(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_deep(fixture);
    queue_index_begin(&index, &fixture->account);
    lose(fixture, fixture_filled(1));
    queue_index_commit(&index, NULL);
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, fixture_filled(0));
    const char *next = queue_next(&queue);
    assert_non_null(next);
    if (strcmp(next, fixture_filled(1)) == 0) {
        queue_missed(&queue);
        fixture_next(&queue, fixture_filled(0));
        next = queue_next(&queue);
    }
    assert_string_equal(next, fixture_filled(2));
    queue_close(&queue);
}

/* What came by hand just before a change of ours must not be taken for ours:
 * the index stays stale, and the next poll reads the folder. */
static void test_change_by_hand_before_ours(void **state)
{
    fixture_deep(*state);
    put(*state, LAST);
    add(*state, FIRST);
    struct queue queue = fixture_queue(*state, false);
    fixture_next(&queue, FIRST);
    for (int i = 0; i < MANY; i++)
        fixture_next(&queue, fixture_filled(i));
    fixture_next(&queue, LAST);
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

/* What comes by hand once the index is built, before the claim that follows:
 * the claim does not mark the folder as if it had seen it. */
static void test_change_by_hand_before_a_claim(void **state)
{
    fixture_fill(*state, 0, MANY);
    for (int round = 0; round < 2; round++) {
        struct queue queue = fixture_queue(*state, false);
        assert_true(queue.indexed);
        put(*state, round == 0 ? LAST : FIRST);
        fixture_take(*state, &queue, fixture_filled(round));
        assert_true(queue.refresh_due);
        queue_close(&queue);
    }
    struct queue queue = fixture_queue(*state, false);
    fixture_next(&queue, FIRST);
    for (int i = 2; i < MANY; i++)
        fixture_next(&queue, fixture_filled(i));
    fixture_next(&queue, LAST);
    queue_close(&queue);
}

/* A change that begins where there is no index. Another program builds one
 * meanwhile and claims, with the change between its look and its mark. */
static void test_index_built_within_a_change(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    struct task_place place;
    fixture_fill(fixture, 0, MANY);
    queue_index_begin(&index, &fixture->account);
    struct queue queue = fixture_queue(fixture, false);
    assert_true(queue.indexed);
    fixture_next(&queue, fixture_filled(0));
    queue_begin(&queue);
    lose(fixture, fixture_filled(0));
    put(fixture, FIRST);
    queue_took(&queue);
    queue_close(&queue);
    queue_index_commit(&index, FIRST);
    assert_int_equal(
        find_pending(&fixture->account, "first", &place), ERROR_NONE);
    queue = fixture_queue(fixture, false);
    fixture_next(&queue, FIRST);
    fixture_next(&queue, fixture_filled(1));
    queue_close(&queue);
}

/* A change that begins and never ends: the program died in between. */
static void test_dies_within_a_change(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_deep(fixture);
    queue_index_begin(&index, &fixture->account);
    put(fixture, FIRST);
    queue_index_close(&index);
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, FIRST);
    fixture_next(&queue, fixture_filled(0));
    queue_close(&queue);
}

struct recheck_case {
    const char *what;
    bool background;
    int64_t seconds; /* the recheck is due in so many; 0: as it was set */
    bool want_seen;  /* what came by hand within the tick of a change of ours */
    bool want_due;
};

static const struct recheck_case recheck_cases[] = {
    {"as the scan has set it", false, 0, false, false},
    {"not yet", false, 10, false, false},
    {"due", false, -1, true, false},
    {"due, left to the background", true, -1, false, true},
    {"long due, nothing ran in the background", true, -60, true, false},
    {"noted before the clock was set back", false, 70, true, false},
    {"the same, with a background", true, 4000000000, true, false},
};

static void expect_recheck(
    const struct fixture *fixture, const struct recheck_case *row)
{
    struct queue_index index;
    fixture_deep(fixture);
    struct timespec time = fixture_status(fixture, "pending/42").st_mtim;
    put(fixture, FIRST);
    set_folder_time(fixture, time);
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    if (row->seconds != 0)
        index.recheck = clock_now() + (row->seconds * clock_second);
    assert_int_equal(queue_index_save(&index), ERROR_NONE);
    queue_index_close(&index);
    struct queue queue = fixture_queue(fixture, row->background);
    const char *first = queue_next(&queue);
    assert_non_null(first);
    bool seen = strcmp(first, FIRST) == 0;
    if (seen != row->want_seen || queue.refresh_due != row->want_due)
        fail_msg("%s: have seen %d, due %d, want %d, %d", row->what, seen,
            queue.refresh_due, row->want_seen, row->want_due);
    queue_close(&queue);
}

/* Two changes within one tick of the clock look like one. */
static void test_recheck(void **state)
{
    for (size_t i = 0; i < COUNT_OF(recheck_cases); i++) {
        expect_recheck(*state, &recheck_cases[i]);
        fixture_renew(*state);
    }
}

/* After a change of ours a recheck is due soon; after a scan it has time,
 * because the folder is marked before it, however fresh its last change. */
static void test_recheck_is_set(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_fill(fixture, 0, MANY);
    for (int round = 0; round < 2; round++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        set_folder_time(fixture, now);
        if (round == 1)
            fixture_age(fixture, "pending/42", 100);
        struct queue queue = fixture_queue(fixture, false);
        int64_t after = queue.index.recheck - clock_now();
        assert_true(after > queue_index_recheck_after);
        assert_true(after <= queue_index_believed);
        queue_close(&queue);
    }
    add(fixture, FIRST);
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    assert_true(index.recheck > clock_now());
    assert_true(index.recheck <= clock_now() + queue_index_recheck_after);
    queue_index_close(&index);
}

static void test_refresh(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_deep(fixture);
    ino_t before = fixture_status(fixture, INDEX).st_ino;
    add(fixture, FIRST);
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    index.recheck = 1;
    assert_int_equal(queue_index_save(&index), ERROR_NONE);
    queue_index_close(&index);
    struct config config = fixture_config();
    config.background = true;
    fixture_age(fixture, "pending/42", 100);
    assert_int_equal(queue_refresh(UNDER(fixture, &config)), ERROR_NONE);
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    assert_true(index.recheck > clock_now());
    assert_int_equal(index.live, MANY + 1);
    assert_int_equal(index.sorted_end, index.end);
    queue_index_close(&index);
    assert_int_not_equal(fixture_status(fixture, INDEX).st_ino, before);
}

/* A rename that was done, and yet failed, over a network: what it brought is
 * found, whether there was an index or not. */
static void test_doubtful_arrival(void **state)
{
    for (int built = 1; built >= 0; built--) {
        const struct fixture *fixture = *state;
        struct task_place place;
        struct path from = path_in(SPOOL_TMP, "a");
        struct path to = path_in_user(SPOOL_PENDING, 42, FIRST);
        if (built)
            fixture_deep(fixture);
        else
            fixture_put(fixture, PENDING("a", "t"), DROP("a"));
        fixture_put(fixture, from.text, DROP("a"));
        fault_set_late(FAULT_NAMES, 1, EIO);
        enum error error =
            queue_index_rename(&fixture->account, from, to, FIRST);
        assert_true(fault_clear());
        assert_int_equal(error, ERROR_NONE);
        add(fixture, LAST);
        assert_int_equal(
            find_task(&fixture->account, "first", &place), ERROR_NONE);
        struct queue queue = fixture_queue(fixture, false);
        fixture_next(&queue, FIRST);
        queue_close(&queue);
        fixture_renew(*state);
    }
}

/* Who cannot take the lock, since the host lets it open no more files, does not
 * know who is at the index, and would take the change for his own. */
static void test_no_descriptors(void **state)
{
    const struct fixture *fixture = *state;
    const char *name = "100-20241207T000000.000000Z-get_stats-first.json";
    for (int doubt = 0; doubt < 2; doubt++) {
        struct queue_index index;
        fixture_renew(*state);
        fixture_deep(fixture);
        fault_set_lasting(FAULT_OPEN, 1, EMFILE);
        queue_index_begin(&index, &fixture->account);
        if (doubt)
            queue_index_doubt(&index);
        else
            queue_index_commit(&index, name);
        assert_true(fault_clear());
        assert_false(queue_index_exists(&fixture->account));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_no_descriptors),
        IN_SPOOL(test_arrivals),
        IN_SPOOL(test_arrivals_taken),
        IN_SPOOL(test_given_back),
        IN_SPOOL(test_removal),
        IN_SPOOL(test_change_by_hand_before_ours),
        IN_SPOOL(test_change_by_hand_before_a_claim),
        IN_SPOOL(test_index_built_within_a_change),
        IN_SPOOL(test_dies_within_a_change),
        IN_SPOOL(test_recheck),
        IN_SPOOL(test_recheck_is_set),
        IN_SPOOL(test_refresh),
        IN_SPOOL(test_doubtful_arrival),
    };
    return cmocka_run_group_tests_name("queue_change", tests, NULL, NULL);
}
