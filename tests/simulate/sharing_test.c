/* SPDX-License-Identifier: MIT */
/* What programs have to do with each other: rights, locks, listings and
 * inotify of the kernel in memory. */
#include "kernel_stage.h"

#include <sys/inotify.h>

/* --- Rights --------------------------------------------------------------- */

static void others_may_not(void **state)
{
    (void)state;
    enter("ext4", 1000);
    kernel_write("/root/secret", "x", 1, 0600, 0);
    kernel_write("/root/shown", "x", 1, 0644, 0);
    kernel_mkdir("/root/theirs", 0755, 0);
    kernel_write("/root/theirs/a", "x", 1, 0644, 0);
    assert_fails(openat(root, "secret", O_RDONLY), EACCES);
    open_here("shown", O_RDONLY);
    assert_fails(openat(root, "shown", O_WRONLY), EACCES);
    assert_fails(fchmodat(root, "shown", 0600, 0), EPERM);
    assert_fails(renameat(root, "theirs/a", root, "a"), EACCES);
    assert_fails(openat(root, "theirs/b", new_only, 0600), EACCES);
    assert_fails(utimensat(root, "shown", NULL, 0), EACCES);
    assert_fails(linkat(root, "shown", root, "b", 0), EPERM);
    assert_int_equal(renameat(root, "secret", root, "moved"), 0);
    kernel_chmod("/root/theirs", 0700);
    assert_fails(openat(root, "theirs/a", O_RDONLY), EACCES);
    kernel_chown("/root/moved", 1000);
    open_here("moved", O_RDWR);
}

static void sticky_and_immovable(void **state)
{
    (void)state;
    enter("ext4", 1000);
    kernel_mkdir("/root/t", 01777, 0);
    kernel_write("/root/t/theirs", "x", 1, 0666, 0);
    file("t/own", "x");
    assert_fails(unlinkat(root, "t/theirs", 0), EPERM);
    assert_fails(renameat(root, "t/theirs", root, "x"), EPERM);
    assert_fails(renameat(root, "t/own", root, "t/theirs"), EPERM);
    assert_int_equal(renameat(root, "t/own", root, "own"), 0);
    kernel_immutable("/root/own", true);
    assert_fails(renameat(root, "own", root, "x"), EPERM);
    assert_fails(unlinkat(root, "own", 0), EPERM);
    assert_fails(openat(root, "own", O_WRONLY), EPERM);
    assert_fails(fchmodat(root, "own", 0600, 0), EPERM);
    assert_fails(linkat(root, "own", root, "x", 0), EPERM);
    open_here("own", O_RDONLY);
    assert_int_equal(kernel_unlink("/root/own"), EPERM);
}

/* --- Locks ---------------------------------------------------------------- */

static int lock(int descriptor, int command)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, command, &whole);
}

static struct tasklet *holder;
static int held;

static void holder_closes_another(void)
{
    kernel_process_use(holder);
    close(open_here("lock", O_RDONLY));
}

static void holder_dies(void)
{
    kernel_process_end(holder);
}

static void locks_end_with_any_close(void **state)
{
    (void)state;
    enter("ext4", 1000);
    file("lock", "");
    holder = me;
    held = open_here("lock", O_RDWR);
    assert_int_equal(lock(held, F_SETLK), 0);
    assert_int_equal(lock(held, F_SETLK), 0);
    another(1000);
    int mine = open_here("lock", O_RDWR);
    assert_fails(lock(mine, F_SETLK), EAGAIN);
    meanwhile = holder_closes_another;
    assert_int_equal(lock(mine, F_SETLKW), 0);
    assert_int_equal(kernel_locks_held(), 1);
    close(mine);
    assert_int_equal(kernel_locks_held(), 0);
}

static void locks_die_with_their_holder(void **state)
{
    (void)state;
    enter("ext4", 1000);
    file("lock", "");
    holder = me;
    lock(open_here("lock", O_RDWR), F_SETLK);
    another(1000);
    meanwhile = holder_dies;
    assert_int_equal(lock(open_here("lock", O_RDWR), F_SETLKW), 0);
}

static void locks_do_not_wait_in_circles(void **state)
{
    (void)state;
    enter("ext4", 1000);
    file("a", "");
    file("b", "");
    lock(open_here("a", O_RDWR), F_SETLK);
    struct tasklet *other = another(1000);
    lock(open_here("b", O_RDWR), F_SETLK);
    other->waits_for = me;
    kernel_process_use(me);
    assert_fails(lock(open_here("b", O_RDWR), F_SETLKW), EDEADLK);
}

static void some_have_neither(void **state)
{
    (void)state;
    enter("bare", 1000);
    file("lock", "");
    assert_fails(lock(open_here("lock", O_RDWR), F_SETLK), ENOLCK);
    assert_fails(inotify_init1(IN_NONBLOCK), ENOSYS);
}

/* --- Listings ------------------------------------------------------------- */

static struct dirent *next_name(DIR *directory)
{
    struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(directory);
    } while (entry != NULL && entry->d_name[0] == '.');
    return entry;
}

static DIR *list(void)
{
    return fdopendir(open_here("d", O_RDONLY | O_DIRECTORY));
}

static void all_names_are_listed(void **state)
{
    (void)state;
    bool seen[600] = {false};
    enter("ext4", 1000);
    fill(600);
    world->pieces = 7;
    DIR *directory = list();
    struct dirent *entry;
    while ((entry = next_name(directory)) != NULL) {
        long number = strtol(entry->d_name, NULL, 10);
        assert_false(seen[number]);
        assert_int_equal(entry->d_type, 8);
        seen[number] = true;
    }
    assert_int_equal(errno, 0);
    for (size_t i = 0; i < 600; i++)
        assert_true(seen[i]);
    assert_int_equal(closedir(directory), 0);
}

/* Renames each name while it lists: some are met twice, some never, as it falls
 * by their order. */
static void names_move_while_listed(void **state)
{
    (void)state;
    unsigned met[64] = {0};
    unsigned missed = 0;
    unsigned repeated = 0;
    enter("ext4", 1000);
    fill(64);
    world->pieces = 64;
    DIR *directory = list();
    for (unsigned i = 0; i < 64; i++) {
        char from[16];
        char to[16];
        struct dirent *entry = i % 2 == 0 ? next_name(directory) : NULL;
        if (entry != NULL)
            met[strtol(entry->d_name, NULL, 10) % 100]++;
        snprintf(from, sizeof from, "d/%03u", i);
        snprintf(to, sizeof to, "d/%03u", i + 100);
        assert_int_equal(renameat(root, from, root, to), 0);
    }
    struct dirent *entry;
    while ((entry = next_name(directory)) != NULL)
        met[strtol(entry->d_name, NULL, 10) % 100]++;
    for (unsigned i = 0; i < 64; i++) {
        missed += met[i] == 0;
        repeated += met[i] > 1;
    }
    assert_true(missed > 0);
    assert_true(repeated > 0);
}

static void listing_fails(void **state)
{
    (void)state;
    enter("ext4", 1000);
    fill(3);
    DIR *directory = list();
    error_to_report = EIO;
    assert_null(next_name(directory));
    assert_int_equal(errno, EIO);
    assert_null(fdopendir(open_here("d/000", O_RDONLY)));
}

/* --- inotify -------------------------------------------------------------- */

static int notifier;

static uint32_t next_event(void)
{
    char text[4096];
    struct inotify_event event;
    ssize_t count = read(notifier, text, sizeof text);
    if (count < 0)
        return 0;
    memcpy(&event, text, sizeof event);
    assert_true((size_t)count >= sizeof event + event.len);
    return event.mask;
}

static void make_a_file(void)
{
    file("d/b", "x");
}

static const uint32_t coming_and_going =
    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR;

static void watch_folder(void)
{
    enter("ext4", 1000);
    folder("d");
    file("a", "x");
    notifier = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    assert_int_equal(
        inotify_add_watch(notifier, "/root/d", coming_and_going), 1);
}

static void folders_are_watched(void **state)
{
    (void)state;
    watch_folder();
    assert_int_equal(
        inotify_add_watch(notifier, "/root/d", coming_and_going), 1);
    assert_fails(
        inotify_add_watch(notifier, "/root/a", coming_and_going), ENOTDIR);
    assert_fails(
        inotify_add_watch(notifier, "/root/none", coming_and_going), ENOENT);
}

static void events_wake(void **state)
{
    (void)state;
    watch_folder();
    struct pollfd watched = {.fd = notifier, .events = POLLIN};
    assert_int_equal(poll(&watched, 1, 500), 0);
    meanwhile = make_a_file;
    assert_int_equal(poll(&watched, 1, 500), 1);
    assert_int_equal(next_event(), IN_CREATE);
    assert_int_equal(next_event(), 0);
}

static void only_what_was_asked_for(void **state)
{
    (void)state;
    watch_folder();
    renameat(root, "a", root, "d/a");
    assert_int_equal(next_event(), IN_MOVED_TO);
    renameat(root, "d/a", root, "d/b");
    assert_int_equal(next_event(), IN_MOVED_TO);
    assert_int_equal(next_event(), 0);
    unlinkat(root, "d/b", 0);
    assert_int_equal(next_event(), IN_DELETE);
    inotify_add_watch(notifier, "/root/d", IN_CLOSE_WRITE | IN_ATTRIB);
    int descriptor = open_here("d/c", O_RDWR | O_CREAT);
    assert_int_equal(next_event(), 0);
    fchmod(descriptor, 0600);
    assert_int_equal(next_event(), IN_ATTRIB);
    close(descriptor);
    assert_int_equal(next_event(), IN_CLOSE_WRITE);
}

static void poll_without_descriptor(void **state)
{
    (void)state;
    enter("ext4", 1000);
    struct pollfd nothing = {.fd = -1, .events = POLLIN};
    int64_t before = kernel_monotonic();
    assert_int_equal(poll(&nothing, 1, 500), 0);
    assert_true(kernel_monotonic() >= before + (second / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_may_not),
        cmocka_unit_test(sticky_and_immovable),
        cmocka_unit_test(locks_end_with_any_close),
        cmocka_unit_test(locks_die_with_their_holder),
        cmocka_unit_test(locks_do_not_wait_in_circles),
        cmocka_unit_test(some_have_neither),
        cmocka_unit_test(all_names_are_listed),
        cmocka_unit_test(names_move_while_listed),
        cmocka_unit_test(listing_fails),
        cmocka_unit_test(folders_are_watched),
        cmocka_unit_test(events_wake),
        cmocka_unit_test(only_what_was_asked_for),
        cmocka_unit_test(poll_without_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
