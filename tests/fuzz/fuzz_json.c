/* SPDX-License-Identifier: MIT */
/* JSON: what is taken is what the oracle of the unit tests takes, and what is
 * read, written and read again is the same. */
#include "fuzz.h"

#include "json.h"
#include "json_oracle.h"
#include "json_write.h"
#include "number.h"

#include <string.h>

/* Writes a string again, from its characters. */
static void write_string(struct buffer *out, struct json_value value)
{
    struct buffer decoded = BUFFER_EMPTY;
    fuzz_require(json_string(value, &decoded) == ERROR_NONE);
    json_write_string(out, buffer_text(&decoded), decoded.length);
    if (strlen(buffer_text(&decoded)) == decoded.length)
        fuzz_require(json_string_equals(value, buffer_text(&decoded)));
    buffer_free(&decoded);
}

static void write_number(struct buffer *out, struct json_value value)
{
    size_t length;
    int64_t number;
    char digits[NUMBER_LENGTH_MAX];
    const char *raw = json_raw(value, &length);
    json_write_raw(out, raw, length);
    if (json_integer(value, &number) != ERROR_NONE)
        return;
    if (number == 0)
        return; /* "-0" is no other number */
    fuzz_require(number_format(digits, number) == length);
    fuzz_require(memcmp(digits, raw, length) == 0);
}

static void write_value(struct buffer *out, struct json_value value);

/* The last of the members with a key is the one that is found by it. Absent: it
 * is not looked up. */
static void write_key(
    struct buffer *out, struct json_value object, struct json_value member)
{
    struct buffer key = BUFFER_EMPTY;
    json_append_key(&key, member);
    if (strlen(buffer_text(&key)) == key.length) {
        fuzz_require(json_has_key(member, buffer_text(&key)));
        fuzz_require(
            json_is(object, JSON_ABSENT) ||
            json_member(object, buffer_text(&key)).token >= member.token);
    }
    json_write_string(out, buffer_text(&key), key.length);
    buffer_append_byte(out, ':');
    buffer_free(&key);
}

static void write_container(struct buffer *out, struct json_value container)
{
    bool is_object = json_is(container, JSON_OBJECT);
    size_t count = 0;
    buffer_append_byte(out, is_object ? '{' : '[');
    struct json_value value = json_first(container);
    for (; !json_is(value, JSON_ABSENT); value = json_next(value)) {
        if (count++ > 0)
            buffer_append_byte(out, ',');
        /* Looking each of very many up would take long. */
        if (is_object && json_size(container) <= 64)
            write_key(out, container, value);
        else if (is_object)
            write_key(out, (struct json_value){NULL, -1}, value);
        write_value(out, value);
    }
    fuzz_require(count == json_size(container));
    buffer_append_byte(out, is_object ? '}' : ']');
}

static void write_value(struct buffer *out, struct json_value value)
{
    size_t length;
    const char *raw;
    switch (json_type(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        write_container(out, value);
        break;
    case JSON_STRING:
        write_string(out, value);
        break;
    case JSON_NUMBER:
        write_number(out, value);
        break;
    default:
        raw = json_raw(value, &length);
        json_write_raw(out, raw, length);
        break;
    }
}

/* Parses the text and writes it as write_value does. */
static void rewrite(struct buffer *out, const char *text, size_t length)
{
    struct json_document document;
    struct json_fault fault;
    fuzz_require(json_parse(&document, text, length, &fault) == ERROR_NONE);
    write_value(out, json_root(&document));
    json_free(&document);
}

static void try_rewriting(const char *text, size_t length)
{
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    struct buffer compact = BUFFER_EMPTY;
    rewrite(&once, text, length);
    rewrite(&twice, once.data, once.length);
    fuzz_require(fuzz_same(&once, &twice));
    json_write_compact(&compact, text, length);
    buffer_clear(&twice);
    rewrite(&twice, compact.data, compact.length);
    fuzz_require(fuzz_same(&once, &twice));
    /* What is compact already is what it is. */
    buffer_clear(&twice);
    json_write_compact(&twice, compact.data, compact.length);
    fuzz_require(fuzz_same(&compact, &twice));
    buffer_free(&once);
    buffer_free(&twice);
    buffer_free(&compact);
}

void fuzz_one(const char *text, size_t length)
{
    struct json_fault fault = {0, NULL};
    size_t values = 0;
    enum error error = json_check(text, length, &values, &fault);
    if (error == ERROR_TOO_LARGE) {
        fuzz_require(length > JSON_DEPTH_MAX && fault.reason != NULL);
        return; /* the oracle knows no depth */
    }
    fuzz_require((error == ERROR_NONE) == json_oracle_accepts(text, length));
    if (error == ERROR_NONE) {
        try_rewriting(text, length);
    } else {
        fuzz_require(fault.offset <= length && fault.reason != NULL);
        /* The beginning of what is wrong may go on, up to the wrong byte. */
        struct json_fault shorter;
        error = json_check(text, fault.offset, &values, &shorter);
        fuzz_require(error == ERROR_NONE || shorter.offset <= fault.offset);
    }
}
