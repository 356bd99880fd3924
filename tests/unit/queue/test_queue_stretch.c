/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "error.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "queue.h"
#include "queue_filter.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TASKS = 700,
    POLLS = 400
};

static const char *const actions[] = {"aa", "bb", "cc", "dd"};

/* A number below `most`: the same ones in each run. */
static int draw(int most)
{
    static uint64_t state = 20241207;
    state = (state * UINT64_C(6364136223846793005)) + 1442695040888963407;
    return (int)((state >> 33) % (uint64_t)most);
}

/* Task number n: a stretch of some length of one action follows another. */
static const char *name_of(int number)
{
    static char name[NAME_LENGTH_MAX];
    int stretch = number / 50;
    snprintf(name, sizeof name, "%03d-20241207T100000.%06dZ-%s-n%060d.json",
        500 + (number / 400), number,
        actions[number % 7 == 0 ? 3 : (stretch * 5 + 1) % 3], number);
    return name;
}

static struct path place_of(int number)
{
    return path_in_user(SPOOL_PENDING, 42, name_of(number));
}

static void fill(const struct fixture *fixture)
{
    static const char model[] = "tmp/model";
    int directory = fixture->spool.directory;
    fixture_put(fixture, model, "{}");
    fixture_put(fixture, "pending/42/.made", "");
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(
            linkat(directory, model, directory, place_of(i).text, 0), 0);
    }
    fixture_age(fixture, "pending/42", 100);
}

static bool is_held(const char *name, unsigned held)
{
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (memcmp(name + 28, actions[i], 2) == 0)
            return (held >> i & 1) != 0;
    }
    return false;
}

static void hold_back_action_of(struct queue *queue, const char *name)
{
    const char action[3] = {name[28], name[29], '\0'};
    queue_hold_back(queue, action);
}

/* The first candidate whose action is not among those held back, as a claim
 * looks for it, after leaving so many of them alone; NULL for none. */
static const char *search(struct queue *queue, unsigned held, int left)
{
    const char *name = queue_next(queue);
    for (; name != NULL; name = queue_next(queue)) {
        if (is_held(name, held))
            hold_back_action_of(queue, name);
        else if (left-- == 0)
            break;
    }
    return name;
}

/* What must be found, by looking at all of them. */
static const char *search_all(const bool *taken, unsigned held, int left)
{
    for (int i = 0; i < TASKS; i++) {
        if (!taken[i] && !is_held(name_of(i), held) && left-- == 0)
            return name_of(i);
    }
    return "none";
}

static void take(const struct fixture *fixture, struct queue *queue)
{
    struct path path = path_in_user(SPOOL_PENDING, 42, queue->current);
    queue_begin(queue);
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
    queue_took(queue);
}

/* Polls with ever other actions held back, some of which take what they find,
 * some leave it alone: each finds what it should. */
static void test_like_looking_at_all(void **state)
{
    const struct fixture *fixture = *state;
    bool taken[TASKS] = {false};
    unsigned held = 0;
    fill(fixture);
    for (int i = 0; i < POLLS; i++) {
        if (draw(4) == 0)
            held = (unsigned)draw(16);
        struct queue queue = fixture_queue(fixture, false);
        assert_true(queue.indexed);
        int left = draw(4) == 0 ? draw(3) : 0;
        const char *have = search(&queue, held, left);
        assert_string_equal(
            have == NULL ? "none" : have, search_all(taken, held, left));
        if (have != NULL && draw(3) != 0) {
            int number = (int)strtol(strstr(have, "-n") + 2, NULL, 10);
            assert_string_equal(name_of(number), have);
            taken[number] = true;
            take(fixture, &queue);
        }
        queue_close(&queue);
    }
}

static struct queue_stretch noted(const struct fixture *fixture)
{
    struct queue_index index;
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    queue_index_close(&index);
    return index.stretch;
}

/* "bb" and "dd" stand first; nobody reads them again while both are held. */
static void test_not_read_again(void **state)
{
    static const char zeros[1000];
    const struct fixture *fixture = *state;
    fill(fixture);
    for (int round = 0; round < 3; round++) {
        struct queue queue = fixture_queue(fixture, false);
        ino_t index = fixture_status(fixture, INDEX).st_ino;
        const char *have = search(&queue, 1u << 1 | 1u << 3, 0);
        assert_string_equal(have, name_of(50));
        /* What is not read may as well be torn. */
        assert_int_equal(pwrite(queue.index.descriptor, zeros, sizeof zeros,
                             QUEUE_INDEX_HEADER_SIZE + 500),
            sizeof zeros);
        queue_close(&queue);
        assert_int_equal(fixture_status(fixture, INDEX).st_ino, index);
        struct queue_stretch stretch = noted(fixture);
        assert_int_equal(stretch.start, QUEUE_INDEX_HEADER_SIZE);
        assert_true(stretch.end > stretch.start);
    }
    /* One of them may go: all is read, and the tear shows. */
    struct queue queue = fixture_queue(fixture, false);
    assert_string_equal(search(&queue, 1u << 1, 0), name_of(0));
    queue_close(&queue);
}

/* It grows over what is taken behind it. */
static void test_grows(void **state)
{
    const struct fixture *fixture = *state;
    int64_t end = 0;
    fill(fixture);
    for (int i = 0; i < 5; i++) {
        struct queue queue = fixture_queue(fixture, false);
        assert_non_null(search(&queue, 1u << 1 | 1u << 3, 0));
        take(fixture, &queue);
        queue_close(&queue);
        assert_true(noted(fixture).end > end);
        end = noted(fixture).end;
    }
}

/* Tasks that come due among those of an action that stays held back. */
static void test_scheduled_among_them(void **state)
{
    const struct fixture *fixture = *state;
    int64_t begin = INT64_C(1733565600000000); /* CREATED of number 0 */
    fill(fixture);
    for (int now = 0; now < TASKS; now += 23) {
        struct queue queue = fixture_queue(fixture, false);
        queue_filter_init(&queue.filter, begin + now);
        const char *have = search(&queue, 1u << 1 | 1u << 3, 0);
        assert_string_equal(
            have == NULL ? "none" : have, now < 50 ? "none" : name_of(50));
        queue_close(&queue);
    }
}

/* Nothing is noted, nor written, for a few lines. */
static void test_short(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    fixture_put(fixture, "pending/42/000-" CREATED "-aa-x.json", DROP("aa"));
    fixture_age(fixture, "pending/42", 100);
    struct queue queue = fixture_queue(fixture, false);
    assert_string_equal(search(&queue, 1, 0), fixture_filled(0));
    queue_close(&queue);
    assert_int_equal(noted(fixture).end, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_like_looking_at_all),
        IN_SPOOL(test_not_read_again),
        IN_SPOOL(test_grows),
        IN_SPOOL(test_scheduled_among_them),
        IN_SPOOL(test_short),
    };
    return cmocka_run_group_tests_name("queue_stretch", tests, NULL, NULL);
}
