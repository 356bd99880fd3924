/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "ingest.h"
#include "ingest_fixture.h"
#include "queue_fixture.h"
#include "sync.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELLER                                                                 \
    "{\"user_id\":42,\"vinted_user_id\":77,"                                   \
    "\"updated_at\":\"2024-12-07T10:00:00.000000Z\"}\n"
#define THEN "\"then\":{\"action\":\"get_all_products\",\"task_id\":\"next\"}"
#define LIST(number)                                                           \
    "{\"action\":\"get_all_products\",\"params\":{\"user_id\":" number "}}"

struct start_case {
    const struct fixture *fixture;
    unsigned calls;
    unsigned which;
};

static struct sync start(const struct fixture *fixture)
{
    struct sync sync;
    struct config config = fixture_config();
    assert_int_equal(sync_start(UNDER(fixture, &config), 7, &sync), ERROR_NONE);
    return sync;
}

static void test_known_seller(void **state)
{
    static const char list[] = "pending/42/992-*-get_all_products-*.json";
    fixture_put(*state, "users/42.json", SELLER);
    struct sync sync = start(*state);
    assert_true(sync.started);
    assert_string_equal(sync.next_task_id, "");
    fixture_expect_tree(
        *state, "pending/42/992-*-get_all_products-*.json\nusers/42.json\n");
    fixture_expect_member(*state, list, "params", "{\"user_id\":77}");
    struct sync again = start(*state);
    assert_false(again.started);
    assert_string_equal(again.task_id, sync.task_id);
    assert_int_equal(fixture_count(*state, "pending/42"), 1);
}

static void test_unknown_seller(void **state)
{
    static const char ask[] = "pending/42/992-*-get_user_data-*.json";
    struct sync sync = start(*state);
    assert_true(sync.started);
    assert_int_equal(strlen(sync.next_task_id), 36);
    fixture_expect_tree(*state, "pending/42/992-*-get_user_data-*.json\n");
    fixture_expect_member(*state, ask, "params", "{}");
    struct sync again = start(*state);
    assert_false(again.started);
    assert_string_equal(again.task_id, sync.task_id);
    assert_string_equal(again.next_task_id, sync.next_task_id);
}

/* Where much waits, its folder is not read to find what is under way. */
static void test_deep_queue(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer steps = BUFFER_EMPTY;
    fixture_put(fixture, "users/42.json", SELLER);
    struct sync sync = start(fixture);
    fixture_deep(fixture);
    fault_watch(&steps);
    struct sync again = start(fixture);
    fault_watch(NULL);
    assert_false(again.started);
    assert_string_equal(again.task_id, sync.task_id);
    assert_null(strstr(buffer_text(&steps), "list pending/42"));
    buffer_free(&steps);
}

struct under_way_case {
    const char *path;
    const char *text;
    bool under_way;
    const char *next;
};

static const struct under_way_case under_way[] = {
    {PENDING("get_all_products", "t"), LIST("77"), true, ""},
    {EXECUTING(FUTURE, "l1", "get_all_products", "t"), LIST("77"), true, ""},
    {PENDING("get_user_data", "t"), "{\"action\":\"get_user_data\"," THEN "}",
        true, "next"},
    {EXECUTING(FUTURE, "l1", "get_user_data", "t"),
        "{\"action\":\"get_user_data\"," THEN "}", true, "next"},
    /* a retry that waits until it is its turn */
    {"pending/42/998-20991231T000000.000000Z-get_all_products-t.r1.json",
        LIST("77"), true, ""},
    /* overdue, and it comes again */
    {EXECUTING(PAST, "l1", "get_all_products", "t"), LIST("77"), true, ""},
    /* scheduled for later */
    {"pending/42/998-20991231T000000.000000Z-get_all_products-t.json",
        LIST("77"), false, ""},
    /* another wardrobe */
    {PENDING("get_all_products", "t"), LIST("78"), false, ""},
    /* an ordinary one */
    {PENDING("get_user_data", "t"), DROP("get_user_data"), false, ""},
    {PENDING("get_stats", "t"), "{\"action\":\"get_stats\"," THEN "}", false,
        ""},
    /* spoilt */
    {PENDING("get_all_products", "t"), "{", false, ""},
    {PENDING("get_all_products", "t"), DROP("get_stats"), false, ""},
    {COMPLETED("t"), "{}", false, ""},
    {"pending/43/" QUEUED("get_all_products", "t"), LIST("77"), false, ""},
};

static void test_under_way(void **state)
{
    for (size_t i = 0; i < COUNT_OF(under_way); i++) {
        const struct under_way_case *row = &under_way[i];
        fixture_put(*state, "users/42.json", SELLER);
        fixture_put(*state, row->path, row->text);
        struct sync sync = start(*state);
        if (sync.started == row->under_way)
            fail_msg("%s: want %d", row->path, row->under_way);
        if (row->under_way) {
            assert_string_equal(sync.task_id, "t");
            assert_string_equal(sync.next_task_id, row->next);
        }
        fixture_renew(*state);
    }
}

/* The result that is waited for is in, but was not taken in yet: then the sync
 * that follows it is under way. */
static void test_result_is_in(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "ingest/42/20241207T100007.000000Z-t.json",
        "{\"user_id\":42,\"action\":\"get_user_data\",\"params\":{}," THEN
        ",\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T10:00:07.000000Z\","
        "\"result\":{\"user_id\":77}}");
    struct sync sync = start(fixture);
    assert_false(sync.started);
    assert_string_equal(sync.task_id, "next");
    fixture_expect_tree(fixture,
        "pending/42/998-*-get_all_products-next.json\nproducts/"
        "42.account\nusers/42.json\n");
}

/* However many results wait, a request takes in a part of them. */
static void test_many_results(void **state)
{
    const struct fixture *fixture = *state;
    for (int i = 0; i < INGEST_IN_PASSING + 50; i++) {
        char path[80];
        snprintf(path, sizeof path, "ingest/42/20241207T100007.%06dZ-t%d.json",
            i, i);
        fixture_put(fixture, path, "{}");
    }
    fixture_put(fixture, "users/42.json", SELLER);
    assert_true(start(fixture).started);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 50);
}

/* Of many at once one starts it. */
static void test_crowd(void **state)
{
    enum {
        CROWD = 6
    };
    pid_t children[CROWD];
    for (int i = 0; i < CROWD; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(start(*state).started ? 1 : 0);
    }
    int started = 0;
    for (int i = 0; i < CROWD; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        started += WEXITSTATUS(status);
    }
    assert_int_equal(started, 1);
    assert_int_equal(fixture_count(*state, "pending/42"), 1);
}

static void remove_task(const struct fixture *fixture, const char *id)
{
    char end[ID_LENGTH_MAX + 16];
    snprintf(end, sizeof end, "-%s.json", id);
    const char *name = fixture_find(fixture, "pending/42", end);
    assert_non_null(name);
    assert_int_equal(
        unlinkat(fixture->spool.directory,
            account_path(&fixture->account, SPOOL_PENDING, name).text, 0),
        0);
}

static void hide(void *context)
{
    struct start_case *start_case = context;
    if (++start_case->calls == start_case->which)
        unlinkat(start_case->fixture->spool.directory,
            PENDING("get_user_data", "t"), 0);
}

/* What is no task, or gone by the time it is read, is no sync. */
static void test_no_task(void **state)
{
    const struct fixture *fixture = *state;
    struct start_case start_case = {fixture, 0, 0};
    fixture_put(fixture, "pending/42/by hand.txt", "");
    fixture_put(fixture, "executing/42/by hand.txt", "");
    assert_int_equal(symlinkat("/etc/passwd", fixture->spool.directory,
                         PENDING("get_all_products", "link")),
        0);
    do {
        start_case.calls = 0;
        start_case.which++;
        fixture_put(fixture, "users/42.json", SELLER);
        fixture_put(fixture, PENDING("get_user_data", "t"),
            "{\"action\":\"get_user_data\"," THEN "}");
        fault_set_meanwhile(FAULT_OPEN, hide, &start_case);
        struct sync sync = start(fixture);
        fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
        if (sync.started) {
            assert_string_not_equal(sync.task_id, "t");
            remove_task(fixture, sync.task_id);
        } else {
            assert_string_equal(sync.task_id, "t");
        }
    } while (start_case.calls >= start_case.which);
}

static void test_cannot(void **state)
{
    const struct fixture *fixture = *state;
    struct sync sync;
    struct config config = fixture_config();
    fixture_put(fixture, "pending/42", "a file where a folder should be");
    assert_int_not_equal(
        sync_start(UNDER(fixture, &config), 7, &sync), ERROR_NONE);
    fixture_expect_tree(fixture, "pending/42\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_known_seller),
        IN_SPOOL(test_unknown_seller),
        IN_SPOOL(test_deep_queue),
        IN_SPOOL(test_under_way),
        IN_SPOOL(test_result_is_in),
        IN_SPOOL(test_many_results),
        IN_SPOOL(test_crowd),
        IN_SPOOL(test_no_task),
        IN_SPOOL(test_cannot),
    };
    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
