/* SPDX-License-Identifier: MIT */
/* Text and JSON without memory: an error is told, and nothing is lost. */
#include "base64.h"
#include "buffer.h"
#include "fault.h"
#include "fold.h"
#include "json.h"
#include "json_write.h"
#include "query.h"
#include "unit.h"

#include <string.h>

static enum error parse(void *context)
{
    const char *text = context;
    struct json_document document;
    struct json_fault fault;
    struct buffer out = BUFFER_EMPTY;
    enum error error = json_parse(&document, text, strlen(text), &fault);
    if (error == ERROR_NONE) {
        json_string(json_member(json_root(&document), "a"), &out);
        json_free(&document);
        error = out.failed ? ERROR_MEMORY : ERROR_NONE;
    }
    buffer_free(&out);
    return error;
}

static enum error query(void *context)
{
    struct query read;
    enum error error = query_parse(&read, context);
    query_free(&read);
    return error;
}

static enum error decode(void *context)
{
    struct buffer out = BUFFER_EMPTY;
    enum error error = base64_decode(&out, context, strlen(context));
    buffer_free(&out);
    return error;
}

static enum error compose(void *context)
{
    struct buffer out = BUFFER_EMPTY;
    fold_append(&out, context, strlen(context));
    for (int i = 0; i < 100; i++) {
        json_member_text(&out, "key", context);
        json_member_integer(&out, "key", i);
        buffer_append_format(&out, "%0*d", 300, i);
    }
    enum error error = out.failed ? ERROR_MEMORY : ERROR_NONE;
    buffer_free(&out);
    return error;
}

static char parsed[] = "{\"a\":\"b\\nc\"}";
static char mended[] = "{\"a\":\"b\\ud800c\"}";
static char short_query[] = "key=value";
static char long_key[] = "a=1&a_key_that_is_longer_than_what_a_buffer_begins_"
                         "with_so_that_it_must_grow_before_its_end=1";
static char long_value[] = "a=a_value_that_is_longer_than_what_a_buffer_begins_"
                           "with_so_that_it_must_grow_before_its_end&b=2";
static char encoded[] = "QUJD";
static char word[] = "\xC3\x89tat";

static void test_faults(void **state)
{
    (void)state;
    fault_each("parsing", parse, parsed);
    fault_each("parsing half of a pair", parse, mended);
    fault_each("a query", query, short_query);
    fault_each("a long key", query, long_key);
    fault_each("a long value", query, long_value);
    fault_each("base64", decode, encoded);
    fault_each("composing", compose, word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests_name("json_fault", tests, NULL, NULL);
}
