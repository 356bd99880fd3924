/* SPDX-License-Identifier: MIT */
#include "claim.h"
#include "clock.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
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

static const struct unfit_case husks[] = {
    {"empty", "", "nobody was told"},
    {"cut", "{\"action\":\"a\"", "nobody was told"},
};

/* What a loss of power has left of a create, or a person copies just now. */
static void test_husks(void **state)
{
    for (size_t i = 0; i < COUNT_OF(husks); i++) {
        const struct fixture *fixture = *state;
        struct claim claim;
        struct config config = fixture_config();
        config.settle = 0;
        fixture_put(fixture, PENDING("a", "t"), husks[i].text);
        fixture_claim(fixture, "", NULL);
        fixture_expect_tree(fixture, PENDING("a", "t") "\n");
        assert_int_equal(
            claim_next(UNDER(fixture, &config), "", &claim), ERROR_NOT_FOUND);
        fixture_expect_tree(
            fixture, "rejected/" QUEUED("a", "t") "\nrejected/" QUEUED(
                         "a", "t") ".why\n");
        char *why = fixture_get(fixture, "rejected/" QUEUED("a", "t") ".why");
        if (strstr(why, husks[i].why) == NULL)
            fail_msg("%s: have %s", husks[i].what, why);
        free(why);
        fixture_renew(*state);
    }
}

/* It may be created anew under the same name: by who holds its ID. */
static void test_held_husk(void **state)
{
    const struct fixture *fixture = *state;
    struct claim claim;
    struct config config = fixture_config();
    config.settle = 0;
    fixture_put(fixture, PENDING("a", "t"), "");
    fixture_put(fixture, "tmp/42-t.hold", "");
    assert_int_equal(
        claim_next(UNDER(fixture, &config), "", &claim), ERROR_NOT_FOUND);
    fixture_expect_tree(fixture, PENDING("a", "t") "\ntmp/42-t.hold\n");
}

/* The claim of one that nobody was told of, which came back without it. */
static void test_husk_of_a_claim(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_name lease = {.deadline = clock_now() + (60 * clock_second),
        .lease = "receive1",
        .task = {.action = "a", .id = "t"}};
    struct path entry =
        path_in_user(SPOOL_EXECUTING, 42, name_format_executing(&lease).text);
    fixture_put(fixture, entry.text, "{");
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    fixture_claim(fixture, "receive1", "u");
    assert_int_equal(fixture_count(fixture, "rejected"), 2);
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

/* As power loss may show the file of a task that has been put off: by the name
 * that its next try has, and by one before. */
static void test_earlier_try(void **state)
{
    static const char later[] =
        "pending/42/998-20990101T000000.000000Z-create_product-t.r1.json";
    static const char *const other[] = {
        later, "pending/42/998-" CREATED "-create_product-u.r1.json"};
    for (size_t i = 0; i < COUNT_OF(other); i++) {
        const struct fixture *fixture = *state;
        fixture_put(
            fixture, PENDING("create_product", "t"), DROP("create_product"));
        assert_int_equal(file_link(fixture->spool.directory,
                             PENDING("create_product", "t"), other[i]),
            ERROR_NONE);
        fixture_claim(fixture, "", i == 0 ? NULL : "t");
        assert_int_equal(fixture_count(fixture, "executing/42"), i);
        assert_int_equal(fixture_count(fixture, "pending/42"), 1);
        fixture_expect(fixture, other[i], DROP("create_product"));
        fixture_renew(*state);
    }
}

#define CAME_BACK "pending/42/998-" CREATED "-get_stats-t.r1.json"
#define MARK "progress/42/t.cancel"

/* Whoever has taken it back from its plugin did not heed the mark, or could
 * not. */
static void test_to_be_cancelled(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, CAME_BACK, DROP("get_stats"));
    fixture_put(fixture, MARK, "");
    fixture_put(fixture, PENDING("x", "u"), DROP("x"));
    fixture_claim(fixture, "", "u");
    fixture_expect_tree(fixture, FAILED("t") "\nexecuting/42/*-u.json\n");
    fixture_expect_member(fixture, FAILED("t"), "declared", "\"cancelled\"");
}

/* Nobody is handed what may have to end. */
static void test_cannot_tell_of_mark(void **state)
{
    const struct fixture *fixture = *state;
    struct claim claim;
    for (unsigned which = 1;; which++) {
        fixture_put(fixture, CAME_BACK, DROP("get_stats"));
        fixture_put(fixture, MARK, "");
        fault_set(FAULT_STATUS, which, EACCES);
        enum error error = claim_next(&fixture->account, "", &claim);
        bool met = fault_clear();
        print_message("# call %u: %d\n", which, (int)error);
        assert_int_not_equal(error, ERROR_NONE);
        if (!met)
            break;
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_what_is_no_task),
        IN_SPOOL(test_husks),
        IN_SPOOL(test_held_husk),
        IN_SPOOL(test_husk_of_a_claim),
        IN_SPOOL(test_things_that_are_no_files),
        IN_SPOOL(test_done_already),
        IN_SPOOL(test_executing_already),
        IN_SPOOL(test_earlier_try),
        IN_SPOOL(test_to_be_cancelled),
        IN_SPOOL(test_cannot_tell_of_mark),
    };
    return cmocka_run_group_tests_name("claim_unfit", tests, NULL, NULL);
}
