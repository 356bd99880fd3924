/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "ingest_fixture.h"
#include "path.h"
#include "record.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>

#define PATH "done/42/t.completed.json"

static void expect(
    const struct fixture *fixture, const char *text, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    fixture_put(fixture, PATH, text);
    assert_int_equal(
        record_read_brief(&fixture->spool,
            path_in_user(SPOOL_DONE, 42, "t.completed.json"), &have),
        ERROR_NONE);
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
}

struct head_case {
    const char *text;
    const char *want;
};

static const struct head_case cases[] = {
    {"{\n  \"a\": 1,\n  \"result\": {\"b\": 2}\n}\n", "{\n  \"a\": 1\n}\n"},
    {"{\"a\":1,\"result\":null}", "{\"a\":1\n}\n"},
    {"{\"a\":1 , \"result\" : 5}", "{\"a\":1 \n}\n"},
    {"{\"result\":1,\"a\":2}", "{\n}\n"},
    {" {\"result\":1}", " {\n}\n"},
    /* not the member that is meant */
    {"{\"a\":\"result\",\"b\":1}", "{\"a\":\"result\",\"b\":1}"},
    {"{\"p\":{\"result\":1},\"a\":2}", "{\"p\":{\"result\":1},\"a\":2}"},
    {"{\"p\":[\"result\",{\"result\":1}],\"result\":2}",
        "{\"p\":[\"result\",{\"result\":1}]\n}\n"},
    {"{\"a\":\"\\\"result\\\":\",\"result\":2}",
        "{\"a\":\"\\\"result\\\":\"\n}\n"},
    {"{\"a\":\"\\\\\",\"result\":2}", "{\"a\":\"\\\\\"\n}\n"},
    {"{\"a\":\"{[\",\"result\":2}", "{\"a\":\"{[\"\n}\n"},
    {"{\"results\":1,\"resul\":2}", "{\"results\":1,\"resul\":2}"},
    /* no records */
    {"", ""},
    {"x", "x"},
    {"}}}\"result\":1", "}}}\"result\":1"},
};

static void test_cases(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(*state, cases[i].text, cases[i].want);
}

/* The key lies across every edge of what is read at a time. */
static void test_edges(void **state)
{
    for (int length = 4060; length < 4110; length++) {
        struct buffer text = BUFFER_EMPTY;
        struct buffer want = BUFFER_EMPTY;
        buffer_append_format(&want, "{\"a\":\"%*s\"", length, "");
        buffer_append_format(
            &text, "%s,\"result\":\"%*s\"}", want.data, 9000, "");
        buffer_append_text(&want, "\n}\n");
        expect(*state, text.data, want.data);
        buffer_free(&text);
        buffer_free(&want);
    }
}

/* No more is read than is needed. */
static void test_little_memory(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    struct buffer have = BUFFER_EMPTY;
    buffer_append_format(&text, "{\"a\":1,\"result\":\"%*s\"}", 3000000, "");
    fixture_put(fixture, PATH, text.data);
    assert_int_equal(
        record_read_brief(&fixture->spool,
            path_in_user(SPOOL_DONE, 42, "t.completed.json"), &have),
        ERROR_NONE);
    assert_string_equal(have.data, "{\"a\":1\n}\n");
    assert_true(have.capacity < 20000);
    buffer_free(&text);
    buffer_free(&have);
}

static void test_none(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer have = BUFFER_EMPTY;
    fixture_put(fixture, "done/42/other.json", "{}");
    assert_int_equal(
        record_read_brief(&fixture->spool,
            path_in_user(SPOOL_DONE, 42, "t.completed.json"), &have),
        ERROR_NOT_FOUND);
    assert_int_equal(
        record_read_brief(&fixture->spool, path_of_user(SPOOL_DONE, 42), &have),
        ERROR_TYPE);
    buffer_free(&have);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_cases),
        IN_SPOOL(test_edges),
        IN_SPOOL(test_little_memory),
        IN_SPOOL(test_none),
    };
    return cmocka_run_group_tests_name("record_brief", tests, NULL, NULL);
}
