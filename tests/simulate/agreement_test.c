/* SPDX-License-Identifier: MIT */
/* What the checker says of the index of a deep queue. */
#include "checker_stage.h"

/* As a poll writes it that has read the folder at its mtime of now. */
static void write_index(int live)
{
    char text[200];
    const int64_t marked = kernel_realtime();
    kernel_touch("/root/spool/pending/42", marked);
    snprintf(text, sizeof text,
        "stoflow-queue-4 known=%lld.%09lld recheck=0 live=%d sums=0-0\n",
        (long long)(marked / second), (long long)(marked % second), live);
    write_file("index/42.queue", text);
}

static void put_two(void)
{
    write_pending("t1", "get_stats");
    write_pending("t2", "get_stats");
    start();
}

static void has_all(void **state)
{
    (void)state;
    put_two();
    write_index(2);
    fine();
    write_index(3); /* one of them has been cancelled since */
    fine();
}

static void lacks_one(void **state)
{
    (void)state;
    put_two();
    write_index(1);
    wrong("index/42.queue agrees with its folder, and has 1 tasks of 2");
}

static void is_stale(void **state)
{
    (void)state;
    put_two();
    write_index(1);
    kernel_touch("/root/spool/pending/42", kernel_realtime() + second);
    fine();
}

static void is_old_by_a_clock_that_is_set(void **state)
{
    (void)state;
    put_two();
    write_index(1);
    history_clock(history);
    fine();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_all),
        TEST(lacks_one),
        TEST(is_stale),
        TEST(is_old_by_a_clock_that_is_set),
    };
    return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
