/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <inttypes.h>
#include <string.h>

struct user_case {
    const char *text;
    enum error error;
    int64_t user;
};

static const struct user_case user_cases[] = {
    {"1", ERROR_NONE, 1},
    {"42", ERROR_NONE, 42},
    {"9223372036854775807", ERROR_NONE, INT64_MAX},
    {"9223372036854775808", ERROR_RANGE, 0},
    {"99999999999999999999", ERROR_RANGE, 0},
    {"", ERROR_SYNTAX, 0},
    {"0", ERROR_SYNTAX, 0},
    {"042", ERROR_SYNTAX, 0},
    {"-1", ERROR_SYNTAX, 0},
    {"+1", ERROR_SYNTAX, 0},
    {" 1", ERROR_SYNTAX, 0},
    {"1 ", ERROR_SYNTAX, 0},
    {"1\n", ERROR_SYNTAX, 0},
    {"1.", ERROR_SYNTAX, 0},
    {"1e3", ERROR_SYNTAX, 0},
    {"..", ERROR_SYNTAX, 0},
    {"4/2", ERROR_SYNTAX, 0},
    {"*", ERROR_SYNTAX, 0},
};

static void test_users(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(user_cases); i++) {
        const struct user_case *row = &user_cases[i];
        int64_t have = 777;
        int64_t want = row->error == ERROR_NONE ? row->user : 777;
        enum error error = user_parse(row->text, &have);
        if (error != row->error || have != want)
            fail_msg("%s: have %" PRId64 ", error %d, want %" PRId64
                     ", error %d",
                row->text, have, (int)error, want, (int)row->error);
    }
}

static void test_paths(void **state)
{
    (void)state;
    char longest[SPOOL_NAME_MAX + 1];
    char too_long[SPOOL_PATH_MAX + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_string_equal(path_of(SPOOL_PENDING).text, "pending");
    assert_string_equal(path_of_user(SPOOL_DONE, 42).text, "done/42");
    assert_string_equal(path_of_user(SPOOL_EXECUTING, INT64_MAX).text,
        "executing/9223372036854775807");
    assert_string_equal(
        path_in_user(SPOOL_INGEST, 7, "a b").text, "ingest/7/a b");
    assert_string_equal(path_in(SPOOL_TMP, "x").text, "tmp/x");
    assert_string_equal(
        path_for_user(SPOOL_INDEX, 42, "queue").text, "index/42.queue");
    struct path path = path_in_user(SPOOL_EXECUTING, INT64_MAX, longest);
    assert_int_equal(
        strlen(path.text), strlen("executing/9223372036854775807/") + 255);
    /* Never cut: that would be another file. */
    assert_string_equal(path_in(SPOOL_TMP, too_long).text, "");
    assert_string_equal(path_in_user(SPOOL_TMP, 1, too_long).text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
