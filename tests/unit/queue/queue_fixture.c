/* SPDX-License-Identifier: MIT */
#include "queue_fixture.h"

#include <string.h>
#include <unistd.h>

const struct timespec fixture_known = {1733565600, 123456789};
const int64_t fixture_recheck = INT64_C(1733565600000001);

struct queue fixture_queue(const struct fixture *fixture, bool background)
{
    static struct config config; /* the queue goes on pointing at these */
    static struct account account;
    struct queue queue;
    config = fixture_config();
    config.background = background;
    account = *UNDER(fixture, &config);
    assert_int_equal(queue_open(&queue, &account), ERROR_NONE);
    return queue;
}

void fixture_next(struct queue *queue, const char *want)
{
    const char *have = queue_next(queue);
    const char *found = have == NULL ? "none" : have;
    const char *wanted = want == NULL ? "none" : want;
    if (strcmp(found, wanted) != 0)
        fail_msg("have %s, want %s", found, wanted);
}

void fixture_take(
    const struct fixture *fixture, struct queue *queue, const char *want)
{
    fixture_next(queue, want);
    struct path path = path_in_user(SPOOL_PENDING, 42, want);
    queue_begin(queue);
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
    queue_took(queue);
}

void fixture_deep(const struct fixture *fixture)
{
    fixture_fill(fixture, 0, MANY);
    fixture_age(fixture, "pending/42", 100);
    struct queue queue = fixture_queue(fixture, false);
    assert_true(queue.indexed);
    queue_close(&queue);
}

void fixture_expect_queue(const struct fixture *fixture, int first, int last)
{
    struct queue queue = fixture_queue(fixture, false);
    for (int i = first; i <= last; i++)
        fixture_next(&queue, fixture_filled(i));
    fixture_next(&queue, NULL);
    queue_close(&queue);
}

enum error fixture_open_index(
    const struct fixture *fixture, struct queue_index *index)
{
    queue_index_init(index, &fixture->account);
    return queue_index_open(index);
}

struct queue_index fixture_index(const struct fixture *fixture)
{
    struct queue_index index;
    struct name_list names = NAME_LIST_EMPTY;
    for (int i = 0; i < 5; i++) {
        const char *name = fixture_filled(i);
        name_list_append(&names, name, strlen(name));
    }
    queue_index_init(&index, &fixture->account);
    assert_int_equal(
        queue_index_build(&index, &names, fixture_known, fixture_recheck),
        ERROR_NONE);
    name_list_free(&names);
    return index;
}

struct stat fixture_status(const struct fixture *fixture, const char *path)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, path, &status, 0), 0);
    return status;
}
