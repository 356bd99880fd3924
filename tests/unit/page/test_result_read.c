/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "fault.h"
#include "json.h"
#include "json_expect.h"
#include "program.h"
#include "record.h"
#include "reply.h"
#include "result_read.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct good_case {
    const char *text;
    const char *want; /* completed, result, error, time, executed_at, lease */
};

static const struct good_case good_cases[] = {
    {"{\"success\":true}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"data\":{\"a\":1},\"error\":null,"
     "\"execution_time_ms\":1500,\"executed_at\":\"2024-12-07T10:00:00\"}",
        "1|{\"a\":1}|null|1500|\"2024-12-07T10:00:00\"|"},
    {"{\"success\":true,\"data\":null,\"error\":null,\"execution_time_ms\":null"
     ",\"executed_at\":null,\"lease\":null}",
        "1|null|null|-1|null|"},
    {"{\"success\":true,\"data\":[ 1e400 ]}", "1|[ 1e400 ]|null|-1|null|"},
    {"{\"success\":true,\"data\":false}", "1|false|null|-1|null|"},
    {"{\"success\":true,\"error\":\"ignored\"}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"unknown\":{}}", "1|null|null|-1|null|"},
    {"{\"success\":false,\"error\":\"no\"}", "0|null|no|-1|null|"},
    {"{\"success\":false,\"error\":\"\\u00e9\"}", "0|null|\xC3\xA9|-1|null|"},
    {"{\"success\":false,\"error\":\"no\",\"data\":{}}", "0|{}|no|-1|null|"},
    {"{\"success\":false}", "0|null|The plugin gave no reason|-1|null|"},
    {"{\"success\":false,\"error\":null}",
        "0|null|The plugin gave no reason|-1|null|"},
    {"{\"success\":false,\"error\":\"\"}",
        "0|null|The plugin gave no reason|-1|null|"},
    {"{\"success\":true,\"lease\":\"abc123\",\"execution_time_ms\":0}",
        "1|null|null|0|null|abc123"},
    /* what only informs never voids what it stands beside */
    {"{\"success\":true,\"execution_time_ms\":-3}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":-0}", "1|null|null|0|null|"},
    {"{\"success\":true,\"execution_time_ms\":-0.5}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":1234.5}",
        "1|null|null|1234|null|"},
    {"{\"success\":true,\"execution_time_ms\":1.5e3}",
        "1|null|null|1500|null|"},
    {"{\"success\":true,\"execution_time_ms\":9007199254740992}",
        "1|null|null|9007199254740992|null|"},
    {"{\"success\":true,\"execution_time_ms\":9007199254740994}",
        "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":9223372036854775808}",
        "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":1e400}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":"
     "1.000000000000000000000000000000000000000000000000000000000000000}",
        "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":\"1\"}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"execution_time_ms\":[1]}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"executed_at\":1733565600}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"executed_at\":[]}", "1|null|null|-1|null|"},
    {"{\"success\":true,\"executed_at\":\"\"}", "1|null|null|-1|\"\"|"},
    {"{\"success\":true,\"error\":7}", "1|null|null|-1|null|"},
    {"{\"success\":false,\"error\":7}", "0|null|7|-1|null|"},
    {"{\"success\":false,\"error\":{\"code\": 106}}",
        "0|null|{\"code\": 106}|-1|null|"},
    /* nor does half an emoji */
    {"{\"success\":true,\"data\":{\"title\":\"Robe \\ud83d\"},"
     "\"executed_at\":\"\\udE00\"}",
        "1|{\"title\":\"Robe \\ufffd\"}|null|-1|\"\\ufffd\"|"},
    {"{\"success\":false,\"error\":\"\\ud83d\"}",
        "0|null|\xEF\xBF\xBD|-1|null|"},
};

/* What is told of who was signed in, how much was asked of Vinted, and why a
 * list is not whole: nothing of it voids a result. */
struct told_case {
    const char *text;
    const char *want; /* account, requests, partial if there is any */
};

static const struct told_case told_cases[] = {
    {"{\"success\":true}", "null|-1"},
    {"{\"success\":true,\"account\":{\"id\":29535217,\"login\":\"a\"},"
     "\"requests\":3}",
        "{\"id\":29535217,\"login\":\"a\"}|3"},
    {"{\"success\":false,\"account\":{\"login\":\"\\u00e9\",\"x\":[1],"
     "\"id\":\"7750837522\"}}",
        "{\"id\":7750837522,\"login\":\"\xC3\xA9\"}|-1"},
    {"{\"success\":true,\"account\":{\"id\":18446744073709551615}}",
        "{\"id\":18446744073709551615}|-1"},
    {"{\"success\":true,\"account\":{\"id\":1,\"login\":7}}", "{\"id\":1}|-1"},
    {"{\"success\":true,\"account\":{\"id\":0,\"login\":\"a\"}}", "null|-1"},
    {"{\"success\":true,\"account\":{\"id\":-1}}", "null|-1"},
    {"{\"success\":true,\"account\":{\"id\":1.5}}", "null|-1"},
    {"{\"success\":true,\"account\":{\"id\":18446744073709551616}}", "null|-1"},
    {"{\"success\":true,\"account\":{\"login\":\"a\"}}", "null|-1"},
    {"{\"success\":true,\"account\":29535217}", "null|-1"},
    {"{\"success\":true,\"account\":null,\"requests\":null}", "null|-1"},
    {"{\"success\":true,\"account\":[],\"requests\":\"3\"}", "null|-1"},
    {"{\"success\":true,\"requests\":-3}", "null|-1"},
    {"{\"success\":true,\"requests\":2.5}", "null|2"},
    {"{\"success\":true,\"requests\":1e400}", "null|-1"},
    {"{\"success\":true,\"data\":{\"complete\":false,"
     "\"reason\":\"2 \\u00e9taient absents\"}}",
        "null|-1|2 \xC3\xA9taient absents"},
    {"{\"success\":true,\"data\":{\"complete\":true,\"reason\":\"x\"}}",
        "null|-1"},
    {"{\"success\":true,\"data\":{\"complete\":false,\"reason\":7}}",
        "null|-1"},
    {"{\"success\":true,\"data\":{\"complete\":0,\"reason\":\"x\"}}",
        "null|-1"},
    {"{\"success\":true,\"data\":{\"reason\":\"x\"}}", "null|-1"},
    {"{\"success\":true,\"data\":[{\"complete\":false}]}", "null|-1"},
};

static void describe_told(const struct result_body *body, struct buffer *out)
{
    const struct verdict *verdict = &body->verdict;
    buffer_append_format(out, "%.*s|%lld",
        verdict->account == NULL ? 4 : (int)verdict->account_length,
        verdict->account == NULL ? "null" : verdict->account,
        (long long)verdict->requests);
    if (verdict->partial != NULL)
        buffer_append_format(
            out, "|%.*s", (int)verdict->partial_length, verdict->partial);
}

static void describe(const struct result_body *body, struct buffer *out)
{
    const struct verdict *verdict = &body->verdict;
    buffer_append_format(out, "%d|%.*s|%.*s|%lld|%.*s|%s", verdict->completed,
        verdict->result == NULL ? 4 : (int)verdict->result_length,
        verdict->result == NULL ? "null" : verdict->result,
        verdict->error == NULL ? 4 : (int)verdict->error_length,
        verdict->error == NULL ? "null" : verdict->error,
        (long long)verdict->execution_time_ms,
        verdict->executed_at == NULL ? 4 : (int)verdict->executed_at_length,
        verdict->executed_at == NULL ? "null" : verdict->executed_at,
        buffer_text(&body->lease));
}

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good_cases); i++) {
        struct program program;
        struct result_body body;
        struct buffer have = BUFFER_EMPTY;
        memset(&program, 0, sizeof program);
        reply_init(&program.reply);
        struct json_document document = json_parsed(good_cases[i].text);
        bool read = result_read(&program, json_root(&document), &body);
        describe(&body, &have);
        if (!read || strcmp(buffer_text(&have), good_cases[i].want) != 0)
            fail_msg("%s: have %s, want %s", good_cases[i].text,
                buffer_text(&have), good_cases[i].want);
        assert_null(body.verdict.declared); /* it is the plugin's own word */
        assert_int_equal(program.reply.status, 200);
        buffer_free(&have);
        result_free(&body);
        json_free(&document);
        reply_free(&program.reply);
    }
}

static void test_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(told_cases); i++) {
        struct program program;
        struct result_body body;
        struct buffer have = BUFFER_EMPTY;
        memset(&program, 0, sizeof program);
        reply_init(&program.reply);
        struct json_document document = json_parsed(told_cases[i].text);
        bool read = result_read(&program, json_root(&document), &body);
        describe_told(&body, &have);
        if (!read || strcmp(buffer_text(&have), told_cases[i].want) != 0)
            fail_msg("%s: have %s, want %s", told_cases[i].text,
                buffer_text(&have), told_cases[i].want);
        buffer_free(&have);
        result_free(&body);
        json_free(&document);
        reply_free(&program.reply);
    }
}

struct bad_case {
    const char *text;
    const char *member;
};

static const struct bad_case bad_cases[] = {
    {"{}", "success"},
    {"{\"success\":null}", "success"},
    {"{\"success\":\"true\"}", "success"},
    {"{\"success\":1}", "success"},
    {"{\"Success\":true}", "success"},
    {"{\"success\":true,\"lease\":\"\"}", "lease"},
    {"{\"success\":true,\"lease\":\"A\"}", "lease"},
    {"{\"success\":true,\"lease\":\"../x\"}", "lease"},
    {"{\"success\":true,\"lease\":\"a\\u0000\"}", "lease"},
    {"{\"success\":true,\"lease\":\"abcdefghijabcdefghijabcdefghij012\"}",
        "lease"},
    {"{\"success\":true,\"lease\":7}", "lease"},
};

/* 422, and the member is named. */
static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
        struct program program;
        struct result_body body;
        char named[64];
        memset(&program, 0, sizeof program);
        reply_init(&program.reply);
        struct json_document document = json_parsed(bad_cases[i].text);
        bool read = result_read(&program, json_root(&document), &body);
        snprintf(named, sizeof named, "\\\"%s\\\"", bad_cases[i].member);
        if (read || program.reply.status != 422 ||
            strstr(buffer_text(&program.reply.body), named) == NULL)
            fail_msg("%s: have %d: %s", bad_cases[i].text, program.reply.status,
                buffer_text(&program.reply.body));
        result_free(&body);
        json_free(&document);
        reply_free(&program.reply);
    }
}

static const char all_told[] =
    "{\"success\":false,\"error\":\"no\",\"lease\":\"abc123\","
    "\"account\":{\"id\":7,\"login\":\"me\"},"
    "\"data\":{\"complete\":false,\"reason\":\"late\"}}";

/* Whether all of it was read; 503 where it was not. */
static enum error read_all(void *context)
{
    struct program program;
    struct result_body body;
    struct buffer have = BUFFER_EMPTY;
    memset(&program, 0, sizeof program);
    reply_init(&program.reply);
    bool read = result_read(&program, *(struct json_value *)context, &body);
    fault_clear();
    if (read) {
        describe_told(&body, &have);
        assert_string_equal(
            buffer_text(&have), "{\"id\":7,\"login\":\"me\"}|-1|late");
        assert_string_equal(buffer_text(&body.lease), "abc123");
    } else {
        assert_int_equal(program.reply.status, 503);
    }
    buffer_free(&have);
    result_free(&body);
    reply_free(&program.reply);
    return read ? ERROR_NONE : ERROR_MEMORY;
}

/* Nothing that was told is left out for a lack of memory. */
static void test_no_memory(void **state)
{
    struct json_document document = json_parsed(all_told);
    struct json_value root = json_root(&document);
    (void)state;
    fault_each("a result", read_all, &root);
    json_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("result_read", tests, NULL, NULL);
}
