/* SPDX-License-Identifier: MIT */
/* Loss of power. */
#include "power_stage.h"

/* What every file system promises to who does it all. */
static void synced_stays(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "t", NULL};
    for (size_t i = 0; i < profiles_count; i++) {
        enter(profiles[i].name, 1000);
        folder("d");
        kernel_sync();
        write_file("t", "whole", true);
        linkat(root, "t", root, "d/a", 0);
        sync_folder("d");
        unlinkat(root, "t", 0);
        sync_folder(".");
        lose_power(names);
        assert_int_equal(outcome_count, 1);
        assert_true(can_be("d/a=whole t=(none)"));
    }
}

static void a_journal_keeps_the_order(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", NULL};
    enter("ext4", 1000);
    write_file("a", "1", true);
    linkat(root, "a", root, "b", 0);
    linkat(root, "a", root, "c", 0);
    lose_power(names);
    assert_true(can_be("a=1 b=(none) c=(none)"));
    assert_true(can_be("a=1 b=1 c=(none)"));
    assert_true(can_be("a=1 b=1 c=1"));
    assert_int_equal(outcome_count, 3);
}

/* fsync of a folder that was changed last flushes all that was before. */
static void a_journal_is_flushed_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "d/b", "e/c", NULL};
    enter("xfs", 1000);
    folder("d");
    folder("e");
    kernel_sync();
    write_file("a", "1", true);
    linkat(root, "a", root, "d/b", 0);
    sync_folder("e"); /* which had no part in that */
    linkat(root, "a", root, "e/c", 0);
    lose_power(names);
    assert_int_equal(outcome_count, 3);
    enter("xfs", 1000);
    folder("d");
    folder("e");
    kernel_sync();
    write_file("a", "1", true);
    linkat(root, "a", root, "d/b", 0);
    linkat(root, "a", root, "e/c", 0);
    sync_folder("e");
    lose_power(names);
    assert_int_equal(outcome_count, 1);
}

static void unsynced_data(void **state)
{
    (void)state;
    static const char *const names[] = {"a", NULL};
    enter("ext4", 1000);
    write_file("a", "ab", false);
    sync_folder(".");
    lose_power(names);
    assert_true(can_be("a="));
    assert_true(can_be("a=a"));
    assert_true(can_be("a=ab"));
    assert_int_equal(outcome_count, 3);
    enter("ext4", 1000);
    file("a", "ab");
    kernel_sync();
    pwrite(open_here("a", O_RDWR), "xy", 2, 0);
    lose_power(names);
    assert_true(can_be("a=ab"));
    assert_true(can_be("a=xb"));
    assert_true(can_be("a=ay"));
    assert_true(can_be("a=xy"));
}

static void data_after_a_failed_fsync(void **state)
{
    (void)state;
    static const char *const names[] = {"a", NULL};
    enter("ext4", 1000);
    int descriptor = open_here("a", new_only);
    write(descriptor, "a", 1);
    error_to_report = EIO;
    assert_fails(fsync(descriptor), EIO);
    sync_folder(".");
    lose_power(names);
    assert_true(can_be("a="));
}

/* Of two folders and a file between them, of which one is then synced. */
static void move_over(const char *profile, const char *synced)
{
    enter(profile, 1000);
    folder("d");
    folder("e");
    file("d/a", "1");
    kernel_sync();
    renameat(root, "d/a", root, "e/a");
    if (synced != NULL)
        sync_folder(synced);
}

static void a_file_moves_in_order(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "e/a", "d/b", NULL};
    move_over("bare", NULL);
    renameat(root, "e/a", root, "d/b");
    lose_power(names);
    assert_true(can_be("d/a=1 e/a=(none) d/b=(none)"));
    assert_true(can_be("d/a=(none) e/a=1 d/b=(none)"));
    assert_true(can_be("d/a=(none) e/a=(none) d/b=1"));
    assert_int_equal(outcome_count, 3);
}

static void each_name_for_itself(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "e/a", NULL};
    move_over("posix", NULL);
    lose_power(names);
    assert_true(can_be("d/a=1 e/a=(none)"));
    assert_true(can_be("d/a=(none) e/a=1"));
    assert_true(can_be("d/a=1 e/a=1"));
    assert_int_equal(outcome_count, 3);
    move_over("posix", "d");
    lose_power(names);
    assert_true(can_be("d/a=(none) e/a=1"));
    assert_int_equal(outcome_count, 1);
    move_over("posix", "e");
    lose_power(names);
    assert_true(can_be("d/a=1 e/a=1"));
    assert_true(can_be("d/a=(none) e/a=1"));
    assert_int_equal(outcome_count, 2);
}

/* Over three folders, of which the second alone is synced or none is. */
static void never_neither(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "e/a", "f/a", NULL};
    static const char *const profile[] = {"posix", "btrfs"};
    for (int i = 0; i < 4; i++) {
        move_over(profile[i / 2], NULL);
        folder("f");
        renameat(root, "e/a", root, "f/a");
        if (i % 2 == 1)
            sync_folder("e");
        lose_power(names);
        assert_false(can_be("d/a=(none) e/a=(none) f/a=(none)"));
        assert_true(can_be("d/a=(none) e/a=(none) f/a=1"));
        assert_int_equal(can_be("d/a=(none) e/a=1 f/a=(none)"), i % 2 == 0);
    }
}

static void one_folder_is_changed_at_once(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "d/b", NULL};
    for (size_t i = 0; i < profiles_count; i++) {
        enter(profiles[i].name, 1000);
        folder("d");
        file("d/a", "1");
        kernel_sync();
        renameat(root, "d/a", root, "d/b");
        int descriptor = open_here("d/b", O_RDWR);
        if (i % 2 == 0)
            fsync(descriptor);
        close(descriptor);
        lose_power(names);
        assert_false(can_be("d/a=1 d/b=1"));
        assert_false(can_be("d/a=(none) d/b=(none)"));
        assert_true(can_be("d/a=(none) d/b=1"));
    }
}

static void a_rename_is_one(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "e/a", NULL};
    move_over("bare", NULL);
    lose_power(names);
    assert_true(can_be("d/a=1 e/a=(none)"));
    assert_true(can_be("d/a=(none) e/a=1"));
    assert_int_equal(outcome_count, 2);
    for (int i = 0; i < 2; i++) {
        move_over("bare", i == 0 ? "d" : "e");
        lose_power(names);
        assert_true(can_be("d/a=(none) e/a=1"));
        assert_int_equal(outcome_count, 1);
    }
}

static void a_folder_that_was_not_synced(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", NULL};
    enter("posix", 1000);
    mkdirat(root, "d", 0700);
    write_file("d/a", "1", true);
    sync_folder("d");
    lose_power(names);
    assert_true(can_be("d/a=(none)"));
    assert_true(can_be("d/a=1"));
    enter("btrfs", 1000); /* logs the folders above, too */
    mkdirat(root, "d", 0700);
    write_file("d/a", "1", true);
    sync_folder("d");
    lose_power(names);
    assert_int_equal(outcome_count, 1);
}

/* A file of which fsync was asked may have but one of its names after that. */
static void btrfs_loses_links(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "d/b", NULL};
    enter("btrfs", 1000);
    folder("d");
    kernel_sync();
    int descriptor = open_here("a", new_only);
    linkat(root, "a", root, "d/b", 0);
    write(descriptor, "1", 1);
    fsync(descriptor);
    lose_power(names);
    assert_true(can_be("a=1 d/b=1"));
    assert_int_equal(outcome_count, 2);
}

static void btrfs_moves_by_halves(void **state)
{
    (void)state;
    static const char *const names[] = {"d/a", "e/a", NULL};
    for (int i = 0; i < 2; i++) {
        move_over("btrfs", i == 0 ? "d" : "e");
        lose_power(names);
        assert_true(can_be("d/a=(none) e/a=1"));
        assert_true(i == 0 || can_be("d/a=1 e/a=1"));
        assert_int_equal(outcome_count, 1 + i);
    }
}

static void times_go_back(void **state)
{
    (void)state;
    struct stat before;
    struct stat status;
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    enter("ext4", 1000);
    folder("d");
    file("d/a", "1");
    kernel_sync();
    fstatat(root, "d", &before, 0);
    kernel_pass(second);
    utimensat(root, "d/a", times, 0);
    renameat(root, "d/a", root, "d/b");
    kernel_process_end(me);
    kernel_process_use(NULL);
    memset(drawn, 0, sizeof drawn);
    draws = 0;
    kernel_power_loss(tell, NULL);
    kernel_stat("/root/d", &status);
    assert_int_equal(status.st_mtim.tv_sec, before.st_mtim.tv_sec);
    kernel_stat("/root/d/a", &status);
    assert_int_equal(status.st_mtim.tv_sec, before.st_mtim.tv_sec);
    assert_int_equal(status.st_ctim.tv_sec, before.st_ctim.tv_sec);
}

static int64_t time_of_d(void)
{
    struct stat status;
    assert_int_equal(kernel_stat("/root/d", &status), 0);
    return status.st_mtim.tv_sec;
}

/* A folder in which b was, none, and then c: by its time it is told which. */
static void a_time_goes_with_the_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < profiles_count; i++) {
        move_over(profiles[i].name, NULL);
        file("d/b", "2");
        int64_t with_b = time_of_d();
        kernel_pass(2 * second);
        renameat(root, "d/b", root, "e/b");
        int64_t with_none = time_of_d();
        kernel_pass(2 * second);
        renameat(root, "e/a", root, "d/c");
        int64_t with_c = time_of_d();
        kernel_process_end(me);
        kernel_process_use(NULL);
        memset(drawn, 0, sizeof drawn);
        struct image *image = kernel_save();
        do {
            kernel_restore(image);
            draws = 0;
            kernel_power_loss(tell, NULL);
            int64_t time = time_of_d();
            assert_true(time != with_b || is_there("d/b"));
            assert_true(time != with_b || !is_there("d/c"));
            assert_true(time != with_none || !is_there("d/b"));
            assert_true(time != with_none || !is_there("d/c"));
            assert_true(time != with_c || !is_there("d/b"));
            assert_true(time != with_c || is_there("d/c"));
        } while (next_draws());
        kernel_forget(image);
    }
}

/* Its name, not what it holds. */
static void a_person_has_done_it(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "d/b", "d/c", NULL};
    for (size_t i = 0; i < profiles_count; i++) {
        enter(profiles[i].name, 1000);
        mkdirat(root, "d", 0700);
        write_file("d/b", "2", true);
        file("a", "");
        kernel_rename("/root/d/b", "/root/d/c");
        kernel_unlink("/root/a");
        lose_power(names);
        assert_int_equal(outcome_count, 1);
        assert_true(can_be("a=(none) d/b=(none) d/c=2"));
    }
    enter("ext4", 1000);
    file("a", "1");
    lose_power(names);
    assert_true(can_be("a= d/b=(none) d/c=(none)"));
}

static void the_same_after_a_loss(void **state)
{
    (void)state;
    static const char *const names[] = {"a", NULL};
    enter("posix", 1000);
    write_file("a", "1", false);
    lose_power(names);
    uint64_t digest = kernel_digest();
    kernel_power_loss(tell, NULL);
    assert_true(kernel_digest() == digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synced_stays),
        cmocka_unit_test(a_journal_keeps_the_order),
        cmocka_unit_test(a_journal_is_flushed_whole),
        cmocka_unit_test(unsynced_data),
        cmocka_unit_test(data_after_a_failed_fsync),
        cmocka_unit_test(each_name_for_itself),
        cmocka_unit_test(never_neither),
        cmocka_unit_test(one_folder_is_changed_at_once),
        cmocka_unit_test(a_rename_is_one),
        cmocka_unit_test(a_file_moves_in_order),
        cmocka_unit_test(a_folder_that_was_not_synced),
        cmocka_unit_test(btrfs_loses_links),
        cmocka_unit_test(btrfs_moves_by_halves),
        cmocka_unit_test(times_go_back),
        cmocka_unit_test(a_time_goes_with_the_names),
        cmocka_unit_test(a_person_has_done_it),
        cmocka_unit_test(the_same_after_a_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
