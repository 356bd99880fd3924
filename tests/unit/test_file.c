/* SPDX-License-Identifier: MIT */
#include "file.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Each test has a directory of its own. */
struct place {
    char path[64];
    int directory;
};

static int enter_place(void **state)
{
    struct place *place = malloc(sizeof *place);
    if (place == NULL)
        return -1;
    const char *top = getenv("TMPDIR");
    snprintf(place->path, sizeof place->path, "%.40s/stoflow.XXXXXX",
        top == NULL || strlen(top) > 40 ? "/tmp" : top);
    if (mkdtemp(place->path) == NULL)
        return -1;
    place->directory = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = place;
    return place->directory < 0 ? -1 : 0;
}

/* Tests make directories one level deep, and only empty ones. */
static int leave_place(void **state)
{
    struct place *place = *state;
    DIR *list = opendir(place->path);
    if (list == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (unlinkat(place->directory, entry->d_name, 0) != 0)
            unlinkat(place->directory, entry->d_name, AT_REMOVEDIR);
    }
    closedir(list);
    close(place->directory);
    int result = rmdir(place->path);
    free(place);
    return result;
}

static int directory_of(void **state)
{
    const struct place *place = *state;
    return place->directory;
}

static void put(int directory, const char *path, const char *text)
{
    assert_int_equal(
        file_create(directory, path, text, strlen(text)), ERROR_NONE);
}

static void expect_content(int directory, const char *path, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    assert_int_equal(file_read(directory, path, 1000, &have, NULL), ERROR_NONE);
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
}

static void expect_mode(int directory, const char *path, mode_t want)
{
    struct stat status;
    assert_int_equal(fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW), 0);
    if ((status.st_mode & 07777) != want)
        fail_msg("%s: have mode %o, want %o", path,
            (unsigned)(status.st_mode & 07777), (unsigned)want);
}

static size_t count_names(const struct place *place)
{
    size_t count = 0;
    DIR *list = opendir(place->path);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}

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
    int directory = directory_of(state);
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
    int directory = directory_of(state);
    struct buffer out = BUFFER_EMPTY;
    put(directory, "a", "");
    assert_int_equal(file_read(directory, "a", 0, &out, NULL), ERROR_NONE);
    assert_int_equal(out.length, 0);
    assert_string_equal(buffer_text(&out), "");
    buffer_free(&out);
}

/* Around every size at which reading goes on in another piece. */
static void test_read_of_every_size(void **state)
{
    int directory = directory_of(state);
    static const size_t sizes[] = {
        1, 255, 256, 257, 65534, 65535, 65536, 65537, 131072, 200001};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        char *bytes = malloc(sizes[i]);
        assert_non_null(bytes);
        for (size_t at = 0; at < sizes[i]; at++)
            bytes[at] = (char)(at * 31 + at / 256);
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
    int directory = directory_of(state);
    put(directory, "target", "secret");
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

static void test_create(void **state)
{
    int directory = directory_of(state);
    put(directory, "a", "content");
    expect_content(directory, "a", "content");
    expect_mode(directory, "a", 0600);
}

static void test_create_leaves_what_is_there(void **state)
{
    int directory = directory_of(state);
    static const char *const names[] = {
        "file", "link", "dangling", "directory", "fifo"};
    put(directory, "file", "the other's");
    assert_int_equal(symlinkat("file", directory, "link"), 0);
    assert_int_equal(symlinkat("nowhere", directory, "dangling"), 0);
    assert_int_equal(mkdirat(directory, "directory", 0700), 0);
    assert_int_equal(mkfifoat(directory, "fifo", 0600), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        enum error error = file_create(directory, names[i], "mine", 4);
        assert_int_equal(error, ERROR_EXISTS);
        assert_true(file_exists(directory, names[i]));
    }
    expect_content(directory, "file", "the other's");
    assert_false(file_exists(directory, "nowhere"));
}

static void test_create_without_directory(void **state)
{
    int directory = directory_of(state);
    enum error error = file_create(directory, "missing/a", "x", 1);
    assert_int_equal(error, ERROR_NOT_FOUND);
}

/* A limit on file sizes makes write(2) stop half way, and then fail. */
static void test_create_that_fails_leaves_nothing(void **state)
{
    int directory = directory_of(state);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {100, before.rlim_max};
    char bytes[200] = "";
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum error error = file_create(directory, "a", bytes, sizeof bytes);
    enum error fits = file_create(directory, "b", bytes, 100);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(error, ERROR_TOO_LARGE);
    assert_int_equal(fits, ERROR_NONE);
    assert_false(file_exists(directory, "a"));
    assert_int_equal(count_names(*state), 1);
}

static void test_modes_under_every_umask(void **state)
{
    int directory = directory_of(state);
    static const mode_t masks[] = {0000, 0022, 0077, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        mode_t before = umask(masks[i]);
        enum error file = file_create(directory, "file", "x", 1);
        enum error made = directory_make(directory, "directory", ".");
        enum error touched = file_touch(directory, "touched");
        umask(before);
        assert_int_equal(file, ERROR_NONE);
        assert_int_equal(made, ERROR_NONE);
        assert_int_equal(touched, ERROR_NONE);
        expect_mode(directory, "file", 0600);
        expect_mode(directory, "directory", 0700);
        assert_int_equal(unlinkat(directory, "file", 0), 0);
        assert_int_equal(unlinkat(directory, "touched", 0), 0);
        assert_int_equal(unlinkat(directory, "directory", AT_REMOVEDIR), 0);
    }
}

static void test_make_what_is_there(void **state)
{
    int directory = directory_of(state);
    assert_int_equal(directory_make(directory, "d", "."), ERROR_NONE);
    assert_int_equal(fchmodat(directory, "d", 0750, 0), 0);
    assert_int_equal(directory_make(directory, "d", "."), ERROR_NONE);
    expect_mode(directory, "d", 0750); /* not ours to change */
    enum error error = directory_make(directory, "missing/d", "missing");
    assert_int_equal(error, ERROR_NOT_FOUND);
}

static void test_sync(void **state)
{
    int directory = directory_of(state);
    put(directory, "file", "x");
    assert_int_equal(directory_sync(directory, "."), ERROR_NONE);
    assert_int_equal(directory_sync(directory, "missing"), ERROR_NOT_FOUND);
    assert_int_not_equal(directory_sync(directory, "file"), ERROR_NONE);
}

static void test_secure(void **state)
{
    int directory = directory_of(state);
    put(directory, "file", "as it was");
    assert_int_equal(fchmodat(directory, "file", 0664, 0), 0);
    assert_int_equal(symlinkat("file", directory, "link"), 0);
    assert_int_not_equal(file_secure(directory, "link"), ERROR_NONE);
    expect_mode(directory, "file", 0664);
    assert_int_equal(file_secure(directory, "file"), ERROR_NONE);
    expect_mode(directory, "file", 0600);
    expect_content(directory, "file", "as it was");
    assert_int_equal(file_secure(directory, "missing"), ERROR_NOT_FOUND);
}

static void test_touch(void **state)
{
    int directory = directory_of(state);
    struct stat status;
    const struct timespec old[2] = {{1000, 0}, {1000, 0}};
    assert_int_equal(file_touch(directory, "a"), ERROR_NONE);
    expect_mode(directory, "a", 0600);
    expect_content(directory, "a", "");
    put(directory, "b", "kept");
    assert_int_equal(utimensat(directory, "b", old, 0), 0);
    assert_int_equal(file_touch(directory, "b"), ERROR_NONE);
    assert_int_equal(fstatat(directory, "b", &status, 0), 0);
    assert_true(status.st_mtim.tv_sec > 1000);
    expect_content(directory, "b", "kept");
    assert_int_equal(symlinkat("b", directory, "link"), 0);
    assert_int_not_equal(file_touch(directory, "link"), ERROR_NONE);
}

static void expect_times(
    int directory, const char *path, time_t access, time_t modification)
{
    struct stat status;
    assert_int_equal(fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(status.st_atim.tv_sec, access);
    assert_int_equal(status.st_mtim.tv_sec, modification);
}

/* The file that a link points to keeps its own. */
static void test_set_times(void **state)
{
    int directory = directory_of(state);
    const struct timespec times[2] = {{1000, 0}, {2000, 0}};
    assert_int_equal(file_set_times(directory, "a", times), ERROR_NONE);
    expect_times(directory, "a", 1000, 2000);
    expect_mode(directory, "a", 0600);
    const struct timespec others[2] = {{3000, 0}, {4000, 0}};
    assert_int_equal(symlinkat("a", directory, "link"), 0);
    assert_int_equal(mkdirat(directory, "d", 0700), 0);
    assert_int_equal(file_set_times(directory, "link", others), ERROR_NONE);
    assert_int_equal(file_set_times(directory, "d", others), ERROR_NONE);
    expect_times(directory, "link", 3000, 4000);
    expect_times(directory, "d", 3000, 4000);
    expect_times(directory, "a", 1000, 2000);
    assert_int_equal(
        file_set_times(directory, "missing/a", times), ERROR_NOT_FOUND);
}

static void test_link(void **state)
{
    int directory = directory_of(state);
    put(directory, "a", "A");
    put(directory, "b", "B");
    assert_int_equal(file_link(directory, "a", "c"), ERROR_NONE);
    expect_content(directory, "c", "A");
    expect_content(directory, "a", "A");
    assert_int_equal(file_link(directory, "a", "b"), ERROR_EXISTS);
    expect_content(directory, "b", "B");
    assert_int_equal(file_link(directory, "a", "a"), ERROR_EXISTS);
    assert_int_equal(file_link(directory, "missing", "d"), ERROR_NOT_FOUND);
    assert_int_equal(count_names(*state), 3);
}

/* A link to a symbolic link must not lead to what that points at. */
static void test_link_does_not_follow(void **state)
{
    int directory = directory_of(state);
    struct stat status;
    put(directory, "target", "secret");
    assert_int_equal(symlinkat("target", directory, "link"), 0);
    assert_int_equal(file_link(directory, "link", "copy"), ERROR_NONE);
    assert_int_equal(
        fstatat(directory, "copy", &status, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISLNK(status.st_mode));
}

static void test_rename(void **state)
{
    int directory = directory_of(state);
    put(directory, "a", "A");
    put(directory, "b", "B");
    assert_int_equal(file_rename(directory, "a", "c"), ERROR_NONE);
    assert_false(file_exists(directory, "a"));
    assert_int_equal(file_rename(directory, "c", "b"), ERROR_NONE);
    expect_content(directory, "b", "A"); /* rename(2) replaces */
    assert_int_equal(file_rename(directory, "a", "d"), ERROR_NOT_FOUND);
    assert_int_equal(count_names(*state), 1);
}

static void test_remove(void **state)
{
    int directory = directory_of(state);
    put(directory, "a", "A");
    assert_int_equal(symlinkat("a", directory, "link"), 0);
    assert_int_equal(file_remove(directory, "link"), ERROR_NONE);
    assert_true(file_exists(directory, "a"));
    assert_int_equal(file_remove(directory, "a"), ERROR_NONE);
    assert_int_equal(file_remove(directory, "a"), ERROR_NOT_FOUND);
}

static void test_exists(void **state)
{
    int directory = directory_of(state);
    assert_false(file_exists(directory, "a"));
    put(directory, "a", "");
    assert_true(file_exists(directory, "a"));
    assert_int_equal(symlinkat("nowhere", directory, "dangling"), 0);
    assert_true(file_exists(directory, "dangling"));
}

int main(void)
{
#define IN_PLACE(function)                                                     \
    cmocka_unit_test_setup_teardown(function, enter_place, leave_place)
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_read),
        IN_PLACE(test_read_empty),
        IN_PLACE(test_read_of_every_size),
        cmocka_unit_test(test_reads_as_far_as_the_size_says),
        IN_PLACE(test_reads_nothing_but_regular_files),
        IN_PLACE(test_reads_no_socket),
        IN_PLACE(test_create),
        IN_PLACE(test_create_leaves_what_is_there),
        IN_PLACE(test_create_without_directory),
        IN_PLACE(test_create_that_fails_leaves_nothing),
        IN_PLACE(test_modes_under_every_umask),
        IN_PLACE(test_make_what_is_there),
        IN_PLACE(test_sync),
        IN_PLACE(test_secure),
        IN_PLACE(test_touch),
        IN_PLACE(test_set_times),
        IN_PLACE(test_link),
        IN_PLACE(test_link_does_not_follow),
        IN_PLACE(test_rename),
        IN_PLACE(test_remove),
        IN_PLACE(test_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
