/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "ini_file.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* Writes down each entry as section.key=value; and refuses the key "no". */
static const char *note_entry(
    void *context, const char *section, const char *key, const char *value)
{
    struct buffer *seen = context;
    if (strcmp(key, "no") == 0)
        return "not this one";
    buffer_append_format(seen, "%s.%s=%s;", section, key, value);
    return NULL;
}

/* From memory of exactly that size, so that sanitizers see what is read
 * behind the text. */
static enum error read_copy(const char *text, size_t length,
    struct buffer *seen, struct ini_fault *fault)
{
    char *copy = malloc(length + 1); /* one more: malloc(0) may be NULL */
    assert_non_null(copy);
    memcpy(copy + 1, text, length);
    enum error error = ini_text_read(copy + 1, length, note_entry, seen, fault);
    free(copy);
    return error;
}

struct good_case {
    const char *text;
    const char *want;
};

static const struct good_case good_cases[] = {
    {"", ""},
    {"\n", ""},
    {"\n\n  \n\t\n", ""},
    {"; comment\n# comment\n;\n#\n", ""},
    {"[a]\n", ""},
    {"k=v", ".k=v;"},
    {"k=v\n", ".k=v;"},
    {"k=v\r\n[s]\r\nk=w\r\n", ".k=v;s.k=w;"},
    {"k = v w \t\n", ".k=v w;"},
    {"k =\n", ".k=;"},
    {"k\t=\tv\n", ".k=v;"},
    {"[s]  \nk=v\n", "s.k=v;"},
    {"[action list]\nk=v\n", "action list.k=v;"},
    {"[s]\na=1\nb=2\n[t]\na=3\n[s]\nc=4\n", "s.a=1;s.b=2;t.a=3;s.c=4;"},
    {"k=a=b:c\n", ".k=a=b:c;"},
    {"k=a;b;\n", ".k=a;b;;"},
    {"k=;\n", ".k=;;"},
    {"k=a # b\n", ".k=a # b;"},
    {"k=\"a\"\n", ".k=\"a\";"},
    {"k=caf\xC3\xA9\n", ".k=caf\xC3\xA9;"},
    {"[s]\n; note = gone\n#k=w\nk=v\n", "s.k=v;"},
    {"K=1\nk=2\n", ".K=1;.k=2;"},
    {"\xEF\xBB\xBFk=v\n", ".k=v;"},
    {"\xEF\xBB\xBF# x\n[s]\nk=v\n", "s.k=v;"},
    {"\xEF\xBB\xBF", ""},
};

static void test_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const struct good_case *row = &good_cases[i];
        struct buffer seen = BUFFER_EMPTY;
        struct ini_fault fault = {-1, ""};
        enum error error =
            read_copy(row->text, strlen(row->text), &seen, &fault);
        if (error != ERROR_NONE || strcmp(buffer_text(&seen), row->want) != 0)
            fail_msg("%s: have error %d (%d: %s), %s, want %s", row->text,
                (int)error, fault.line, fault.reason, buffer_text(&seen),
                row->want);
        buffer_free(&seen);
    }
}

/* The reason must hold the word, so that it is the right one. */
static void expect_refused(
    const char *text, size_t length, int want_line, const char *word)
{
    struct buffer seen = BUFFER_EMPTY;
    struct ini_fault fault = {-1, ""};
    enum error error = read_copy(text, length, &seen, &fault);
    if (error != ERROR_SYNTAX || fault.line != want_line ||
        strstr(fault.reason, word) == NULL)
        fail_msg("%.60s: have error %d, line %d: %s, want %d, line %d: %s",
            text, (int)error, fault.line, fault.reason, (int)ERROR_SYNTAX,
            want_line, word);
    buffer_free(&seen);
}

struct bad_case {
    const char *text;
    int line;
    const char *word;
};

static const struct bad_case bad_cases[] = {
    /* inih would end the value at the semicolon */
    {"k=v\npassword = a ;b\n", 2, "semicolon"},
    {"k=a\t;b\n", 1, "semicolon"},
    {"k= ;\n", 1, "semicolon"},
    {"k=v ; comment\n", 1, "semicolon"},
    {"a ;b=c\n", 1, "semicolon"},
    {"[s] ; comment\n", 1, "semicolon"},
    /* inih would take it for more of the value above */
    {"k=v\n  w\n", 2, "indented"},
    {"k=v\n admin=yes\n", 2, "indented"},
    {" k=v\n", 1, "indented"},
    {"\tk=v\n", 1, "indented"},
    {"k=v\n [s]\n", 2, "indented"},
    {" ; comment\n", 1, "indented"},
    /* inih would call twice */
    {"k=v\nk=v\n", 2, "twice"},
    {"[s]\nk=1\n[t]\nk=2\n[s]\n\nk=3\n", 7, "twice"},
    {"[s]\nk=1\nk =2\n", 3, "twice"},
    /* inih would go on behind the error */
    {"k\n", 1, "neither"},
    {"[s]\nk=v\nnonsense\nl=w\n", 3, "neither"},
    {"]\n", 1, "neither"},
    /* inih would separate at the colon */
    {"k:v\n", 1, "neither"},
    {"http://x=y\n", 1, "colon"},
    {"=v\n", 1, "key"},
    /* sections */
    {"[s\n", 1, "]"},
    {"[\n", 1, "]"},
    {"[s]x\n", 1, "behind"},
    {"[s] k=v\n", 1, "behind"},
    {"[s]]\n", 1, "behind"},
    {"[]\n", 1, "no name"},
    {"[ s]\n", 1, "blank"},
    {"[s ]\n", 1, "blank"},
    {"[ ]\n", 1, "blank"},
    /* inih would drop it, too */
    {"\xEF\xBB\xBF\xEF\xBB\xBFk=v\n", 1, "byte order"},
    {"# x\n\xEF\xBB\xBFk=v\n", 2, "byte order"},
    {"\xFF\xFEk=v\n", 0, "UTF-16"},
    /* the C library takes some of these for white space */
    {"k=v\rl=w\n", 1, "control"},
    {"k=v\r", 1, "control"},
    {"k=v\r\r\n", 1, "control"},
    {"\vk=v\n", 1, "control"},
    {"k=v\f\n", 1, "control"},
    {"k=\x1B[2J\n", 1, "control"},
    {"k=v\x7F\n", 1, "control"},
    /* the function */
    {"k=v\n\n# x\nno=1\nl=w\n", 4, "not this one"},
};

static void test_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        const struct bad_case *row = &bad_cases[i];
        expect_refused(row->text, strlen(row->text), row->line, row->word);
    }
}

static void test_refuses_nul(void **state)
{
    (void)state;
    expect_refused("k=v\0w\n", 6, 1, "NUL");
    expect_refused("a=b\n\0", 5, 2, "NUL");
    expect_refused("\0", 1, 1, "NUL");
    expect_refused("k=v\n[\0]\n", 8, 2, "NUL");
}

/* After a fault nothing more may be handed over. */
static void test_stops_at_the_fault(void **state)
{
    (void)state;
    static const char *const texts[] = {"a=1\nno=2\nb=3\n", "a=1\nx\nb=3\n",
        "a=1\na=2\nb=3\n", "a=1\n b\nb=3\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buffer seen = BUFFER_EMPTY;
        struct ini_fault fault;
        enum error error = read_copy(texts[i], strlen(texts[i]), &seen, &fault);
        assert_int_equal(error, ERROR_SYNTAX);
        assert_int_equal(fault.line, 2);
        assert_string_equal(buffer_text(&seen), ".a=1;");
        buffer_free(&seen);
    }
}

/* "k=" and so many letters that the line has `length` bytes, then `end`. */
static struct buffer long_line(size_t length, const char *end)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(&text, "k=");
    while (text.length < length)
        buffer_append_byte(&text, 'x');
    buffer_append_text(&text, end);
    return text;
}

/* The whole value must come through, whatever ends the line. */
static void test_longest_line(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "\n", "\nl=w\n"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct buffer text = long_line(INI_LINE_MAX, ends[i]);
        struct buffer seen = BUFFER_EMPTY;
        struct ini_fault fault;
        enum error error = read_copy(text.data, text.length, &seen, &fault);
        assert_int_equal(error, ERROR_NONE);
        assert_memory_equal(seen.data + 1, text.data, INI_LINE_MAX);
        assert_int_equal(seen.data[1 + INI_LINE_MAX], ';');
        buffer_free(&seen);
        buffer_free(&text);
    }
}

/* The packaged inih would read the rest as a second entry. */
static void test_refuses_longer_lines(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "\n", "\r\n", "admin=yes\n"};
    for (size_t length = INI_LINE_MAX + 1; length < 450; length++) {
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            struct buffer text = long_line(length, ends[i]);
            expect_refused(text.data, text.length, 1, "long");
            buffer_free(&text);
        }
    }
    struct buffer text = long_line(INI_LINE_MAX, "\r\n");
    expect_refused(text.data, text.length, 1, "long");
    buffer_free(&text);
}

/* Its tail would become an entry as well. */
static void test_refuses_a_long_comment(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    buffer_append_format(&text, "a=b\n#%*s", INI_LINE_MAX + 9, "admin=yes");
    expect_refused(text.data, text.length, 2, "long");
    buffer_free(&text);
}

static void test_section_length(void **state)
{
    (void)state;
    for (int length = 1; length < 120; length++) {
        struct buffer text = BUFFER_EMPTY;
        struct buffer seen = BUFFER_EMPTY;
        struct ini_fault fault;
        buffer_append_byte(&text, '[');
        for (int i = 0; i < length; i++)
            buffer_append_byte(&text, (char)('a' + (i % 26)));
        buffer_append_text(&text, "]\nk=v\n");
        if (length > INI_SECTION_MAX) {
            expect_refused(text.data, text.length, 1, "long");
        } else {
            enum error error = read_copy(text.data, text.length, &seen, &fault);
            assert_int_equal(error, ERROR_NONE);
            assert_memory_equal(seen.data, text.data + 1, (size_t)length);
            assert_string_equal(seen.data + length, ".k=v;");
        }
        buffer_free(&seen);
        buffer_free(&text);
    }
}

static void test_largest_file(void **state)
{
    (void)state;
    char *text = malloc(INI_FILE_MAX + 1);
    struct buffer seen = BUFFER_EMPTY;
    struct ini_fault fault = {-1, ""};
    assert_non_null(text);
    memset(text, '\n', INI_FILE_MAX + 1);
    memcpy(text + INI_FILE_MAX - 3, "k=v", 3);
    assert_int_equal(
        ini_text_read(text, INI_FILE_MAX, note_entry, &seen, &fault),
        ERROR_NONE);
    assert_string_equal(buffer_text(&seen), ".k=v;");
    assert_int_equal(
        ini_text_read(text, INI_FILE_MAX + 1, note_entry, &seen, &fault),
        ERROR_TOO_LARGE);
    assert_int_equal(fault.line, 0);
    assert_true(fault.reason[0] != '\0');
    assert_string_equal(buffer_text(&seen), ".k=v;");
    buffer_free(&seen);
    free(text);
}

static const char *refuse_at_length(
    void *context, const char *section, const char *key, const char *value)
{
    (void)section;
    (void)key;
    (void)value;
    return context;
}

static void test_long_reason_is_cut(void **state)
{
    (void)state;
    char reason[1000];
    struct ini_fault fault;
    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    enum error error =
        ini_text_read("k=v", 3, refuse_at_length, reason, &fault);
    assert_int_equal(error, ERROR_SYNTAX);
    assert_int_equal(strlen(fault.reason), sizeof fault.reason - 1);
}

/* Each is compared with all before it: so many short ones as 64 KiB hold would
 * take seconds. */
static void test_number_of_entries(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    struct buffer seen = BUFFER_EMPTY;
    struct ini_fault fault = {-1, ""};
    for (int i = 1; i <= INI_ENTRIES_MAX; i++)
        buffer_append_format(&text, "k%d=\n", i);
    assert_int_equal(
        read_copy(text.data, text.length, &seen, &fault), ERROR_NONE);
    buffer_append_text(&text, "; a comment\nk=\n");
    expect_refused(text.data, text.length, INI_ENTRIES_MAX + 2, "entries");
    buffer_free(&text);
    buffer_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_refuses_nul),
        cmocka_unit_test(test_stops_at_the_fault),
        cmocka_unit_test(test_longest_line),
        cmocka_unit_test(test_refuses_longer_lines),
        cmocka_unit_test(test_refuses_a_long_comment),
        cmocka_unit_test(test_section_length),
        cmocka_unit_test(test_largest_file),
        cmocka_unit_test(test_long_reason_is_cut),
        cmocka_unit_test(test_number_of_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
