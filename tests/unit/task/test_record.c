/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "error.h"
#include "ingest_fixture.h"
#include "json.h"
#include "json_expect.h"
#include "path.h"
#include "record.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>

#define RUNNING EXECUTING(PAST, "l1", "a", "t")

static const int64_t ended = INT64_C(1733569200000000); /* 11:00 */

/* The record of the task t of user 42 with this verdict. */
static struct buffer write_record(
    const struct fixture *fixture, const struct verdict *verdict)
{
    struct task task;
    struct buffer out = BUFFER_EMPTY;
    fixture_put(fixture, RUNNING,
        "{\"action\":\"a\",\"params\": { \"n\" : 1e400 },\"priority\":1}");
    fixture_load(fixture, RUNNING, &task);
    task.claimed = ended - 5000000;
    record_write(&out, &task, verdict, ended);
    task_free(&task);
    return out;
}

static void test_whole(void **state)
{
    const struct verdict verdict = {.completed = true,
        .result = "{\"list\": [1]}",
        .result_length = 13,
        .executed_at = "\"10:59\"",
        .executed_at_length = 7,
        .execution_time_ms = 120,
        .account = "{\"id\":7}",
        .account_length = 8,
        .requests = 3,
        .leases = "[\"l1\"]",
        .leases_length = 6};
    struct buffer have = write_record(*state, &verdict);
    assert_string_equal(buffer_text(&have),
        "{\n"
        "  \"task_id\": \"t\",\n"
        "  \"user_id\": 42,\n"
        "  \"action\": \"a\",\n"
        "  \"params\": { \"n\" : 1e400 },\n"
        "  \"priority\": 1,\n"
        "  \"timeout\": 60,\n"
        "  \"created_at\": \"2024-12-07T10:00:00.000000Z\",\n"
        "  \"status\": \"completed\",\n"
        "  \"error\": null,\n"
        "  \"started_at\": \"2024-12-07T10:59:55.000000Z\",\n"
        "  \"completed_at\": \"2024-12-07T11:00:00.000000Z\",\n"
        "  \"executed_at\": \"10:59\",\n"
        "  \"execution_time_ms\": 120,\n"
        "  \"account\": {\"id\":7},\n"
        "  \"requests\": 3,\n"
        "  \"attempts\": 1,\n"
        "  \"leases\": [\"l1\"],\n"
        "  \"result\": {\"list\": [1]}\n"
        "}\n");
    buffer_free(&have);
}

static void test_declared(void **state)
{
    const struct verdict verdict = {.error = "why",
        .error_length = 3,
        .execution_time_ms = -1,
        .declared = "expired"};
    struct buffer have = write_record(*state, &verdict);
    assert_non_null(strstr(have.data, "\"status\": \"failed\",\n"));
    assert_non_null(strstr(have.data, "\"declared\": \"expired\",\n"));
    assert_non_null(strstr(have.data, "\"executed_at\": null,\n"));
    assert_non_null(strstr(have.data, "\"execution_time_ms\": null,\n"));
    assert_null(strstr(have.data, "account"));
    assert_null(strstr(have.data, "requests"));
    assert_non_null(strstr(have.data, "\"result\": null\n"));
    buffer_free(&have);
}

/* Characters are counted, not bytes; a cut shows by an ellipsis. */
static void test_long_errors(void **state)
{
    static const char *const units[] = {"x", "\xC3\xA9", "\xF0\x9F\x99\x82"};
    for (size_t u = 0; u < COUNT_OF(units); u++) {
        for (int count = 498; count <= 503; count++) {
            struct buffer error = BUFFER_EMPTY;
            struct buffer text = BUFFER_EMPTY;
            for (int i = 0; i < count; i++)
                buffer_append_text(&error, units[u]);
            const struct verdict verdict = {.error = buffer_text(&error),
                .error_length = error.length,
                .execution_time_ms = -1};
            struct buffer record = write_record(*state, &verdict);
            struct json_document document = json_parsed(buffer_text(&record));
            json_string(json_member(json_root(&document), "error"), &text);
            size_t unit = strlen(units[u]);
            size_t want = count <= RECORD_ERROR_MAX
                              ? (size_t)count * unit
                              : ((RECORD_ERROR_MAX - 1) * unit) + 3;
            bool cut = strstr(buffer_text(&text), "\xE2\x80\xA6") != NULL;
            if (text.length != want || cut != (count > RECORD_ERROR_MAX))
                fail_msg("%d of %s: have %zu bytes, want %zu", count, units[u],
                    text.length, want);
            assert_int_equal(
                record_compare(json_root(&document), &verdict), ERROR_NONE);
            json_free(&document);
            buffer_free(&record);
            buffer_free(&error);
            buffer_free(&text);
        }
    }
}

struct agree_case {
    const char *status;
    const char *result;
    const char *error;
    struct verdict verdict;
    bool want;
};

#define RESULT(text) .result = (text), .result_length = sizeof(text) - 1
#define ERROR_TEXT(text) .error = (text), .error_length = sizeof(text) - 1

static const struct agree_case agree_cases[] = {
    {"completed", "{\"a\":1}", "null", {.completed = true, RESULT("{\"a\":1}")},
        true},
    {"completed", "{\"a\":1}", "null",
        {.completed = true, RESULT(" { \"a\" :\n1 }")}, true},
    {"completed", "null", "null", {.completed = true}, true},
    {"completed", "null", "null", {.completed = true, RESULT("null")}, true},
    {"failed", "null", "\"no\"", {ERROR_TEXT("no")}, true},
    {"failed", "null", "\"\\u00e9\"", {ERROR_TEXT("e")}, false},
    {"completed", "{\"a\":1}", "null", {.completed = true, RESULT("{\"a\":2}")},
        false},
    {"completed", "\"a b\"", "null", {.completed = true, RESULT("\"ab\"")},
        false},
    {"completed", "1", "null", {.completed = true, RESULT("1.0")}, false},
    {"completed", "{}", "null", {.completed = true}, false},
    {"completed", "null", "null", {.completed = false}, false},
    {"failed", "null", "\"no\"", {.completed = true}, false},
    {"failed", "null", "\"no\"", {ERROR_TEXT("nO")}, false},
    {"failed", "null", "\"no\"", {ERROR_TEXT("no"), RESULT("{}")}, false},
    {"failed", "null", "null", {ERROR_TEXT("no")}, false},
    {"failed", "null", "\"?\"", {ERROR_TEXT("?"), .unknown = true}, true},
    {"failed", "null", "\"no\"", {ERROR_TEXT("?"), .unknown = true}, false},
    {"completed", "1", "null,\"settled\":true",
        {ERROR_TEXT("?"), .unknown = true}, true},
    {"completed", "1", "null,\"settled\":true", {ERROR_TEXT("?")}, false},
};

static void test_agreement(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(agree_cases); i++) {
        const struct agree_case *row = &agree_cases[i];
        struct buffer text = BUFFER_EMPTY;
        buffer_append_format(&text,
            "{\"status\":\"%s\",\"result\":%s,\"error\":%s}", row->status,
            row->result, row->error);
        struct json_document document = json_parsed(buffer_text(&text));
        bool have =
            record_compare(json_root(&document), &row->verdict) == ERROR_NONE;
        if (have != row->want)
            fail_msg("row %zu, %s: have %d, want %d", i, buffer_text(&text),
                have, row->want);
        json_free(&document);
        buffer_free(&text);
    }
}

#define HEAD_WITH(user, id, action, at, status)                                \
    "{\"user_id\":" user ",\"task_id\":" id ",\"action\":" action              \
    ",\"completed_at\":" at ",\"status\":" status "}"
#define AT "\"2024-12-07T11:00:00.000000Z\""

static const char *const bad_heads[] = {
    "{}",
    "[]",
    "null",
    HEAD_WITH("0", "\"t\"", "\"a\"", AT, "\"failed\""),
    HEAD_WITH("null", "\"t\"", "\"a\"", AT, "\"failed\""),
    HEAD_WITH("42", "\"../t\"", "\"a\"", AT, "\"failed\""),
    HEAD_WITH("42", "\"\"", "\"a\"", AT, "\"failed\""),
    HEAD_WITH("42", "null", "\"a\"", AT, "\"failed\""),
    HEAD_WITH("42", "\"t\"", "\"A\"", AT, "\"failed\""),
    HEAD_WITH("42", "\"t\"", "null", AT, "\"failed\""),
    HEAD_WITH("42", "\"t\"", "\"a\"", "null", "\"failed\""),
    HEAD_WITH("42", "\"t\"", "\"a\"", "1733569200", "\"failed\""),
    HEAD_WITH("42", "\"t\"", "\"a\"", "\"2024-12-07\"", "\"failed\""),
    HEAD_WITH("42", "\"t\"", "\"a\"", AT, "\"pending\""),
    HEAD_WITH("42", "\"t\"", "\"a\"", AT, "\"Completed\""),
    HEAD_WITH("42", "\"t\"", "\"a\"", AT, "null"),
};

static void test_heads(void **state)
{
    const struct fixture *fixture = *state;
    struct path path = {COMPLETED("t")};
    struct record_head head;
    static const char good[] =
        HEAD_WITH("42", "\"t\"", "\"a\"", AT, "\"completed\"");
    fixture_put(fixture, path.text, good);
    assert_int_equal(
        record_load_head(&fixture->spool, path, &head), ERROR_NONE);
    assert_int_equal(head.user, 42);
    assert_string_equal(head.id, "t");
    assert_string_equal(head.action, "a");
    assert_true(head.completed);
    assert_int_equal(head.word, WORD_COMPLETED);
    assert_int_equal(head.completed_at, ended);
    for (size_t i = 0; i < COUNT_OF(bad_heads); i++) {
        fixture_put(fixture, path.text, bad_heads[i]);
        if (record_load_head(&fixture->spool, path, &head) != ERROR_SYNTAX)
            fail_msg("%s was taken for a record", bad_heads[i]);
    }
}

/* Whoever opens a record finds in it what every record has. */
static void test_least(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *text;
        enum error error;
    } rows[] = {
        {"{\"task_id\":\"t\",\"status\":\"failed\"}", ERROR_NONE},
        {"{\"status\":\"completed\",\"task_id\":\"t\"}", ERROR_NONE},
        {"{}", ERROR_SYNTAX},
        {"[]", ERROR_SYNTAX},
        {"{\"task_id\":\"t\"}", ERROR_SYNTAX},
        {"{\"status\":\"failed\"}", ERROR_SYNTAX},
        {"{\"task_id\":7,\"status\":\"failed\"}", ERROR_SYNTAX},
        {"{\"task_id\":\"t\",\"status\":\"pending\"}", ERROR_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct path path = {COMPLETED("t")};
        struct buffer text = BUFFER_EMPTY;
        struct json_document document;
        fixture_put(fixture, path.text, rows[i].text);
        enum error error = record_open(&fixture->spool, path, &text, &document);
        if (error != rows[i].error)
            fail_msg("%s: %s", rows[i].text, error_text(error));
        if (error == ERROR_NONE) {
            json_free(&document);
            buffer_free(&text);
        }
    }
}

#define TASK_WITH(more) "{\"task_id\":\"t\",\"status\":\"failed\"" more "}"

/* A record read as its task, and written again with the same verdict, is the
 * same record. */
static void test_task_of_a_record(void **state)
{
    const struct fixture *fixture = *state;
    const struct verdict verdict = {.completed = true, RESULT("[1]")};
    struct buffer first = write_record(fixture, &verdict);
    struct buffer second = BUFFER_EMPTY;
    struct task task;
    struct path path = {COMPLETED("t")};
    fixture_put(fixture, path.text, buffer_text(&first));
    assert_int_equal(
        record_load_task(&fixture->account, path, "t", &task), ERROR_NONE);
    record_write(&second, &task, &verdict, ended);
    assert_string_equal(buffer_text(&second), buffer_text(&first));
    task_free(&task);
    buffer_free(&first);
    buffer_free(&second);
    assert_int_equal(
        record_load_task(&fixture->account, path, "u", &task), ERROR_SYNTAX);
    static const char *const texts[] = {"", "x", "{}", "[]", TASK_WITH(""),
        TASK_WITH(",\"created_at\":\"2024-12-07\""),
        TASK_WITH(",\"created_at\":" AT ",\"priority\":-1")};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fixture_put(fixture, path.text, texts[i]);
        assert_int_equal(record_load_task(&fixture->account, path, "t", &task),
            ERROR_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_whole),
        IN_SPOOL(test_declared),
        IN_SPOOL(test_long_errors),
        cmocka_unit_test(test_agreement),
        IN_SPOOL(test_heads),
        IN_SPOOL(test_least),
        IN_SPOOL(test_task_of_a_record),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
