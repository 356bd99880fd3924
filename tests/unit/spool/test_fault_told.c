/* SPDX-License-Identifier: MIT */
/* Files and folders where one call fails, and what is made of that. */
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "root.h"
#include "sink.h"
#include "spool_lock.h"
#include "stamp.h"
#include "task_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another host's file bears the name that was drawn. */
static void test_drawn_twice(void **state)
{
    const struct fixture *fixture = *state;
    struct path temporary;
    fault_set(FAULT_OPEN, 1, EEXIST);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "", 0, &temporary), ERROR_NONE);
    assert_true(fault_clear());
    fault_set(FAULT_ALL, 1, EEXIST);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "", 0, &temporary), ERROR_BUSY);
    assert_true(fault_clear());
}

/* Two ways in which a kernel says that another has the lock. */
static void test_held_lock(void **state)
{
    static const int numbers[] = {EAGAIN, EACCES};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        fault_set(FAULT_LOCK, 1, numbers[i]);
        assert_int_equal(
            spool_lock_try(&fixture->spool, "sweeper"), SPOOL_LOCK_HELD);
        assert_true(fault_clear());
    }
}

/* There is no index/, and it cannot be made either. */
static void test_stamp_without_index(void **state)
{
    const struct fixture *fixture = *state;
    const struct timespec times[2] = {{1, 0}, {2, 0}};
    assert_int_equal(
        unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR), 0);
    fault_set(FAULT_NAMES, 1, EIO);
    stamp_write(&fixture->spool, path_in(SPOOL_INDEX, "stamp"), times);
    assert_true(fault_clear());
    assert_int_equal(
        stamp_moment(&fixture->spool, path_in(SPOOL_INDEX, "stamp")), 0);
}

static void test_counting_sink(void **state)
{
    struct sink sink;
    (void)state;
    sink_count(&sink);
    sink_put(&sink, "text", 4);
    assert_int_equal(sink_close(&sink), ERROR_NONE);
    assert_int_equal(sink.length, 4);
}

static void test_same_file(void **state)
{
    struct stat a = {.st_dev = 1, .st_ino = 2};
    struct stat b = {.st_dev = 2, .st_ino = 2};
    struct stat c = {.st_dev = 1, .st_ino = 3};
    (void)state;
    assert_true(file_is_same(&a, &a));
    assert_false(file_is_same(&a, &b));
    assert_false(file_is_same(&a, &c));
}

/* The name is said to be taken, but not by what was to bear it. */
static void test_taken_by_nobody(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, "tmp/read", "some text");
    fault_set(FAULT_NAMES, 1, EEXIST);
    assert_int_equal(file_link(directory, "tmp/read", "tmp/new"), ERROR_EXISTS);
    assert_true(fault_clear());
    fault_set(FAULT_NAMES, 1, EEXIST);
    assert_int_equal(
        file_link(directory, "tmp/none", "tmp/read"), ERROR_EXISTS);
    assert_true(fault_clear());
}

/* Another account's file, whose times we may not set, is replaced. */
static void test_times_of_others(void **state)
{
    const struct fixture *fixture = *state;
    const struct timespec times[2] = {{1, 0}, {2, 0}};
    int directory = fixture->spool.directory;
    fixture_put(fixture, "tmp/times", "theirs");
    fault_set(FAULT_TIMES, 1, EPERM);
    assert_int_equal(file_set_times(directory, "tmp/times", times), ERROR_NONE);
    assert_true(fault_clear());
    fixture_expect(fixture, "tmp/times", "");
    fault_set(FAULT_TIMES, 1, EPERM);
    fixture_put(fixture, "tmp/folder/x", "");
    assert_int_equal(
        file_set_times(directory, "tmp/folder", times), ERROR_DENIED);
    assert_true(fault_clear());
}

/* An upload that another account keeps the mode of. */
static void test_secure_of_others(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, "tmp/theirs", "theirs");
    assert_int_equal(fchmodat(directory, "tmp/theirs", 0640, 0), 0);
    fault_set(FAULT_MODE, 1, EPERM);
    assert_int_equal(file_secure(directory, "tmp/theirs"), ERROR_NONE);
    assert_true(fault_clear());
    fault_set(FAULT_MODE, 1, EIO);
    assert_int_equal(file_secure(directory, "tmp/theirs"), ERROR_IO);
    assert_true(fault_clear());
    assert_int_equal(file_secure(directory, "tmp/theirs"), ERROR_NONE);
    fault_set(FAULT_MODE, 1, EIO); /* it has that mode */
    assert_int_equal(file_secure(directory, "tmp/theirs"), ERROR_NONE);
    assert_false(fault_clear());
}

/* A file that is cut while it is read is read as far as it goes. */
static void test_shrinking(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    fixture_put(fixture, "tmp/read", "some text");
    fault_set(FAULT_READ, 1, 0);
    assert_int_equal(file_read(fixture->spool.directory, "tmp/read",
                         file_no_limit, &text, NULL),
        ERROR_NONE);
    assert_true(fault_clear());
    assert_string_equal(buffer_text(&text), "");
    buffer_free(&text);
}

/* A tmp/ that is there and yet leads nowhere is not tried for ever. */
static void test_broken_tmp(void **state)
{
    const struct fixture *fixture = *state;
    struct path temporary;
    assert_int_equal(
        unlinkat(fixture->spool.directory, "tmp", AT_REMOVEDIR), 0);
    assert_int_equal(symlinkat("nowhere", fixture->spool.directory, "tmp"), 0);
    assert_int_equal(spool_write_temporary(&fixture->spool, "", 0, &temporary),
        ERROR_SYSTEM);
}

/* Where /proc is hidden the server says where the program is. */
static void test_hidden_program(void **state)
{
    static struct {
        char variable[40];
        enum error want_error;
        const char *want;
    } cases[] = {
        {"SCRIPT_FILENAME=/srv/cgi-bin/task", ERROR_NONE, "/srv/cgi-bin"},
        {"SCRIPT_FILENAME=/task", ERROR_NONE, "/"},
        {"SCRIPT_FILENAME=cgi-bin/task", ERROR_NOT_FOUND, ""},
        {"HOME=/", ERROR_NOT_FOUND, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer folder = BUFFER_EMPTY;
        char *environment[] = {cases[i].variable, NULL};
        fault_set(FAULT_LINK, 1, EACCES);
        assert_int_equal(
            root_program_folder(environment, &folder), cases[i].want_error);
        assert_true(fault_clear());
        assert_string_equal(buffer_text(&folder), cases[i].want);
        buffer_free(&folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_drawn_twice),
        IN_SPOOL(test_held_lock),
        IN_SPOOL(test_stamp_without_index),
        cmocka_unit_test(test_counting_sink),
        cmocka_unit_test(test_same_file),
        IN_SPOOL(test_taken_by_nobody),
        IN_SPOOL(test_times_of_others),
        IN_SPOOL(test_secure_of_others),
        IN_SPOOL(test_shrinking),
        IN_SPOOL(test_broken_tmp),
        cmocka_unit_test(test_hidden_program),
    };
    return cmocka_run_group_tests_name("fault_told", tests, NULL, NULL);
}
