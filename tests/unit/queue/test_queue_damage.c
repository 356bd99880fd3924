/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "error.h"
#include "ingest_fixture.h"
#include "queue.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
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

static void overwrite(
    const struct fixture *fixture, off_t offset, const char *text)
{
    int descriptor =
        openat(fixture->spool.directory, INDEX, O_WRONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    assert_int_equal(
        pwrite(descriptor, text, strlen(text), offset), strlen(text));
    close(descriptor);
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
        fixture_tear_down(state);
        fixture_set_up(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_damaged_between_polls),
    };
    return cmocka_run_group_tests_name("queue_damage", tests, NULL, NULL);
}
