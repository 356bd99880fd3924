/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "draft.h"
#include "error.h"
#include "json.h"
#include "json_expect.h"
#include "name.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define TEN "abcdefghij"
#define FIFTY TEN TEN TEN TEN TEN

struct member_case {
    const char *member;
    const char *json;
    enum error error;
};

static const struct member_case cases[] = {
    {"user_id", "1", ERROR_NONE},
    {"user_id", "9223372036854775807", ERROR_NONE},
    {"user_id", "null", ERROR_NONE},
    {"user_id", "0", ERROR_RANGE},
    {"user_id", "-1", ERROR_RANGE},
    {"user_id", "9223372036854775808", ERROR_RANGE},
    {"user_id", "\"42\"", ERROR_TYPE},
    {"user_id", "42.0", ERROR_TYPE},
    {"user_id", "4e1", ERROR_TYPE},
    {"user_id", "true", ERROR_TYPE},
    {"user_id", "[42]", ERROR_TYPE},
    {"action", "\"get_stats\"", ERROR_NONE},
    {"action", "\"" FIFTY "\"", ERROR_NONE},
    {"action", "\"\\u0061\"", ERROR_NONE},
    {"action", "\"" FIFTY "a\"", ERROR_SYNTAX},
    {"action", "\"\"", ERROR_SYNTAX},
    {"action", "\"Get\"", ERROR_SYNTAX},
    {"action", "\"a-b\"", ERROR_SYNTAX},
    {"action", "\"a/b\"", ERROR_SYNTAX},
    {"action", "\"a\\u0000\"", ERROR_SYNTAX},
    {"action", "7", ERROR_TYPE},
    {"action", "{}", ERROR_TYPE},
    {"task_id", "\"A-b_9\"", ERROR_NONE},
    {"task_id", "\"" FIFTY "01234567890123\"", ERROR_NONE},
    {"task_id", "\"" FIFTY "012345678901234\"", ERROR_SYNTAX},
    {"task_id", "\"\"", ERROR_SYNTAX},
    {"task_id", "\"..\"", ERROR_SYNTAX},
    {"task_id", "\"a.r1\"", ERROR_SYNTAX},
    {"task_id", "\"a b\"", ERROR_SYNTAX},
    {"task_id", "\"\\u00e9\"", ERROR_SYNTAX},
    {"task_id", "1", ERROR_TYPE},
    {"priority", "0", ERROR_NONE},
    {"priority", "999", ERROR_NONE},
    {"priority", "null", ERROR_NONE},
    {"priority", "1000", ERROR_RANGE},
    {"priority", "-1", ERROR_RANGE},
    {"priority", "4294967297", ERROR_RANGE},
    {"priority", "1.0", ERROR_TYPE},
    {"priority", "\"1\"", ERROR_TYPE},
    {"timeout", "1", ERROR_NONE},
    {"timeout", "86400", ERROR_NONE},
    {"timeout", "0", ERROR_RANGE},
    {"timeout", "86401", ERROR_RANGE},
    {"timeout", "-60", ERROR_RANGE},
    {"timeout", "\"60\"", ERROR_TYPE},
    {"params", "{}", ERROR_NONE},
    {"params", "null", ERROR_NONE},
    {"params", "[]", ERROR_TYPE},
    {"params", "\"{}\"", ERROR_TYPE},
    {"params", "0", ERROR_TYPE},
    {"not_before", "\"2024-12-07T10:00:15Z\"", ERROR_NONE},
    {"not_before", "\"2024-12-07T10:00:15.5+01:00\"", ERROR_NONE},
    {"not_before", "\"1969-12-31T00:00:00Z\"", ERROR_NONE},
    {"not_before", "null", ERROR_NONE},
    {"not_before", "\"\"", ERROR_SYNTAX},
    {"not_before", "\"tomorrow\"", ERROR_SYNTAX},
    {"not_before", "\"2024-12-07T10:00:15\"", ERROR_SYNTAX},
    {"not_before", "\"2024-12-07T10:00:15Z\\u0000\"", ERROR_SYNTAX},
    {"not_before", "1733565615", ERROR_TYPE},
    {"not_before", "{}", ERROR_TYPE},
    {"expires_in", "1", ERROR_NONE},
    {"expires_in", "31622400", ERROR_NONE},
    {"expires_in", "null", ERROR_NONE},
    {"expires_in", "0", ERROR_RANGE},
    {"expires_in", "-1", ERROR_RANGE},
    {"expires_in", "31622401", ERROR_RANGE},
    {"expires_in", "4294967297", ERROR_RANGE},
    {"expires_in", "60.0", ERROR_TYPE},
    {"expires_in", "\"60\"", ERROR_TYPE},
    {"retries", "0", ERROR_NONE},
    {"retries", "1000", ERROR_NONE},
    {"retries", "null", ERROR_NONE},
    {"retries", "-1", ERROR_RANGE},
    {"retries", "1001", ERROR_RANGE},
    {"retries", "\"3\"", ERROR_TYPE},
    {"retries", "true", ERROR_TYPE},
    {"then", "{}", ERROR_NONE},
    {"then", "null", ERROR_NONE},
    {"then", "[]", ERROR_TYPE},
    {"then", "\"get_stats\"", ERROR_TYPE},
    /* nobody's word depends on these */
    {"created_at", "\"yesterday\"", ERROR_NONE},
    {"created_at", "7", ERROR_NONE},
    {"attempts", "\"x\"", ERROR_NONE},
    {"attempts", "-1", ERROR_NONE},
    {"unknown", "[{}]", ERROR_NONE},
    {"Priority", "\"x\"", ERROR_NONE},
};

static void test_members(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct member_case *row = &cases[i];
        struct draft draft;
        struct draft_fault fault = {"", ""};
        char text[200];
        snprintf(text, sizeof text, "{\"%s\":%s}", row->member, row->json);
        struct json_document document = json_parsed(text);
        draft_init(&draft);
        enum error error = draft_read(&draft, json_root(&document), &fault);
        json_free(&document);
        const char *named = row->error == ERROR_NONE ? "" : row->member;
        if (error != row->error || strcmp(fault.member, named) != 0)
            fail_msg("%s: have error %d of \"%s\", want %d", text, (int)error,
                fault.member, (int)row->error);
        assert_int_equal(fault.reason[0] != '\0', error != ERROR_NONE);
    }
}

static void test_nothing_given(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", "{\"priority\":null,\"params\":"
                                              "null,\"task_id\":null}"};
    for (size_t i = 0; i < 2; i++) {
        struct draft draft;
        struct draft_fault fault;
        size_t length;
        struct json_document document = json_parsed(texts[i]);
        draft_init(&draft);
        assert_int_equal(
            draft_read(&draft, json_root(&document), &fault), ERROR_NONE);
        assert_int_equal(draft.user, 0);
        assert_int_equal(draft.priority, PRIORITY_DEFAULT);
        assert_int_equal(draft.timeout, 0);
        assert_true(draft.retries < 0);
        assert_int_equal(draft.expires_in, 0);
        assert_int_equal(draft.not_before, 0);
        assert_int_equal(draft.created, 0);
        assert_false(draft.finished);
        assert_true(json_is(draft.then, JSON_ABSENT));
        assert_string_equal(draft.action, "");
        assert_string_equal(draft.id, "");
        const char *params = draft_params(&draft, &length);
        assert_int_equal(length, 2);
        assert_memory_equal(params, "{}", 2);
        json_free(&document);
    }
}

/* What is not in the object keeps the value it had, as from a query. */
static void test_read_over(void **state)
{
    (void)state;
    struct draft draft;
    struct draft_fault fault;
    size_t length;
    draft_init(&draft);
    assert_int_equal(draft_set_user(&draft, "42", 2), ERROR_NONE);
    assert_int_equal(draft_set_action(&draft, "query", 5), ERROR_NONE);
    assert_int_equal(draft_set_id(&draft, "Q", 1), ERROR_NONE);
    assert_int_equal(draft_set_priority(&draft, 5), ERROR_NONE);
    assert_int_equal(draft_set_timeout(&draft, 6), ERROR_NONE);
    struct json_document document =
        json_parsed("{\"action\":\"body\",\"params\": { \"n\" : 1e400 } }");
    assert_int_equal(
        draft_read(&draft, json_root(&document), &fault), ERROR_NONE);
    assert_int_equal(draft.user, 42);
    assert_string_equal(draft.action, "body");
    assert_string_equal(draft.id, "Q");
    assert_int_equal(draft.priority, 5);
    assert_int_equal(draft.timeout, 6);
    const char *params = draft_params(&draft, &length);
    assert_int_equal(length, strlen("{ \"n\" : 1e400 }"));
    assert_memory_equal(params, "{ \"n\" : 1e400 }", length);
    json_free(&document);
}

struct text_case {
    const char *text;
    enum error error;
};

static const struct text_case user_texts[] = {
    {"1", ERROR_NONE},
    {"9223372036854775807", ERROR_NONE},
    {"9223372036854775808", ERROR_RANGE},
    {"0", ERROR_RANGE},
    {"-1", ERROR_RANGE},
    {"", ERROR_SYNTAX},
    {"042", ERROR_SYNTAX},
    {"42x", ERROR_SYNTAX},
    {" 42", ERROR_SYNTAX},
    {"*", ERROR_SYNTAX},
};

/* A refusal leaves what was set before. */
static void test_setters(void **state)
{
    (void)state;
    struct draft draft;
    draft_init(&draft);
    for (size_t i = 0; i < sizeof user_texts / sizeof user_texts[0]; i++) {
        const char *text = user_texts[i].text;
        draft.user = 7;
        enum error error = draft_set_user(&draft, text, strlen(text));
        if (error != user_texts[i].error ||
            (error != ERROR_NONE && draft.user != 7))
            fail_msg("%s: have %d, want %d", text, (int)error,
                (int)user_texts[i].error);
    }
    assert_int_equal(draft_set_action(&draft, "abc", 2), ERROR_NONE);
    assert_int_equal(draft_set_action(&draft, "A", 1), ERROR_SYNTAX);
    assert_string_equal(draft.action, "ab");
    assert_int_equal(draft_set_id(&draft, "a/b", 3), ERROR_SYNTAX);
    assert_string_equal(draft.id, "");
    assert_int_equal(draft_set_priority(&draft, 1000), ERROR_RANGE);
    assert_int_equal(draft_set_priority(&draft, INT64_MIN), ERROR_RANGE);
    assert_int_equal(draft.priority, PRIORITY_DEFAULT);
    assert_int_equal(draft_set_timeout(&draft, 0), ERROR_RANGE);
    assert_int_equal(draft_set_timeout(&draft, TIMEOUT_MAX + 1), ERROR_RANGE);
    assert_int_equal(draft.timeout, 0);
}

static void test_wishes(void **state)
{
    (void)state;
    static const char moment[] = "2024-12-07T10:00:15.25+01:00";
    struct draft draft;
    draft_init(&draft);
    assert_int_equal(draft_set_retries(&draft, 0), ERROR_NONE);
    assert_int_equal(draft.retries, 0);
    assert_int_equal(draft_set_retries(&draft, RETRIES_MAX), ERROR_NONE);
    assert_int_equal(draft_set_retries(&draft, RETRIES_MAX + 1), ERROR_RANGE);
    assert_int_equal(draft_set_retries(&draft, -1), ERROR_RANGE);
    assert_int_equal(draft.retries, RETRIES_MAX);
    assert_int_equal(draft_set_expires_in(&draft, EXPIRE_MAX), ERROR_NONE);
    assert_int_equal(draft_set_expires_in(&draft, 0), ERROR_RANGE);
    assert_int_equal(
        draft_set_expires_in(&draft, (int64_t)EXPIRE_MAX + 1), ERROR_RANGE);
    assert_int_equal(draft.expires_in, EXPIRE_MAX);
    assert_int_equal(
        draft_set_not_before(&draft, moment, strlen(moment)), ERROR_NONE);
    assert_true(draft.not_before == INT64_C(1733562015250000));
    assert_int_equal(
        draft_set_not_before(&draft, moment, strlen(moment) - 1), ERROR_SYNTAX);
    assert_true(draft.not_before == INT64_C(1733562015250000));
}

/* Due when it came, but for one that is scheduled for later. */
static void test_due(void **state)
{
    (void)state;
    struct draft draft;
    draft_init(&draft);
    assert_int_equal(draft_due(&draft, 1000), 1000);
    draft.not_before = 999;
    assert_int_equal(draft_due(&draft, 1000), 1000);
    draft.not_before = 1001;
    assert_int_equal(draft_due(&draft, 1000), 1001);
    draft.finished = true;
    draft.not_before = 2000;
    assert_int_equal(draft_due(&draft, 0), 2001);
    assert_int_equal(draft_due(&draft, 1), 2002);
    draft.not_before = 2000000;
    assert_int_equal(draft_due(&draft, 999998), 2999999);
    assert_int_equal(draft_due(&draft, 999999), 2000001);
}

/* What a queued file says of itself. */
static void test_written_by_us(void **state)
{
    (void)state;
    struct draft draft;
    struct draft_fault fault;
    struct json_document document =
        json_parsed("{\"created_at\":\"2024-12-07T10:00:15.123456Z\","
                    "\"attempts\":3,\"status\":\"failed\",\"then\":{\"action\":"
                    "\"get_all_products\"}}");
    draft_init(&draft);
    assert_int_equal(
        draft_read(&draft, json_root(&document), &fault), ERROR_NONE);
    assert_true(draft.created == INT64_C(1733565615123456));
    assert_int_equal(draft.attempts, 3);
    assert_true(draft.finished);
    assert_true(json_string_equals(
        json_member(draft.then, "action"), "get_all_products"));
    json_free(&document);
}

/* The digest of the request that made it. What a person has made of that is as
 * if there was none. */
static void test_digest(void **state)
{
    static const struct {
        const char *json;
        bool is_one;
    } digests[] = {
        {"\"0123456789012345678901234567890123abcdef\"", true},
        {"\"0123456789012345678901234567890123abcdeg\"", false},
        {"\"0123456789012345678901234567890123abcde\"", false},
        {"[12345678901234567890123456789012345678901]", false},
        {"7", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        char text[200];
        struct draft draft;
        struct draft_fault fault;
        snprintf(text, sizeof text, "{\"request_digest\":%s}", digests[i].json);
        struct json_document document = json_parsed(text);
        draft_init(&draft);
        assert_int_equal(
            draft_read(&draft, json_root(&document), &fault), ERROR_NONE);
        assert_int_equal(draft.request_digest[0] != '\0', digests[i].is_one);
        json_free(&document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_nothing_given),
        cmocka_unit_test(test_read_over),
        cmocka_unit_test(test_setters),
        cmocka_unit_test(test_wishes),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_written_by_us),
    };
    return cmocka_run_group_tests_name("draft", tests, NULL, NULL);
}
