/* SPDX-License-Identifier: MIT */
#include "json_spans.h"

#include "json_mend.h"
#include "json_text.h"
#include "utf8.h"

#include <string.h>

static void add(void *context, const struct json_span *span)
{
    struct json_spans *spans = context;
    buffer_append(&spans->list, (const char *)span, sizeof *span);
}

static enum error check(struct json_spans *spans, struct json_fault *fault)
{
    buffer_clear(&spans->list);
    enum error error =
        json_check_members(spans->text, spans->length, add, spans, fault);
    return error == ERROR_NONE && spans->list.failed ? ERROR_MEMORY : error;
}

/* A copy of text that has halves of surrogate pairs, without them. */
static enum error check_mended(
    struct json_spans *spans, struct json_fault *fault)
{
    buffer_clear(&spans->mended);
    buffer_append(&spans->mended, spans->text, spans->length);
    if (spans->mended.failed)
        return ERROR_MEMORY;
    json_mend(spans->mended.data, spans->length);
    spans->text = spans->mended.data;
    return check(spans, fault);
}

enum error json_spans_read(struct json_spans *spans, const char *text,
    size_t length, struct json_fault *fault)
{
    size_t values;
    size_t mark = utf8_mark(text, length);
    spans->text = text + mark;
    spans->length = length - mark;
    enum error error = check(spans, fault);
    if (error == ERROR_SYNTAX && json_check_grammar(spans->text, spans->length,
                                     false, &values, fault) == ERROR_NONE)
        error = check_mended(spans, fault);
    return error;
}

void json_spans_free(struct json_spans *spans)
{
    buffer_free(&spans->list);
    buffer_free(&spans->mended);
}

const struct json_span *json_spans_all(
    const struct json_spans *spans, size_t *count)
{
    *count = spans->list.length / sizeof(struct json_span);
    return (const void *)spans->list.data;
}

struct json_span json_spans_find(
    const struct json_spans *spans, const char *key)
{
    size_t count;
    const struct json_span *all = json_spans_all(spans, &count);
    while (count > 0) {
        if (json_span_has_key(&all[--count], key))
            return all[count];
    }
    return (struct json_span){.text = ""};
}

/* Most members are another, and show it in the first byte. */
bool json_span_has_key(const struct json_span *span, const char *key)
{
    if (span->key_length > 0 && span->key[0] != key[0] && span->key[0] != '\\')
        return false;
    return json_text_equals(span->key, span->key_length, key);
}

enum json_type json_span_type(const struct json_span *span)
{
    if (span->length == 0)
        return JSON_ABSENT;
    switch (span->text[0]) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 'n':
        return JSON_NULL;
    case 't':
    case 'f':
        return JSON_BOOLEAN;
    default:
        return JSON_NUMBER;
    }
}

const char *json_span_text(
    const struct json_span *span, struct buffer *memory, size_t *length)
{
    enum json_type type = json_span_type(span);
    *length = type == JSON_NUMBER ? span->length : 0;
    if (type != JSON_STRING)
        return span->text;
    *length = span->length - 2;
    if (memchr(span->text, '\\', span->length) == NULL)
        return span->text + 1;
    buffer_clear(memory);
    json_text_append(memory, span->text + 1, span->length - 2);
    *length = memory->length;
    return buffer_text(memory);
}
