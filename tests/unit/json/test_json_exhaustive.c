/* SPDX-License-Identifier: MIT */
/* json_check against a second opinion, on all texts of some kinds. */
#include "error.h"
#include "json.h"
#include "json_check.h"
#include "json_expect.h"
#include "json_oracle.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static void expect_as_oracle(const char *text, size_t length)
{
    size_t values;
    struct json_fault fault;
    bool have = json_check(text, length, &values, &fault) == ERROR_NONE;
    bool want = json_oracle_accepts(text, length);
    if (have != want)
        fail_msg("%s: accepted: have %d, want %d", json_shown(text, length),
            have, want);
}

static const char sample[] =
    "{\"title\": \"Caf\xC3\xA9 \\\"noir\\\" \\uD83D\\uDE00 \xE5\xA4\x8D\","
    "\"price\":-12.50e+3, \"sold\":false,\"brand\":null,"
    "\"photos\":[\"a\\/b\",[],{}, true]}";

/* Every byte in turn becomes every other byte, is left out, and is doubled. */
static void test_every_corruption(void **state)
{
    (void)state;
    char text[sizeof sample];
    size_t length = sizeof sample - 1;
    for (size_t at = 0; at < length; at++) {
        memcpy(text, sample, length);
        for (int byte = 0; byte < 256; byte++) {
            text[at] = (char)byte;
            expect_as_oracle(text, length);
        }
        memcpy(text + at, sample + at + 1, length - at - 1);
        expect_as_oracle(text, length - 1);
        memcpy(text + at + 1, sample + at, length - at);
        text[at] = sample[at];
        expect_as_oracle(text, length + 1);
    }
}

/* Eight bytes are looked at together: each byte must be found at each place
 * among them, whatever its neighbours. */
static void test_every_byte_at_every_place_of_a_string(void **state)
{
    (void)state;
    static const char fillers[] = {'a', ' ', '\x7F', '!', '#', '[', ']'};
    for (size_t filler = 0; filler < sizeof fillers; filler++) {
        for (size_t place = 1; place < 25; place++) {
            char text[26];
            memset(text, fillers[filler], sizeof text);
            text[0] = text[25] = '"';
            for (int byte = 0; byte < 256; byte++) {
                text[place] = (char)byte;
                expect_as_oracle(text, sizeof text);
            }
        }
    }
}

/* Every edge of every range in RFC 3629's table, four bytes of them. */
static void test_all_utf8_boundaries(void **state)
{
    (void)state;
    static const unsigned char edges[] = {0x00, 0x22, 0x41, 0x5C, 0x7F, 0x80,
        0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
        0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF};
    const size_t count = sizeof edges;
    char text[6] = {'"', ' ', ' ', ' ', ' ', '"'};
    for (size_t i = 0; i < count * count * count * count; i++) {
        text[1] = (char)edges[i % count];
        text[2] = (char)edges[i / count % count];
        text[3] = (char)edges[i / count / count % count];
        text[4] = (char)edges[i / count / count / count];
        expect_as_oracle(text, sizeof text);
    }
}

/* Each of the 65,536 units alone, and before and behind each edge. */
static void test_all_unicode_escapes(void **state)
{
    (void)state;
    static const unsigned edges[] = {
        0x0000, 0x0041, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0xFFFF};
    char text[32];
    for (unsigned unit = 0; unit < 0x10000; unit++) {
        int length = snprintf(text, sizeof text, "\"\\u%04x\"", unit);
        expect_as_oracle(text, (size_t)length);
        for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
            length = snprintf(
                text, sizeof text, "\"\\u%04X\\u%04X\"", unit, edges[i]);
            expect_as_oracle(text, (size_t)length);
            length = snprintf(
                text, sizeof text, "\"\\u%04X\\u%04X\"", edges[i], unit);
            expect_as_oracle(text, (size_t)length);
        }
    }
}

static const char alphabet[] = "[]{}\",:01-+.eEtrunl\\ ";

/* Fills `out` with the `number`th text of this length over the alphabet. */
static void short_text(char *out, size_t length, size_t number)
{
    const size_t letters = sizeof alphabet - 1;
    for (size_t i = 0; i < length; i++) {
        out[i] = alphabet[number % letters];
        number /= letters;
    }
}

static size_t short_text_count(size_t length)
{
    return length == 0 ? 1
                       : (sizeof alphabet - 1) * short_text_count(length - 1);
}

static void expect_short_texts_as_oracle(const char *before, const char *after)
{
    char text[16];
    size_t start = strlen(before);
    memcpy(text, before, start);
    for (size_t length = 0; length <= 4; length++) {
        size_t whole = start + length + strlen(after);
        memcpy(text + start + length, after, strlen(after));
        for (size_t i = 0; i < short_text_count(length); i++) {
            short_text(text + start, length, i);
            expect_as_oracle(text, whole);
        }
    }
}

static void test_all_short_texts(void **state)
{
    (void)state;
    expect_short_texts_as_oracle("", "");
    expect_short_texts_as_oracle("[", "]");
    expect_short_texts_as_oracle("{\"a\"", "}");
    expect_short_texts_as_oracle("\"", "\"");
}

static void test_faults_of_all_short_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < short_text_count(4); i++) {
        char text[4];
        size_t values;
        struct json_fault fault;
        short_text(text, sizeof text, i);
        if (json_check(text, sizeof text, &values, &fault) != ERROR_NONE)
            json_expect_fault_in_all_prefixes(text, sizeof text, fault.offset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_corruption),
        cmocka_unit_test(test_every_byte_at_every_place_of_a_string),
        cmocka_unit_test(test_all_utf8_boundaries),
        cmocka_unit_test(test_all_unicode_escapes),
        cmocka_unit_test(test_all_short_texts),
        cmocka_unit_test(test_faults_of_all_short_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
