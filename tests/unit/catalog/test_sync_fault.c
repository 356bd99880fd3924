/* SPDX-License-Identifier: MIT */
/* Starting a sync while something goes wrong: there is one at the end, and
 * never two. */
#include "attempt_fixture.h"
#include "sync.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define SELLER                                                                 \
    "{\"user_id\":42,\"vinted_user_id\":77,"                                   \
    "\"updated_at\":\"2024-12-07T10:00:00.000000Z\"}\n"
#define THEN "\"then\":{\"action\":\"get_all_products\",\"task_id\":\"next\"}"

static struct sync told; /* by the last call */

static enum error start(const struct fixture *fixture)
{
    struct config config = fixture_config();
    return sync_start(UNDER(fixture, &config), 7, &told);
}

static void lay_nothing(const struct fixture *fixture)
{
    (void)fixture;
}

static void lay_seller(const struct fixture *fixture)
{
    fixture_put(fixture, "users/42.json", SELLER);
}

static void lay_waiting(const struct fixture *fixture)
{
    lay_seller(fixture);
    fixture_put(fixture, PENDING("get_user_data", "t"),
        "{\"action\":\"get_user_data\"," THEN "}");
    fixture_put(fixture, "pending/42/by hand", "");
}

static void lay_executing(const struct fixture *fixture)
{
    lay_seller(fixture);
    fixture_put(fixture, EXECUTING(PAST, "l1", "get_all_products", "t"),
        "{\"action\":\"get_all_products\",\"params\":{\"user_id\":77}}");
    fixture_put(fixture, "executing/42/by hand", "");
}

static void lay_result(const struct fixture *fixture)
{
    fixture_put(fixture, "ingest/42/20241207T100007.000000Z-t.json",
        "{\"user_id\":42,\"action\":\"get_user_data\",\"params\":{}," THEN
        ",\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T10:00:07.000000Z\","
        "\"result\":{\"user_id\":77}}");
}

static enum error count_task(void *context, const char *name)
{
    size_t *count = context;
    *count += name_is_json(name);
    return ERROR_NONE;
}

static size_t tasks(const struct fixture *fixture)
{
    size_t count = 0;
    spool_each_name(&fixture->spool,
        account_folder(&fixture->account, SPOOL_PENDING), count_task, &count);
    spool_each_name(&fixture->spool,
        account_folder(&fixture->account, SPOOL_EXECUTING), count_task, &count);
    return count;
}

/* A task may be there that nobody was told of; it is what the next call tells
 * of. */
static void check(const struct fixture *fixture, enum error error)
{
    assert_true(tasks(fixture) <= 1);
    if (error == ERROR_NONE) {
        assert_true(told.task_id[0] != '\0');
        assert_int_equal(tasks(fixture), 1);
    }
}

/* It waits, or, where a lease could not be ended, it is handed out still. */
static void finish(const struct fixture *fixture)
{
    char first[ID_LENGTH_MAX + 16];
    char again[ID_LENGTH_MAX + 16];
    check(fixture, ERROR_NONE);
    snprintf(first, sizeof first, "-%s.json", told.task_id);
    snprintf(again, sizeof again, "-%s.r1.json", told.task_id);
    assert_true(fixture_find(fixture, "pending/42", first) != NULL ||
                fixture_find(fixture, "pending/42", again) != NULL ||
                fixture_find(fixture, "executing/42", first) != NULL);
}

/* A folder that is said not to be there holds no sync. */
static const struct attempt attempts[] = {
    {"an unknown seller", lay_nothing, start, check, finish, ATTEMPT_TRUSTING},
    {"a known seller", lay_seller, start, check, finish, ATTEMPT_TRUSTING},
    {"one that waits", lay_waiting, start, check, finish, ATTEMPT_TRUSTING},
    {"one that is overdue", lay_executing, start, check, finish,
        ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"one whose result is in", lay_result, start, check, finish,
        ATTEMPT_TRUSTING},
};

static void test_faults(void **state)
{
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        attempt_each_fault(*state, &attempts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_faults),
    };
    return cmocka_run_group_tests_name("sync_fault", tests, NULL, NULL);
}
