/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "drop_list.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "name_list.h"
#include "queue_folder.h"
#include "queue_index.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LONG_49 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct drop_report route_top(const struct fixture *fixture)
{
    struct drop_report report;
    struct config config = fixture_config();
    config.max_body = 1000;
    assert_int_equal(
        drop_list_route_top(&fixture->spool, &config, drop_share_all, &report),
        ERROR_NONE);
    return report;
}

struct drop_case {
    const char *text;
    enum drop_fate fate;
    const char *tree; /* NULL: stays; else a word of the .why, or the name */
};

/* Dropped into pending/ itself. */
static const struct drop_case top_cases[] = {
    {"{\"user_id\":42,\"action\":\"a\",\"task_id\":\"t\"}", DROP_ROUTED,
        PENDING("a", "t")},
    {"{\"user_id\":9223372036854775807,\"action\":\"a\",\"task_id\":\"t\"}",
        DROP_ROUTED, "pending/9223372036854775807/" QUEUED("a", "t")},
    {"{\"user_id\":42,\"action\":\"a\",\"task_id\":\"t\",\"priority\":999}",
        DROP_ROUTED, "pending/42/000-" CREATED "-a-t.json"},
    {"{\"user_id\":42,\"action\":\"a\",\"task_id\":\"t\",\"priority\":null,"
     "\"unknown\":[]}",
        DROP_ROUTED, PENDING("a", "t")},
    {"\n\t {\"user_id\":42,\"action\":\"a\",\"task_id\":\"t\"} \n", DROP_ROUTED,
        PENDING("a", "t")},
    {"{\"user_id\":42,\"action\":\"a\"}", DROP_ROUTED,
        "pending/42/998-" CREATED "-a-*-*-4*-*-*.json"},
    {"{\"action\":\"a\"}", DROP_REJECTED, "\"user_id\" is missing"},
    {"{\"user_id\":42}", DROP_REJECTED, "\"action\" is missing"},
    {"{\"user_id\":0,\"action\":\"a\"}", DROP_REJECTED, "user_id"},
    {"{\"user_id\":-1,\"action\":\"a\"}", DROP_REJECTED, "user_id"},
    {"{\"user_id\":\"42\",\"action\":\"a\"}", DROP_REJECTED, "user_id"},
    {"{\"user_id\":42.0,\"action\":\"a\"}", DROP_REJECTED, "user_id"},
    {"{\"user_id\":9223372036854775808,\"action\":\"a\"}", DROP_REJECTED,
        "user_id"},
    {"{\"user_id\":42,\"action\":\"../a\"}", DROP_REJECTED, "action"},
    {"{\"user_id\":42,\"action\":\"A\"}", DROP_REJECTED, "action"},
    {"{\"user_id\":42,\"action\":\"\"}", DROP_REJECTED, "action"},
    {"{\"user_id\":42,\"action\":\"" LONG_49 "bc\"}", DROP_REJECTED, "action"},
    {"{\"user_id\":42,\"action\":\"a\\u0000\"}", DROP_REJECTED, "action"},
    {"{\"user_id\":42,\"action\":\"a\",\"task_id\":\"a/b\"}", DROP_REJECTED,
        "task_id"},
    {"{\"user_id\":42,\"action\":\"a\",\"task_id\":\"..\"}", DROP_REJECTED,
        "task_id"},
    {"{\"user_id\":42,\"action\":\"a\",\"priority\":1000}", DROP_REJECTED,
        "priority"},
    {"{\"user_id\":42,\"action\":\"a\",\"timeout\":86401}", DROP_REJECTED,
        "timeout"},
    {"{\"user_id\":42,\"action\":\"a\",\"params\":\"x\"}", DROP_REJECTED,
        "params"},
    {"[{\"user_id\":42,\"action\":\"a\"}]", DROP_REJECTED, "not an object"},
    {"null", DROP_REJECTED, "not an object"},
    /* may still be being copied */
    {"", DROP_WAITING, NULL},
    {"{\"user_id\":42,\"action\":\"a\"", DROP_WAITING, NULL},
    {"{\"user_id\":42,\"action\":\"a\xC3", DROP_WAITING, NULL},
    {"{\"user_id\":42,\"action\":\"a\"}}", DROP_WAITING, NULL},
};

static void expect_rejected(
    const struct fixture *fixture, const char *text, const char *word)
{
    char *why = fixture_get(fixture, "rejected/by hand.json.why");
    fixture_expect_tree(
        fixture, "rejected/by hand.json\nrejected/by hand.json.why\n");
    fixture_expect(fixture, "rejected/by hand.json", text);
    if (strstr(why, word) == NULL)
        fail_msg("%s: have %s, want %s", text, why, word);
    free(why);
}

static void test_top(void **state)
{
    for (size_t i = 0; i < COUNT_OF(top_cases); i++) {
        const struct drop_case *row = &top_cases[i];
        fixture_put(*state, "pending/by hand.json", row->text);
        enum drop_fate fate = fixture_route(*state, 0, "by hand.json");
        if (fate != row->fate)
            fail_msg(
                "%s: have %d, want %d", row->text, (int)fate, (int)row->fate);
        if (fate == DROP_WAITING)
            fixture_expect(*state, "pending/by hand.json", row->text);
        else if (fate == DROP_REJECTED)
            expect_rejected(*state, row->text, row->tree);
        else {
            struct buffer tree = BUFFER_EMPTY;
            buffer_append_format(&tree, "%s\n", row->tree);
            fixture_expect_tree(*state, buffer_text(&tree));
            buffer_free(&tree);
        }
        fixture_renew(*state);
    }
}

/* Its new place, and then its old one, cannot be made safe. It goes back under
 * a name that no other file can have been dropped under meanwhile. */
static void test_unsafe_place(void **state)
{
    for (unsigned sync = 2; sync <= 3; sync++) {
        fixture_put(*state, PENDING("a", "other"), DROP("a"));
        fixture_put(
            *state, "pending/a.json", "{\"user_id\":42,\"action\":\"b\"}");
        fault_set(FAULT_SYNC, sync, EIO);
        enum drop_fate fate = fixture_route(*state, 0, "a.json");
        assert_true(fault_clear());
        assert_int_not_equal(fate, DROP_ROUTED);
        fixture_expect_tree(
            *state, PENDING("a", "other") "\npending/998-*-b-*.json\n");
        fixture_renew(*state);
    }
}

/* Over a network the rename may be done, and yet fail; then it is made safe all
 * the same. */
static void test_done_and_yet_failed(void **state)
{
    for (int folder = 0; folder <= 42; folder += 42) {
        fixture_put(*state,
            folder == 0 ? "pending/a.json" : "pending/42/a.json",
            "{\"user_id\":42,\"action\":\"b\"}");
        /* Where the folder is missing, behind mkdirat. */
        fault_set_late(FAULT_NAMES, folder == 0 ? 2 : 1, EIO);
        enum drop_fate fate = fixture_route(*state, folder, "a.json");
        assert_true(fault_clear());
        assert_int_equal(fate, DROP_ROUTED);
        fixture_expect_tree(*state, "pending/42/998-*-b-*.json\n");
        fixture_renew(*state);
    }
}

/* The clock is set ahead while the ID is looked for. */
static void set_clock(void *context)
{
    unsigned *opened = context;
    if (++*opened == 3) /* behind the file and the hold */
        fault_set_clock(3600);
}

/* Then the sweeper takes the hold for one that was left, and another may make a
 * task with this ID. */
static void test_hold_that_seems_old(void **state)
{
    static const char path[] = "pending/42/a.json";
    unsigned opened = 0;
    fixture_put(*state, path, "{\"task_id\":\"t\",\"action\":\"b\"}");
    fault_set_meanwhile(FAULT_OPEN, set_clock, &opened);
    enum drop_fate fate = fixture_route(*state, 42, "a.json");
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    fault_set_clock(0);
    assert_int_equal(fate, DROP_WAITING);
    fixture_expect_tree(*state, "pending/42/a.json\n");
}

/* What does not parse is waited for until it is `settle` old, both by its own
 * time, which whoever copies it may set, and since its last change. A time in
 * the future, from another clock, is no reason to wait for ever. */
static void test_settling(void **state)
{
    static const struct {
        int age;
        int since; /* its last change, in seconds */
        enum drop_fate fate;
    } rows[] = {
        {0, 0, DROP_WAITING}, {3, 0, DROP_WAITING}, {100000, 0, DROP_WAITING},
        {-10, 0, DROP_WAITING}, {-100000, 0, DROP_WAITING},
        {3, 3, DROP_REJECTED}, {100000, 3, DROP_REJECTED},
        {-10, 3, DROP_REJECTED}, {-100000, 3, DROP_REJECTED},
        {-4, 4, DROP_WAITING},
        {3, -3600, DROP_REJECTED}, /* the clock was set back since */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        fixture_put(*state, "pending/42/x.json", "{\"action\":\"a");
        fixture_age(*state, "pending/42/x.json", rows[i].age);
        clock_fixture_set(rows[i].since);
        enum drop_fate fate = fixture_route(*state, 42, "x.json");
        clock_fixture_set(0);
        if (fate != rows[i].fate)
            fail_msg("%d s old, changed %d s ago: have %d, want %d",
                rows[i].age, rows[i].since, (int)fate, (int)rows[i].fate);
        fixture_renew(*state);
    }
}

struct folder_case {
    const char *text;
    enum drop_fate fate;
};

/* Dropped into pending/42: the folder says whose it is. */
static const struct folder_case folder_cases[] = {
    {"{\"action\":\"a\",\"task_id\":\"t\"}", DROP_ROUTED},
    {"{\"action\":\"a\",\"task_id\":\"t\",\"user_id\":42}", DROP_ROUTED},
    {"{\"action\":\"a\",\"task_id\":\"t\",\"user_id\":43}", DROP_REJECTED},
    {"{\"action\":\"a\",\"task_id\":\"t\",\"user_id\":null}", DROP_ROUTED},
    {"{\"task_id\":\"t\"}", DROP_REJECTED},
};

static void test_folder(void **state)
{
    for (size_t i = 0; i < COUNT_OF(folder_cases); i++) {
        const struct folder_case *row = &folder_cases[i];
        fixture_put(*state, "pending/42/x.json", row->text);
        enum drop_fate fate = fixture_route(*state, 42, "x.json");
        if (fate != row->fate)
            fail_msg(
                "%s: have %d, want %d", row->text, (int)fate, (int)row->fate);
        fixture_expect_tree(*state,
            fate == DROP_ROUTED ? PENDING("a", "t") "\n"
                                : "rejected/x.json\nrejected/x.json.why\n");
        fixture_renew(*state);
    }
}

/* One rename of the dropped file itself: not a byte is lost. Its mode is made
 * ours. */
static void test_content_and_mode(void **state)
{
    const struct fixture *fixture = *state;
    struct stat status;
    static const char text[] =
        " {\"action\":\"a\",\"task_id\":\"t\",\"n\":12345678901234567890}\n\n";
    fixture_put(fixture, "pending/42/x.json", text);
    fchmodat(fixture->spool.directory, "pending/42/x.json", 0644, 0);
    assert_int_equal(fixture_route(fixture, 42, "x.json"), DROP_ROUTED);
    fixture_expect(fixture, PENDING("a", "t"), text);
    assert_int_equal(
        fstatat(fixture->spool.directory, PENDING("a", "t"), &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void test_stamp(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/wait.json", "{");
    fixture_age(fixture, "pending", 100);
    assert_int_equal(route_top(fixture).waiting, 1);
    assert_int_equal(route_top(fixture).waiting, 1); /* met again */
    file_remove(fixture->spool.directory, "pending/wait.json");
    fixture_age(fixture, "pending", 100);
    assert_int_equal(route_top(fixture).waiting, 0);
    /* Nothing was left: the folder is not read while its mtime stays. */
    fixture_put(fixture, "pending/x.json", "{\"user_id\":42}");
    fixture_age(fixture, "pending", 100);
    struct stat stamp;
    assert_int_equal(
        fstatat(fixture->spool.directory, "index/pending", &stamp, 0), 0);
    const struct timespec same[2] = {stamp.st_mtim, stamp.st_mtim};
    utimensat(fixture->spool.directory, "pending", same, 0);
    assert_int_equal(route_top(fixture).rejected, 0);
    file_remove(fixture->spool.directory, "index/pending");
    assert_int_equal(route_top(fixture).rejected, 1);
}

/* The mtime of before is that of a folder with a drop, and so is no stamp: a
 * loss of power may bring both back, and it would never be looked at. */
static void test_stamp_of_what_was_moved(void **state)
{
    struct queue_folder folder = {.deep = false};
    struct name_list names = NAME_LIST_EMPTY;
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/x.json", "{\"user_id\":42}");
    fixture_put(fixture, "pending/42/y.json", "{}");
    fixture_age(fixture, "pending/42", 100);
    fixture_age(fixture, "pending", 100);
    assert_int_equal(route_top(fixture).rejected, 1);
    assert_false(file_exists(fixture->spool.directory, "index/pending"));
    assert_int_equal(
        queue_folder_read_small(&folder, &fixture->account, &names),
        ERROR_NONE);
    name_list_free(&names);
    assert_int_equal(folder.drops.rejected, 1);
    assert_true(folder.recheck <= clock_now() + queue_index_recheck_after);
    assert_false(file_exists(fixture->spool.directory, "index/42.pending"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_top),
        IN_SPOOL(test_unsafe_place),
        IN_SPOOL(test_done_and_yet_failed),
        IN_SPOOL(test_hold_that_seems_old),
        IN_SPOOL(test_settling),
        IN_SPOOL(test_folder),
        IN_SPOOL(test_content_and_mode),
        IN_SPOOL(test_stamp),
        IN_SPOOL(test_stamp_of_what_was_moved),
    };
    return cmocka_run_group_tests_name("drop", tests, NULL, NULL);
}
