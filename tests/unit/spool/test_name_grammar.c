/* SPDX-License-Identifier: MIT */
#include "name.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

typedef bool grammar(const char *text, size_t length);

struct alphabet {
    const char *name;
    grammar *is_valid;
    const char *allowed;
    size_t least;
    size_t most;
};

#define DIGITS "0123456789"
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct alphabet alphabets[] = {
    {"action", action_is_valid, DIGITS SMALL "_", 1, 50},
    {"id", id_is_valid, DIGITS SMALL CAPITAL "_-", 1, 64},
    {"lease", lease_is_valid, DIGITS SMALL, 1, 32},
    {"receive_id", receive_id_is_valid, DIGITS SMALL, 8, 32},
};

/* From memory of exactly that size, so that sanitizers see more being read. */
static bool is_valid(grammar *check, const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy + 1, text, length);
    bool valid = check(copy + 1, length);
    free(copy);
    return valid;
}

/* At the place `at` of a text of `length`, all else being an a. */
static void expect_byte(
    const struct alphabet *row, int byte, size_t at, size_t length)
{
    char text[64];
    bool want = byte != 0 && strchr(row->allowed, byte) != NULL;
    memset(text, 'a', sizeof text);
    text[at] = (char)byte;
    if (is_valid(row->is_valid, text, length) != want)
        fail_msg("%s of %zu: byte %02X at %zu: have %d, want %d", row->name,
            length, (unsigned)byte, at, !want, want);
}

/* Each byte there is, at each place of a text of the least length, and at the
 * end of one of the most. */
static void test_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        const struct alphabet *row = &alphabets[i];
        for (int byte = 0; byte < 256; byte++) {
            for (size_t at = 0; at < row->least; at++)
                expect_byte(row, byte, at, row->least);
            expect_byte(row, byte, row->most - 1, row->most);
        }
    }
}

static void test_every_length(void **state)
{
    (void)state;
    char text[70];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        const struct alphabet *row = &alphabets[i];
        for (size_t length = 0; length <= sizeof text; length++) {
            bool want = length >= row->least && length <= row->most;
            if (is_valid(row->is_valid, text, length) != want)
                fail_msg("%s of %zu: have %d, want %d", row->name, length,
                    !want, want);
        }
    }
}

struct file_case {
    const char *name;
    bool want;
};

static const struct file_case file_cases[] = {
    {"a.json", true},
    {"998-x.json", true},
    {"a.json.json", true},
    {"new\nline.json", true},
    {"-rf.json", true},
    {"\xFF\xFE.json", true},
    {"..json.json", false},
    {"..json", false},
    {".json", false},
    {".a.json", false},
    {".a.json.swp", false},
    {"json", false},
    {"ajson", false},
    {"a.jso", false},
    {"a.json~", false},
    {"a.json.part", false},
    {"a.Json", false},
    {"a.json ", false},
    {"a.json\n", false},
    {"", false},
    {".", false},
    {"..", false},
    {"#a.json#", false},
};

static void test_files_that_may_be_tasks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof file_cases / sizeof file_cases[0]; i++) {
        bool have = name_is_json(file_cases[i].name);
        if (have != file_cases[i].want)
            fail_msg("%s: have %d, want %d", file_cases[i].name, have,
                file_cases[i].want);
    }
}

/* What no poll can have. */
static void test_leases_of_withdrawals(void **state)
{
    (void)state;
    static const char *const words[] = {"expired", "cancel"};
    for (size_t i = 0; i < 2; i++) {
        assert_true(lease_is_withdrawal(words[i]));
        assert_true(lease_is_valid(words[i], strlen(words[i])));
        assert_false(receive_id_is_valid(words[i], strlen(words[i])));
    }
    assert_false(lease_is_withdrawal(""));
    assert_false(lease_is_withdrawal("cancelled"));
    assert_false(lease_is_withdrawal("c31a782ab5e5f69c4b03"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_leases_of_withdrawals),
        cmocka_unit_test(test_files_that_may_be_tasks),
    };
    return cmocka_run_group_tests_name("name_grammar", tests, NULL, NULL);
}
