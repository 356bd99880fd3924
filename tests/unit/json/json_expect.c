/* SPDX-License-Identifier: MIT */
#include "json_expect.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *json_shown(const char *text, size_t length)
{
    static char out[256];
    size_t at = 0;
    for (size_t i = 0; i < length && at + 8 < sizeof out; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool is_plain = byte >= ' ' && byte < 0x7F;
        at +=
            (size_t)(is_plain
                         ? snprintf(out + at, sizeof out - at, "%c", byte)
                         : snprintf(out + at, sizeof out - at, "<%02X>", byte));
    }
    out[at] = '\0';
    return out;
}

struct json_document json_parsed(const char *text)
{
    struct json_document document;
    struct json_fault fault;
    enum error error = json_parse(&document, text, strlen(text), &fault);
    if (error != ERROR_NONE)
        fail_msg("%s: refused at %zu: %s", text, fault.offset, fault.reason);
    return document;
}

void json_expect_raw(struct json_value value, const char *want)
{
    size_t length;
    const char *have = json_raw(value, &length);
    if (length != strlen(want) || memcmp(have, want, length) != 0)
        fail_msg("have '%.*s', want '%s'", (int)length, have, want);
}

enum error json_check_copy(
    const char *text, size_t length, struct json_fault *fault)
{
    size_t values;
    char *copy = malloc(length == 0 ? 1 : length);
    assert_non_null(copy);
    memcpy(copy, text, length);
    enum error error =
        json_check(length == 0 ? copy + 1 : copy, length, &values, fault);
    free(copy);
    return error;
}

void json_expect_fault_in_all_prefixes(
    const char *text, size_t length, size_t offset)
{
    for (size_t part = 0; part <= length; part++) {
        struct json_fault fault;
        if (json_check_copy(text, part, &fault) == ERROR_NONE) {
            if (part > offset)
                fail_msg("%s: accepted", json_shown(text, part));
        } else if (fault.offset != (part < offset ? part : offset)) {
            fail_msg("%s: have fault at %zu, want at %zu",
                json_shown(text, part), fault.offset,
                part < offset ? part : offset);
        }
    }
}
