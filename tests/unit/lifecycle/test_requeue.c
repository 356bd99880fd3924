/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "cancel_mark.h"
#include "clock.h"
#include "config.h"
#include "draft.h"
#include "error.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "requeue.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define BACK "pending/42/998-" CREATED "-get_stats-t.r1.json"
#define NOTE "progress/42/998-" CREATED "-get_stats-t.r1.leases"

static struct lease_name parsed(const char *path)
{
    struct lease_name lease;
    assert_int_equal(
        name_parse_executing(strrchr(path, '/') + 1, &lease), ERROR_NONE);
    return lease;
}

static enum error take_back(const struct fixture *fixture, int64_t *due)
{
    struct config config = fixture_config();
    struct lease_name lease = parsed(RUNNING);
    struct path entry = {RUNNING};
    return due == NULL
               ? requeue_now(UNDER(fixture, &config), entry, &lease)
               : requeue_later(UNDER(fixture, &config), entry, &lease, due);
}

static void test_now(void **state)
{
    fixture_put(*state, RUNNING, DROP("get_stats"));
    assert_int_equal(take_back(*state, NULL), ERROR_NONE);
    fixture_expect_tree(*state, BACK "\n" NOTE "\n");
    /* It has been done already. */
    assert_int_equal(take_back(*state, NULL), ERROR_NONE);
    fixture_expect_tree(*state, BACK "\n" NOTE "\n");
    assert_int_equal(
        file_remove(((const struct fixture *)*state)->spool.directory, BACK),
        ERROR_NONE);
    assert_int_equal(take_back(*state, NULL), ERROR_NOT_FOUND);
}

/* A person has removed the empty folder, and who made it again has died. */
static void test_folder_made_by_the_dead(void **state)
{
    struct stat status;
    int directory = ((const struct fixture *)*state)->spool.directory;
    fixture_put(*state, RUNNING, DROP("get_stats"));
    assert_int_equal(mkdirat(directory, "pending/42", 0700), 0);
    assert_int_equal(fchmodat(directory, "pending/42", 01700, 0), 0);
    assert_int_equal(take_back(*state, NULL), ERROR_NONE);
    assert_int_equal(fstatat(directory, "pending/42", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
}

static void test_later(void **state)
{
    int64_t due;
    struct task_place place;
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("get_stats"));
    int64_t before = clock_now();
    assert_int_equal(take_back(fixture, &due), ERROR_NONE);
    assert_true(due >= before + (15 * clock_second));
    assert_true(due <= clock_now() + (30 * clock_second));
    assert_int_equal(find_pending(&fixture->account, "t", &place), ERROR_NONE);
    assert_int_equal(place.lease.task.created, due);
    assert_int_equal(place.lease.task.generation, 1);
    assert_int_equal(place.lease.task.priority, 1);
    assert_int_equal(take_back(fixture, &due), ERROR_NOT_FOUND);
}

/* Marked after the look before the rename: it must not stay in the queue. */
static void test_marked_meanwhile(void **state)
{
    int64_t due;
    const struct fixture *fixture = *state;
    for (int later = 0; later < 2; later++) {
        fixture_put(fixture, RUNNING, DROP("get_stats"));
        assert_int_equal(cancel_mark_make(&fixture->account, "t"), ERROR_NONE);
        assert_int_equal(take_back(fixture, later ? &due : NULL), ERROR_NONE);
        fixture_expect_tree(fixture, FAILED("t") "\n");
        fixture_expect_member(
            fixture, FAILED("t"), "declared", "\"cancelled\"");
        assert_int_equal(unlinkat(fixture->spool.directory, FAILED("t"), 0), 0);
    }
}

static void test_done_meanwhile(void **state)
{
    int64_t due;
    fixture_put(*state, RUNNING, DROP("get_stats"));
    fixture_put(*state, COMPLETED("t"), "the record");
    assert_int_equal(take_back(*state, &due), ERROR_EXISTS);
    fixture_expect_tree(*state, COMPLETED("t") "\n");
}

struct delay_case {
    struct retry_rules rules;
    int generation;
    int seconds;
};

static const struct delay_case delay_cases[] = {
    {{30, 3600, 8}, 0, 30},
    {{30, 3600, 8}, 1, 60},
    {{30, 3600, 8}, 6, 1920},
    {{30, 3600, 8}, 7, 3600},
    {{30, 3600, 8}, GENERATION_MAX, 3600},
    {{30, 20, 8}, 0, 20},
    {{1, 1, 8}, 3, 1},
    {{86400, 86400, 8}, GENERATION_MAX, 86400},
};

/* Never less than half, never more than the whole, and spread over it. */
static void test_delay(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(delay_cases); i++) {
        const struct delay_case *row = &delay_cases[i];
        int64_t whole = row->seconds * clock_second;
        int64_t least = whole;
        int64_t most = 0;
        for (int n = 0; n < 1000; n++) {
            int64_t delay = requeue_delay(&row->rules, row->generation);
            least = delay < least ? delay : least;
            most = delay > most ? delay : most;
        }
        if (least < whole / 2 || most > whole ||
            least > (whole / 2) + (whole / 20) || most < whole - (whole / 20))
            fail_msg("row %zu: have %lld to %lld", i, (long long)least,
                (long long)most);
    }
}

struct worth_case {
    const char *action;
    int retries;
    const char *text;
    bool worth;
};

static const struct worth_case worth_cases[] = {
    {"get_stats", UNSET, "No tab is open", true},
    {"create_product", UNSET, "No tab is open", true},
    {"create_product", 5, "No tab is open", true},
    {"create_product", 0, "No tab is open", false},
    {"get_stats", UNSET, "session expired", true},
    {"create_product", UNSET, "session expired", false},
    {"unheard_of", UNSET, "session expired", false},
    {"get_stats", UNSET, "the title is too long", false},
    {"get_stats", UNSET, "", false},
};

static void test_worth(void **state)
{
    (void)state;
    struct config config = fixture_config();
    for (size_t i = 0; i < COUNT_OF(worth_cases); i++) {
        const struct worth_case *row = &worth_cases[i];
        struct task task = {.user = 42};
        draft_init(&task.draft);
        snprintf(task.name.action, sizeof task.name.action, "%s", row->action);
        task.draft.retries = row->retries;
        if (requeue_is_worth(&(struct account){NULL, &config, 0}, &task,
                row->text, strlen(row->text)) != row->worth)
            fail_msg("%s, %s: want %d", row->action, row->text, row->worth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_now),
        IN_SPOOL(test_folder_made_by_the_dead),
        IN_SPOOL(test_later),
        IN_SPOOL(test_marked_meanwhile),
        IN_SPOOL(test_done_meanwhile),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_worth),
    };
    return cmocka_run_group_tests_name("requeue", tests, NULL, NULL);
}
