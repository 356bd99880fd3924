/* SPDX-License-Identifier: MIT */
#include "base64.h"
#include "buffer.h"
#include "error.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes are four letters (RFC 4648 section 4). */
static void encode(struct buffer *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 3) {
        unsigned long group = 0;
        for (size_t k = i; k < i + 3; k++)
            group = (group << 8) | (k < length ? (unsigned char)bytes[k] : 0);
        for (size_t k = 0; k < 4; k++) {
            size_t letter = (group >> (18 - (6 * k))) & 63;
            buffer_append_byte(out, i + k <= length ? letters[letter] : '=');
        }
    }
}

static void expect_decoded(const char *text, const void *want, size_t length)
{
    struct buffer out = BUFFER_EMPTY;
    enum error error = base64_decode(&out, text, strlen(text));
    if (error != ERROR_NONE || out.length != length ||
        memcmp(buffer_text(&out), want, length) != 0)
        fail_msg("%.80s: have error %d, %zu bytes, want %zu bytes", text,
            (int)error, out.length, length);
    assert_int_equal(buffer_text(&out)[out.length], '\0');
    buffer_free(&out);
}

static void expect_refused(const char *text, size_t length)
{
    struct buffer out = BUFFER_EMPTY;
    buffer_append_text(&out, "kept");
    enum error error = base64_decode(&out, text, length);
    if (error != ERROR_SYNTAX)
        fail_msg("'%.*s': have error %d, want %d", (int)length, text,
            (int)error, (int)ERROR_SYNTAX);
    assert_string_equal(out.data, "kept");
    assert_int_equal(out.length, 4);
    buffer_free(&out);
}

/* RFC 4648 section 10. */
static void test_vectors(void **state)
{
    (void)state;
    static const char *const encoded[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (size_t length = 0; length <= 6; length++) {
        expect_decoded(encoded[length], "foobar", length);
    }
}

static void test_all_single_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 0x100; i++) {
        char byte = (char)i;
        const char want[5] = {
            letters[i >> 2], letters[(i & 3) << 4], '=', '=', 0};
        expect_decoded(want, &byte, 1);
    }
}

static void test_all_pairs_of_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 0x10000; i++) {
        const char bytes[2] = {(char)(i >> 8), (char)i};
        const char want[5] = {letters[i >> 10], letters[i >> 4 & 63],
            letters[(i & 15) << 2], '=', 0};
        expect_decoded(want, bytes, 2);
    }
}

/* Of all letters before the padding, one in 16 or one in 4 has no bits left
 * over; the others would be second spellings. */
static void test_leftover_bits(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        const char two[] = {'Q', letters[i], '=', '=', 0};
        const char three[] = {'Q', 'U', letters[i], '=', 0};
        const char bytes[] = {(char)(16 << 2 | i >> 4), '\0'};
        const char more[] = {'A', (char)(20 << 4 | i >> 2)};
        if (i % 16 == 0)
            expect_decoded(two, bytes, 1);
        else
            expect_refused(two, 4);
        if (i % 4 == 0)
            expect_decoded(three, more, 2);
        else
            expect_refused(three, 4);
    }
}

/* libb64 would skip each of these wherever it stood. */
static void test_every_foreign_byte_at_every_place(void **state)
{
    (void)state;
    static const char *const samples[] = {"QUJD", "QUI=", "QQ==", "QUJDREVG"};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        size_t length = strlen(samples[i]);
        for (size_t at = 0; at < length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[16];
                if (byte != 0 && (byte == '=' || strchr(letters, byte) != NULL))
                    continue;
                memcpy(text, samples[i], length);
                text[at] = (char)byte;
                expect_refused(text, length);
            }
        }
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const texts[] = {/* lengths */
        "Q", "QU", "QUJ", "QUJDR", "QUJDRE", "QUJDREV", "Q=", "QQ=", "=",
        /* padding elsewhere or too much of it */
        "=QUJ", "Q=UJ", "QU=J", "=QUJD", "====", "Q===", "QQ==QQ==", "QUI=QUI=",
        "QUJD=", "QUJD==", "QUJD===", "QUJD====", "QQ=Q", "==QQ",
        /* what libb64 skips */
        "Q{U|J}D", "QUJD\n", "\nQUJD", "QU\nJD", "QUJD\r\n\r\n", " QUJD   ",
        "QUJD    ",
        /* the alphabet for URLs */
        "QUJ-", "QUJ_"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_refused(texts[i], strlen(texts[i]));
}

/* Any length, past libb64's line breaks and past what we hand it at once. */
static void expect_round_trip(size_t length)
{
    char *bytes = malloc(length + 1);
    struct buffer text = BUFFER_EMPTY;
    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)((i * 7) + (i / 251));
    encode(&text, bytes, length);
    expect_decoded(buffer_text(&text), bytes, length);
    buffer_free(&text);
    free(bytes);
}

static void test_round_trips(void **state)
{
    (void)state;
    for (size_t length = 0; length < 400; length++)
        expect_round_trip(length);
    for (size_t more = 0; more < 4; more++)
        expect_round_trip((2 * 1024 * 1024 * 3 / 4) + more);
}

static void test_appends(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    base64_decode(&out, "Zm9v", 4);
    base64_decode(&out, "", 0);
    base64_decode(&out, "YmE=", 4);
    assert_string_equal(out.data, "fooba");
    buffer_free(&out);
}

static void test_buffer_that_failed(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    buffer_reserve(&out, SIZE_MAX);
    assert_int_equal(base64_decode(&out, "YQ==", 4), ERROR_MEMORY);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_all_single_bytes),
        cmocka_unit_test(test_all_pairs_of_bytes),
        cmocka_unit_test(test_leftover_bits),
        cmocka_unit_test(test_every_foreign_byte_at_every_place),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_buffer_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
