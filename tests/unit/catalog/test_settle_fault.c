/* SPDX-License-Identifier: MIT */
/* Settling what is unknown while something goes wrong: in the end it is settled
 * as it should be, and never otherwise on the way. */
#include "attempt_fixture.h"
#include "file.h"
#include "ingest.h"
#include "settle_ask.h"
#include "settle_word.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELLER                                                                 \
    "{\"user_id\":42,\"vinted_user_id\":77,"                                   \
    "\"updated_at\":\"2024-12-07T10:00:00.000000Z\"}\n"
#define ENTRY(state) "unknown/42/20241207T100100.000000Z-" state "-t.json"
#define INGEST "ingest/42/20241207T110010.000000Z-l.json"
#define LISTED(items, total)                                                   \
    "{\"task_id\":\"l\",\"user_id\":42,\"action\":\"get_all_products\","       \
    "\"params\":{\"user_id\":77},\"status\":\"completed\","                    \
    "\"created_at\":\"2024-12-07T11:00:00.000000Z\","                          \
    "\"started_at\":\"2024-12-07T11:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T11:00:10.000000Z\","                        \
    "\"account\":{\"id\":77},\"attempts\":1,"                                  \
    "\"result\":{\"products\":[" items "],\"total\":" total "}}"
#define OTHER "{\"id\":5,\"title\":\"Jean\",\"price\":\"9.00\"}"
#define OURS                                                                   \
    "{\"id\":9,\"title\":\"Robe\",\"price\":\"7.00\","                         \
    "\"photos\":[{\"id\":3}]}"

static void lay(const struct fixture *fixture, const char *entry)
{
    static const char record[] =
        "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"create_product\","
        "\"params\":{\"title\":\"Robe\",\"price\":\"7.00\","
        "\"assigned_photos\":[{\"id\":3}]},\"priority\":1,\"timeout\":60,"
        "\"created_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"status\":\"failed\",\"error\":\"?\",\"outcome\":\"unknown\","
        "\"started_at\":\"2024-12-07T10:00:10.000000Z\","
        "\"completed_at\":\"2024-12-07T10:01:00.000000Z\","
        "\"executed_at\":null,\"execution_time_ms\":null,\"attempts\":1,"
        "\"leases\":[\"l1\"],\"result\":null}";
    int directory = fixture->spool.directory;
    fixture_put(fixture, FAILED("t"), record);
    fixture_put(fixture, entry, "");
    assert_int_equal(unlinkat(directory, entry, 0), 0);
    assert_int_equal(linkat(directory, FAILED("t"), directory, entry, 0), 0);
    fixture_put(fixture, "users/42.json", SELLER);
}

static void lay_found(const struct fixture *fixture)
{
    lay(fixture, ENTRY("new"));
    fixture_put(fixture, INGEST, LISTED(OTHER "," OURS, "2"));
}

static void lay_missing(const struct fixture *fixture)
{
    lay(fixture, ENTRY("missing"));
    fixture_put(fixture, INGEST, LISTED(OTHER, "1"));
}

static void lay_first(const struct fixture *fixture)
{
    lay(fixture, ENTRY("new"));
    fixture_put(fixture, INGEST, LISTED(OTHER, "1"));
}

static void lay_partial(const struct fixture *fixture)
{
    lay(fixture, ENTRY("new"));
    fixture_put(fixture, INGEST, LISTED(OTHER, "3"));
}

static void lay_new(const struct fixture *fixture)
{
    lay(fixture, ENTRY("new"));
}

static enum error ask(const struct fixture *fixture)
{
    struct config config = fixture_config();
    settle_ask(UNDER(fixture, &config));
    return ERROR_NONE;
}

/* Its list has come to nothing. */
static void lay_ended(const struct fixture *fixture)
{
    char path[200];
    lay(fixture, ENTRY("new"));
    ask(fixture);
    const char *name = fixture_find(fixture, "pending/42", ".json");
    assert_non_null(name);
    snprintf(path, sizeof path, "done/42/%.39s.failed.json",
        strstr(name, "settle-"));
    fixture_put(fixture, path, "{}");
    snprintf(path, sizeof path, "pending/42/%s", name);
    assert_int_equal(file_remove(fixture->spool.directory, path), ERROR_NONE);
}

static enum error take_in(const struct fixture *fixture)
{
    unsigned taken;
    struct config config = fixture_config();
    return ingest_user(UNDER(fixture, &config), 100, &taken);
}

#define BESIDE EXECUTING(FUTURE, "l1", "create_product", "u")

/* Another task has made what the list shows, and has told of it. */
static void tell_beside(const struct fixture *fixture)
{
    fixture_put(fixture, "ingest/42/20241207T110030.000000Z-u.json",
        "{\"task_id\":\"u\",\"user_id\":42,\"action\":\"create_product\","
        "\"params\":{},\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T11:00:30.000000Z\","
        "\"account\":{\"id\":77},\"result\":{\"item\":{\"id\":9}}}");
    file_remove(fixture->spool.directory, BESIDE);
}

static void lay_beside(const struct fixture *fixture)
{
    lay_found(fixture);
    tell_beside(fixture);
}

/* It will: it was begun at 10:00:20. */
static void lay_running(const struct fixture *fixture)
{
    const struct timespec began[2] = {
        {.tv_sec = 1733565620}, {.tv_sec = 1733565620}};
    lay_found(fixture);
    fixture_put(fixture, BESIDE,
        "{\"action\":\"create_product\",\"params\":{\"title\":\"Robe\","
        "\"price\":\"7.00\",\"assigned_photos\":[{\"id\":3}]}}");
    assert_int_equal(utimensat(fixture->spool.directory, BESIDE, began, 0), 0);
}

static enum error say_found(const struct fixture *fixture)
{
    struct config config = fixture_config();
    enum error error = settle_by_word(UNDER(fixture, &config), "t", true, 9);
    return error == ERROR_CONFLICT ? ERROR_NONE : error; /* it is said */
}

static bool is_there(const struct fixture *fixture, const char *path)
{
    return file_exists(fixture->spool.directory, path);
}

static void check_found(const struct fixture *fixture, enum error error)
{
    (void)error;
    assert_true(
        is_there(fixture, COMPLETED("t")) || is_there(fixture, FAILED("t")));
    if (!is_there(fixture, COMPLETED("t")))
        fixture_expect_member(fixture, FAILED("t"), "outcome", "\"unknown\"");
}

/* The failure may stay beside it, for the sweeper. */
static void finish_found(const struct fixture *fixture)
{
    fixture_expect_member(fixture, COMPLETED("t"), "settled", "\"found\"");
    assert_int_equal(take_in(fixture), ERROR_NONE);
    assert_null(fixture_find(fixture, "ingest/42", ".json"));
}

static void check_missing(const struct fixture *fixture, enum error error)
{
    (void)error;
    assert_true(is_there(fixture, FAILED("t")));
    assert_false(is_there(fixture, COMPLETED("t")));
}

static void finish_missing(const struct fixture *fixture)
{
    fixture_expect_member(fixture, FAILED("t"), "settled", "\"not found\"");
    fixture_expect_member(fixture, FAILED("t"), "leases", "[\"l1\"]");
}

static void check_unknown(const struct fixture *fixture, enum error error)
{
    (void)error;
    fixture_expect_member(fixture, FAILED("t"), "outcome", "\"unknown\"");
    assert_int_equal(fixture_count(fixture, "unknown/42"), 1);
}

static void finish_first(const struct fixture *fixture)
{
    assert_true(
        is_there(fixture, "unknown/42/20241207T110510.000000Z-missing-t.json"));
}

static void finish_partial(const struct fixture *fixture)
{
    assert_non_null(fixture_find(fixture, "unknown/42", "-asked-t.json"));
}

/* One that was taken for ended goes to the seller. */
static void finish_new(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
    fixture_expect_member(fixture, "pending/42/*-settle-*.json", "params",
        "{\"user_id\":77,\"per_page\":96}");
}

static void finish_beside(const struct fixture *fixture)
{
    check_unknown(fixture, ERROR_NONE);
    fixture_expect_row(fixture, "9", "listed_by", "\"u\"");
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
}

/* A folder that is said not to be there holds nothing that is unknown, and a
 * list is then taken in that would have told. */
static const struct attempt attempts[] = {
    {"a list that shows it", lay_found, take_in, check_found, finish_found,
        ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"a second list that lacks it", lay_missing, take_in, check_missing,
        finish_missing, ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"a first list that lacks it", lay_first, take_in, check_unknown,
        finish_first, ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"a list that is not whole", lay_partial, take_in, check_unknown,
        finish_partial, ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"a list of what another has made", lay_beside, take_in, check_unknown,
        finish_beside, ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"a list that is asked for", lay_new, ask, check_unknown, finish_new,
        ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"a list that came to nothing", lay_ended, ask, check_unknown,
        finish_partial, ATTEMPT_TRUSTING | ATTEMPT_SILENT},
    {"the seller's word", lay_new, say_found, check_found, finish_found,
        ATTEMPT_TRUSTING},
};

static void test_faults(void **state)
{
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        attempt_each_fault(*state, &attempts[i]);
}

/* --- Two at once ---------------------------------------------------------- */

static void other_says_found(const struct fixture *fixture)
{
    settle_by_word(&fixture->account, "t", true, 9);
}

static void other_says_missing(const struct fixture *fixture)
{
    settle_by_word(&fixture->account, "t", false, 0);
}

static void check_told(const struct fixture *fixture, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    check_found(fixture, error);
}

/* Whoever came first. The sweeper removes what is left of the case. */
static void finish_told(const struct fixture *fixture)
{
    finish_found(fixture);
    fixture_expect_row(fixture, "9", "listed_by", "\"t\"");
    ask(fixture);
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(fixture_count(fixture, "unknown/42"), 0);
}

static void check_told_missing(const struct fixture *fixture, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    check_missing(fixture, error);
}

/* A person. */
static void other_forgets(const struct fixture *fixture)
{
    file_remove(fixture->spool.directory, ENTRY("new"));
}

/* The list is taken in all the same, and says nothing of the task. */
static void finish_forgotten(const struct fixture *fixture)
{
    fixture_expect_member(fixture, FAILED("t"), "outcome", "\"unknown\"");
    fixture_expect_row(fixture, "5", "status", "\"active\"");
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
}

static void finish_running(const struct fixture *fixture)
{
    tell_beside(fixture);
    assert_int_equal(take_in(fixture), ERROR_NONE);
    finish_beside(fixture);
}

static const struct {
    struct attempt attempt;
    void (*other)(const struct fixture *fixture);
} turns[] = {
    {{"a list that shows it", lay_found, take_in, check_told, finish_told, 0},
        other_says_found},
    {{"a second list that lacks it", lay_missing, take_in, check_told_missing,
         finish_missing, 0},
        other_says_missing},
    {{"one that tells what it has made", lay_running, take_in, check_unknown,
         finish_running, 0},
        tell_beside},
    {{"a case that is removed", lay_first, take_in, check_told_missing,
         finish_forgotten, 0},
        other_forgets},
};

static void test_turns(void **state)
{
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        attempt_each_turn(*state, &turns[i].attempt, turns[i].other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_faults),
        IN_SPOOL(test_turns),
    };
    return cmocka_run_group_tests_name("settle_fault", tests, NULL, NULL);
}
