/* SPDX-License-Identifier: MIT */
#include "task_fixture.h"
#include "unit.h"
#include "unknown.h"

#include <string.h>

static const char *const good[] = {
    CREATED "-new-t.json",
    CREATED "-missing-0123.json",
    CREATED "-asked-a-b_c.json",
};

/* Names that are none of ours. */
static const char *const bad[] = {
    "",
    "README",
    CREATED,
    CREATED ".json",
    CREATED "-",
    CREATED "-new",
    CREATED "-new.json",
    CREATED "-new-.json",
    CREATED "-new-t",
    CREATED "-new-t.txt",
    CREATED "-new-t.json.txt",
    CREATED "-ne-t.json",
    CREATED "-news-t.json",
    CREATED "-old-t.json",
    CREATED "xnew-t.json",
    "20241307T100000.000000Z-new-t.json",
    "20241207-new-t.json and as long as a stamp",
};

static void test_names(void **state)
{
    const struct fixture *fixture = *state;
    struct unknown_name name;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(unknown_parse(good[i], &name), ERROR_NONE);
        struct path path = unknown_path(&fixture->account, &name);
        assert_string_equal(path.text + strlen("unknown/42/"), good[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (unknown_parse(bad[i], &name) != ERROR_SYNTAX)
            fail_msg("%s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_names),
    };
    return cmocka_run_group_tests_name("unknown", tests, NULL, NULL);
}
