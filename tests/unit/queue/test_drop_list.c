/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "config.h"
#include "drop_list.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Adds the names, of files in pending/42, to a list and routes up to `most`. */
static struct drop_report route(const struct fixture *fixture,
    const char *const *names, size_t count, size_t most,
    drop_queued_function *queued, void *context)
{
    struct drop_list list = DROP_LIST_EMPTY;
    struct drop_report report = {0};
    struct config config = fixture_config();
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(drop_list_add(&list, names[i]), ERROR_NONE);
    }
    const struct drop_route how = {
        &fixture->spool, &config, 42, most, queued, context};
    assert_int_equal(drop_list_route(&list, &how, &report), ERROR_NONE);
    drop_list_free(&list);
    assert_int_equal(list.count, 0);
    return report;
}

static enum error note(void *context, int64_t user, const char *name)
{
    struct buffer *order = context;
    struct task_name task;
    assert_int_equal(user, 42);
    assert_int_equal(name_parse_queued(name, &task), ERROR_NONE);
    buffer_append_format(order, "%s ", task.id);
    return ERROR_NONE;
}

static void put(const struct fixture *fixture, const char *name, const char *id)
{
    char text[100];
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    snprintf(text, sizeof text, "{\"action\":\"a\",\"task_id\":\"%s\"}", id);
    fixture_put(fixture, path.text, text);
}

/* The oldest first; those that came in the same tick of the clock keep the
 * order of their names, and each gets a moment of its own, so that the queue
 * does not order them by their IDs. */
static void test_order(void **state)
{
    static const char *const names[] = {"c.json", "a.json", "d.json", "b.json"};
    struct buffer order = BUFFER_EMPTY;
    put(*state, "a.json", "D");
    put(*state, "b.json", "C");
    put(*state, "c.json", "B");
    put(*state, "d.json", "A");
    struct drop_report report = route(*state, names, 4, 100, note, &order);
    assert_int_equal(report.routed, 4);
    assert_string_equal(buffer_text(&order), "D C B A ");
    buffer_free(&order);
    fixture_expect_tree(*state, "pending/42/*-D.json\npending/42/*-C.json\n"
                                "pending/42/*-B.json\npending/42/*-A.json\n");
}

static void test_limit(void **state)
{
    static const char *const names[] = {"a.json", "b.json", "c.json"};
    const struct fixture *fixture = *state;
    put(fixture, "a.json", "A");
    put(fixture, "b.json", "B");
    put(fixture, "c.json", "C");
    struct drop_report report = route(fixture, names, 3, 2, NULL, NULL);
    assert_int_equal(report.routed, 2);
    assert_int_equal(report.waiting, 1);
    assert_int_equal(fixture_count(fixture, "pending/42"), 3);
    fixture_expect(
        fixture, "pending/42/c.json", "{\"action\":\"a\",\"task_id\":\"C\"}");
}

/* What vanishes between the look and the routing is nobody's loss. */
static void test_gone(void **state)
{
    static const char *const names[] = {"a.json", "b.json"};
    put(*state, "a.json", "A");
    struct drop_report report = route(*state, names, 2, 100, NULL, NULL);
    assert_int_equal(report.routed, 1);
    assert_int_equal(report.rejected, 0);
    /* A network file system may hide a name for a moment. */
    assert_int_equal(report.waiting, 1);
}

static void test_two_with_one_id(void **state)
{
    static const char *const names[] = {"b.json", "a.json"};
    put(*state, "a.json", "same");
    put(*state, "b.json", "same");
    struct drop_report report = route(*state, names, 2, 100, NULL, NULL);
    assert_int_equal(report.routed, 1);
    assert_int_equal(report.rejected, 1);
    fixture_expect_tree(*state, "pending/42/998-*-a-same.json\n"
                                "rejected/b.json\nrejected/b.json.why\n");
}

static enum error refuse(void *context, int64_t user, const char *name)
{
    (void)context;
    (void)user;
    (void)name;
    return ERROR_MEMORY;
}

static void test_callers_error_ends_it(void **state)
{
    const struct fixture *fixture = *state;
    struct drop_list list = DROP_LIST_EMPTY;
    struct drop_report report = {0};
    struct config config = fixture_config();
    put(fixture, "a.json", "A");
    put(fixture, "b.json", "B");
    drop_list_add(&list, "a.json");
    drop_list_add(&list, "b.json");
    const struct drop_route how = {
        &fixture->spool, &config, 42, 100, refuse, NULL};
    assert_int_equal(drop_list_route(&list, &how, &report), ERROR_MEMORY);
    assert_int_equal(report.routed, 1);
    drop_list_free(&list);
    fixture_expect_tree(
        fixture, "pending/42/998-*-a-A.json\npending/42/b.json\n");
}

static void test_empty(void **state)
{
    struct drop_report report = route(*state, NULL, 0, 100, NULL, NULL);
    assert_int_equal(report.routed + report.rejected + report.waiting, 0);
}

static void test_whole_folder(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct drop_report report = {7, 7, 7, 7, ERROR_IO, true};
    fixture_put(fixture, "pending/a.json",
        "{\"user_id\":42,\"action\":\"a\",\"task_id\":\"A\"}");
    fixture_put(fixture, "pending/b.json",
        "{\"user_id\":7,\"action\":\"a\",\"task_id\":\"B\"}");
    fixture_put(fixture, "pending/c.json", "{\"user_id\":42}");
    fixture_put(fixture, "pending/d.json", "{");
    fixture_put(fixture, "pending/.e.json", "{}");
    fixture_put(fixture, "pending/f.json.part", "{}");
    assert_int_equal(
        drop_list_route_top(&fixture->spool, &config, drop_share_all, &report),
        ERROR_NONE);
    assert_int_equal(report.routed, 2);
    assert_int_equal(report.rejected, 1);
    assert_int_equal(report.waiting, 1);
    assert_int_equal(report.error, ERROR_NONE);
    fixture_expect_tree(fixture,
        "pending/.e.json\npending/42/998-*-a-A.json\n"
        "pending/7/998-*-a-B.json\npending/d.json\npending/f.json.part\n"
        "rejected/c.json\nrejected/c.json.why\n");
}

/* Each is tried where one cannot be read, and where the folder is closed only
 * the first. */
static void test_unreadable(void **state)
{
    struct drop_report report = {0};
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    for (int i = 0; i < 20; i++) {
        char path[40];
        snprintf(path, sizeof path, "pending/%02d.json", i);
        fixture_put(fixture, path, "{\"action\":\"a\",\"user_id\":42}");
    }
    fault_set_lasting(FAULT_READ, 1, EIO);
    enum error error =
        drop_list_route_top(&fixture->spool, &config, drop_share_all, &report);
    fault_clear();
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(report.waiting, 20);
    assert_int_equal(report.routed + report.rejected, 0);
    assert_int_equal(fixture_count(fixture, "pending"), 20);
    error =
        drop_list_route_top(&fixture->spool, &config, drop_share_all, &report);
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(report.routed, 20);
}

/* One that somebody takes away, before whichever call, is no error. */
static enum error take_away(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, "pending/a.json", 0);
    return ERROR_NONE;
}

static void test_taken_away(void **state)
{
    struct fixture *fixture = *state;
    struct config config = fixture_config();
    for (int call = 0; call < FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct drop_report report = {0};
            fixture_put(
                fixture, "pending/a.json", "{\"action\":\"a\",\"user_id\":42}");
            fixture_put(
                fixture, "pending/b.json", "{\"action\":\"a\",\"user_id\":42}");
            fault_meet((enum fault_call)call, which, take_away, fixture);
            enum error error = drop_list_route_top(
                &fixture->spool, &config, drop_share_all, &report);
            has_come = fault_clear();
            assert_int_equal(error, ERROR_NONE);
            assert_int_equal(report.rejected + report.stuck, 0);
            assert_true(report.routed >= 1);
        }
    }
}

/* --- More than one look takes --------------------------------------------- */

static const struct drop_share few = {10, 2};

static void put_top(const struct fixture *fixture, const char *kind, int count,
    const char *text)
{
    for (int i = 0; i < count; i++) {
        char path[60];
        snprintf(path, sizeof path, "pending/%s%d.json", kind, i);
        fixture_put(fixture, path, text);
    }
}

static struct drop_report look(const struct fixture *fixture)
{
    struct drop_report report;
    struct config config = fixture_config();
    assert_int_equal(
        drop_list_route_top(&fixture->spool, &config, few, &report),
        ERROR_NONE);
    return report;
}

static void count_call(void *context)
{
    unsigned *calls = context;
    ++*calls;
}

static unsigned calls_of_look(struct fixture *fixture, int drops)
{
    unsigned calls = 0;
    put_top(fixture, "a", drops, "{\"action\":\"a\",\"user_id\":42}");
    fault_set_meanwhile(FAULT_ALL, count_call, &calls);
    struct drop_report report = look(fixture);
    fault_set_meanwhile(FAULT_ALL, NULL, NULL);
    assert_int_equal(report.routed, 2);
    assert_true(report.more);
    fixture_renew(fixture);
    return calls;
}

/* What one look costs does not grow with what lies there. */
static void test_many(void **state)
{
    unsigned calls = calls_of_look(*state, 30);
    assert_int_equal(calls_of_look(*state, 300), calls);
}

/* Each of them is routed by and by. */
static void test_many_looks(void **state)
{
    unsigned routed = 0;
    unsigned looks = 0;
    put_top(*state, "a", 35, "{\"action\":\"a\",\"user_id\":42}");
    while (routed < 35 && looks++ < 35)
        routed += look(*state).routed;
    assert_int_equal(routed, 35);
    assert_false(look(*state).more);
}

/* Where a sweeper comes by, all but it leave them alone. */
static void test_many_swept(void **state)
{
    const struct fixture *fixture = *state;
    put_top(fixture, "a", 30, "{\"action\":\"a\",\"user_id\":42}");
    fixture_put(fixture, "index/sweeper", "");
    struct drop_report report = look(fixture);
    assert_int_equal(report.routed, 0);
    assert_true(report.more);
    assert_int_equal(fixture_count(fixture, "pending"), 30);
}

/* Those that have to stay, and files that can be no drop, keep none that lies
 * behind them out for ever. */
static void test_many_stay(void **state)
{
    const struct fixture *fixture = *state;
    unsigned routed = 0;
    put_top(fixture, "half", 60, "{");
    for (int i = 0; i < 100; i++) {
        char path[60];
        snprintf(path, sizeof path, "pending/%d.part", i);
        fixture_put(fixture, path, "");
    }
    put_top(fixture, "a", 5, "{\"action\":\"a\",\"user_id\":42}");
    for (int i = 0; i < 200 && routed < 5; i++)
        routed += look(fixture).routed;
    assert_int_equal(routed, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_order),
        IN_SPOOL(test_limit),
        IN_SPOOL(test_gone),
        IN_SPOOL(test_two_with_one_id),
        IN_SPOOL(test_callers_error_ends_it),
        IN_SPOOL(test_empty),
        IN_SPOOL(test_whole_folder),
        IN_SPOOL(test_unreadable),
        IN_SPOOL(test_taken_away),
        IN_SPOOL(test_many),
        IN_SPOOL(test_many_looks),
        IN_SPOOL(test_many_swept),
        IN_SPOOL(test_many_stay),
    };
    return cmocka_run_group_tests_name("drop_list", tests, NULL, NULL);
}
