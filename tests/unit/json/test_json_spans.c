/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "fault.h"
#include "json_spans.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *text;
    enum error error;
    const char *want; /* each member, with its key, and a semicolon */
} cases[] = {
    {"{}", ERROR_NONE, ""},
    {"1", ERROR_NONE, ""},
    {"[{\"a\":1}]", ERROR_NONE, ""},
    {"", ERROR_SYNTAX, ""},
    {"{\"a\":1", ERROR_SYNTAX, ""},
    {"{\"a\":1}x", ERROR_SYNTAX, ""},
    {"\xEF\xBB\xBF{\"a\":1}", ERROR_NONE, "a=1;"},
    {" { \"a\" : 1 , \"b\\\"\" : [ {\"c\":2} , 3 ] } ", ERROR_NONE,
        "a=1;b\\\"=[ {\"c\":2} , 3 ];"},
    {"{\"a\":{\"a\":{\"a\":0}},\"a\":\"x\",\"\":null}", ERROR_NONE,
        "a={\"a\":{\"a\":0}};a=\"x\";=null;"},
    {"{\"a\":\"\\ud83d\",\"b\":true}", ERROR_NONE, "a=\"\\ufffd\";b=true;"},
    {"{\"a\":\"\\ud83d\",\"b\":tru}", ERROR_SYNTAX, ""},
};

static void test_members(void **state)
{
    (void)state;
    struct json_spans spans = JSON_SPANS_EMPTY;
    struct buffer have = BUFFER_EMPTY;
    struct json_fault fault;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count;
        buffer_clear(&have);
        assert_int_equal(json_spans_read(&spans, cases[i].text,
                             strlen(cases[i].text), &fault),
            cases[i].error);
        const struct json_span *all = json_spans_all(&spans, &count);
        for (size_t j = 0; j < count && cases[i].error == ERROR_NONE; j++) {
            buffer_append(&have, all[j].key, all[j].key_length);
            buffer_append_byte(&have, '=');
            buffer_append(&have, all[j].text, all[j].length);
            buffer_append_byte(&have, ';');
        }
        assert_string_equal(buffer_text(&have), cases[i].want);
    }
    buffer_free(&have);
    json_spans_free(&spans);
}

static void test_find(void **state)
{
    (void)state;
    static const char text[] =
        "{\"n\":-1.5,\"s\":\"\\u00e9\\n\",\"o\":{},\"l\":[],\"z\":null,"
        "\"p\":\"ab\",\"t\":true,\"f\":false,\"k\\u0065y\":1,\"key\":2,"
        "\"k\\u0065y\":3,"
        "\"\":4}";
    static const struct {
        const char *key;
        enum json_type type;
        const char *raw;
        const char *text;
    } rows[] = {{"n", JSON_NUMBER, "-1.5", "-1.5"},
        {"s", JSON_STRING, "\"\\u00e9\\n\"", "\xC3\xA9\n"},
        {"o", JSON_OBJECT, "{}", ""}, {"l", JSON_ARRAY, "[]", ""},
        {"z", JSON_NULL, "null", ""}, {"p", JSON_STRING, "\"ab\"", "ab"},
        {"t", JSON_BOOLEAN, "true", ""}, {"f", JSON_BOOLEAN, "false", ""},
        {"key", JSON_NUMBER, "3", "3"}, {"", JSON_NUMBER, "4", "4"},
        {"ke", JSON_ABSENT, "", ""}, {"keys", JSON_ABSENT, "", ""}};
    struct json_spans spans = JSON_SPANS_EMPTY;
    struct buffer string = BUFFER_EMPTY;
    struct json_fault fault;
    assert_int_equal(
        json_spans_read(&spans, text, sizeof text - 1, &fault), ERROR_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_span span = json_spans_find(&spans, rows[i].key);
        assert_int_equal(json_span_type(&span), rows[i].type);
        assert_int_equal(span.length, strlen(rows[i].raw));
        assert_memory_equal(span.text, rows[i].raw, span.length);
        size_t length;
        const char *have = json_span_text(&span, &string, &length);
        assert_int_equal(length, strlen(rows[i].text));
        assert_memory_equal(have, rows[i].text, length);
    }
    buffer_free(&string);
    json_spans_free(&spans);
}

/* A lack of memory is told, wherever it is met. */
static void test_memory(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(&text, "{\"a\":\"\\ud83d");
    for (int i = 0; i < 2000; i++)
        buffer_append_text(&text, "          ");
    buffer_append_byte(&text, '"');
    for (int i = 0; i < 2000; i++)
        buffer_append_format(&text, ",\"%d\":0", i);
    buffer_append_byte(&text, '}');
    struct buffer pool = fault_take_pool();
    unsigned which = 0;
    bool has_met = true;
    while (has_met) {
        struct json_spans spans = JSON_SPANS_EMPTY;
        struct json_fault fault;
        fault_set(FAULT_MEMORY, ++which, ENOMEM);
        enum error error =
            json_spans_read(&spans, text.data, text.length, &fault);
        has_met = fault_clear();
        assert_int_equal(error, has_met ? ERROR_MEMORY : ERROR_NONE);
        json_spans_free(&spans);
    }
    assert_true(which > 4);
    buffer_free(&pool);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("json_spans", tests, NULL, NULL);
}
