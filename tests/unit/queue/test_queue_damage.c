/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "error.h"
#include "find.h"
#include "ingest_fixture.h"
#include "queue.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The index may be deleted, torn or replaced between any two polls. */

static void delete_index(const struct fixture *fixture)
{
    assert_int_equal(unlinkat(fixture->spool.directory, INDEX, 0), 0);
}

static void delete_folder(const struct fixture *fixture)
{
    delete_index(fixture);
    unlinkat(fixture->spool.directory, "index/42.lock", 0);
    unlinkat(fixture->spool.directory, "index/42.ids", 0);
    assert_int_equal(
        unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR), 0);
}

static void empty_index(const struct fixture *fixture)
{
    fixture_put(fixture, INDEX, "");
}

static void other_content(const struct fixture *fixture)
{
    fixture_put(fixture, INDEX, "some text that is no index at all\n");
}

static void overwrite_bytes(const struct fixture *fixture, off_t offset,
    const char *bytes, size_t length)
{
    int descriptor =
        openat(fixture->spool.directory, INDEX, O_WRONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    assert_int_equal(pwrite(descriptor, bytes, length, offset), length);
    close(descriptor);
}

static void overwrite(
    const struct fixture *fixture, off_t offset, const char *text)
{
    overwrite_bytes(fixture, offset, text, strlen(text));
}

static void tear_header(const struct fixture *fixture)
{
    overwrite(fixture, 60, "XXXX");
}

static void tear_first_line(const struct fixture *fixture)
{
    overwrite(fixture, QUEUE_INDEX_HEADER_SIZE, "XXXX");
}

static void tear_last_line(const struct fixture *fixture)
{
    struct stat status = fixture_status(fixture, INDEX);
    overwrite(fixture, status.st_size - 10, "\nXXXX\n");
}

static void tear_arrivals(const struct fixture *fixture)
{
    struct queue_index index;
    assert_int_equal(fixture_open_index(fixture, &index), ERROR_NONE);
    queue_index_append(&index, "neither used nor a name");
    assert_int_equal(queue_index_save(&index), ERROR_NONE);
    queue_index_close(&index);
}

static void replace_by_fifo(const struct fixture *fixture)
{
    delete_index(fixture);
    assert_int_equal(mkfifoat(fixture->spool.directory, INDEX, 0600), 0);
}

static void replace_by_link(const struct fixture *fixture)
{
    delete_index(fixture);
    assert_int_equal(symlinkat("nowhere", fixture->spool.directory, INDEX), 0);
}

static void replace_by_folder(const struct fixture *fixture)
{
    delete_index(fixture);
    assert_int_equal(mkdirat(fixture->spool.directory, INDEX, 0700), 0);
}

struct damage_case {
    const char *what;
    void (*damage)(const struct fixture *fixture);
};

static const struct damage_case damages[] = {
    {"deleted", delete_index},
    {"index/ deleted", delete_folder},
    {"empty", empty_index},
    {"other content", other_content},
    {"torn header", tear_header},
    {"torn first line", tear_first_line},
    {"torn last line", tear_last_line},
    {"torn arrivals", tear_arrivals},
    {"a FIFO", replace_by_fifo},
    {"a link", replace_by_link},
    {"a folder", replace_by_folder},
};

/* The folder's mtime is as the index knows it, so that nothing but the damage
 * itself can tell. */
static void test_damaged_between_polls(void **state)
{
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        const struct fixture *fixture = *state;
        fixture_deep(fixture);
        damages[i].damage(fixture);
        print_message("# %s\n", damages[i].what);
        struct queue queue = fixture_queue(fixture, false);
        for (int name = 0; name < MANY; name++)
            fixture_take(fixture, &queue, fixture_filled(name));
        fixture_next(&queue, NULL);
        queue_close(&queue);
        fixture_renew(*state);
    }
}

/* --- What a power loss leaves of lines that were not synced -------------- */

#define FIRST "000-20250101T000000.000000Z-a-first.json"
#define LAST "999-20250101T000000.000000Z-a-last.json"

/* As enqueue_task does it. */
static void add(const struct fixture *fixture, const char *name)
{
    struct queue_index index;
    queue_index_begin(&index, &fixture->account);
    fixture_put(fixture, path_in_user(SPOOL_PENDING, 42, name).text, DROP("a"));
    queue_index_commit(&index, name);
}

/* Where the line of this name begins. */
static off_t line_at(const struct fixture *fixture, const char *name)
{
    char *text = fixture_get(fixture, INDEX);
    assert_non_null(text);
    const char *line = strstr(text, name);
    assert_non_null(line);
    off_t at = line - text;
    free(text);
    return at;
}

/* From there on, but for what came after the power did. */
static void zero_from(const struct fixture *fixture, const char *name)
{
    static const char zeros[100000];
    off_t at = line_at(fixture, name);
    off_t end = fixture_status(fixture, INDEX).st_size;
    overwrite_bytes(fixture, at, zeros, (size_t)(end - at));
}

static void lose_the_end(const struct fixture *fixture)
{
    zero_from(fixture, fixture_filled(MANY - 9));
}

/* What lay there before: lines of an older index. */
static void bring_older_lines(const struct fixture *fixture)
{
    off_t at = line_at(fixture, fixture_filled(MANY - 1));
    overwrite(fixture, at, "998-20241207T000000.000000Z-get_stats-x9");
}

/* The mark of a claim that the folder does not have. */
static void mark_one(const struct fixture *fixture)
{
    overwrite(fixture, line_at(fixture, fixture_filled(MANY - 1)) + 3, "#");
}

static const struct damage_case losses[] = {
    {"lost the end", lose_the_end},
    {"older lines", bring_older_lines},
    {"a mark", mark_one},
};

/* A create then adds a name to it, since the header agrees with the folder. */
static void test_looked_through_after_a_power_loss(void **state)
{
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        const struct fixture *fixture = *state;
        struct task_place place;
        char id[32];
        fixture_deep(fixture);
        losses[i].damage(fixture);
        add(fixture, LAST);
        print_message("# %s\n", losses[i].what);
        for (int name = 0; name < MANY; name++) {
            snprintf(id, sizeof id, "f%d", name);
            assert_int_equal(
                find_task(&fixture->account, id, &place), ERROR_NONE);
        }
        assert_int_equal(
            find_task(&fixture->account, "last", &place), ERROR_NONE);
        assert_int_equal(
            find_task(&fixture->account, "f", &place), ERROR_NOT_FOUND);
        fixture_renew(*state);
    }
}

/* What came since is read by each poll. */
static void test_lost_arrivals(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    add(fixture, FIRST);
    zero_from(fixture, FIRST);
    add(fixture, LAST);
    struct queue queue = fixture_queue(fixture, false);
    fixture_next(&queue, FIRST);
    for (int name = 0; name < MANY; name++)
        fixture_next(&queue, fixture_filled(name));
    fixture_next(&queue, LAST);
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_damaged_between_polls),
        IN_SPOOL(test_looked_through_after_a_power_loss),
        IN_SPOOL(test_lost_arrivals),
    };
    return cmocka_run_group_tests_name("queue_damage", tests, NULL, NULL);
}
