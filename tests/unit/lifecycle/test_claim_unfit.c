/* SPDX-License-Identifier: MIT */
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct unfit_case {
    const char *what;
    const char *text;
    const char *why; /* a word of the reason */
};

static const struct unfit_case unfit_cases[] = {
    {"empty", "", "not JSON"},
    {"cut", "{\"action\":\"a\"", "not JSON"},
    {"array", "[]", "not an object"},
    {"no action", "{}", "action"},
    {"another action", "{\"action\":\"b\"}", "action"},
    {"another ID", "{\"action\":\"a\",\"task_id\":\"u\"}", "task_id"},
    {"another user", "{\"action\":\"a\",\"user_id\":43}", "user_id"},
    {"wrong type", "{\"action\":\"a\",\"params\":[]}", "params"},
    {"out of range", "{\"action\":\"a\",\"timeout\":0}", "timeout"},
};

/* Set aside with the reason, and the next in turn is handed out. */
static void test_what_is_no_task(void **state)
{
    for (size_t i = 0; i < COUNT_OF(unfit_cases); i++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, PENDING("a", "t"), unfit_cases[i].text);
        fixture_put(fixture, PENDING("a", "u"), DROP("a"));
        fixture_claim(fixture, "", "u");
        fixture_expect_tree(
            fixture, "executing/42/*-u.json\nrejected/" QUEUED(
                         "a", "t") "\nrejected/" QUEUED("a", "t") ".why\n");
        char *why = fixture_get(fixture, "rejected/" QUEUED("a", "t") ".why");
        if (strstr(why, unfit_cases[i].why) == NULL)
            fail_msg("%s: have %s", unfit_cases[i].what, why);
        free(why);
        fixture_renew(*state);
    }
}

static void test_things_that_are_no_files(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    fixture_put(fixture, "log/secret", DROP("a"));
    assert_int_equal(mkfifoat(directory, PENDING("a", "f"), 0600), 0);
    assert_int_equal(mkdirat(directory, PENDING("a", "g"), 0700), 0);
    assert_int_equal(
        symlinkat("../../log/secret", directory, PENDING("a", "h")), 0);
    fixture_claim(fixture, "", "u");
    fixture_claim(fixture, "", NULL);
    assert_int_equal(fixture_count(fixture, "rejected"), 6);
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
}

/* Entries that a crash or a hand left: done stands before executing before
 * pending. */
static void test_done_already(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fixture_put(*state, COMPLETED("t"), "{}");
    fixture_claim(*state, "", NULL);
    fixture_expect_tree(*state, COMPLETED("t") "\n");
    fixture_put(*state, PENDING("a", "v"), DROP("a"));
    fixture_put(*state, FAILED("v"), "{}");
    fixture_claim(*state, "receive1", NULL);
    fixture_expect_tree(*state, COMPLETED("t") "\n" FAILED("v") "\n");
}

static void test_executing_already(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), DROP("a"));
    fixture_put(*state, PENDING("a", "u"), DROP("a"));
    fixture_claim(*state, "", "u");
    fixture_claim(*state, "", NULL);
    assert_int_equal(fixture_count(*state, "executing/42"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_what_is_no_task),
        IN_SPOOL(test_things_that_are_no_files),
        IN_SPOOL(test_done_already),
        IN_SPOOL(test_executing_already),
    };
    return cmocka_run_group_tests_name("claim_unfit", tests, NULL, NULL);
}
