/* SPDX-License-Identifier: MIT */
#include "environment.h"
#include "unit.h"

#include <stdlib.h>

static char path[] = "PATH=/bin";
static char empty[] = "EMPTY=";
static char path_info[] = "PATH_INFO=/a=b";
static char noise[] = "noise";
static char second[] = "PATH=later";
static char *const some[] = {path, empty, path_info, noise, second, NULL};
static char *const none[] = {NULL};

static void test_value(void **state)
{
    (void)state;
    assert_string_equal(environment_get(some, "PATH"), "/bin");
    assert_string_equal(environment_get(some, "PATH_INFO"), "/a=b");
    assert_string_equal(environment_text(some, "PATH_INFO"), "/a=b");
    assert_string_equal(environment_get(some, "EMPTY"), "");
}

/* Neither the beginning of a name nor a string without "=" is one. */
static void test_not_set(void **state)
{
    (void)state;
    static const char *const names[] = {"PAT", "PATH_INF", "noise", "x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_null(environment_get(some, names[i]));
        assert_null(environment_get(none, names[i]));
        assert_string_equal(environment_text(some, names[i]), "");
    }
}

static void test_own(void **state)
{
    (void)state;
    setenv("STOFLOW_TEST", "x", 1);
    assert_string_equal(
        environment_get(environment_own(), "STOFLOW_TEST"), "x");
    unsetenv("STOFLOW_TEST");
    assert_null(environment_get(environment_own(), "STOFLOW_TEST"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_not_set),
        cmocka_unit_test(test_own),
    };
    return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
