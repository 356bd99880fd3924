/* SPDX-License-Identifier: MIT */
/* Pages of a deep queue, which its index gives. */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "ingest_fixture.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "task_fixture.h"
#include "task_list.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PAGES_MOST = 2 * MANY
};

/* All pages of so many, one after the other; how many there were. */
static unsigned page_through(
    const struct fixture *fixture, size_t limit, struct buffer *out)
{
    unsigned pages = 0;
    char cursor[TASK_CURSOR_SIZE] = "";
    do {
        struct task_list list = {
            &fixture->account, 1U << TASK_PENDING, limit, cursor, ""};
        assert_int_equal(task_list_write(&list, out), ERROR_NONE);
        memcpy(cursor, list.next, sizeof cursor);
    } while (++pages < PAGES_MOST && cursor[0] != '\0');
    return pages;
}

static void arrive(const struct fixture *fixture, const char *name)
{
    char path[200];
    struct queue_index index;
    snprintf(path, sizeof path, "pending/42/%s", name);
    queue_index_begin(&index, &fixture->account);
    fixture_put(fixture, path, DROP("get_stats"));
    queue_index_commit(&index, name);
}

/* Some that have come since the index was made, before, among and behind the
 * others, and in the place of one that is the beginning of its ID; and some
 * that have gone. */
static void change(const struct fixture *fixture)
{
    arrive(fixture, "100-20241207T000000.000000Z-get_stats-first.json");
    arrive(fixture, "998-20241207T000010.500000Z-get_stats-middle.json");
    arrive(fixture, "998-20241207T000020.000000Z-get_stats-f20-x.json");
    arrive(fixture, "999-20241207T000000.000000Z-get_stats-last.r2.json");
    struct queue queue = fixture_queue(fixture, false);
    fixture_take(
        fixture, &queue, "100-20241207T000000.000000Z-get_stats-first.json");
    fixture_take(fixture, &queue, fixture_filled(0));
    queue_next(&queue); /* left alone */
    fixture_take(fixture, &queue, fixture_filled(2));
    queue_close(&queue);
    arrive(fixture, "100-20241207T000000.000000Z-get_stats-second.json");
}

/* The pages are those of the folder, which is not read for them. */
static void test_pages(void **state)
{
    static const size_t limits[] = {1, 7, 50, MANY + 2, 1000};
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    change(fixture);
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct buffer steps = BUFFER_EMPTY;
        struct buffer have = BUFFER_EMPTY;
        struct buffer want = BUFFER_EMPTY;
        fault_watch(&steps);
        unsigned pages = page_through(fixture, limits[i], &have);
        fault_watch(NULL);
        assert_null(strstr(buffer_text(&steps), "list pending/42"));
        assert_int_equal(renameat(fixture->spool.directory, INDEX,
                             fixture->spool.directory, "index/aside"),
            0);
        assert_int_equal(page_through(fixture, limits[i], &want), pages);
        assert_int_equal(renameat(fixture->spool.directory, "index/aside",
                             fixture->spool.directory, INDEX),
            0);
        assert_string_equal(buffer_text(&have), buffer_text(&want));
        assert_non_null(strstr(buffer_text(&have), "\"f20-x\""));
        buffer_free(&steps);
        buffer_free(&have);
        buffer_free(&want);
    }
}

/* A person has laid one there: the index is not asked. */
static void test_by_hand(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer out = BUFFER_EMPTY;
    fixture_deep(fixture);
    fixture_put(fixture, "pending/42/" QUEUED("get_stats", "new"), DROP("a"));
    page_through(fixture, 100, &out);
    assert_non_null(strstr(buffer_text(&out), "\"new\""));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_pages),
        IN_SPOOL(test_by_hand),
    };
    return cmocka_run_group_tests_name("task_list_deep", tests, NULL, NULL);
}
