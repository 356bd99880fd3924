/* SPDX-License-Identifier: MIT */
/* Asking for the lists that settle what is unknown: one at a time, and each
 * once. */
#include "file.h"
#include "settle_ask.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENTRY(state, id)                                                       \
    "unknown/42/20241207T100100.000000Z-" state "-" id ".json"

/* The case of a create_product that ended at 10:01:00. */
static void lay(const struct fixture *fixture, const char *id, const char *text)
{
    char entry[100];
    char path[100];
    int directory = fixture->spool.directory;
    snprintf(entry, sizeof entry, ENTRY("new", "%s"), id);
    snprintf(path, sizeof path, FAILED("%s"), id);
    fixture_put(fixture, entry, "");
    assert_int_equal(unlinkat(directory, entry, 0), 0);
    fixture_put(fixture, path, text);
    assert_int_equal(linkat(directory, path, directory, entry, 0), 0);
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":77,"
        "\"updated_at\":\"2024-12-07T10:00:00.000000Z\"}\n");
}

static void lay_unknown(const struct fixture *fixture, const char *id)
{
    char text[400];
    snprintf(text, sizeof text,
        "{\"task_id\":\"%s\",\"user_id\":42,\"action\":\"create_product\","
        "\"params\":{\"title\":\"Robe\"},\"priority\":1,"
        "\"created_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"status\":\"failed\",\"outcome\":\"unknown\","
        "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"result\":null}",
        id);
    lay(fixture, id, text);
}

static void ask(const struct fixture *fixture)
{
    struct config config = fixture_config();
    settle_ask(UNDER(fixture, &config));
}

/* The list that waits ends so. Returns its ID. */
static const char *end_list(const struct fixture *fixture, const char *status)
{
    static char id[ID_LENGTH_MAX + 1];
    char path[200];
    char text[200];
    const char *name = fixture_find(fixture, "pending/42", ".json");
    assert_non_null(name);
    snprintf(path, sizeof path, "pending/42/%s", name);
    snprintf(id, sizeof id, "%.39s", strstr(name, "settle-"));
    assert_int_equal(file_remove(fixture->spool.directory, path), ERROR_NONE);
    snprintf(path, sizeof path, "done/42/%s.%s.json", id, status);
    snprintf(text, sizeof text,
        "{\"task_id\":\"%s\",\"user_id\":42,\"action\":\"get_all_products\","
        "\"status\":\"%s\"}",
        id, status);
    fixture_put(fixture, path, text);
    return id;
}

static void test_once(void **state)
{
    lay_unknown(*state, "t");
    fixture_put(*state, "unknown/42/README", "");
    for (int i = 0; i < 2; i++) {
        ask(*state);
        fixture_expect_tree(*state,
            "done/42/t.failed.json\n"
            "pending/42/*-get_all_products-settle-*.json\n"
            "unknown/42/*-new-t.json\n"
            "unknown/42/README\n"
            "users/42.json\n");
    }
}

static void test_strangers(void **state)
{
    fixture_put(*state, "unknown/42/README", "");
    ask(*state);
    fixture_expect_tree(*state, "unknown/42/README\n");
}

/* The seller is to tell, and the list of the next is asked for. */
static void test_ended(void **state)
{
    static const char *const ends[] = {"completed", "failed"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        fixture_renew(*state);
        lay_unknown(*state, "t");
        ask(*state);
        end_list(*state, ends[i]);
        fixture_put(*state, "ingest/42/20241207T105900.000000Z-s.json", "{}");
        lay_unknown(*state, "u");
        ask(*state);
        fixture_expect_tree(*state,
            "done/42/settle-*\n"
            "done/42/t.failed.json\n"
            "done/42/u.failed.json\n"
            "ingest/42/*-s.json\n"
            "pending/42/*-get_all_products-settle-*.json\n"
            "unknown/42/*-new-u.json\n"
            "unknown/42/*-asked-t.json\n"
            "users/42.json\n");
    }
}

/* What it tells is still to be taken in. */
static void test_ended_now(void **state)
{
    char path[200];
    lay_unknown(*state, "t");
    ask(*state);
    snprintf(path, sizeof path, "ingest/42/20241207T110000.000000Z-%s.json",
        end_list(*state, "completed"));
    fixture_put(*state, path, "{}");
    ask(*state);
    fixture_expect_tree(*state, "done/42/settle-*\n"
                                "done/42/t.failed.json\n"
                                "ingest/42/*-settle-*\n"
                                "unknown/42/*-new-t.json\n"
                                "users/42.json\n");
}

/* A case that cannot be read keeps no other from its list. */
static void test_spoilt(void **state)
{
    lay(*state, "t", "{");
    lay_unknown(*state, "u");
    ask(*state);
    fixture_expect_tree(*state, "done/42/t.failed.json\n"
                                "done/42/u.failed.json\n"
                                "pending/42/*-get_all_products-settle-*.json\n"
                                "unknown/42/*-new-t.json\n"
                                "unknown/42/*-new-u.json\n"
                                "users/42.json\n");
}

/* Nor one of which a word is being given. */
static void test_spoken(void **state)
{
    const struct fixture *fixture = *state;
    lay_unknown(*state, "t");
    file_remove(fixture->spool.directory, FAILED("t"));
    fixture_put(*state, "tmp/42-t.verdict", "{}");
    lay_unknown(*state, "u");
    ask(*state);
    fixture_expect_tree(*state, "done/42/u.failed.json\n"
                                "pending/42/*-get_all_products-settle-*.json\n"
                                "tmp/42-t.verdict\n"
                                "unknown/42/*-new-t.json\n"
                                "unknown/42/*-new-u.json\n"
                                "users/42.json\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_once),
        IN_SPOOL(test_strangers),
        IN_SPOOL(test_ended),
        IN_SPOOL(test_ended_now),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_spoken),
    };
    return cmocka_run_group_tests_name("settle_ask", tests, NULL, NULL);
}
