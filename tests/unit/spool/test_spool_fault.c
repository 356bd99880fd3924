/* SPDX-License-Identifier: MIT */
/* Files and folders where each call fails in turn. */
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "line_reader.h"
#include "log.h"
#include "name_list.h"
#include "random.h"
#include "root.h"
#include "selection.h"
#include "sink.h"
#include "space.h"
#include "spool_lock.h"
#include "stamp.h"
#include "task_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Removes a file or an empty folder of the spool, by a call that never fails
 * here. */
static void clean(const struct fixture *fixture, const char *name)
{
    char whole[sizeof fixture->root + 64];
    snprintf(whole, sizeof whole, "%s/spool/%s", fixture->root, name);
    remove(whole);
}

static const char created[] = "products/x";

static enum error create(void *context)
{
    const struct fixture *fixture = context;
    clean(fixture, created);
    return file_create(fixture->spool.directory, created, "text", 4);
}

/* Nothing is left of it after an error. Not asked by a call of lib/, which may
 * be the one that fails. */
static enum error create_or_leave(void *context)
{
    const struct fixture *fixture = context;
    enum error error = create(context);
    assert_int_equal(faccessat(fixture->spool.directory, created, F_OK, 0) == 0,
        error == ERROR_NONE);
    return error;
}

static enum error read_file(void *context)
{
    const struct fixture *fixture = context;
    struct buffer text = BUFFER_EMPTY;
    enum error error = file_read(
        fixture->spool.directory, "tmp/read", file_no_limit, &text, NULL);
    if (error == ERROR_NONE)
        assert_string_equal(buffer_text(&text), "some text");
    else
        assert_int_equal(text.length, 0);
    buffer_free(&text);
    return error;
}

static enum error make_folder(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    enum error error = directory_make(directory, "tmp/folder");
    clean(fixture, "tmp/folder");
    return error;
}

static enum error secure(void *context)
{
    const struct fixture *fixture = context;
    return file_secure(fixture->spool.directory, "tmp/read");
}

static enum error touch(void *context)
{
    const struct fixture *fixture = context;
    return file_touch(fixture->spool.directory, "tmp/touched");
}

static enum error set_times(void *context)
{
    const struct fixture *fixture = context;
    const struct timespec times[2] = {{1, 0}, {2, 0}};
    clean(fixture, "tmp/times");
    return file_set_times(fixture->spool.directory, "tmp/times", times);
}

static enum error replace(void *context)
{
    const struct fixture *fixture = context;
    return spool_replace(&fixture->spool, path_in(SPOOL_USERS, "42.json"),
        SPOOL_USERS, "text", 4);
}

static enum error replace_hint(void *context)
{
    const struct fixture *fixture = context;
    clean(fixture, "progress/42/t1.json");
    clean(fixture, "progress/42");
    return spool_replace_hint(&fixture->spool,
        path_in_user(SPOOL_PROGRESS, 42, "t1.json"), SPOOL_PROGRESS, 42, "{}",
        2);
}

/* All folders are made, since the first is missing. */
static enum error make_user(void *context)
{
    const struct fixture *fixture = context;
    clean(fixture, "pace/42");
    clean(fixture, "pace");
    return spool_make_user(&fixture->spool, SPOOL_PACE, 42);
}

static enum error open_spool(void *context)
{
    const struct fixture *fixture = context;
    struct spool spool;
    char root[sizeof fixture->root + 8];
    snprintf(root, sizeof root, "%s/inner", fixture->root);
    mkdir(root, 0700);
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        char name[64];
        snprintf(name, sizeof name, "../inner/spool/%s",
            spool_directory_name((enum spool_directory)i));
        clean(fixture, name);
    }
    clean(fixture, "../inner/spool");
    enum error error = spool_open(&spool, root);
    if (error == ERROR_NONE)
        spool_close(&spool);
    return error;
}

static enum error count_name(void *context, const char *name)
{
    unsigned *count = context;
    (void)name;
    ++*count;
    return ERROR_NONE;
}

static enum error each_name(void *context)
{
    const struct fixture *fixture = context;
    unsigned count = 0;
    return spool_each_name(
        &fixture->spool, path_of(SPOOL_TMP), count_name, &count);
}

static enum error sort_names(void *context)
{
    struct name_list list = NAME_LIST_EMPTY;
    enum error error = ERROR_NONE;
    (void)context;
    for (int i = 0; i < 200 && error == ERROR_NONE; i++)
        error = name_list_append(&list, i % 2 == 0 ? "b" : "a", 1);
    if (error == ERROR_NONE)
        error = name_list_sort(&list);
    name_list_free(&list);
    return error;
}

static enum error select_names(void *context)
{
    struct selection selection;
    (void)context;
    enum error error = selection_open(&selection, 3, "");
    if (error == ERROR_NONE)
        selection_close(&selection);
    return error;
}

static enum error draw(void *context)
{
    char uuid[UUID_LENGTH + 1];
    char lease[LEASE_LENGTH_MAX + 1];
    int64_t number;
    (void)context;
    enum error error = random_uuid(uuid);
    if (error == ERROR_NONE)
        error = random_lease(lease);
    return error == ERROR_NONE ? random_number(10, &number) : error;
}

static enum error read_lines(void *context)
{
    const struct fixture *fixture = context;
    const char *text;
    size_t length;
    enum error error;
    struct line_reader reader = {.descriptor = openat(fixture->spool.directory,
                                     "tmp/lines", O_RDONLY | O_CLOEXEC)};
    while ((error = line_reader_next(&reader, &text, &length)) == ERROR_NONE)
        assert_true(length <= 3);
    buffer_free(&reader.window);
    close(reader.descriptor);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum error put_into_sink(void *context)
{
    const struct fixture *fixture = context;
    static char piece[70000];
    struct sink sink;
    int output = openat(fixture->spool.directory, "tmp/sink",
        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    sink_open(&sink, output, 200000);
    sink_put(&sink, piece, 100);
    sink_put(&sink, piece, 65000);
    sink_put(&sink, piece, 1000);
    sink_put(&sink, piece, sizeof piece);
    sink_put(&sink, piece, sizeof piece);
    enum error error = sink_close(&sink);
    close(output);
    return error;
}

static enum error ask_for_space(void *context)
{
    const struct fixture *fixture = context;
    return space_check_create(&fixture->spool);
}

static enum error lock(void *context)
{
    const struct fixture *fixture = context;
    int taken = spool_lock(&fixture->spool, "sweeper");
    spool_unlock(taken);
    return taken >= 0 ? ERROR_NONE : ERROR_BUSY;
}

/* What could not be told is taken for "no stamp". */
static enum error set_stamp(void *context)
{
    const struct fixture *fixture = context;
    struct stamp stamp;
    struct path path = path_in(SPOOL_INDEX, "stamp");
    clean(fixture, "index/stamp");
    enum error error =
        stamp_look(&fixture->spool, path_of(SPOOL_TMP), path, &stamp);
    if (error == ERROR_NONE) {
        stamp.racy = false;
        stamp_set(&fixture->spool, &stamp);
        stamp_moment(&fixture->spool, path);
    }
    return error;
}

static void test_faults(void **state)
{
    struct fixture *fixture = *state;
    fixture_put(fixture, "tmp/read", "some text");
    fixture_put(fixture, "tmp/lines", "one\ntwo\n\nend");
    fault_each("create", create, fixture);
    fault_each("read", read_file, fixture);
    fault_each("a folder", make_folder, fixture);
    fault_each("secure", secure, fixture);
    fault_each("touch", touch, fixture);
    fault_each("times", set_times, fixture);
    fault_each("replace", replace, fixture);
    fault_each("a hint", replace_hint, fixture);
    fault_each("a user's folder", make_user, fixture);
    fault_each("a spool", open_spool, fixture);
    fault_each("names", each_name, fixture);
    fault_each("sorting", sort_names, fixture);
    fault_each("selecting", select_names, fixture);
    fault_each("drawing", draw, fixture);
    fault_each("lines", read_lines, fixture);
    fault_each("space", ask_for_space, fixture);
    fault_each("a lock", lock, fixture);
    fault_each("a stamp", set_stamp, fixture);
}

static void test_create(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_OPEN, FAULT_WRITE, FAULT_MODE, FAULT_SYNC, FAULT_CLOSE};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        enum error result = ERROR_NONE;
        unsigned count = fault_each_call(
            create_or_leave, *state, calls[i], ENOSPC, &result, 1);
        assert_int_equal(count, 1);
        assert_int_equal(result, ERROR_FULL);
    }
}

/* What finds no memory to wait in goes straight on. */
static void test_sink(void **state)
{
    enum error results[10];
    unsigned count =
        fault_each_call(put_into_sink, *state, FAULT_WRITE, EIO, results, 10);
    assert_int_equal(count, 3);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(results[i], ERROR_IO);
    fault_each_call(put_into_sink, *state, FAULT_WRITE, EINTR, results, 0);
    count = fault_each_call(
        put_into_sink, *state, FAULT_MEMORY, ENOMEM, results, 10);
    assert_true(count > 0);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(results[i], ERROR_NONE);
}

/* A line of the log that cannot be written is no reason to fail. */
static enum error log_something(void *context)
{
    const struct fixture *fixture = context;
    clean(fixture, "log/events.log");
    clean(fixture, "log");
    log_event(&fixture->spool, "test", "%s", "text");
    return ERROR_NONE;
}

static void test_log(void **state)
{
    for (int call = 0; call < FAULT_CALLS; call++) {
        fault_each_call(
            log_something, *state, (enum fault_call)call, EIO, NULL, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_faults),
        IN_SPOOL(test_create),
        IN_SPOOL(test_sink),
        IN_SPOOL(test_log),
    };
    return cmocka_run_group_tests_name("spool_fault", tests, NULL, NULL);
}
