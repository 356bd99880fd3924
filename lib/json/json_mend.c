/* SPDX-License-Identifier: MIT */
#include "json_mend.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    ESCAPE_LENGTH = 6 /* \uXXXX */
};

/* The code of the escape \uXXXX that stands at `at`; < 0 if there is none. */
static long code_at(const char *at, size_t length)
{
    char digits[5] = "";
    if (length < ESCAPE_LENGTH || at[0] != '\\' || at[1] != 'u')
        return -1;
    memcpy(digits, at + 2, 4);
    return strtol(digits, NULL, 16);
}

static bool is_first_half(long code)
{
    return code >= 0xD800 && code < 0xDC00;
}

static bool is_second_half(long code)
{
    return code >= 0xDC00 && code < 0xE000;
}

/* Mends the escape whose backslash stands at `at`, of a text that ends `length`
 * bytes on, and returns how many bytes are done with. */
static size_t mend_escape(char *at, size_t length)
{
    static const char instead[] = "\\ufffd";
    long code = code_at(at, length);
    if (code < 0)
        return 2;
    if (is_first_half(code) &&
        is_second_half(code_at(at + ESCAPE_LENGTH, length - ESCAPE_LENGTH)))
        return (size_t)2 * ESCAPE_LENGTH;
    if (is_first_half(code) || is_second_half(code))
        memcpy(at, instead, ESCAPE_LENGTH);
    return ESCAPE_LENGTH;
}

/* Outside of a string no JSON has a backslash. */
void json_mend(char *text, size_t length)
{
    char *end = text + length;
    char *at = memchr(text, '\\', length);
    while (at != NULL) {
        at += mend_escape(at, (size_t)(end - at));
        at = memchr(at, '\\', (size_t)(end - at));
    }
}
