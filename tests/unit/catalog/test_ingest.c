/* SPDX-License-Identifier: MIT */
/* Users, entries, and programs that take in at the same time. */
#include "account.h"
#include "buffer.h"
#include "config.h"
#include "error.h"
#include "ingest.h"
#include "ingest_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static enum error ingest(
    const struct fixture *fixture, unsigned most, unsigned *taken)
{
    struct config config;
    config_default(&config);
    return ingest_user(UNDER(fixture, &config), most, taken);
}

static void test_user(void **state)
{
    const struct fixture *fixture = *state;
    fixture_record(fixture, "get_user_data", 0, 1, "{}",
        "{\"user_id\":29535217,\"login\":\"shop.ton.outfit\",\"email\":"
        "\"user@example.com\",\"anon_id\":\"6f646e72\",\"csrf_token\":"
        "\"75f6c9fa\",\"real_name\":\"John Doe\",\"business_account\":23111}");
    fixture_ingest(fixture, 1);
    static const char known[] =
        "{\"user_id\":42,\"vinted_user_id\":29535217,\"login\":"
        "\"shop.ton.outfit\",\"real_name\":\"John Doe\","
        "\"business_account\":23111,"
        "\"since\":\"2024-12-07T10:00:01.000000Z\","
        "\"updated_at\":\"2024-12-07T10:00:01.000000Z\"}\n";
    fixture_expect(fixture, "users/42.json", known);
    fixture_expect(fixture, "products/42.ndjson", NULL);
    fixture_record(fixture, "get_user_data", -9, -8, "{}",
        "{\"user_id\":29535217,\"login\":\"older\"}");
    fixture_record(fixture, "get_user_data", 2, 3, "{}", "{\"login\":\"x\"}");
    fixture_record(fixture, "get_user_data", 4, 5, "{}", "null");
    fixture_ingest(fixture, 3);
    fixture_expect(fixture, "users/42.json", known);
    assert_true(fixture_logged(fixture, "the user's number"));
}

static void test_user_again(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "users/42.json", "broken");
    fixture_record(fixture, "get_user_data", 0, 1, "{}",
        "{\"currentUser\":{\"id\":18446744073709551615,\"login\":\"a\"}}");
    fixture_record(fixture, "get_user_data", 2, 3, "{}",
        "{\"user\":{\"id\":\"18446744073709551615\",\"login\":null,"
        "\"real_name\":{\"csrf_token\":1}}}");
    fixture_ingest(fixture, 2);
    static const char known[] =
        "{\"user_id\":42,\"vinted_user_id\":18446744073709551615,"
        "\"login\":\"a\",\"real_name\":null,\"business_account\":null,"
        "\"since\":\"2024-12-07T10:00:01.000000Z\","
        "\"updated_at\":\"2024-12-07T10:00:03.000000Z\"}\n";
    fixture_expect(fixture, "users/42.json", known);
    fixture_record(fixture, "get_user_data", 4, 5, "{}", "{\"user_id\":7}");
    fixture_ingest(fixture, 1); /* somebody else */
    fixture_expect(fixture, "users/42.json", known);
    assert_true(fixture_logged(fixture, "another account at Vinted"));
}

/* A result that says nothing of the user, of a plugin that knows who was signed
 * in, tells who the seller is all the same; and each gets into a catalogue. */
static void test_user_signed_in(void **state)
{
    const struct fixture *fixture = *state;
    fixture_record(fixture, "create_product", 0, 1, "{}",
        "{\"item\":{\"id\":4,\"title\":\"a\"}}");
    fixture_record_by(fixture, 7, "get_user_data", 2, 3, "{}", "{}");
    fixture_record_by(fixture, 7, "create_product", 4, 5, "{}",
        "{\"item\":{\"id\":5,\"title\":\"b\"}}");
    fixture_ingest(fixture, 3);
    fixture_expect(fixture, "products/42.account", "7\n");
    fixture_expect_row(fixture, "4", "title", "\"a\"");
    fixture_expect_row(fixture, "5", "title", "\"b\"");
}

/* Who was signed in is not who the result is about: it is of no use. */
static void test_user_of_two(void **state)
{
    const struct fixture *fixture = *state;
    fixture_record_by(
        fixture, 7, "get_user_data", 2, 3, "{}", "{\"user_id\":8}");
    fixture_ingest(fixture, 1);
    fixture_expect(fixture, "users/42.json", NULL);
    assert_true(fixture_logged(fixture, "another account at Vinted than was"));
}

/* Written while the clock was ahead. */
static void test_user_to_come(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":7,\"login\":\"old\","
        "\"updated_at\":\"2036-01-02T03:04:05.000000Z\"}\n");
    fixture_record(fixture, "get_user_data", 0, 1, "{}",
        "{\"user_id\":7,\"login\":\"new\"}");
    fixture_ingest(fixture, 1);
    fixture_expect(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":7,\"login\":\"new\","
        "\"real_name\":null,\"business_account\":null,"
        "\"since\":\"2024-12-07T10:00:01.000000Z\","
        "\"updated_at\":\"2024-12-07T10:00:01.000000Z\"}\n");
    assert_true(fixture_logged(fixture, "updated at a moment to come"));
}

static const char *const useless[] = {
    "",
    "{\"user_id\":42",
    "[]",
    "null",
    "{\"user_id\":42,\"action\":\"create_product\",\"status\":\"failed\","
    "\"result\":{\"item\":{\"id\":5}}}",
    "{\"user_id\":43,\"action\":\"create_product\",\"status\":\"completed\","
    "\"completed_at\":\"2024-12-07T10:00:01.000000Z\","
    "\"result\":{\"item\":{\"id\":5}}}",
    "{\"user_id\":42,\"action\":\"create_product\",\"status\":\"completed\","
    "\"completed_at\":\"yesterday\",\"result\":{\"item\":{\"id\":5}}}",
    "{\"user_id\":42,\"action\":\"get_all_products\",\"status\":\"completed\","
    "\"completed_at\":\"2024-12-07T10:00:01.000000Z\",\"result\":[{\"id\":5}]}",
};

/* What is of no use is told, goes, and blocks nothing behind it. */
static void test_useless_entries(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        fixture_put(fixture, "ingest/42/20230000-no-moment-a.json", useless[i]);
        fixture_record(
            fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
        fixture_ingest(fixture, 2);
        fixture_expect_row(fixture, "5", "id", "no row");
        fixture_expect_row(fixture, "6", "id", "6");
        if (!fixture_logged(fixture, "20230000-no-moment-a.json"))
            fail_msg("not logged: %s", useless[i]);
        fixture_put(fixture, "log/events.log", "");
    }
}

static void test_deep_and_wide(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer text = BUFFER_EMPTY;
    for (int i = 0; i < 100; i++)
        buffer_append_byte(&text, '[');
    fixture_put(fixture, "ingest/42/a.json", buffer_text(&text));
    fixture_ingest(fixture, 1);
    buffer_clear(&text);
    buffer_append_text(&text, "{\"total\":20000,\"products\":[");
    for (int i = 20000; i > 0; i--)
        buffer_append_format(&text, "{\"id\":%d},", i);
    text.length--;
    buffer_append_text(&text, "]}");
    fixture_record(fixture, "get_all_products", 0, 1, "{}", text.data);
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "1", "status", "\"active\"");
    buffer_free(&text);
}

/* The moment in the name stands in where the record bears none. */
static void test_moment_of_the_name(void **state)
{
    fixture_put(*state, "ingest/42/20241207T100007.000000Z-a.json",
        "{\"user_id\":42,\"action\":\"create_product\",\"params\":{},"
        "\"status\":\"completed\",\"result\":{\"item\":{\"id\":5}}}");
    fixture_ingest(*state, 1);
    fixture_expect_row(
        *state, "5", "seen_at", "\"2024-12-07T10:00:07.000000Z\"");
}

static void test_names_that_are_no_entries(void **state)
{
    const struct fixture *fixture = *state;
    unsigned taken = 7;
    assert_int_equal(ingest(fixture, 10, &taken), ERROR_NONE);
    assert_int_equal(taken, 0);
    fixture_put(fixture, "ingest/42/x.part", "{");
    fixture_put(fixture, "ingest/42/.x.json", "{");
    assert_int_equal(ingest(fixture, 10, &taken), ERROR_NONE);
    assert_int_equal(taken, 0);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    assert_int_equal(fixture_count(fixture, "index"), 0);
}

static void test_at_most(void **state)
{
    const struct fixture *fixture = *state;
    unsigned taken;
    for (int i = 0; i < 5; i++) {
        char result[40];
        snprintf(result, sizeof result, "{\"item\":{\"id\":%d}}", i + 1);
        fixture_record(fixture, "create_product", 0, 9 - i, "{}", result);
    }
    assert_int_equal(ingest(fixture, 2, &taken), ERROR_NONE);
    assert_int_equal(taken, 2);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 3);
    fixture_expect_row(fixture, "5", "id", "5"); /* completed first */
    fixture_expect_row(fixture, "4", "id", "4");
    fixture_expect_row(fixture, "3", "id", "no row");
    fixture_ingest(fixture, 3);
}

/* An entry that cannot be removed is told, and the others go. */
static void test_entry_that_stays(void **state)
{
    const struct fixture *fixture = *state;
    unsigned taken;
    fixture_put(fixture, "ingest/42/a.json/x", "a folder");
    fixture_record(
        fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
    assert_int_not_equal(ingest(fixture, 10, &taken), ERROR_NONE);
    assert_int_equal(taken, 1);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    fixture_expect_row(fixture, "6", "id", "6");
}

/* Nothing goes while the catalogue cannot be written or read. */
static void test_catalogue_in_the_way(void **state)
{
    const struct fixture *fixture = *state;
    unsigned taken;
    fixture_put(fixture, "products/42.ndjson/x", "a folder");
    fixture_record(
        fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
    assert_int_equal(ingest(fixture, 10, &taken), ERROR_TYPE);
    assert_int_equal(taken, 0);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

/* Without a place for locks, work goes on. */
static void test_no_locks(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(
        unlinkat(fixture->spool.directory, "index", AT_REMOVEDIR), 0);
    fixture_put(fixture, "index", "a file");
    fixture_record(
        fixture, "create_product", 0, 1, "{}", "{\"item\":{\"id\":6}}");
    fixture_ingest(fixture, 1);
    fixture_expect_row(fixture, "6", "id", "6");
}

/* Each process delivers results and takes in whatever there is, as programs
 * do that run at the same time; `locks` false: with the locks swept away under
 * their feet. Nothing may get lost. */
enum {
    WORKERS = 4,
    RESULTS = 20
};

static void work(const struct fixture *fixture, int worker, bool locks)
{
    for (int i = 0; i < RESULTS; i++) {
        int number = (worker * RESULTS) + i + 1;
        char result[40];
        unsigned taken;
        snprintf(result, sizeof result, "{\"item\":{\"id\":%d}}", number);
        fixture_record(fixture, "create_product", number, number, "{}", result);
        if (!locks)
            unlinkat(fixture->spool.directory, "index/42.ingest", 0);
        ingest(fixture, 10, &taken);
    }
}

static void race(const struct fixture *fixture, bool locks)
{
    pid_t children[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            work(fixture, i, locks);
            _exit(0);
        }
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    unsigned taken;
    ingest(fixture, 1000, &taken);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    for (int i = 1; i <= WORKERS * RESULTS; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        fixture_expect_row(fixture, id, "status", "\"active\"");
    }
}

static void test_concurrent(void **state)
{
    race(*state, true);
}

static void test_concurrent_without_locks(void **state)
{
    race(*state, false);
}

#define IN_A_SPOOL(test)                                                       \
    cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SPOOL(test_user),
        IN_A_SPOOL(test_user_again),
        IN_A_SPOOL(test_user_signed_in),
        IN_A_SPOOL(test_user_of_two),
        IN_A_SPOOL(test_user_to_come),
        IN_A_SPOOL(test_useless_entries),
        IN_A_SPOOL(test_deep_and_wide),
        IN_A_SPOOL(test_moment_of_the_name),
        IN_A_SPOOL(test_names_that_are_no_entries),
        IN_A_SPOOL(test_at_most),
        IN_A_SPOOL(test_entry_that_stays),
        IN_A_SPOOL(test_catalogue_in_the_way),
        IN_A_SPOOL(test_no_locks),
        IN_A_SPOOL(test_concurrent),
        IN_A_SPOOL(test_concurrent_without_locks),
    };
    return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
