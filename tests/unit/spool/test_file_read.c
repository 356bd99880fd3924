/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "place_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The error, and that a buffer in use is left as it was. */
static void expect_unread(
    int directory, const char *path, size_t limit, enum error want)
{
    struct buffer out = BUFFER_EMPTY;
    buffer_append_text(&out, "kept");
    enum error have = file_read(directory, path, limit, &out, NULL);
    if (have != want)
        fail_msg("%s: have error %d, want %d", path, (int)have, (int)want);
    assert_int_equal(out.length, 4);
    assert_string_equal(out.data, "kept");
    buffer_free(&out);
}

static void test_read(void **state)
{
    int directory = place_of(state)->directory;
    struct buffer out = BUFFER_EMPTY;
    struct stat status;
    assert_int_equal(file_create(directory, "a", "x\0y", 3), ERROR_NONE);
    buffer_append_text(&out, "before ");
    assert_int_equal(file_read(directory, "a", 3, &out, &status), ERROR_NONE);
    assert_int_equal(out.length, 10);
    assert_memory_equal(out.data, "before x\0y", 11);
    assert_int_equal(status.st_size, 3);
    assert_int_equal(status.st_nlink, 1);
    buffer_free(&out);
}

static void test_read_empty(void **state)
{
    int directory = place_of(state)->directory;
    struct buffer out = BUFFER_EMPTY;
    place_put(directory, "a", "");
    assert_int_equal(file_read(directory, "a", 0, &out, NULL), ERROR_NONE);
    assert_int_equal(out.length, 0);
    assert_string_equal(buffer_text(&out), "");
    buffer_free(&out);
}

/* Around every size at which reading goes on in another piece. */
static void test_read_of_every_size(void **state)
{
    int directory = place_of(state)->directory;
    static const size_t sizes[] = {
        1, 255, 256, 257, 65534, 65535, 65536, 65537, 131072, 200001};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        char *bytes = malloc(sizes[i]);
        assert_non_null(bytes);
        for (size_t at = 0; at < sizes[i]; at++)
            bytes[at] = (char)((at * 31) + (at / 256));
        assert_int_equal(
            file_create(directory, "a", bytes, sizes[i]), ERROR_NONE);
        assert_int_equal(
            file_read(directory, "a", sizes[i], &out, NULL), ERROR_NONE);
        assert_int_equal(out.length, sizes[i]);
        assert_memory_equal(out.data, bytes, sizes[i]);
        assert_int_equal(out.data[out.length], '\0');
        expect_unread(directory, "a", sizes[i] - 1, ERROR_TOO_LARGE);
        assert_int_equal(file_remove(directory, "a"), ERROR_NONE);
        buffer_free(&out);
        free(bytes);
    }
}

/* As far as fstat says, and no further: /proc says of its files that they are
 * empty. */
static void test_reads_as_far_as_the_size_says(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    int directory = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        skip();
    assert_int_equal(file_read(directory, "maps", 10, &out, NULL), ERROR_NONE);
    assert_int_equal(out.length, 0);
    assert_string_equal(buffer_text(&out), "");
    buffer_free(&out);
    close(directory);
}

static void test_reads_nothing_but_regular_files(void **state)
{
    int directory = place_of(state)->directory;
    place_put(directory, "target", "secret");
    assert_int_equal(symlinkat("target", directory, "link"), 0);
    assert_int_equal(symlinkat("nowhere", directory, "dangling"), 0);
    assert_int_equal(mkdirat(directory, "directory", 0700), 0);
    assert_int_equal(mkfifoat(directory, "fifo", 0600), 0);
    expect_unread(directory, "link", 1000, ERROR_TYPE);
    expect_unread(directory, "dangling", 1000, ERROR_TYPE);
    expect_unread(directory, "directory", 1000, ERROR_TYPE);
    expect_unread(directory, "fifo", 1000, ERROR_TYPE); /* nobody writes */
    expect_unread(directory, "/dev/null", 1000, ERROR_TYPE);
    expect_unread(directory, "missing", 1000, ERROR_NOT_FOUND);
}

static void test_reads_no_socket(void **state)
{
    const struct place *place = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(descriptor >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", place->path);
    assert_int_equal(
        bind(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    expect_unread(place->directory, "s", 1000, ERROR_TYPE);
    close(descriptor);
}

/* What is no file of bytes says so when it is opened. */
static void test_odd(void **state)
{
    static const int numbers[] = {ELOOP, ENXIO, ENODEV};
    int directory = place_of(state)->directory;
    place_put(directory, "a", "text");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        fault_set(FAULT_OPEN, 1, numbers[i]);
        expect_unread(directory, "a", 10, ERROR_TYPE);
        assert_true(fault_clear());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_read),
        IN_PLACE(test_odd),
        IN_PLACE(test_read_empty),
        IN_PLACE(test_read_of_every_size),
        cmocka_unit_test(test_reads_as_far_as_the_size_says),
        IN_PLACE(test_reads_nothing_but_regular_files),
        IN_PLACE(test_reads_no_socket),
    };
    return cmocka_run_group_tests_name("file read", tests, NULL, NULL);
}
