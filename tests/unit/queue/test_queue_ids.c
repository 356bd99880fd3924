/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "ingest_fixture.h"
#include "queue_fixture.h"
#include "queue_ids.h"
#include "queue_index.h"
#include "queue_sum.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDS "index/42.ids"

static struct task_name task(int i)
{
    struct task_name task;
    assert_int_equal(name_parse_queued(fixture_filled(i), &task), ERROR_NONE);
    return task;
}

static enum error find(const struct fixture *fixture, const char *id)
{
    struct task_name found;
    enum error error = queue_ids_find(&fixture->account, id, &found);
    if (error == ERROR_NONE)
        assert_string_equal(found.id, id);
    return error;
}

/* Writes over a byte of a file of the spool. */
static void spoil(const struct fixture *fixture, const char *path, off_t at)
{
    char byte;
    int file = openat(fixture->spool.directory, path, O_RDWR);
    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

/* Where the line of a task begins. */
static off_t line_of(const struct fixture *fixture, int i)
{
    char *text = fixture_get(fixture, INDEX);
    const char *line = strstr(text, fixture_filled(i));
    assert_non_null(line);
    off_t at = line - text;
    free(text);
    return at;
}

static void expect_all(const struct fixture *fixture)
{
    for (int i = 0; i < MANY; i++)
        assert_int_equal(find(fixture, task(i).id), ERROR_NONE);
    assert_int_equal(find(fixture, "nowhere"), ERROR_NOT_FOUND);
    assert_int_equal(find(fixture, "0"), ERROR_NOT_FOUND);
}

static void test_all(void **state)
{
    fixture_deep(*state);
    expect_all(*state);
}

/* Nothing but the line of the ID is read: another that is torn does not matter,
 * of which the sum of all lines would tell. */
static void test_reads_no_other(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    spoil(fixture, INDEX, line_of(fixture, 300) + 10);
    assert_int_equal(find(fixture, task(7).id), ERROR_NONE);
    assert_int_equal(find(fixture, "nowhere"), ERROR_NOT_FOUND);
    assert_int_equal(unlinkat(fixture->spool.directory, IDS, 0), 0);
    assert_int_equal(find(fixture, "nowhere"), ERROR_BUSY);
}

/* One that is torn is not taken for another's, wherever it is. */
static void test_torn_line(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    off_t at = line_of(fixture, 7);
    for (size_t i = 0; i < strlen(fixture_filled(7)); i++) {
        if (i == QUEUE_MARK_AT)
            continue;
        spoil(fixture, INDEX, at + (off_t)i);
        assert_int_equal(find(fixture, task(7).id), ERROR_BUSY);
        spoil(fixture, INDEX, at + (off_t)i);
    }
    assert_int_equal(find(fixture, task(7).id), ERROR_NONE);
}

/* Without it, and wherever it is torn, all lines are read. */
static void test_torn(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    struct stat status = fixture_status(fixture, IDS);
    assert_int_equal(status.st_size % QUEUE_IDS_BLOCK, 0);
    for (off_t at = 0; at < status.st_size; at += 41) {
        spoil(fixture, IDS, at);
        assert_int_equal(find(fixture, task(7).id), ERROR_NONE);
        assert_int_equal(find(fixture, "nowhere"), ERROR_NOT_FOUND);
        spoil(fixture, IDS, at);
    }
    for (off_t size = status.st_size - 1; size > 0; size /= 2) {
        char path[200];
        snprintf(path, sizeof path, "%s/spool/" IDS, fixture->root);
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(find(fixture, task(7).id), ERROR_NONE);
        assert_int_equal(find(fixture, "nowhere"), ERROR_NOT_FOUND);
    }
    assert_int_equal(unlinkat(fixture->spool.directory, IDS, 0), 0);
    expect_all(fixture);
}

/* One of an earlier index says nothing of this one. */
static void test_earlier(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    assert_int_equal(renameat(fixture->spool.directory, IDS,
                         fixture->spool.directory, "index/earlier"),
        0);
    fixture_fill(fixture, MANY, 3);
    fixture_age(fixture, "pending/42", 90);
    struct queue queue = fixture_queue(fixture, false);
    queue_close(&queue);
    assert_int_equal(renameat(fixture->spool.directory, "index/earlier",
                         fixture->spool.directory, IDS),
        0);
    assert_int_equal(find(fixture, task(MANY).id), ERROR_NONE);
    expect_all(fixture);
}

/* What has come since, and what has gone. */
static void test_changes(void **state)
{
    const struct fixture *fixture = *state;
    struct queue_index index;
    fixture_deep(fixture);
    struct queue queue = fixture_queue(fixture, false);
    fixture_take(fixture, &queue, fixture_filled(0));
    queue_close(&queue);
    assert_int_equal(find(fixture, task(0).id), ERROR_NOT_FOUND);
    queue_index_begin(&index, &fixture->account);
    fixture_put(fixture, "pending/42/" QUEUED("get_stats", "new"), DROP("a"));
    queue_index_commit(&index, QUEUED("get_stats", "new"));
    assert_int_equal(find(fixture, "new"), ERROR_NONE);
    assert_int_equal(find(fixture, "nowhere"), ERROR_NOT_FOUND);
    assert_int_equal(find(fixture, task(9).id), ERROR_NONE);
}

/* A mark that stands though the claim was lost; and a file that is not there
 * though nobody has claimed it. */
static void test_marks(void **state)
{
    const struct fixture *fixture = *state;
    char path[200];
    struct stat status;
    fixture_deep(fixture);
    int file = openat(fixture->spool.directory, INDEX, O_RDWR);
    assert_int_equal(
        pwrite(file, "#", 1, line_of(fixture, 20) + QUEUE_MARK_AT), 1);
    close(file);
    assert_int_equal(find(fixture, task(20).id), ERROR_NONE);
    status = fixture_status(fixture, "pending/42");
    snprintf(path, sizeof path, "pending/42/%s", fixture_filled(30));
    assert_int_equal(unlinkat(fixture->spool.directory, path, 0), 0);
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    assert_int_equal(
        utimensat(fixture->spool.directory, "pending/42", times, 0), 0);
    assert_int_equal(find(fixture, task(30).id), ERROR_BUSY);
}

/* How many were visited, up to those wanted. */
struct visits {
    unsigned count, wanted;
};

static enum error visit(void *context, const struct task_name *task)
{
    struct visits *visits = context;
    assert_string_equal(task->action, "get_all_products");
    visits->count++;
    return visits->count < visits->wanted ? ERROR_NONE : ERROR_EXISTS;
}

static enum error visit_all(
    const struct fixture *fixture, struct visits *visits, unsigned wanted)
{
    *visits = (struct visits){.wanted = wanted};
    return queue_ids_each(&fixture->account, "get_all_products", visit, visits);
}

static void put_listings(const struct fixture *fixture, int from, int to)
{
    char path[200];
    for (int i = from; i < to; i++) {
        snprintf(path, sizeof path,
            "pending/42/" QUEUED("get_all_products", "l%d"), i);
        fixture_put(fixture, path, DROP("get_all_products"));
    }
}

/* What a sync looks for is found by its action, before and behind the making of
 * the index, however many there are. */
static void test_actions(void **state)
{
    static const int counts[] = {0, 1, 8, 9, 10, 30};
    char name[200];
    struct queue_index index;
    struct visits visits;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        unsigned count = (unsigned)counts[i];
        put_listings(fixture, 0, counts[i]);
        fixture_deep(fixture);
        assert_int_equal(visit_all(fixture, &visits, 99), ERROR_NONE);
        assert_int_equal(visits.count, count);
        queue_index_begin(&index, &fixture->account);
        put_listings(fixture, counts[i], counts[i] + 1);
        snprintf(
            name, sizeof name, QUEUED("get_all_products", "l%d"), counts[i]);
        queue_index_commit(&index, name);
        assert_int_equal(visit_all(fixture, &visits, 1), ERROR_EXISTS);
        assert_int_equal(visits.count, 1);
    }
}

/* Of an action, too, no other line is read; and without the index none. */
static void test_actions_without(void **state)
{
    struct visits visits;
    const struct fixture *fixture = *state;
    put_listings(fixture, 0, 1);
    fixture_deep(fixture);
    spoil(fixture, INDEX, line_of(fixture, 300) + 10);
    assert_int_equal(visit_all(fixture, &visits, 9), ERROR_NONE);
    assert_int_equal(visits.count, 1);
    assert_int_equal(unlinkat(fixture->spool.directory, INDEX, 0), 0);
    assert_int_equal(visit_all(fixture, &visits, 9), ERROR_BUSY);
    assert_int_equal(visits.count, 0);
}

/* Of any other action there is no telling: that none is found proves nothing.
 */
static void test_other_action(void **state)
{
    const struct fixture *fixture = *state;
    struct visits visits = {0};
    fixture_deep(fixture);
    assert_int_equal(
        queue_ids_each(&fixture->account, "get_stats", visit, &visits),
        ERROR_BUSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_other_action),
        IN_SPOOL(test_all),
        IN_SPOOL(test_reads_no_other),
        IN_SPOOL(test_torn_line),
        IN_SPOOL(test_torn),
        IN_SPOOL(test_earlier),
        IN_SPOOL(test_changes),
        IN_SPOOL(test_marks),
        IN_SPOOL(test_actions),
        IN_SPOOL(test_actions_without),
    };
    return cmocka_run_group_tests_name("queue_ids", tests, NULL, NULL);
}
