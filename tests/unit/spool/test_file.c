/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "place_fixture.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}

static void test_create(void **state)
{
    int directory = place_of(state)->directory;
    place_put(directory, "a", "content");
    place_expect(directory, "a", "content");
    expect_mode(directory, "a", 0600);
}

static void test_create_leaves_what_is_there(void **state)
{
    int directory = place_of(state)->directory;
    static const char *const names[] = {
        "file", "link", "dangling", "directory", "fifo"};
    place_put(directory, "file", "the other's");
    assert_int_equal(symlinkat("file", directory, "link"), 0);
    assert_int_equal(symlinkat("nowhere", directory, "dangling"), 0);
    assert_int_equal(mkdirat(directory, "directory", 0700), 0);
    assert_int_equal(mkfifoat(directory, "fifo", 0600), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        enum error error = file_create(directory, names[i], "mine", 4);
        assert_int_equal(error, ERROR_EXISTS);
        assert_true(file_exists(directory, names[i]));
    }
    place_expect(directory, "file", "the other's");
    assert_false(file_exists(directory, "nowhere"));
}

static void test_create_without_directory(void **state)
{
    int directory = place_of(state)->directory;
    enum error error = file_create(directory, "missing/a", "x", 1);
    assert_int_equal(error, ERROR_NOT_FOUND);
}

/* A limit on file sizes makes write(2) stop half way, and then fail. */
static void test_create_that_fails_leaves_nothing(void **state)
{
    int directory = place_of(state)->directory;
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
    assert_int_equal(error, ERROR_FILE_LIMIT);
    assert_int_equal(fits, ERROR_NONE);
    assert_false(file_exists(directory, "a"));
    assert_int_equal(count_names(*state), 1);
}

static void test_modes_under_every_umask(void **state)
{
    int directory = place_of(state)->directory;
    static const mode_t masks[] = {0000, 0022, 0077, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        mode_t before = umask(masks[i]);
        enum error file = file_create(directory, "file", "x", 1);
        enum error made = directory_make(directory, "directory");
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
    int directory = place_of(state)->directory;
    assert_int_equal(directory_make(directory, "d"), ERROR_NONE);
    assert_int_equal(fchmodat(directory, "d", 0750, 0), 0);
    assert_int_equal(directory_make(directory, "d"), ERROR_NONE);
    expect_mode(directory, "d", 0750); /* not ours to change */
    enum error error = directory_make(directory, "missing/d");
    assert_int_equal(error, ERROR_NOT_FOUND);
}

static void test_sync(void **state)
{
    int directory = place_of(state)->directory;
    place_put(directory, "file", "x");
    assert_int_equal(directory_sync(directory, "."), ERROR_NONE);
    assert_int_equal(directory_sync(directory, "missing"), ERROR_NOT_FOUND);
    assert_int_not_equal(directory_sync(directory, "file"), ERROR_NONE);
}

/* A network file system may say for a moment that a folder is not there: then
 * nobody may take what is in it for gone, or for safe. */
static void test_sync_of_what_is_not_seen(void **state)
{
    int directory = place_of(state)->directory;
    fault_set(FAULT_OPEN, 1, ENOENT);
    enum error error = directory_sync(directory, ".");
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_NONE);
}

/* Its mode says so for as long as its name may be lost. */
static void test_make_unsafe(void **state)
{
    int directory = place_of(state)->directory;
    fault_set(FAULT_SYNC, 1, EIO);
    enum error error = directory_make(directory, "d");
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_IO);
    expect_mode(directory, "d", 01700);
}

/* What a maker leaves who is killed before it has fsynced the parent. */
static void test_sync_what_another_made(void **state)
{
    int directory = place_of(state)->directory;
    assert_int_equal(mkdirat(directory, "a", 01700), 0);
    assert_int_equal(mkdirat(directory, "a/b", 01700), 0);
    assert_int_equal(fchmodat(directory, "a", 01700, 0), 0);
    assert_int_equal(fchmodat(directory, "a/b", 01700, 0), 0);
    assert_int_equal(directory_sync(directory, "a/b"), ERROR_NONE);
    expect_mode(directory, "a/b", 0700);
    expect_mode(directory, "a", 0700);
    assert_int_equal(unlinkat(directory, "a/b", AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(directory, "a", AT_REMOVEDIR), 0);
    assert_int_equal(fchmodat(directory, ".", 01700, 0), 0);
    assert_int_equal(directory_sync(directory, "."), ERROR_NONE);
    expect_mode(directory, ".", 0700);
}

/* The same, of which the fsync is looked for; and one that we have made, though
 * a network says that it was there. */
static void test_make_what_another_made(void **state)
{
    int directory = place_of(state)->directory;
    for (int late = 0; late < 2; late++) {
        struct buffer steps = BUFFER_EMPTY;
        if (late == 0) {
            assert_int_equal(mkdirat(directory, "d", 0700), 0);
            assert_int_equal(fchmodat(directory, "d", 01700, 0), 0);
        } else {
            fault_set_late(FAULT_NAMES, 1, EEXIST);
        }
        fault_watch(&steps);
        assert_int_equal(directory_make(directory, "d"), ERROR_NONE);
        fault_watch(NULL);
        assert_true(fault_clear() || late == 0);
        expect_mode(directory, "d", 0700);
        assert_non_null(strstr(buffer_text(&steps), "fsync "));
        buffer_free(&steps);
        assert_int_equal(unlinkat(directory, "d", AT_REMOVEDIR), 0);
    }
}

static void test_secure(void **state)
{
    int directory = place_of(state)->directory;
    place_put(directory, "file", "as it was");
    assert_int_equal(fchmodat(directory, "file", 0664, 0), 0);
    assert_int_equal(symlinkat("file", directory, "link"), 0);
    assert_int_not_equal(file_secure(directory, "link"), ERROR_NONE);
    expect_mode(directory, "file", 0664);
    assert_int_equal(file_secure(directory, "file"), ERROR_NONE);
    expect_mode(directory, "file", 0600);
    place_expect(directory, "file", "as it was");
    assert_int_equal(file_secure(directory, "missing"), ERROR_NOT_FOUND);
}

static void test_touch(void **state)
{
    int directory = place_of(state)->directory;
    struct stat status;
    const struct timespec old[2] = {{1000, 0}, {1000, 0}};
    assert_int_equal(file_touch(directory, "a"), ERROR_NONE);
    expect_mode(directory, "a", 0600);
    place_expect(directory, "a", "");
    place_put(directory, "b", "kept");
    assert_int_equal(utimensat(directory, "b", old, 0), 0);
    assert_int_equal(file_touch(directory, "b"), ERROR_NONE);
    assert_int_equal(fstatat(directory, "b", &status, 0), 0);
    assert_true(status.st_mtim.tv_sec > 1000);
    place_expect(directory, "b", "kept");
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
    int directory = place_of(state)->directory;
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
    int directory = place_of(state)->directory;
    place_put(directory, "a", "A");
    place_put(directory, "b", "B");
    assert_int_equal(file_link(directory, "a", "c"), ERROR_NONE);
    place_expect(directory, "c", "A");
    place_expect(directory, "a", "A");
    assert_int_equal(file_link(directory, "a", "b"), ERROR_EXISTS);
    place_expect(directory, "b", "B");
    assert_int_equal(file_link(directory, "a", "c"), ERROR_NONE);
    assert_int_equal(file_link(directory, "missing", "d"), ERROR_NOT_FOUND);
    assert_int_equal(count_names(*state), 3);
}

/* A link to a symbolic link must not lead to what that points at. */
static void test_link_does_not_follow(void **state)
{
    int directory = place_of(state)->directory;
    struct stat status;
    place_put(directory, "target", "secret");
    assert_int_equal(symlinkat("target", directory, "link"), 0);
    assert_int_equal(file_link(directory, "link", "copy"), ERROR_NONE);
    assert_int_equal(
        fstatat(directory, "copy", &status, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISLNK(status.st_mode));
}

static void test_rename(void **state)
{
    int directory = place_of(state)->directory;
    place_put(directory, "a", "A");
    place_put(directory, "b", "B");
    assert_int_equal(file_rename(directory, "a", "c"), ERROR_NONE);
    assert_false(file_exists(directory, "a"));
    assert_int_equal(file_rename(directory, "c", "b"), ERROR_NONE);
    place_expect(directory, "b", "A"); /* rename(2) replaces */
    assert_int_equal(file_rename(directory, "a", "d"), ERROR_NOT_FOUND);
    assert_int_equal(count_names(*state), 1);
}

static void test_remove(void **state)
{
    int directory = place_of(state)->directory;
    place_put(directory, "a", "A");
    assert_int_equal(symlinkat("a", directory, "link"), 0);
    assert_int_equal(file_remove(directory, "link"), ERROR_NONE);
    assert_true(file_exists(directory, "a"));
    assert_int_equal(file_remove(directory, "a"), ERROR_NONE);
    assert_int_equal(file_remove(directory, "a"), ERROR_NOT_FOUND);
}

static void test_exists(void **state)
{
    int directory = place_of(state)->directory;
    assert_false(file_exists(directory, "a"));
    place_put(directory, "a", "");
    assert_true(file_exists(directory, "a"));
    assert_int_equal(symlinkat("nowhere", directory, "dangling"), 0);
    assert_true(file_exists(directory, "dangling"));
}

static enum error make_closed(void *context)
{
    const struct place *place = context;
    assert_int_equal(mkdirat(place->directory, "late", 0700), 0);
    fault_set(FAULT_OPEN, 1, EACCES);
    return ERROR_NONE;
}

/* A folder that is made just then, and that we may not read. */
static void test_folder_made_meanwhile(void **state)
{
    struct place *place = place_of(state);
    fault_meet(FAULT_STATUS, 1, make_closed, place);
    assert_int_equal(directory_open(place->directory, "late"), -1);
    assert_int_equal(errno, EACCES);
    assert_true(fault_clear());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_create),
        IN_PLACE(test_folder_made_meanwhile),
        IN_PLACE(test_create_leaves_what_is_there),
        IN_PLACE(test_create_without_directory),
        IN_PLACE(test_create_that_fails_leaves_nothing),
        IN_PLACE(test_modes_under_every_umask),
        IN_PLACE(test_make_what_is_there),
        IN_PLACE(test_make_unsafe),
        IN_PLACE(test_sync),
        IN_PLACE(test_sync_of_what_is_not_seen),
        IN_PLACE(test_sync_what_another_made),
        IN_PLACE(test_make_what_another_made),
        IN_PLACE(test_secure),
        IN_PLACE(test_touch),
        IN_PLACE(test_set_times),
        IN_PLACE(test_link),
        IN_PLACE(test_link_does_not_follow),
        IN_PLACE(test_rename),
        IN_PLACE(test_remove),
        IN_PLACE(test_exists),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
