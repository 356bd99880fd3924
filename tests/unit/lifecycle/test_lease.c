/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "name.h"
#include "stamp.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lease_report settle_with(
    const struct fixture *fixture, const struct config *config, unsigned most)
{
    struct lease_report report = {0};
    assert_int_equal(
        lease_settle(UNDER(fixture, config), most, &report), ERROR_NONE);
    return report;
}

static struct lease_report settle(const struct fixture *fixture)
{
    struct config config = fixture_config();
    return settle_with(fixture, &config, LEASES_PER_POLL);
}

static void expect_report(const char *what, const struct lease_report *have,
    const struct lease_report *want)
{
    if (have->requeued != want->requeued || have->failed != want->failed ||
        have->cleared != want->cleared || have->left != want->left ||
        have->shortened != want->shortened)
        fail_msg("%s: have %u requeued, %u failed, %u cleared, %u left, "
                 "%u shortened, want %u, %u, %u, %u, %u",
            what, have->requeued, have->failed, have->cleared, have->left,
            have->shortened, want->requeued, want->failed, want->cleared,
            want->left, want->shortened);
}

#define OVERDUE(action) "executing/42/" PAST "-l1-998-" CREATED "-" action "-t"
#define REQUEUED(action, n)                                                    \
    "pending/42/998-" CREATED "-" action "-t.r" n ".json\n"
/* and the lease that it was requeued from, where all are known */
#define NOTED(action, n)                                                       \
    REQUEUED(action, n)                                                        \
    "progress/42/998-" CREATED "-" action "-t.r" n ".leases\n"
#define GET "{\"action\":\"execute_http_request\",\"params\":{\"url\":\"u\"}}"
#define PUT                                                                    \
    "{\"action\":\"execute_http_request\",\"params\":{\"url\":\"u\","          \
    "\"method\":\"PUT\"}}"

#define MARK "progress/42/t.cancel"

/* Its end was asked for, so it does not come again; the mark goes with it. */
static void test_to_be_cancelled(void **state)
{
    static const char *const paths[] = {OVERDUE("get_stats") ".json",
        OVERDUE("upload_photo") ".json", OVERDUE("get_stats") ".r1.json"};
    static const char *const texts[] = {
        DROP("get_stats"), DROP("upload_photo"), DROP("get_stats")};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        fixture_put(fixture, paths[i], texts[i]);
        fixture_put(fixture, MARK, "");
        struct lease_report want = {.failed = 1};
        struct lease_report have = settle(fixture);
        expect_report(paths[i], &have, &want);
        fixture_expect_tree(fixture, FAILED("t") "\n");
        fixture_expect_member(
            fixture, FAILED("t"), "declared", "\"cancelled\"");
        assert_int_equal(
            file_remove(fixture->spool.directory, FAILED("t")), ERROR_NONE);
    }
}

/* Over a network the mark may not be seen for a moment. */
static void test_to_be_cancelled_and_not_seen(void **state)
{
    static const unsigned looks_before = 3; /* whether it is done; its file */
    const struct fixture *fixture = *state;
    static const char *const paths[] = {
        OVERDUE("get_stats") ".json", OVERDUE("create_product") ".json"};
    static const char *const texts[] = {
        DROP("get_stats"), DROP("create_product")};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct lease_report report = {0};
        fixture_put(fixture, paths[i], texts[i]);
        fixture_put(fixture, MARK, "");
        fault_set(FAULT_STATUS, looks_before + 1, ENOENT);
        enum error error = lease_settle_one(
            &fixture->account, strrchr(paths[i], '/') + 1, &report);
        assert_true(fault_clear());
        assert_int_equal(error, ERROR_NONE);
        fixture_expect_member(
            fixture, FAILED("t"), "declared", "\"cancelled\"");
        file_remove(fixture->spool.directory, FAILED("t"));
        file_remove(fixture->spool.directory, MARK);
    }
}

struct settle_case {
    const char *path;
    const char *text;
    const char *tree;
};

/* What may be repeated goes back under the next number; what may not is
 * declared failed, and never offered again. */
static const struct settle_case settle_cases[] = {
    {OVERDUE("get_stats") ".json", DROP("get_stats"), NOTED("get_stats", "1")},
    {OVERDUE("get_stats") ".r1.json", DROP("get_stats"),
        REQUEUED("get_stats", "2")},
    {OVERDUE("get_stats") ".r2.json", DROP("get_stats"),
        REQUEUED("get_stats", "3")},
    {OVERDUE("get_stats") ".r3.json", DROP("get_stats"), FAILED("t") "\n"},
    {OVERDUE("get_stats") ".r9999.json", DROP("get_stats"), FAILED("t") "\n"},
    {OVERDUE("create_product") ".json", DROP("create_product"),
        FAILED("t") "\nunknown/42/*-new-t.json\n"},
    {OVERDUE("unheard_of") ".json", DROP("unheard_of"), FAILED("t") "\n"},
    {OVERDUE("execute_http_request") ".json", GET,
        NOTED("execute_http_request", "1")},
    {OVERDUE("execute_http_request") ".json", PUT, FAILED("t") "\n"},
    {OVERDUE("execute_http_request") ".json", DROP("execute_http_request"),
        FAILED("t") "\n"},
    /* not overdue, or no task of ours */
    {"executing/42/notes.txt", "x", "executing/42/notes.txt\n"},
    {"executing/42/" PAST "-x.json", "x", "executing/42/" PAST "-x.json\n"},
};

static void test_overdue(void **state)
{
    for (size_t i = 0; i < COUNT_OF(settle_cases); i++) {
        const struct settle_case *row = &settle_cases[i];
        fixture_put(*state, row->path, row->text);
        settle(*state);
        settle(*state); /* once more: nothing is settled twice */
        fixture_expect_tree(*state, row->tree);
        fixture_renew(*state);
    }
}

struct ahead_case {
    const char *lease;
    int64_t seconds; /* the deadline is so far ahead */
    bool stays;
};

/* The time that a plugin has to come, a day at the most, stays. What was set
 * while the clock was ahead becomes the task's own timeout from now, under the
 * same lease; a task that was being withdrawn then is withdrawn now. */
static void test_ahead(void **state)
{
    static const struct ahead_case cases[] = {{"l1", 60, true},
        {"l1", TIMEOUT_MAX + STAMP_SKEW - 5, true},
        {"l1", TIMEOUT_MAX + STAMP_SKEW + 5, false},
        {"l1", INT64_C(3000000000), false}, {"expired", 60, true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lease_name lease = {
            .deadline = clock_now() + (cases[i].seconds * clock_second),
            .task = {.priority = 1, .action = "create_product", .id = "t"}};
        snprintf(lease.lease, sizeof lease.lease, "%s", cases[i].lease);
        struct name name = name_format_executing(&lease);
        struct path path = path_in_user(SPOOL_EXECUTING, 42, name.text);
        fixture_put(
            *state, path.text, "{\"action\":\"create_product\",\"timeout\":7}");
        struct lease_report report = settle(*state);
        expect_report("ahead", &report,
            &(struct lease_report){.shortened = !cases[i].stays});
        int64_t now = clock_now();
        const char *found = fixture_find(*state, "executing/42", "-t.json");
        assert_int_equal(name_parse_executing(found, &lease), ERROR_NONE);
        assert_string_equal(lease.lease, cases[i].lease);
        if (cases[i].stays)
            assert_string_equal(found, name.text);
        else
            assert_true(lease.deadline <= now + (7 * clock_second) &&
                        lease.deadline > now);
        fixture_renew(*state);
    }
}

/* One that was withdrawn while the clock was ahead has no plugin. */
static void test_withdrawn_ahead(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "expired", "a", "t"), DROP("a"));
    struct lease_report report = settle(*state);
    expect_report("withdrawn", &report, &(struct lease_report){.failed = 1});
    fixture_expect_member(*state, FAILED("t"), "declared", "\"expired\"");
}

/* Done, and its entry left by a crash. */
static void test_done_ahead(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_put(*state, COMPLETED("t"), "{}");
    struct lease_report report = settle(*state);
    expect_report("done", &report, &(struct lease_report){.cleared = 1});
    fixture_expect_tree(*state, COMPLETED("t") "\n");
}

static void test_record_of_a_timeout(void **state)
{
    fixture_put(*state, OVERDUE("create_product") ".json",
        "{\"action\":\"create_product\",\"params\":{\"k\":1}}");
    struct lease_report report = settle(*state);
    expect_report("timeout", &report, &(struct lease_report){.failed = 1});
    fixture_expect_member(*state, FAILED("t"), "declared", "\"timeout\"");
    fixture_expect_member(*state, FAILED("t"), "status", "\"failed\"");
    fixture_expect_member(*state, FAILED("t"), "params", "{\"k\":1}");
    fixture_expect_member(*state, FAILED("t"), "attempts", "1");
    fixture_expect_member(*state, FAILED("t"), "result", "null");
}

/* The requeued file is the dropped one, byte for byte. */
static void test_content_survives(void **state)
{
    static const char text[] = " {\"action\" : \"get_stats\", \"x\":1e400 }\n";
    fixture_put(*state, OVERDUE("get_stats") ".json", text);
    settle(*state);
    fixture_expect(
        *state, "pending/42/998-" CREATED "-get_stats-t.r1.json", text);
}

static void test_retries_by_configuration(void **state)
{
    struct config config = fixture_config();
    config.all.retries = 0;
    fixture_put(*state, OVERDUE("get_stats") ".json", DROP("get_stats"));
    settle_with(*state, &config, 10);
    fixture_expect_tree(*state, FAILED("t") "\n");
    config.actions[0] = (struct action_rules){
        "get_user_data", UNSET, 1, UNSET, UNSET, UNSET, UNSET};
    config.action_count = 1;
    fixture_put(*state, EXECUTING(PAST, "l1", "get_user_data", "u"),
        DROP("get_user_data"));
    settle_with(*state, &config, 10);
    fixture_expect_tree(*state,
        FAILED("t") "\npending/42/998-*-get_user_data-u.r1.json\n"
                    "progress/42/998-*-get_user_data-u.r1.leases\n");
}

struct spoilt_case {
    const char *text;
    const char *why;
};

static const struct spoilt_case spoilt_cases[] = {
    {"", "not JSON"},
    {"{\"action\":", "not JSON"},
    {DROP("create_product"), "action"},
    {"{\"action\":\"get_stats\",\"user_id\":7}", "user_id"},
};

static void test_spoilt_by_hand(void **state)
{
    static const char why[] =
        "rejected/" PAST "-l1-998-" CREATED "-get_stats-t.json.why";
    for (size_t i = 0; i < COUNT_OF(spoilt_cases); i++) {
        fixture_put(*state, OVERDUE("get_stats") ".json", spoilt_cases[i].text);
        settle(*state);
        fixture_expect_tree(*state, "rejected/*-t.json\nrejected/*.why\n");
        char *text = fixture_get(*state, why);
        assert_non_null(text);
        assert_non_null(strstr(text, spoilt_cases[i].why));
        free(text);
        fixture_renew(*state);
    }
}

static void test_done_already(void **state)
{
    fixture_put(*state, OVERDUE("get_stats") ".json", DROP("get_stats"));
    fixture_put(*state, COMPLETED("t"), "{}");
    struct lease_report report = settle(*state);
    expect_report("done", &report, &(struct lease_report){.cleared = 1});
    fixture_expect_tree(*state, COMPLETED("t") "\n");
}

static void test_limit(void **state)
{
    struct config config = fixture_config();
    for (int i = 0; i < 5; i++) {
        char path[200];
        snprintf(path, sizeof path,
            "executing/42/" PAST "-l%d-998-" CREATED "-get_stats-t%d.json", i,
            i);
        fixture_put(*state, path, DROP("get_stats"));
    }
    struct lease_report report = settle_with(*state, &config, 2);
    expect_report(
        "first", &report, &(struct lease_report){.requeued = 2, .left = 3});
    report = settle_with(*state, &config, 10);
    expect_report("then", &report, &(struct lease_report){.requeued = 3});
    assert_int_equal(fixture_count(*state, "pending/42"), 5);
}

static void test_no_folder(void **state)
{
    struct lease_report report = settle(*state);
    expect_report("none", &report, &(struct lease_report){.requeued = 0});
}

/* One has come back at the very mtime at which the folder held none, as a loss
 * of power may have it. */
static void test_stamp_that_lies(void **state)
{
    static const struct timespec times[2] = {{5, 0}, {5, 0}};
    const struct fixture *fixture = *state;
    fixture_put(fixture, OVERDUE("get_stats") ".json", DROP("get_stats"));
    file_remove(fixture->spool.directory, OVERDUE("get_stats") ".json");
    file_set_times(fixture->spool.directory, "executing/42", times);
    settle(fixture);
    fixture_put(fixture, OVERDUE("get_stats") ".json", DROP("get_stats"));
    file_set_times(fixture->spool.directory, "executing/42", times);
    assert_int_equal(settle(fixture).requeued, 0);
    fault_set_clock(STAMP_BELIEVED + 1);
    clock_now();
    assert_int_equal(settle(fixture).requeued, 1);
    fault_set_clock(0);
}

/* Where the disk refuses, the task stays, counted and logged. */
static void test_refused(void **state)
{
    fixture_put(*state, OVERDUE("get_stats") ".json", DROP("get_stats"));
    fixture_put(*state, "pending/42", "a file where a folder should be");
    struct lease_report report = settle(*state);
    expect_report("refused", &report, &(struct lease_report){.left = 1});
    fixture_expect_tree(*state,
        OVERDUE("get_stats") ".json\npending/42\n"
                             "progress/42/998-" CREATED
                             "-get_stats-t.r1.leases\n");
    assert_true(fixture_logged(*state, "stuck pending/42: it is no folder"));
}

static void test_find(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_name found;
    assert_int_equal(
        lease_find(&fixture->account, "l1", &found), ERROR_NOT_FOUND);
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "t"), "");
    fixture_put(fixture, EXECUTING(FUTURE, "l11", "a", "l1"), "");
    fixture_put(fixture, "executing/43/" FUTURE "-l2-" QUEUED("a", "v"), "");
    assert_int_equal(lease_find(&fixture->account, "l1", &found), ERROR_NONE);
    assert_string_equal(found.task.id, "t");
    assert_int_equal(lease_find(&fixture->account, "l11", &found), ERROR_NONE);
    assert_string_equal(found.task.id, "l1");
    static const char *const others[] = {"l", "l111", "l2", "t", ""};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        enum error error = lease_find(&fixture->account, others[i], &found);
        if (error != ERROR_NOT_FOUND)
            fail_msg("%s: have %d", others[i], (int)error);
    }
}

static void set_back(void *context)
{
    (void)context;
    fault_set_clock(-100);
}

/* While the folder is read: what is granted then seems to be over already. */
static void test_clock_set_back(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    static const char entry[] = EXECUTING(PAST, "l1", "create_product", "t");
    fixture_put(fixture, entry, DROP("create_product"));
    fault_set_meanwhile(FAULT_OPEN, set_back, NULL);
    enum error error = lease_settle(&fixture->account, 10, &report);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    fault_set_clock(0);
    assert_int_equal(error, ERROR_NONE);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.left, 1);
    assert_true(file_exists(fixture->spool.directory, entry));
}

struct returned {
    const struct fixture *fixture;
    unsigned which; /* the call from which on nothing is done any more */
};

/* Whoever was withdrawing it could not record that. */
static enum error return_it(void *context)
{
    static const char from[] = EXECUTING(PAST, "cancel", "create_product", "t");
    const struct returned *returned = context;
    int directory = returned->fixture->spool.directory;
    assert_int_equal(
        renameat(directory, from, directory, PENDING("create_product", "t")),
        0);
    fault_set_lasting(FAULT_NAMES, returned->which, EIO);
    return ERROR_NONE;
}

/* A task that nobody was handed has not timed out, whoever dies when. */
static void test_withdrawal_returned(void **state)
{
    bool has_met = true;
    for (unsigned which = 2; has_met; which++) {
        struct fixture *fixture = *state;
        struct lease_report report = {0};
        struct returned returned = {fixture, which};
        const char *name = EXECUTING(PAST, "cancel", "create_product", "t");
        fixture_put(fixture, "pending/42/x", "");
        fixture_put(fixture, name, DROP("create_product"));
        fault_meet(FAULT_NAMES, 1, return_it, &returned);
        lease_settle_one(&fixture->account, strrchr(name, '/') + 1, &report);
        has_met = fault_clear();
        const char *left = fixture_find(fixture, "tmp", ".verdict");
        if (left != NULL) {
            char *text = fixture_get(fixture, "tmp/42-t.verdict");
            assert_null(strstr(text, "no result came"));
            free(text);
        }
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_withdrawal_returned),
        IN_SPOOL(test_overdue),
        IN_SPOOL(test_to_be_cancelled),
        IN_SPOOL(test_to_be_cancelled_and_not_seen),
        IN_SPOOL(test_ahead),
        IN_SPOOL(test_withdrawn_ahead),
        IN_SPOOL(test_done_ahead),
        IN_SPOOL(test_record_of_a_timeout),
        IN_SPOOL(test_content_survives),
        IN_SPOOL(test_retries_by_configuration),
        IN_SPOOL(test_spoilt_by_hand),
        IN_SPOOL(test_done_already),
        IN_SPOOL(test_limit),
        IN_SPOOL(test_no_folder),
        IN_SPOOL(test_stamp_that_lies),
        IN_SPOOL(test_refused),
        IN_SPOOL(test_find),
        IN_SPOOL(test_clock_set_back),
    };
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
