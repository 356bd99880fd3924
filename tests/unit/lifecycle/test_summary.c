/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "config.h"
#include "error.h"
#include "find.h"
#include "ingest_fixture.h"
#include "summary.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

/* Fails unless the summary of the task t is this JSON. */
static void expect(const struct fixture *fixture, bool whole, const char *want)
{
    struct task_place place;
    struct buffer out = BUFFER_EMPTY;
    struct config config = fixture_config();
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    assert_int_equal(
        summary_write_live(&out, UNDER(fixture, &config), &place, whole),
        ERROR_NONE);
    assert_string_equal(buffer_text(&out), want);
    buffer_free(&out);
}

#define HEAD(status, attempts)                                                 \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"a\",\"status\":\"" status  \
    "\",\"priority\":1,\"timeout\":60,"                                        \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"attempts\":" attempts

#define AGAIN(action, id) "pending/42/998-" CREATED "-" action "-" id ".r1.json"

static void test_pending(void **state)
{
    fixture_put(
        *state, PENDING("a", "t"), "{\"action\":\"a\",\"params\":{\"x\":1}}");
    expect(*state, false, HEAD("pending", "0") "}");
    expect(*state, true, HEAD("pending", "0") ",\"params\":{\"x\":1}}");
}

/* Nothing is made up for what only the file would tell. */
static void test_spoilt(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct config config = fixture_config();
    const struct fixture *fixture = *state;
    const struct account *account = UNDER(fixture, &config);
    struct task_place place;
    fixture_put(fixture, PENDING("a", "t"), "[]");
    assert_int_equal(find_task(account, "t", &place), ERROR_NONE);
    assert_int_equal(
        summary_write_live(&out, account, &place, true), ERROR_SYNTAX);
    assert_int_equal(out.length, 0);
    expect(fixture, false,
        "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"a\","
        "\"status\":\"pending\",\"priority\":1,\"timeout\":null,"
        "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"attempts\":null}");
}

/* Left by a loss of power of a create that nobody was told of. */
static void test_husk(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    const struct fixture *fixture = *state;
    struct task_place place;
    fixture_put(fixture, PENDING("a", "t"), "{");
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    assert_int_equal(summary_write_live(&out, &fixture->account, &place, false),
        ERROR_NOT_FOUND);
    assert_int_equal(out.length, 0);
}

/* Not due yet, on its second try: when it was created says the file. */
static void test_later(void **state)
{
    fixture_put(*state, "pending/42/998-" FUTURE "-a-t.r1.json",
        "{\"action\":\"a\",\"created_at\":\"2024-12-07T10:00:00.000000Z\"}");
    expect(*state, false,
        HEAD(
            "pending", "1") ",\"not_before\":\"2099-12-31T23:59:59.999999Z\"}");
}

/* Why the last try failed; nothing of a note that is spoilt, or of a first try.
 */
static void test_last_failure(void **state)
{
    static const char *const spoilt[] = {"{\"last_error\":\"no\",",
        "{\"last_error\":\"no\",\"last_error_at\":7}",
        "{\"last_error\":7,\"last_error_at\":\"2024-12-07T10:00:40.000000Z\"}",
        "[]"};
    const struct fixture *fixture = *state;
    const char *note = "progress/42/t.failure";
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    fixture_put(fixture, note,
        "{\"last_error\":\"no\",\"last_error_at\":\"2024-12-07T10:00:40."
        "000000Z\"}");
    expect(fixture, false, HEAD("pending", "0") "}");
    assert_int_equal(renameat(fixture->spool.directory, PENDING("a", "t"),
                         fixture->spool.directory, AGAIN("a", "t")),
        0);
    expect(fixture, false,
        HEAD("pending", "1") ",\"last_error\":\"no\","
                             "\"last_error_at\":"
                             "\"2024-12-07T10:00:40.000000Z\"}");
    for (size_t i = 0; i < COUNT_OF(spoilt); i++) {
        fixture_put(fixture, note, spoilt[i]);
        expect(fixture, false, HEAD("pending", "1") "}");
    }
}

#define RUNNING EXECUTING(FUTURE, "l1", "a", "t")
#define TIMES                                                                  \
    ",\"started_at\":\"2024-12-07T10:00:30.000000Z\","                         \
    "\"deadline\":\"2099-12-31T23:59:59.999999Z\""
#define PROGRESS                                                               \
    "\"done\":3,\"total\":null,\"message\":\"m\","                             \
    "\"at\":\"2024-12-07T10:00:40.000000Z\"}"

static void test_executing(void **state)
{
    const struct fixture *fixture = *state;
    const struct timespec times[2] = {{1733565630, 0}, {1733565630, 0}};
    fixture_put(fixture, RUNNING, DROP("a"));
    assert_int_equal(utimensat(fixture->spool.directory, RUNNING, times, 0), 0);
    expect(fixture, false,
        HEAD("executing", "1") TIMES ",\"cancel_requested\":false}");
    expect(fixture, true,
        HEAD("executing", "1") TIMES ",\"lease\":\"l1\","
                                     "\"cancel_requested\":false,"
                                     "\"params\":{}}");
    fixture_put(fixture, "progress/42/t.cancel", "");
    fixture_put(fixture, "progress/42/t.json", "{\"lease\":\"l1\"," PROGRESS);
    expect(fixture, false,
        HEAD("executing", "1") TIMES ",\"progress\":{" PROGRESS
                                     ",\"cancel_requested\":true}");
    fixture_put(fixture, "progress/42/t.json", "{\"lease\":\"l2\"," PROGRESS);
    expect(fixture, false,
        HEAD("executing", "1") TIMES ",\"cancel_requested\":true}");
}

/* Torn by a loss of power behind a plugin that has it: told as lists tell it.
 */
static void test_executing_husk(void **state)
{
    fixture_put(*state, RUNNING, "{");
    expect(*state, true,
        "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"a\","
        "\"status\":\"executing\",\"priority\":1,\"timeout\":null,"
        "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"attempts\":null,"
        "\"started_at\":null,\"deadline\":\"2099-12-31T23:59:59.999999Z\","
        "\"lease\":\"l1\",\"cancel_requested\":false,\"params\":null}");
}

static void test_moved(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer out = BUFFER_EMPTY;
    struct config config = fixture_config();
    struct task_place place = {
        .state = TASK_PENDING, .path = {PENDING("a", "t")}};
    assert_int_equal(
        summary_write_live(&out, UNDER(fixture, &config), &place, true),
        ERROR_NOT_FOUND);
    assert_int_equal(out.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_pending),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_husk),
        IN_SPOOL(test_later),
        IN_SPOOL(test_last_failure),
        IN_SPOOL(test_executing),
        IN_SPOOL(test_executing_husk),
        IN_SPOOL(test_moved),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
