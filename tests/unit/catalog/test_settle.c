/* SPDX-License-Identifier: MIT */
/* What an item is known again by, and which entry is of a record that stands.
 */
#include "fault.h"
#include "file.h"
#include "ingest.h"
#include "settle_case.h"
#include "settle_mark.h"
#include "settle_word.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENTRY "unknown/42/20241207T100100.000000Z-new-t.json"
#define RECORD RECORD_OF("create_product", "\"2024-12-07T10:00:10.000000Z\"")
#define RECORD_OF(action, began)                                               \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"" action "\","             \
    "\"params\":{\"title\":\"Robe\",\"price\":\"7.00\"},"                      \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":\"failed\","    \
    "\"error\":\"?\",\"outcome\":\"unknown\","                                 \
    "\"started_at\":" began ","                                                \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"result\":null}"
#define LISTED                                                                 \
    "{\"task_id\":\"l\",\"user_id\":42,\"action\":\"get_all_products\","       \
    "\"params\":{\"user_id\":77},\"status\":\"completed\","                    \
    "\"started_at\":\"2024-12-07T11:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T11:00:10.000000Z\","                        \
    "\"result\":{\"products\":[{\"id\":5}],\"total\":1}}"

static const struct unknown_name entry = {
    .since = INT64_C(1733565660000000), .state = UNKNOWN_NEW, .id = "t"};

struct compare_case {
    const char *asked;
    const char *item;
    enum settle_fit fit;
};

static const struct compare_case compare_cases[] = {
    {"{\"title\":\"A b\",\"price\":\"7\"}",
        "{\"title\":\" a  B \",\"price\":{\"amount\":\"7.0\"}}", FIT_WORDS},
    {"{\"title\":\"A\",\"price\":7}", "{\"title\":\"A\",\"price\":8}",
        FIT_NEAR},
    {"{\"title\":\"A\",\"price\":7}", "{\"title\":\"B\",\"price\":7}",
        FIT_NEAR},
    {"{\"title\":\"A\",\"price\":7}", "{\"title\":\"B\",\"price\":8}", FIT_NOT},
    {"{\"title\":\"A\",\"price\":7}", "{}", FIT_NOT},
    {"{}", "{}", FIT_NOT},
    {"{\"title\":\"A\",\"price\":7,\"assigned_photos\":[{\"id\":2},{\"id\":1}]"
     "}",
        "{\"title\":\"B\",\"price\":8,\"photos\":[{\"id\":3},{\"id\":2}]}",
        FIT_PHOTOS},
    {"{\"title\":\"A\",\"price\":7,\"assigned_photos\":[1,2]}",
        "{\"title\":\"A\",\"price\":7,\"photos\":[{\"id\":\"2\"}]}",
        FIT_PHOTOS},
    {"{\"title\":\"A\",\"price\":7,\"assigned_photos\":[{\"id\":1}]}",
        "{\"title\":\"A\",\"price\":7,\"photos\":[{\"id\":3}]}", FIT_NOT},
    {"{\"title\":\"A\",\"price\":7,\"assigned_photos\":[{\"id\":1}]}",
        "{\"title\":\"A\",\"price\":7,\"photos\":[{\"url\":\"x\"}]}",
        FIT_WORDS},
};

static void read_mark(struct settle_mark *mark, const char *text)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, text, strlen(text), &fault), ERROR_NONE);
    assert_int_equal(settle_mark_read(mark, json_root(&document)), ERROR_NONE);
    json_free(&document);
}

static void test_compare(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(compare_cases); i++) {
        const struct compare_case *one = &compare_cases[i];
        struct settle_mark asked;
        struct settle_mark item;
        read_mark(&asked, one->asked);
        read_mark(&item, one->item);
        if (settle_mark_compare(&asked, &item) != one->fit)
            fail_msg("%s and %s", one->asked, one->item);
        settle_mark_free(&asked);
        settle_mark_free(&item);
    }
}

static void test_names(void **state)
{
    static const char *const bad[] = {"", "t.json",
        "20241207T100100.000000Z-t.json", "20241207T100100.000000Z-old-t.json",
        "20241207T100100.000000Z-new-.json",
        "20241207T100100.000000Z-new-t.json.part",
        "20241207T100100.000000Z_new-t.json"};
    const struct fixture *fixture = *state;
    struct unknown_name name;
    struct path path = unknown_path(&fixture->account, &entry);
    assert_string_equal(path.text, ENTRY);
    assert_int_equal(
        unknown_parse(strrchr(path.text, '/') + 1, &name), ERROR_NONE);
    assert_memory_equal(&name.since, &entry.since, sizeof name.since);
    assert_int_equal(name.state, UNKNOWN_NEW);
    assert_string_equal(name.id, "t");
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(unknown_parse(bad[i], &name), ERROR_SYNTAX);
}

static void link_entry(const struct fixture *fixture, const char *from)
{
    int directory = fixture->spool.directory;
    fixture_put(fixture, ENTRY, "");
    unlinkat(directory, ENTRY, 0);
    assert_int_equal(linkat(directory, from, directory, ENTRY, 0), 0);
}

static void lay(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), RECORD);
    link_entry(fixture, FAILED("t"));
}

static enum error check(const struct fixture *fixture)
{
    return settle_case_check(&fixture->account, &entry);
}

static void test_entry(void **state)
{
    const struct fixture *fixture = *state;
    lay(fixture);
    assert_int_equal(check(fixture), ERROR_NONE);
    /* The word is being given: the record has no place yet. */
    fixture_put(fixture, "tmp/42-t.verdict", RECORD);
    assert_int_equal(
        file_remove(fixture->spool.directory, FAILED("t")), ERROR_NONE);
    assert_int_equal(check(fixture), ERROR_BUSY);
    fixture_expect(fixture, ENTRY, RECORD);
    /* Another's record stands there. */
    file_remove(fixture->spool.directory, "tmp/42-t.verdict");
    fixture_put(fixture, FAILED("t"), RECORD);
    assert_int_equal(check(fixture), ERROR_NOT_FOUND);
    fixture_expect(fixture, ENTRY, NULL);
}

static enum error place_record(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    assert_int_equal(linkat(directory, ENTRY, directory, FAILED("t"), 0), 0);
    return ERROR_NONE;
}

/* The record gets its place between the look at that and the one at who gives
 * the word. */
static void test_entry_between(void **state)
{
    const struct fixture *fixture = *state;
    lay(fixture);
    file_remove(fixture->spool.directory, FAILED("t"));
    fault_meet(FAULT_STATUS, 3, place_record, *state);
    assert_int_equal(check(fixture), ERROR_NONE);
    assert_true(fault_clear());
    fixture_expect(fixture, ENTRY, RECORD);
}

static void test_entry_stuck(void **state)
{
    const struct fixture *fixture = *state;
    lay(fixture);
    file_remove(fixture->spool.directory, FAILED("t"));
    fault_set(FAULT_NAMES, 1, EACCES);
    assert_int_equal(check(fixture), ERROR_DENIED);
    assert_true(fault_clear());
    fixture_expect(fixture, ENTRY, RECORD);
    assert_int_equal(check(fixture), ERROR_NOT_FOUND);
}

static void expect_loaded(const struct fixture *fixture, size_t count)
{
    struct settle_cases cases;
    assert_int_equal(settle_cases_load(&cases, &fixture->account), ERROR_NONE);
    assert_int_equal(cases.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(cases.at[i].name.id, "t");
    settle_cases_free(&cases);
}

/* What somebody else has put there. */
static void test_strangers(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "unknown/42/README", "");
    assert_false(settle_case_any(&fixture->account));
    expect_loaded(fixture, 0);
    lay(fixture);
    fixture_put(fixture, "executing/42/README", "");
    assert_true(settle_case_any(&fixture->account));
    expect_loaded(fixture, 1);
}

/* Only what makes a product, and may have begun, can be found in a list. */
static void test_load(void **state)
{
    static const char *const records[] = {"", "{\"task_id\":\"t\"}",
        RECORD_OF("upload_photo", "\"2024-12-07T10:00:10.000000Z\""),
        RECORD_OF("create_product", "null")};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        fixture_put(fixture, FAILED("t"), records[i]);
        link_entry(fixture, FAILED("t"));
        expect_loaded(fixture, 0);
        fixture_expect(fixture, ENTRY, records[i]);
    }
}

static void test_load_running(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(
        fixture, EXECUTING(FUTURE, "l1", "get_stats", "s"), DROP("get_stats"));
    fixture_put(fixture, EXECUTING(FUTURE, "l2", "create_product", "u"), "{");
    expect_loaded(fixture, 0);
    fixture_put(fixture, EXECUTING(FUTURE, "l3", "create_product", "t"),
        DROP("create_product"));
    expect_loaded(fixture, 1);
}

/* The case of which a word is being given is not held against any list. */
static void test_load_spoken(void **state)
{
    const struct fixture *fixture = *state;
    lay(fixture);
    file_remove(fixture->spool.directory, FAILED("t"));
    fixture_put(fixture, "tmp/42-t.verdict", RECORD);
    expect_loaded(fixture, 0);
    fixture_expect(fixture, ENTRY, RECORD);
}

/* A word is for the record that it was found out about, and no other. */
static void test_speak(void **state)
{
    const struct fixture *fixture = *state;
    const struct settle_word word = {false, BUFFER_EMPTY, BUFFER_EMPTY, "why"};
    struct path path = unknown_path(&fixture->account, &entry);
    lay(fixture);
    fixture_put(fixture, "done/42/x", RECORD);
    assert_int_equal(renameat(fixture->spool.directory, "done/42/x",
                         fixture->spool.directory, FAILED("t")),
        0);
    assert_int_equal(
        settle_speak(&fixture->account, "t", &path, &word), ERROR_NOT_FOUND);
    fixture_expect(fixture, FAILED("t"), RECORD);
}

/* Before it has ended there is nothing to tell. */
static void test_word_too_early(void **state)
{
    static const char *const places[] = {PENDING("create_product", "t"),
        EXECUTING(FUTURE, "l1", "create_product", "t")};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        fixture_put(fixture, places[i], DROP("create_product"));
        assert_int_equal(
            settle_by_word(&fixture->account, "t", true, 9), ERROR_EXISTS);
        fixture_expect_tree(fixture, places[i]);
        file_remove(fixture->spool.directory, places[i]);
    }
}

/* The new name is safe before the list that it is due to goes. */
static void test_safe(void **state)
{
    unsigned taken;
    struct buffer steps = BUFFER_EMPTY;
    const struct fixture *fixture = *state;
    lay(fixture);
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":77,"
        "\"updated_at\":\"2024-12-07T10:00:00.000000Z\"}\n");
    fixture_put(fixture, "ingest/42/20241207T110010.000000Z-l.json", LISTED);
    fault_watch(&steps);
    assert_int_equal(ingest_user(&fixture->account, 100, &taken), ERROR_NONE);
    fault_watch(NULL);
    assert_non_null(fixture_find(fixture, "unknown/42", "-asked-t.json"));
    const char *synced = strstr(buffer_text(&steps), "fsync unknown/42");
    assert_non_null(synced);
    buffer_free(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        IN_SPOOL(test_names),
        IN_SPOOL(test_entry),
        IN_SPOOL(test_entry_between),
        IN_SPOOL(test_entry_stuck),
        IN_SPOOL(test_strangers),
        IN_SPOOL(test_load),
        IN_SPOOL(test_load_running),
        IN_SPOOL(test_load_spoken),
        IN_SPOOL(test_speak),
        IN_SPOOL(test_word_too_early),
        IN_SPOOL(test_safe),
    };
    return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
