/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "sweep_duty.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define POSITION "index/42.expiry"
#define EXPIRING "{\"action\":\"a\",\"expires_in\":60}"

/* One sweep that ends nothing but what has expired: what it says. */
static const char *sweep(const struct fixture *fixture, bool dry_run)
{
    static char said[200];
    struct config config = fixture_config();
    struct sweep all = {.spool = &fixture->spool,
        .config = &config,
        .dry_run = dry_run,
        .until = clock_steady() + (60 * clock_second),
        .lines = BUFFER_EMPTY};
    sweep_expired(&all);
    snprintf(said, sizeof said, "%s", buffer_text(&all.lines));
    buffer_free(&all.lines);
    return said;
}

/* A minute later. */
static void let_time_pass(const struct fixture *fixture)
{
    fixture_age(fixture, POSITION, EXPIRE_EVERY + 1);
}

static void test_expires_in(void **state)
{
    const struct fixture *fixture = *state;
    struct task_name young = {.created = clock_now() - (50 * clock_second),
        .action = "a",
        .id = "young"};
    struct path path =
        path_in_user(SPOOL_PENDING, 42, name_format_queued(&young).text);
    fixture_put(fixture, path.text, EXPIRING);
    fixture_put(fixture, PENDING("a", "old"), EXPIRING);
    fixture_put(fixture, PENDING("a", "plain"), DROP("a"));
    fixture_put(fixture, "pending/42/998-" FUTURE "-a-later.json", EXPIRING);
    fixture_put(fixture, PENDING("a", "no_task"), "no task");
    assert_string_equal(
        sweep(fixture, false), "expired 1 task not fetched in time\n");
    fixture_expect_tree(fixture,
        FAILED("old") "\n" PENDING("a", "no_task") "\n" PENDING(
            "a", "plain") "\npending/42/998-" FUTURE
                          "-a-later.json\npending/42/999-*-young.json\n");
    fixture_expect_member(fixture, FAILED("old"), "declared", "\"expired\"");
}

/* What a loss of power has left of a create that nobody was told of. */
static void test_husk(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    config.settle = 0;
    struct sweep all = {.spool = &fixture->spool,
        .config = &config,
        .until = clock_steady() + (60 * clock_second),
        .lines = BUFFER_EMPTY};
    fixture_put(fixture, PENDING("a", "t"), "");
    sweep_expired(&all);
    assert_int_equal(all.lines.length, 0);
    buffer_free(&all.lines);
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(fixture_count(fixture, "rejected"), 2);
}

/* Files are read once in a while. */
static void test_not_each_time(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "plain"), DROP("a"));
    assert_string_equal(sweep(fixture, false), "");
    fixture_put(fixture, PENDING("a", "old"), EXPIRING);
    assert_string_equal(sweep(fixture, false), "");
    let_time_pass(fixture);
    assert_string_equal(
        sweep(fixture, false), "expired 1 task not fetched in time\n");
}

/* An hour ahead: the clock was set back since. */
static void test_clock_set_back(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "old"), EXPIRING);
    fixture_put(fixture, POSITION, "");
    fixture_age(fixture, POSITION, -3600);
    assert_string_equal(
        sweep(fixture, false), "expired 1 task not fetched in time\n");
}

static void test_dry_run(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "old"), EXPIRING);
    assert_string_equal(sweep(fixture, true),
        "would have expired 1 task not fetched in time\n");
    fixture_expect_tree(fixture, PENDING("a", "old") "\n");
    assert_int_equal(fixture_count(fixture, "index"), 0);
}

/* Nothing is remembered of who has nothing. */
static void test_empty_queue(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/42/.made", "");
    assert_string_equal(sweep(fixture, false), "");
    assert_int_equal(fixture_count(fixture, "index"), 0);
}

/* Many files of one content, in the order of their numbers. */
static void fill(const struct fixture *fixture, int count)
{
    static const char model[] = "tmp/model";
    int directory = fixture->spool.directory;
    fixture_put(fixture, model, DROP("get_stats"));
    fixture_put(fixture, "pending/42/.made", "");
    for (int i = 0; i < count; i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, fixture_filled(i));
        assert_int_equal(linkat(directory, model, directory, path.text, 0), 0);
    }
    assert_int_equal(unlinkat(directory, model, 0), 0);
}

/* Makes task i one that has expired. */
static void let_expire(const struct fixture *fixture, int i)
{
    struct path path = path_in_user(SPOOL_PENDING, 42, fixture_filled(i));
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
    fixture_put(
        fixture, path.text, "{\"action\":\"get_stats\",\"expires_in\":60}");
}

static void count_open(void *context)
{
    unsigned *opened = context;
    ++*opened;
}

/* A look reads so many files, and the next one those behind them. */
static void test_goes_on_where_it_was(void **state)
{
    const struct fixture *fixture = *state;
    unsigned opened = 0;
    fill(fixture, EXPIRE_FILES + 50);
    let_expire(fixture, EXPIRE_FILES + 49);
    let_expire(fixture, 10);
    let_expire(fixture, EXPIRE_FILES / 2);
    fault_set_meanwhile(FAULT_OPEN, count_open, &opened);
    sweep(fixture, false);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_in_range(opened, EXPIRE_FILES - 10, EXPIRE_FILES + 60);
    let_time_pass(fixture);
    sweep(fixture, false);
    assert_int_equal(fixture_count(fixture, "done/42"), 3);
    let_expire(fixture, 20);
    for (int i = 0; i < 2; i++) { /* from the beginning */
        let_time_pass(fixture);
        sweep(fixture, false);
    }
    assert_int_equal(fixture_count(fixture, "done/42"), 4);
}

static const char *const positions[] = {
    "",
    "\n\n\n",
    "998-2024",
    "000",
    "-1",
    "1",
    "9223372036854775807",
    "99999999999999999999999",
    "~~~ behind all of them",
};

/* Whatever stands there, all is met within two rounds. */
static void test_position_spoilt(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(positions); i++) {
        fixture_put(fixture, PENDING("a", "old"), EXPIRING);
        fixture_put(fixture, POSITION, positions[i]);
        for (int round = 0; round < 2; round++) {
            let_time_pass(fixture);
            sweep(fixture, false);
        }
        fixture_expect_tree(fixture, FAILED("old") "\n");
        fixture_renew(*state);
    }
}

/* Not followed, not waited for, and every sweep looks then. */
static void test_things_in_its_place(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, "log/other", "kept");
    assert_int_equal(symlinkat("../log/other", directory, POSITION), 0);
    fixture_put(fixture, PENDING("a", "old"), EXPIRING);
    assert_string_equal(
        sweep(fixture, false), "expired 1 task not fetched in time\n");
    fixture_expect(fixture, "log/other", "kept");
    assert_int_equal(unlinkat(directory, POSITION, 0), 0);
    assert_int_equal(mkfifoat(directory, POSITION, 0600), 0);
    fixture_put(fixture, PENDING("a", "old2"), EXPIRING);
    assert_string_equal(
        sweep(fixture, false), "expired 1 task not fetched in time\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_expires_in),
        IN_SPOOL(test_husk),
        IN_SPOOL(test_not_each_time),
        IN_SPOOL(test_clock_set_back),
        IN_SPOOL(test_dry_run),
        IN_SPOOL(test_empty_queue),
        IN_SPOOL(test_goes_on_where_it_was),
        IN_SPOOL(test_position_spoilt),
        IN_SPOOL(test_things_in_its_place),
    };
    return cmocka_run_group_tests_name("sweep_expire", tests, NULL, NULL);
}
