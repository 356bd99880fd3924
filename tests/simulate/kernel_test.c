/* SPDX-License-Identifier: MIT */
/* Names, contents, times and the process: the kernel in memory against what
 * POSIX and Linux say of the calls that the library makes. */
#include "kernel_stage.h"

#include <sys/random.h>

/* --- Names ---------------------------------------------------------------- */

static void new_only_once(void **state)
{
    (void)state;
    enter("ext4", 1000);
    int descriptor = open_here("a", new_only);
    assert_int_equal(write(descriptor, "one", 3), 3);
    assert_fails(openat(root, "a", new_only, 0600), EEXIST);
    assert_fails(openat(root, "none", O_RDONLY), ENOENT);
    assert_fails(openat(root, "none/x", O_RDWR | O_CREAT, 0600), ENOENT);
    assert_fails(openat(root, "a/x", O_RDWR | O_CREAT, 0600), ENOTDIR);
    assert_string_equal(text_of("a"), "one");
}

static void success_leaves_errno_alone(void **state)
{
    (void)state;
    enter("ext4", 1000);
    errno = ERANGE;
    assert_int_equal(close(open_here("a", new_only)), 0);
    assert_int_equal(errno, ERANGE);
}

static void links_count(void **state)
{
    (void)state;
    struct stat before;
    struct stat status;
    enter("ext4", 1000);
    file("a", "text");
    file("b", "other");
    fstatat(root, "a", &before, 0);
    kernel_pass(second);
    assert_int_equal(linkat(root, "a", root, "c", 0), 0);
    fstatat(root, "a", &status, 0);
    assert_int_equal(status.st_nlink, 2);
    assert_true(status.st_ctim.tv_sec > before.st_ctim.tv_sec);
    assert_int_equal(status.st_mtim.tv_sec, before.st_mtim.tv_sec);
    assert_fails(linkat(root, "a", root, "b", 0), EEXIST);
    assert_fails(linkat(root, "none", root, "d", 0), ENOENT);
    assert_int_equal(unlinkat(root, "a", 0), 0);
    assert_string_equal(text_of("c"), "text");
    assert_fails(unlinkat(root, "a", 0), ENOENT);
}

static void rename_replaces(void **state)
{
    (void)state;
    struct stat before;
    struct stat status;
    enter("ext4", 1000);
    file("a", "new");
    file("b", "old");
    fstatat(root, "a", &before, 0);
    kernel_pass(second);
    int old = open_here("b", O_RDONLY);
    assert_int_equal(renameat(root, "a", root, "b"), 0);
    assert_string_equal(text_of("b"), "new");
    assert_false(is_there("a"));
    fstatat(root, "b", &status, 0);
    assert_int_equal(status.st_ino, before.st_ino);
    assert_true(status.st_ctim.tv_sec > before.st_ctim.tv_sec);
    assert_int_equal(status.st_mtim.tv_sec, before.st_mtim.tv_sec);
    fstat(old, &status); /* what was replaced lives on for who has it open */
    assert_int_equal(status.st_nlink, 0);
    assert_fails(renameat(root, "a", root, "b"), ENOENT);
}

static void rename_between_names_of_one_file(void **state)
{
    (void)state;
    enter("ext4", 1000);
    file("a", "x");
    linkat(root, "a", root, "b", 0);
    assert_int_equal(renameat(root, "a", root, "b"), 0);
    assert_true(is_there("a") && is_there("b"));
}

static void folders_are_no_files(void **state)
{
    (void)state;
    enter("ext4", 1000);
    assert_int_equal(mkdirat(root, "d", 0700), 0);
    assert_fails(mkdirat(root, "d", 0700), EEXIST);
    file("d/x", "x");
    file("f", "x");
    assert_fails(unlinkat(root, "d", 0), EISDIR);
    assert_fails(renameat(root, "f", root, "d"), EISDIR);
    assert_fails(renameat(root, "d", root, "f"), ENOTDIR);
    assert_fails(renameat(root, "d", root, "d/e"), EINVAL);
    assert_fails(openat(root, "d", O_WRONLY), EISDIR);
    assert_fails(openat(root, "f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    assert_int_equal(kernel_unlink("/root/d"), ENOTEMPTY);
    assert_int_equal(kernel_rename("/root/d", "/root/e"), 0);
    assert_string_equal(text_of("e/x"), "x");
    assert_string_equal(text_of("e/../e/./x"), "x");
}

static void links_that_lead_elsewhere(void **state)
{
    (void)state;
    struct stat status;
    enter("ext4", 1000);
    file("a", "x");
    kernel_symlink("a", "/root/s");
    kernel_symlink("s2", "/root/s1");
    kernel_symlink("s1", "/root/s2");
    assert_fails(openat(root, "s", O_RDONLY | O_NOFOLLOW), ELOOP);
    open_here("s", O_RDONLY);
    assert_fails(openat(root, "s1", O_RDONLY), ELOOP);
    assert_fails(openat(root, "s", new_only, 0600), EEXIST);
    fstatat(root, "s", &status, AT_SYMLINK_NOFOLLOW);
    assert_true(S_ISLNK(status.st_mode));
    fstatat(root, "s", &status, 0);
    assert_true(S_ISREG(status.st_mode));
    kernel_mkfifo("/root/p", 0600, 1000);
    open_here("p", O_RDONLY | O_NONBLOCK);
    assert_fails(openat(root, "p", O_WRONLY | O_NONBLOCK), ENXIO);
}

static void names_are_not_longer(void **state)
{
    (void)state;
    char name[300];
    enter("ext4", 1000);
    memset(name, 'a', sizeof name);
    name[255] = '\0';
    open_here(name, new_only);
    name[255] = 'a';
    name[256] = '\0';
    assert_fails(openat(root, name, new_only, 0600), ENAMETOOLONG);
}

/* --- Contents ------------------------------------------------------------- */

static void reads_and_writes(void **state)
{
    (void)state;
    char text[16] = "";
    enter("ext4", 1000);
    int descriptor = open_here("a", O_RDWR | O_CREAT);
    assert_int_equal(write(descriptor, "abc", 3), 3);
    assert_int_equal(pwrite(descriptor, "xyz", 3, 5), 3);
    assert_int_equal(pread(descriptor, text, sizeof text, 0), 8);
    assert_memory_equal(text, "abc\0\0xyz", 8);
    assert_int_equal(read(descriptor, text, 2), 2);
    assert_memory_equal(text, "\0\0", 2);
    assert_int_equal(pread(descriptor, text, 4, 8), 0);
    int end_of = open_here("a", O_WRONLY | O_APPEND);
    write(descriptor, "!", 1);
    assert_int_equal(write(end_of, "end", 3), 3);
    assert_fails(read(end_of, text, 1), EBADF);
    shorter = 2;
    assert_int_equal(pread(descriptor, text, 4, 8), 2);
    assert_memory_equal(text, "en", 2);
    open_here("a", O_RDWR | O_TRUNC);
    assert_string_equal(text_of("a"), "");
    assert_fails(read(root, text, 1), EISDIR);
    assert_fails(read(99, text, 1), EBADF);
}

static void what_is_removed_can_be_read(void **state)
{
    (void)state;
    char text[4] = "";
    enter("ext4", 1000);
    file("a", "abc");
    int descriptor = open_here("a", O_RDONLY);
    unlinkat(root, "a", 0);
    assert_int_equal(read(descriptor, text, 3), 3);
    assert_string_equal(text, "abc");
    assert_int_equal(close(descriptor), 0);
    assert_fails(close(descriptor), EBADF);
}

static void no_more_than_the_limits(void **state)
{
    (void)state;
    enter("ext4", 1000);
    kernel_limit_file_size(me, 4);
    int descriptor = open_here("a", new_only);
    assert_int_equal(write(descriptor, "abcdef", 6), 4);
    if (setjmp(ended) == 0) {
        write(descriptor, "ef", 2);
        fail_msg("it lives");
    }
    assert_string_equal(end, "SIGXFSZ");
    __wrap___sysv_signal(SIGXFSZ, SIG_IGN);
    assert_fails(write(descriptor, "ef", 2), EFBIG);
    kernel_limit_descriptors(me, descriptor + 1);
    assert_fails(openat(root, "a", O_RDONLY), EMFILE);
}

static void the_disk_is_full(void **state)
{
    (void)state;
    struct statvfs status;
    static const char block[4096];
    enter("ext4", 1000);
    kernel_space(8192, 2);
    int descriptor = open_here("a", new_only);
    assert_int_equal(write(descriptor, block, 4096), 4096);
    assert_int_equal(write(descriptor, block, 100), 100);
    fstatvfs(root, &status);
    assert_int_equal(status.f_bavail, 0);
    assert_int_equal(status.f_favail, 1);
    assert_int_equal(write(descriptor, block, 4096), 3996);
    assert_fails(write(descriptor, block, 1), ENOSPC);
    open_here("b", new_only);
    assert_fails(openat(root, "c", new_only, 0600), ENOSPC);
    close(descriptor);
    unlinkat(root, "a", 0);
    kernel_sync();
    fstatvfs(root, &status);
    assert_int_equal(status.f_bavail, 2);
}

static void standard_descriptors(void **state)
{
    (void)state;
    char text[8] = "";
    size_t length;
    enter("ext4", 1000);
    kernel_stdin(me, "body", 4);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    assert_int_equal(poll(&input, 1, 10), 1);
    shorter = 1;
    assert_int_equal(read(0, text, 8), 1);
    assert_int_equal(read(0, text, 8), 3);
    assert_int_equal(read(0, text, 8), 0);
    assert_int_equal(write(1, "Status", 6), 6);
    assert_int_equal(write(2, "?", 1), 1);
    assert_string_equal(kernel_stdout(me, &length), "Status");
    assert_int_equal(length, 6);
    kernel_stdout_close(me);
    assert_fails(write(1, "x", 1), EPIPE);
}

/* --- Times ---------------------------------------------------------------- */

static int64_t modified(const char *name)
{
    struct stat status;
    assert_int_equal(fstatat(root, name, &status, 0), 0);
    return (status.st_mtim.tv_sec * second) + status.st_mtim.tv_nsec;
}

static void folders_tell_of_changes(void **state)
{
    (void)state;
    enter("ext4", 1000);
    folder("d");
    folder("e");
    file("d/a", "x");
    int64_t d = modified("d");
    int64_t e = modified("e");
    kernel_pass(second);
    kernel_append("/root/d/a", "y", 1);
    assert_true(modified("d") == d);
    renameat(root, "d/a", root, "e/a");
    assert_true(modified("d") > d);
    assert_true(modified("e") > e);
    assert_int_equal(modified("e") % 4000000, 0);
}

static void marks_are_kept_or_cut(void **state)
{
    (void)state;
    struct stat status;
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000, .tv_nsec = 123456789}};
    enter("ext4", 1000);
    file("a", "x");
    assert_int_equal(utimensat(root, "a", times, 0), 0);
    assert_true(modified("a") == (1000 * second) + 123456789);
    fstatat(root, "a", &status, 0);
    assert_true(status.st_atim.tv_sec > 1000);
    assert_true(status.st_ctim.tv_sec > 1000);
    enter("ext4-seconds", 1000);
    file("a", "x");
    utimensat(root, "a", times, 0);
    assert_true(modified("a") == 1000 * second);
    int descriptor = open_here("a", O_RDONLY);
    assert_int_equal(futimens(descriptor, NULL), 0);
    assert_true(modified("a") > 1000 * second);
}

static void clocks(void **state)
{
    (void)state;
    struct timespec before;
    struct timespec after;
    enter("ext4", 1000);
    int64_t monotonic = kernel_monotonic();
    clock_gettime(CLOCK_REALTIME, &before);
    kernel_clock_step(-3600 * second);
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(after.tv_sec < before.tv_sec);
    assert_true(kernel_monotonic() > monotonic);
    const struct timespec pause = {.tv_sec = 5};
    monotonic = kernel_monotonic();
    nanosleep(&pause, NULL);
    assert_true(kernel_monotonic() >= monotonic + (5 * second));
    error_to_report = EINTR;
    assert_fails(nanosleep(&pause, NULL), EINTR);
}

/* --- The process ---------------------------------------------------------- */

static void the_rest(void **state)
{
    (void)state;
    char text[64] = "";
    unsigned char one[16];
    unsigned char other[16];
    enter("ext4", 1000);
    assert_int_equal(getpid(), kernel_process_id(me));
    assert_fails(readlink("/proc/self/exe", text, sizeof text), ENOENT);
    kernel_process_executable(me, "/root/cgi-bin/api");
    assert_int_equal(readlink("/proc/self/exe", text, sizeof text), 17);
    assert_string_equal(text, "/root/cgi-bin/api");
    assert_int_equal(getrandom(one, 16, 0), 16);
    assert_int_equal(getrandom(other, 16, 0), 16);
    assert_memory_not_equal(one, other, 16);
    assert_int_equal(umask(0077), 0077);
}

static void a_fork_has_what_is_open(void **state)
{
    (void)state;
    char byte;
    enter("ext4", 1000);
    file("a", "text");
    int descriptor = open_here("a", O_RDWR);
    struct flock lock = {.l_type = F_WRLCK};
    assert_int_equal(fcntl(descriptor, F_SETLK, &lock), 0);
    assert_int_equal(read(descriptor, &byte, 1), 1);
    error_to_report = EAGAIN;
    assert_fails(fork(), EAGAIN);
    int number = fork();
    struct tasklet *child = kernel_process_fork(me);
    assert_int_equal(kernel_process_id(child), number);
    kernel_process_use(child);
    assert_fails(fcntl(descriptor, F_SETLK, &lock), EAGAIN);
    assert_fails(write(1, "x", 1), EBADF);
    assert_int_equal(open_here("a", O_RDONLY), 0);
    kernel_process_end(me);
    me = child;
    kernel_process_use(me);
    assert_int_equal(read(descriptor, &byte, 1), 1);
    assert_int_equal(byte, 'e');
    assert_int_equal(fcntl(descriptor, F_SETLK, &lock), 0);
}

static void faults(void **state)
{
    (void)state;
    enter("nfs", 1000);
    error_to_report = ESTALE;
    assert_fails(openat(root, "a", O_RDWR | O_CREAT, 0600), ESTALE);
    assert_false(is_there("a"));
    late_error = EEXIST;
    assert_fails(openat(root, "a", new_only, 0600), EEXIST);
    assert_true(is_there("a"));
    assert_int_equal(open_here("a", O_RDONLY), 4); /* none was left open */
    error_to_report = EIO;
    assert_fails(close(4), EIO); /* and yet it is closed */
    assert_int_equal(open_here("a", O_RDONLY), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_only_once),
        cmocka_unit_test(success_leaves_errno_alone),
        cmocka_unit_test(links_count),
        cmocka_unit_test(rename_replaces),
        cmocka_unit_test(rename_between_names_of_one_file),
        cmocka_unit_test(folders_are_no_files),
        cmocka_unit_test(links_that_lead_elsewhere),
        cmocka_unit_test(names_are_not_longer),
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(what_is_removed_can_be_read),
        cmocka_unit_test(no_more_than_the_limits),
        cmocka_unit_test(the_disk_is_full),
        cmocka_unit_test(standard_descriptors),
        cmocka_unit_test(folders_tell_of_changes),
        cmocka_unit_test(marks_are_kept_or_cut),
        cmocka_unit_test(clocks),
        cmocka_unit_test(the_rest),
        cmocka_unit_test(a_fork_has_what_is_open),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
