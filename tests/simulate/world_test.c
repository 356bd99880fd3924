/* SPDX-License-Identifier: MIT */
/* The world as a whole. */
#include "power_stage.h"

static void save_and_restore(void **state)
{
    (void)state;
    enter("ext4", 1000);
    fill(600);
    kernel_process_end(me);
    kernel_process_use(NULL);
    struct image *image = kernel_save();
    uint64_t digest = kernel_digest();
    int64_t time = kernel_realtime();
    kernel_write("/root/d/599", "changed", 7, 0600, 0);
    kernel_rename("/root/d/000", "/root/d/x");
    assert_true(kernel_digest() != digest);
    kernel_restore(image);
    assert_true(kernel_digest() == digest);
    assert_true(kernel_realtime() == time);
    assert_string_equal(text_of("d/599"), "");
    kernel_forget(image);
}

static void digest_is_of_names(void **state)
{
    (void)state;
    enter("ext4", 1000);
    file("a", "x");
    file("b", "y");
    uint64_t digest = kernel_digest();
    kernel_pass(second);
    kernel_unlink("/root/a");
    kernel_unlink("/root/b");
    file("b", "y");
    assert_true(kernel_digest() != digest);
    file("a", "x");
    assert_true(kernel_digest() == digest);
    kernel_write("/root/a", "z", 1, 0600, 0);
    assert_true(kernel_digest() != digest);
}

/* What nothing names and nobody has open takes no memory for ever. */
static void nothing_is_kept(void **state)
{
    (void)state;
    size_t used = 0;
    enter("ext4", 1000);
    folder("d");
    for (int i = 0; i < 1000; i++) {
        write_file("t", "text", true);
        linkat(root, "t", root, "d/a", 0);
        unlinkat(root, "t", 0);
        renameat(root, "d/a", root, "d/b");
        unlinkat(root, "d/b", 0);
        sync_folder("d");
        struct image *image = kernel_save();
        size_t now;
        memcpy(&now, image, sizeof now);
        kernel_forget(image);
        if (i == 10)
            used = now;
        if (i > 10)
            assert_int_equal(now, used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(save_and_restore),
        cmocka_unit_test(digest_is_of_names),
        cmocka_unit_test(nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
