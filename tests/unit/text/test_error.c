/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

enum {
    ERROR_LAST = ERROR_SYSTEM
};

struct errno_case {
    int number;
    enum error error;
};

static const struct errno_case errno_cases[] = {
    {0, ERROR_NONE},
    {ENOMEM, ERROR_MEMORY},
    {EIO, ERROR_IO},
    {ENOSPC, ERROR_FULL},
    {EDQUOT, ERROR_FULL},
    {EROFS, ERROR_READ_ONLY},
    {EACCES, ERROR_DENIED},
    {EPERM, ERROR_DENIED},
    {ENOENT, ERROR_NOT_FOUND},
    {ESTALE, ERROR_SYSTEM},
    {EEXIST, ERROR_EXISTS},
    {ENOTEMPTY, ERROR_EXISTS},
    {ENAMETOOLONG, ERROR_TOO_LARGE},
    {EFBIG, ERROR_FILE_LIMIT},
    {EWOULDBLOCK, ERROR_BUSY},
    {EMFILE, ERROR_DESCRIPTORS},
    {EXDEV, ERROR_ELSEWHERE},
    {ENFILE, ERROR_SYSTEM},
    {EINVAL, ERROR_SYSTEM},
    {-1, ERROR_SYSTEM},
    {99999, ERROR_SYSTEM},
};

static void test_errno(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof errno_cases / sizeof errno_cases[0]; i++) {
        const struct errno_case *row = &errno_cases[i];
        enum error have = error_from_errno(row->number);
        if (have != row->error)
            fail_msg("errno %d: have %d, want %d", row->number, (int)have,
                (int)row->error);
    }
}

/* A new error must be put into one of the two lists on purpose. */
static void test_temporary(void **state)
{
    (void)state;
    static const enum error temporary[] = {ERROR_MEMORY, ERROR_IO, ERROR_FULL,
        ERROR_READ_ONLY, ERROR_DENIED, ERROR_BUSY, ERROR_ELSEWHERE,
        ERROR_SYSTEM};
    static const enum error permanent[] = {ERROR_NONE, ERROR_NOT_FOUND,
        ERROR_EXISTS, ERROR_SYNTAX, ERROR_TYPE, ERROR_RANGE, ERROR_TOO_LARGE,
        ERROR_INCOMPLETE, ERROR_CONFLICT, ERROR_FILE_LIMIT, ERROR_DESCRIPTORS};
    const size_t temporaries = sizeof temporary / sizeof temporary[0];
    const size_t permanents = sizeof permanent / sizeof permanent[0];
    for (size_t i = 0; i < temporaries; i++) {
        if (!error_is_temporary(temporary[i]))
            fail_msg(
                "%s: have permanent, want temporary", error_text(temporary[i]));
    }
    for (size_t i = 0; i < permanents; i++) {
        if (error_is_temporary(permanent[i]))
            fail_msg(
                "%s: have temporary, want permanent", error_text(permanent[i]));
    }
    assert_int_equal(temporaries + permanents, ERROR_LAST + 1);
}

/* What a host forbids every program is told from what is the request's own. */
static void test_limits(void **state)
{
    (void)state;
    for (int i = 0; i <= ERROR_LAST; i++) {
        bool want = i == ERROR_FILE_LIMIT || i == ERROR_DESCRIPTORS;
        assert_int_equal(error_is_limit((enum error)i), want);
    }
}

static void test_texts(void **state)
{
    (void)state;
    for (int i = 0; i <= ERROR_LAST; i++) {
        const char *text = error_text((enum error)i);
        size_t length = strlen(text);
        if (length == 0 || text[length - 1] == '.')
            fail_msg("error %d: '%s' is no phrase", i, text);
        for (int j = 0; j < i; j++) {
            if (strcmp(text, error_text((enum error)j)) == 0)
                fail_msg("errors %d and %d: both '%s'", j, i, text);
        }
    }
}

static void test_unknown_error(void **state)
{
    (void)state;
    const int beyond = ERROR_LAST + 1;
    enum error unknown;
    memcpy(&unknown, &beyond, sizeof unknown); /* a cast must stay within */
    assert_string_equal(error_text(unknown), error_text(ERROR_SYSTEM));
    assert_true(error_is_temporary(unknown));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errno),
        cmocka_unit_test(test_temporary),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_unknown_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
