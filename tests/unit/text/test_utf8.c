/* SPDX-License-Identifier: MIT */
#include "unit.h"
#include "utf8.h"

#include <string.h>

static void expect(
    const char *bytes, size_t length, bool want, size_t want_used)
{
    size_t used = 77;
    bool have = utf8_character(bytes, length, &used);
    if (have != want || used != want_used)
        fail_msg("%02X %02X… of %zu: have %d after %zu, want %d after %zu",
            (unsigned char)bytes[0], (unsigned char)bytes[length > 1], length,
            have, used, want, want_used);
}

/* Each code point, with the bits laid out as RFC 3629 section 3 draws them;
 * whole, followed by more, and cut off after each byte. */
static void test_every_code_point(void **state)
{
    (void)state;
    for (unsigned long code = 0; code < 0x110000; code++) {
        const unsigned long parts[] = {
            code & 0x3F, code >> 6 & 0x3F, code >> 12 & 0x3F, code >> 18};
        char want[5] = {'x', 'x', 'x', 'x', 'x'};
        size_t length = 1;
        if (code >= 0xD800 && code < 0xE000)
            continue;
        if (code < 0x80) {
            want[0] = (char)code;
        } else if (code < 0x800) {
            length = 2;
            want[0] = (char)(0xC0 | parts[1]);
        } else if (code < 0x10000) {
            length = 3;
            want[0] = (char)(0xE0 | parts[2]);
        } else {
            length = 4;
            want[0] = (char)(0xF0 | parts[3]);
        }
        for (size_t i = 1; i < length; i++)
            want[i] = (char)(0x80 | parts[length - 1 - i]);
        char have[4];
        assert_int_equal(utf8_encode(have, code), length);
        assert_memory_equal(have, want, length);
        expect(want, sizeof want, true, length);
        for (size_t part = 0; part <= length; part++)
            expect(want, part, part == length, part);
    }
}

struct bad_case {
    const char *bytes;
    size_t used;
};

static const struct bad_case bad_cases[] = {
    {"\x80", 0},
    {"\xBF", 0},
    {"\xC0\x80", 0}, /* overlong NUL */
    {"\xC1\xBF", 0}, /* overlong DEL */
    {"\xC2\x7F", 1}, /* no continuation */
    {"\xC2\xC0", 1},
    {"\xE0\x9F\xBF", 1}, /* overlong U+07FF */
    {"\xE1\x80\x7F", 2},
    {"\xE1\x80\xC0", 2},
    {"\xED\xA0\x80", 1},     /* U+D800 */
    {"\xED\xBF\xBF", 1},     /* U+DFFF */
    {"\xF0\x8F\xBF\xBF", 1}, /* overlong U+FFFF */
    {"\xF1\x80\x80\x7F", 3},
    {"\xF1\x80\xC0\x80", 2},
    {"\xF4\x90\x80\x80", 1}, /* U+110000 */
    {"\xF5\x80\x80\x80", 0},
    {"\xF8\x88\x80\x80\x80", 0},
    {"\xFE", 0},
    {"\xFF", 0},
};

static void test_broken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++)
        expect(bad_cases[i].bytes, strlen(bad_cases[i].bytes), false,
            bad_cases[i].used);
    expect("", 0, false, 0);
}

/* How many of all two-byte texts begin a character, and how far: the sums of
 * RFC 3629's table. */
static void test_count_of_all_pairs(void **state)
{
    (void)state;
    int whole = 0;
    int begun[3] = {0, 0, 0};
    for (int i = 0; i < 0x10000; i++) {
        char bytes[2] = {(char)(i >> 8), (char)i};
        size_t used;
        if (utf8_character(bytes, sizeof bytes, &used))
            whole++;
        else
            begun[used]++;
    }
    const int twos = 30 * 64;               /* C2-DF */
    const int threes = 32 + 32 + (14 * 64); /* E0, ED, and the others */
    const int fours = 48 + (3 * 64) + 16;   /* F0, F1-F3, F4 */
    const int leads = 30 + 16 + 5;          /* C2-DF, E0-EF, F0-F4 */
    assert_int_equal(whole, (128 * 256) + twos);
    assert_int_equal(begun[2], threes + fours);
    assert_int_equal(begun[1], (leads * 256) - twos - threes - fours);
    assert_int_equal(begun[0], (128 - leads) * 256);
}

struct cut_case {
    const char *text;
    const char *want; /* of at most three characters */
};

static void test_cut(void **state)
{
    (void)state;
    static const struct cut_case cases[] = {
        {"", ""},
        {"abc", "abc"},
        {"abcd", "ab\xE2\x80\xA6"},
        {"\xC3\xA9\xF0\x9F\x98\x80\xE5\xA4\x8D",
            "\xC3\xA9\xF0\x9F\x98\x80\xE5\xA4\x8D"},
        {"\xC3\xA9\xF0\x9F\x98\x80\xE5\xA4\x8Dx",
            "\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA6"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        utf8_append_cut(&out, cases[i].text, strlen(cases[i].text), 3);
        assert_string_equal(buffer_text(&out), cases[i].want);
        buffer_free(&out);
    }
}

struct beginning_case {
    const char *text;
    size_t length;
    size_t mark;
    const char *other; /* a word of the phrase; NULL: none */
};

static const struct beginning_case beginning_cases[] = {
    {"", 0, 0, NULL},
    {"\xEF\xBB", 2, 0, NULL},
    {"\xEF\xBB\xBF", 3, 3, NULL},
    {"\xEF\xBB\xBF{}", 5, 3, NULL},
    {"{}", 2, 0, NULL},
    {"\xFF\xFE", 2, 0, "UTF-16"},
    {"\xFE\xFF", 2, 0, "UTF-16"},
    {"\xFF", 1, 0, NULL},
    {"\xFF\xFE{\0}\0", 6, 0, "UTF-16"},
    {"\xFE\xFF\0{\0}", 6, 0, "UTF-16"},
    {"{\0}\0", 4, 0, "UTF-16"},
    {"\0{\0}", 4, 0, "UTF-16"},
    {"\xFF\xFE\0\0{\0\0\0", 8, 0, "UTF-32"},
    {"\0\0\xFE\xFF\0\0\0{", 8, 0, "UTF-32"},
    {"{\0\0\0", 4, 0, "UTF-32"},
    {"\0\0\0{", 4, 0, "UTF-32"},
    {"\0\0\0\0", 4, 0, NULL},
    {"{}\0\0", 4, 0, NULL},
    {"{\0", 2, 0, NULL},
};

static void test_beginnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof beginning_cases / sizeof beginning_cases[0];
        i++) {
        const struct beginning_case *row = &beginning_cases[i];
        const char *other = utf8_other(row->text, row->length);
        assert_int_equal(utf8_mark(row->text, row->length), row->mark);
        if ((other == NULL) != (row->other == NULL) ||
            (other != NULL && strstr(other, row->other) == NULL))
            fail_msg("row %zu: have %s", i, other == NULL ? "none" : other);
    }
}

/* What a terminal shows stands as it is; all else in octal, byte by byte. */
static void test_visible(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"a b~", "a b~"},
        {"\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac"},
        {"a\033[2J\n\177", "a\\033[2J\\012\\177"},
        {"\xc2\x9f\xc2\xa0", "\\302\\237\xc2\xa0"},
        {"\xff\xc3", "\\377\\303"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = BUFFER_EMPTY;
        utf8_append_visible(&out, cases[i].text, strlen(cases[i].text));
        assert_string_equal(buffer_text(&out), cases[i].want);
        buffer_free(&out);
    }
    assert_int_equal(utf8_visible("ab\n", 3), 2);
    char text[] = "x\xc2\x9by\xe2\x80\xa8z\xff\xc3\xa9";
    utf8_hide(text, sizeof text - 1, '?');
    assert_string_equal(text, "x??y???z?\xc3\xa9");
}

/* What turns round the direction of reading, at both ends of each range: a name
 * seems to end otherwise than it does. */
static void test_directions(void **state)
{
    static const struct {
        unsigned long code;
        bool visible;
    } cases[] = {{0x61B, true}, {0x61C, false}, {0x61D, true}, {0x200D, true},
        {0x200E, false}, {0x200F, false}, {0x2010, true}, {0x2027, true},
        {0x2028, false}, {0x202E, false}, {0x202F, true}, {0x2065, true},
        {0x2066, false}, {0x2069, false}, {0x206A, true}, {0x1F600, true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[4];
        size_t length = utf8_encode(bytes, cases[i].code);
        if (utf8_visible(bytes, length) != (cases[i].visible ? length : 0))
            fail_msg("U+%04lX", cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_beginnings),
        cmocka_unit_test(test_count_of_all_pairs),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_visible),
        cmocka_unit_test(test_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
