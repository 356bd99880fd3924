/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "claim.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "name.h"
#include "path.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum error claim(
    const struct fixture *fixture, const char *receive_id, struct claim *out)
{
    struct config config = fixture_config();
    return claim_next(UNDER(fixture, &config), receive_id, out);
}

static void test_nothing_to_do(void **state)
{
    fixture_claim(*state, "", NULL);
    fixture_claim(*state, "receive1", NULL);
    fixture_expect_tree(*state, "");
}

static void test_one_task(void **state)
{
    const struct fixture *fixture = *state;
    struct claim next;
    fixture_put(fixture, PENDING("a", "t"),
        "{\"action\":\"a\",\"params\":{\"x\":[1]},\"timeout\":7}");
    int64_t before = clock_now();
    assert_int_equal(claim(fixture, "", &next), ERROR_NONE);
    assert_int_equal(next.task.user, 42);
    assert_int_equal(next.task.timeout, 7);
    assert_true(next.lease.deadline >= before + (7 * clock_second));
    assert_true(next.lease.deadline <= clock_now() + (7 * clock_second));
    assert_true(next.task.claimed >= before);
    assert_true(lease_is_valid(next.lease.lease, strlen(next.lease.lease)));
    struct name name = name_format_executing(&next.lease);
    task_free(&next.task);
    fixture_expect_tree(fixture, "executing/42/*-998-" CREATED "-a-t.json\n");
    assert_true(file_exists(fixture->spool.directory,
        path_in_user(SPOOL_EXECUTING, 42, name.text).text));
    fixture_claim(fixture, "", NULL);
}

/* The mtime of an executing file says since when it is at work. */
static void test_start_is_noted(void **state)
{
    const struct fixture *fixture = *state;
    struct claim next;
    struct stat status;
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    fixture_age(fixture, PENDING("a", "t"), 5000);
    time_t before = (time_t)(clock_now() / clock_second) - 1;
    assert_int_equal(claim(fixture, "", &next), ERROR_NONE);
    struct name name = name_format_executing(&next.lease);
    task_free(&next.task);
    struct path path = path_in_user(SPOOL_EXECUTING, 42, name.text);
    assert_int_equal(
        fstatat(fixture->spool.directory, path.text, &status, 0), 0);
    assert_true(status.st_mtim.tv_sec >= before);
}

static void test_order(void **state)
{
    fixture_put(*state, PENDING("a", "second"), DROP("a"));
    fixture_put(*state, "pending/42/000-20250101T000000.000000Z-a-first.json",
        DROP("a"));
    fixture_put(*state, PENDING("b", "third"), DROP("b"));
    fixture_claim(*state, "", "first");
    fixture_claim(*state, "", "second");
    fixture_claim(*state, "", "third");
    fixture_claim(*state, "", NULL);
}

struct again_case {
    const char *first;
    const char *second;
    bool same; /* whether the second poll gets the first's task */
};

static const struct again_case again_cases[] = {
    {"receive1", "receive1", true},
    {"receive1", "receive2", false},
    {"receive1", "", false},
    {"", "receive1", false},
    {"", "", false},
};

static void test_receive_id(void **state)
{
    for (size_t i = 0; i < COUNT_OF(again_cases); i++) {
        const struct fixture *fixture = *state;
        const struct again_case *row = &again_cases[i];
        fixture_put(fixture, PENDING("a", "t1"), DROP("a"));
        fixture_put(fixture, PENDING("a", "t2"), DROP("a"));
        fixture_claim(fixture, row->first, "t1");
        fixture_claim(fixture, row->second, row->same ? "t1" : "t2");
        assert_int_equal(
            fixture_count(fixture, "executing/42"), row->same ? 1 : 2);
        if (row->first[0] != '\0')
            fixture_expect_tree(fixture,
                row->same ? "executing/42/*-receive1-*-t1.json\n" PENDING(
                                "a", "t2") "\n"
                          : "executing/42/*\nexecuting/42/*\n");
        fixture_renew(*state);
    }
}

/* Its plugin tells of progress while the poll comes once more: where the poll
 * opens its entry, that has another name. */
struct renewals {
    const struct fixture *fixture;
    int left;
};

static void renew(void *context)
{
    struct renewals *renewals = context;
    struct task_place place = {.state = TASK_EXECUTING};
    if (renewals->left == 0)
        return;
    renewals->left--;
    const char *name =
        fixture_find(renewals->fixture, "executing/42", "-t1.json");
    assert_int_equal(name_parse_executing(name, &place.lease), ERROR_NONE);
    place.path = path_in_user(SPOOL_EXECUTING, 42, name);
    assert_int_equal(
        lease_renew(&renewals->fixture->account, &place, 600), ERROR_NONE);
}

static void test_receive_id_of_a_renewed_task(void **state)
{
    const struct fixture *fixture = *state;
    struct renewals renewals = {fixture, 8};
    fixture_put(fixture, PENDING("a", "t1"), DROP("a"));
    fixture_put(fixture, PENDING("a", "t2"), DROP("a"));
    fixture_claim(fixture, "receive1", "t1");
    fault_set_meanwhile(FAULT_OPEN, renew, &renewals);
    fixture_claim(fixture, "receive1", "t1");
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(fixture_count(fixture, "executing/42"), 1);
}

/* It is the task's lease, not its user's for ever. */
static void test_receive_id_after_the_result(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "t1"), DROP("a"));
    fixture_claim(fixture, "receive1", "t1");
    file_remove(fixture->spool.directory,
        path_in_user(SPOOL_EXECUTING, 42,
            fixture_find(fixture, "executing/42", "-t1.json"))
            .text);
    fixture_claim(fixture, "receive1", NULL);
    fixture_put(fixture, PENDING("a", "t2"), DROP("a"));
    fixture_claim(fixture, "receive1", "t2");
}

/* Who took the result died before the entry was cleared. */
static void test_receive_id_of_a_done_task(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "receive1", "create_product", "t1"),
        DROP("create_product"));
    fixture_put(*state, COMPLETED("t1"), "the record");
    fixture_put(*state, PENDING("a", "t2"), DROP("a"));
    fixture_claim(*state, "receive1", "t2");
    fixture_expect_tree(
        *state, COMPLETED("t1") "\nexecuting/42/*-receive1-*-t2.json\n");
}

/* A poll settles what is overdue, and routes what was dropped. */
/* It is handed out again also where somebody has removed pending/42. */
static void test_receive_id_without_a_queue(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "receive1", "create_product", "t1"),
        DROP("create_product"));
    fixture_claim(*state, "receive1", "t1");
}

/* More of them than a poll settles, so that some are left to be found. */
static void test_receive_id_of_an_overdue_task(void **state)
{
    const struct fixture *fixture = *state;
    for (int i = 0; i <= LEASES_PER_POLL; i++) {
        char path[200];
        snprintf(path, sizeof path,
            EXECUTING(PAST, "receive1", "create_product", "t%d"), i);
        fixture_put(fixture, path, DROP("create_product"));
    }
    fixture_put(fixture, PENDING("a", "next"), DROP("a"));
    fixture_claim(fixture, "receive1", "next");
}

static void test_settles_and_routes_first(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct claim next;
    fixture_put(fixture, EXECUTING(PAST, "l1", "get_stats", "again"),
        DROP("get_stats"));
    fixture_put(fixture, "pending/anything.json",
        "{\"user_id\":42,\"action\":\"a\",\"task_id\":\"top\"}");
    fixture_put(fixture, "pending/other.json",
        "{\"user_id\":43,\"action\":\"a\",\"task_id\":\"other\"}");
    assert_int_equal(
        claim_next(UNDER(fixture, &config), "", &next), ERROR_NONE);
    assert_string_equal(next.task.name.id, "again");
    assert_int_equal(next.task.name.generation, 1);
    task_free(&next.task);
    fixture_claim(fixture, "", "top");
    fixture_claim(fixture, "", NULL);
    fixture_expect_tree(fixture,
        "executing/42/*\nexecuting/42/*\npending/43/998-*-a-other.json\n"
        "progress/42/998-*-get_stats-again.r1.leases\n");
}

static void test_users_are_apart(void **state)
{
    fixture_put(*state, "pending/43/" QUEUED("a", "t"), DROP("a"));
    fixture_put(*state, "pending/4/" QUEUED("a", "t"), DROP("a"));
    fixture_put(*state, "executing/43/" FUTURE "-receive1-" QUEUED("a", "u"),
        DROP("a"));
    fixture_claim(*state, "", NULL);
    fixture_claim(*state, "receive1", NULL);
}

/* Its place in executing/ may have to be made first. */
static void test_no_folders(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(
        fixture, PENDING("create_product", "t"), DROP("create_product"));
    unlinkat(directory, "executing", AT_REMOVEDIR);
    unlinkat(directory, "index", AT_REMOVEDIR);
    unlinkat(directory, "tmp", AT_REMOVEDIR);
    fixture_claim(fixture, "receive1", "t");
    fixture_expect_tree(
        fixture, "executing/42/*-receive1-998-*-create_product-t.json\n");
}

/* Where nothing can be claimed, the task stays. */
static void test_no_place_in_executing(void **state)
{
    const struct fixture *fixture = *state;
    struct claim next;
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    fixture_put(fixture, "executing/42", "a file where a folder should be");
    enum error error = claim(fixture, "", &next);
    assert_int_not_equal(error, ERROR_NONE);
    assert_int_not_equal(error, ERROR_NOT_FOUND);
    fixture_expect_tree(fixture, "executing/42\n" PENDING("a", "t") "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_nothing_to_do),
        IN_SPOOL(test_one_task),
        IN_SPOOL(test_start_is_noted),
        IN_SPOOL(test_order),
        IN_SPOOL(test_receive_id),
        IN_SPOOL(test_receive_id_of_a_renewed_task),
        IN_SPOOL(test_receive_id_after_the_result),
        IN_SPOOL(test_receive_id_of_a_done_task),
        IN_SPOOL(test_receive_id_without_a_queue),
        IN_SPOOL(test_receive_id_of_an_overdue_task),
        IN_SPOOL(test_settles_and_routes_first),
        IN_SPOOL(test_users_are_apart),
        IN_SPOOL(test_no_folders),
        IN_SPOOL(test_no_place_in_executing),
    };
    return cmocka_run_group_tests_name("claim", tests, NULL, NULL);
}
