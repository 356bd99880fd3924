/* SPDX-License-Identifier: MIT */
/* What one list of the wardrobe says of each create_product that nobody knows
 * the end of. */
#include "fault.h"
#include "ingest.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(time) "2024-12-07T" time ".000000Z"
#define STAMP "20241207T100100.000000Z"
#define TEN INT64_C(1733565600) /* 10:00:00 on that day */
/* As Vinted shows what was asked for; with the moment at which its photo was
 * taken in, seconds after ten. */
#define ITEM(id, more)                                                         \
    "{\"id\":" id ",\"title\":\"Robe\",\"price\":\"7.00\"" more "}"
#define SHOWN_AT(unix)                                                         \
    ",\"photos\":[{\"url\":\"x\",\"high_resolution\":{\"timestamp\":" unix "}" \
    "}"                                                                        \
    "]"
#define BEFORE SHOWN_AT("1733565570") /* 09:59:30 */
#define THEN SHOWN_AT("1733565630")   /* 10:00:30 */
#define LATER SHOWN_AT("1733567400")  /* 10:30:00 */
#define ROW(id, seen, more)                                                    \
    "{\"id\":" id more                                                         \
    ",\"first_seen\":\"" AT(seen) "\",\"seen_at\":\"" AT(seen) "\"}\n"

/* A create_product. The first is begun at 10:00:10, and ends at 10:01:00. */
struct lost {
    const char *id;
    const char *state;   /* of its entry; NULL: a plugin has it still */
    int began;           /* seconds after ten */
    int ended;           /* minutes after ten */
    const char *account; /* JSON: who was signed in; NULL: not told */
    const char *params;  /* NULL: title and price alone */
};

#define FIRST {"t", "new", 10, 1, NULL, NULL}

struct story {
    const char *name;
    const char *owner; /* products/42.account; NULL: none */
    const char *rows;  /* of the catalogue, before the list */
    struct lost lost[3];
    const char *items; /* of the list, which begins at 11:00:00 */
    const char *total;
    const char *ends; /* of each: the state of its entry, or the item found */
};

#define PHOTO                                                                  \
    "{\"title\":\"Robe\",\"price\":\"7.00\",\"assigned_photos\":[{\"id\":3}]}"

/* Of a list: whose wardrobe it shows, since when, and who was signed in. */
#define HEAD(whose, began, account)                                            \
    "\"params\":{\"user_id\":" whose "},\"account\":{\"id\":" account          \
    "},\"started_at\":\"" began "\""

static const struct story stories[] = {
    /* Its time. */
    {"shown while it was at it", NULL, "", {FIRST}, ITEM("9", THEN), "1",
        "t 9"},
    {"shown long after its end", NULL, "", {FIRST}, ITEM("9", LATER), "1",
        "t asked"},
    {"nothing was known by then, and no time is told", NULL, "", {FIRST},
        ITEM("9", ""), "1", "t asked"},
    {"a lower number than one that was known by then", NULL,
        ROW("5", "09:30:00", ""), {FIRST}, ITEM("4", "") ",{\"id\":5}", "2",
        "t asked"},
    {"a higher one", NULL, ROW("5", "09:30:00", ""), {FIRST},
        ITEM("9", "") ",{\"id\":5}", "2", "t 9"},
    {"known for hours", NULL, ROW("9", "08:00:00", ""), {FIRST},
        ITEM("9", THEN), "1", "t missing"},
    {"only the title is the same, and the time", NULL, "", {FIRST},
        "{\"id\":9,\"title\":\"Robe\",\"price\":\"8.00\"" THEN "}", "1",
        "t asked"},
    {"only the title is the same", NULL, "", {FIRST},
        "{\"id\":9,\"title\":\"Robe\",\"price\":\"8.00\"" LATER "}", "1",
        "t missing"},
    {"an element is no product", NULL, "", {FIRST},
        "{\"id\":null,\"title\":\"Robe\",\"price\":\"7.00\"}", "1", "t asked"},
    /* Others that may have made it. */
    {"another task has listed it", NULL,
        ROW("9", "09:30:00", ",\"listed_by\":\"another\""), {FIRST},
        ITEM("9", THEN), "1", "t missing"},
    {"another whose ID is as long", NULL,
        ROW("9", "09:30:00", ",\"listed_by\":\"s\""), {FIRST}, ITEM("9", THEN),
        "1", "t missing"},
    {"it has itself, by a word that did not come to its end", NULL,
        ROW("9", "10:30:00", ",\"listed_by\":\"t\""), {FIRST}, ITEM("9", THEN),
        "1", "t 9"},
    {"an earlier try of it has", NULL,
        ROW("9", "09:30:00", ",\"listed_by\":\"t\""), {FIRST}, ITEM("9", THEN),
        "1", "t missing"},
    {"one that is running has", NULL,
        ROW("9", "10:30:00", ",\"listed_by\":\"u\""),
        {FIRST, {"u", NULL, 60, 1, NULL, NULL}}, ITEM("9", THEN), "1",
        "t missing"},
    {"one that is running may have", NULL, "",
        {FIRST, {"u", NULL, 60, 1, NULL, NULL}}, ITEM("9", THEN), "1", "t new"},
    {"one that is running may have made two", NULL, "",
        {FIRST, {"u", NULL, 60, 1, NULL, NULL}},
        ITEM("8", THEN) "," ITEM("9", THEN), "2", "t new"},
    {"one was begun in time, and a running one may have made the other", NULL,
        "", {FIRST, {"u", NULL, 120, 1, NULL, NULL}},
        ITEM("8", BEFORE) "," ITEM("9", THEN), "2", "t new"},
    {"a running one was not at it then", NULL, "",
        {FIRST, {"u", NULL, 1800, 31, NULL, NULL}}, ITEM("9", THEN), "1",
        "t 9"},
    {"two were begun at once", NULL, "",
        {{"u", "new", 10, 1, NULL, NULL}, FIRST}, ITEM("9", THEN), "1",
        "u missing, t 9"},
    {"one was at it then, and the other was not", NULL, "",
        {FIRST, {"u", "new", 1800, 31, NULL, NULL}}, ITEM("9", THEN), "1",
        "t 9, u asked"},
    {"three items, one task", NULL, "", {FIRST},
        ITEM("7", THEN) "," ITEM("8", THEN) "," ITEM("9", THEN), "3",
        "t asked"},
    {"the same of which the seller is asked", NULL, "",
        {{"t", "asked", 10, 1, NULL, NULL}},
        ITEM("8", THEN) "," ITEM("9", THEN), "2", "t asked"},
    {"that one and a list that is not whole", NULL, "",
        {{"t", "asked", 10, 1, NULL, NULL}}, "{\"id\":5}", "2", "t asked"},
    /* Whose wardrobe it may lie in. */
    {"another was signed in", NULL, "", {{"t", "new", 10, 1, "88", NULL}},
        ITEM("9", THEN), "1", "t asked"},
    {"another, and yet the photo is the same", NULL, "",
        {{"t", "new", 10, 1, "88", PHOTO}},
        "{\"id\":9,\"photos\":[{\"id\":3}]}", "1", "t 9"},
    {"the account was changed after it had begun", "77 since " AT("10:00:30"),
        "", {FIRST}, ITEM("9", THEN), "1", "t asked"},
    {"the clock was set back over it", "77 since " AT("09:00:00"), "",
        {{"t", "new", 120, 1, NULL, NULL}}, ITEM("9", THEN), "1", "t asked"},
    {"the account was changed before", "77 since " AT("09:00:00"), "", {FIRST},
        ITEM("9", THEN), "1", "t 9"},
};

static void put_running(const struct fixture *fixture, const struct lost *one)
{
    char path[200];
    const struct timespec began[2] = {
        {.tv_sec = TEN + one->began}, {.tv_sec = TEN + one->began}};
    snprintf(path, sizeof path,
        "executing/42/" FUTURE "-l1-998-" CREATED "-create_product-%s.json",
        one->id);
    fixture_put(fixture, path,
        "{\"action\":\"create_product\","
        "\"params\":{\"title\":\"Robe\",\"price\":\"7.00\"}}");
    assert_int_equal(utimensat(fixture->spool.directory, path, began, 0), 0);
}

static void put_lost(const struct fixture *fixture, const struct lost *one)
{
    char text[800];
    char path[100];
    char entry[100];
    int directory = fixture->spool.directory;
    const char *account = one->account == NULL ? "null" : one->account;
    const char *params = one->params == NULL
                             ? "{\"title\":\"Robe\",\"price\":\"7.00\"}"
                             : one->params;
    snprintf(text, sizeof text,
        "{\"task_id\":\"%s\",\"user_id\":42,\"action\":\"create_product\","
        "\"params\":%s,\"created_at\":\"" AT(
            "09:00:00") "\","
                        "\"status\":\"failed\",\"error\":\"?\",\"outcome\":"
                        "\"unknown\","
                        "\"started_at\":\"2024-12-07T10:%02d:%02d.000000Z\","
                        "\"completed_at\":\"2024-12-07T10:%02d:00.000000Z\","
                        "\"account\":{\"id\":%s},\"result\":null}",
        one->id, params, one->began / 60, one->began % 60, one->ended, account);
    snprintf(path, sizeof path, "done/42/%s.failed.json", one->id);
    snprintf(entry, sizeof entry, "unknown/42/" STAMP "-%s-%s.json", one->state,
        one->id);
    fixture_put(fixture, path, text);
    assert_int_equal(linkat(directory, path, directory, entry, 0), 0);
}

/* `head`: what its record tells of the list itself. */
static void put_list(const struct fixture *fixture, const char *head,
    const char *items, const char *total)
{
    char text[2000];
    snprintf(text, sizeof text,
        "{\"task_id\":\"l\",\"user_id\":42,\"action\":\"get_all_products\","
        "\"status\":\"completed\",\"completed_at\":\"" AT(
            "11:00:10") "\","
                        "%s,\"result\":{\"products\":[%s],\"total\":%s}}",
        head, items, total);
    fixture_put(fixture, "ingest/42/20241207T110010.000000Z-l.json", text);
}

static void put_seller(const struct fixture *fixture)
{
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":77,\"login\":\"shop\","
        "\"updated_at\":\"" AT("10:00:00") "\"}\n");
    assert_int_equal(
        account_make_folder(&fixture->account, SPOOL_UNKNOWN), ERROR_NONE);
}

static void lay(const struct fixture *fixture, const struct story *story)
{
    put_seller(fixture);
    if (story->owner != NULL)
        fixture_put(fixture, "products/42.account", story->owner);
    fixture_put(fixture, "products/42.ndjson", story->rows);
    for (const struct lost *one = story->lost; one->id != NULL; one++)
        (one->state == NULL ? put_running : put_lost)(fixture, one);
    put_list(
        fixture, HEAD("77", AT("11:00:00"), "77"), story->items, story->total);
}

/* The state that its entry is in, or the number of the item it has made. */
static void tell_end(
    const struct fixture *fixture, const struct lost *one, struct buffer *out)
{
    static const char *const states[] = {"new", "missing", "asked"};
    static const char key[] = "\"item\":{\"id\":";
    char name[100];
    buffer_append_format(out, "%s%s", out->length == 0 ? "" : ", ", one->id);
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        snprintf(name, sizeof name, "-%s-%s.json", states[i], one->id);
        if (fixture_find(fixture, "unknown/42", name) != NULL)
            buffer_append_format(out, " %s", states[i]);
    }
    snprintf(name, sizeof name, "done/42/%s.completed.json", one->id);
    char *record = fixture_get(fixture, name);
    const char *found = record == NULL ? NULL : strstr(record, key);
    if (found != NULL)
        buffer_append_format(out, " %.1s", found + strlen(key));
    free(record);
}

static void expect_ends(const struct fixture *fixture, const char *name,
    const struct lost *lost, const char *want)
{
    unsigned taken;
    struct buffer ends = BUFFER_EMPTY;
    assert_int_equal(ingest_user(&fixture->account, 100, &taken), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    for (const struct lost *one = lost; one->id != NULL; one++) {
        if (one->state != NULL)
            tell_end(fixture, one, &ends);
    }
    if (strcmp(buffer_text(&ends), want) != 0)
        fail_msg("%s: %s, not %s", name, buffer_text(&ends), want);
    buffer_free(&ends);
}

static void test_list(void **state)
{
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        fixture_renew(*state);
        lay(*state, &stories[i]);
        expect_ends(*state, stories[i].name, stories[i].lost, stories[i].ends);
    }
}

struct silent_case {
    const char *name;
    const char *owner; /* products/42.account; NULL: none */
    const char *head;
    const char *total;
};

static const struct silent_case silent_cases[] = {
    {"of another's wardrobe", NULL, HEAD("88", AT("11:00:00"), "77"), "1"},
    {"seen by another", NULL, HEAD("77", AT("11:00:00"), "88"), "1"},
    {"begun nobody knows when", NULL, HEAD("77", "", "77"), "1"},
    {"begun at a moment to come", NULL,
        HEAD("77", "2099-12-07T11:00:00.000000Z", "77"), "1"},
    {"begun before the account was changed", "77 since " AT("11:30:00"),
        HEAD("77", AT("11:00:00"), "77"), "1"},
    {"of which it is said that it failed", NULL,
        HEAD("77", AT("11:00:00"), "77"), "1,\"success\":false"},
};

/* Such a list says nothing of what is unknown, though it shows what was asked
 * for. */
static void test_silent(void **state)
{
    static const struct lost first[] = {FIRST, {NULL, NULL, 0, 0, NULL, NULL}};
    for (size_t i = 0; i < COUNT_OF(silent_cases); i++) {
        const struct silent_case *one = &silent_cases[i];
        fixture_renew(*state);
        put_seller(*state);
        if (one->owner != NULL)
            fixture_put(*state, "products/42.account", one->owner);
        put_lost(*state, first);
        put_list(*state, one->head, ITEM("9", THEN), one->total);
        expect_ends(*state, one->name, first, "t new");
    }
}

/* What is found does not stand against a word that is being given, nor keep the
 * list from the catalogue. */
static void test_busy(void **state)
{
    static const struct lost first[] = {FIRST, {NULL, NULL, 0, 0, NULL, NULL}};
    put_seller(*state);
    put_lost(*state, first);
    fixture_put(*state, "tmp/42-t.verdict", "spoilt");
    put_list(*state, HEAD("77", AT("11:00:00"), "77"), ITEM("9", THEN), "1");
    expect_ends(*state, "busy", first, "t new");
    fixture_expect_row(*state, "9", "status", "\"active\"");
}

/* The product of a create_product that has told of it. */
static void put_made(const struct fixture *fixture, int second, int id)
{
    char text[300];
    char path[100];
    snprintf(text, sizeof text,
        "{\"task_id\":\"u%d\",\"user_id\":42,\"action\":\"create_product\","
        "\"status\":\"completed\",\"account\":{\"id\":77},"
        "\"completed_at\":\"2024-12-07T11:00:%02d.000000Z\","
        "\"result\":{\"item\":{\"id\":%d}}}",
        id, second, id);
    snprintf(path, sizeof path, "ingest/42/20241207T1100%02d.000000Z-u%d.json",
        second, id);
    fixture_put(fixture, path, text);
}

/* A list waits until all that is there has been taken in: one of them may have
 * made what it shows. */
static void test_at_most(void **state)
{
    static const struct lost first[] = {FIRST, {NULL, NULL, 0, 0, NULL, NULL}};
    unsigned taken;
    const struct fixture *fixture = *state;
    put_seller(fixture);
    put_lost(fixture, first);
    put_list(fixture, HEAD("77", AT("11:00:00"), "77"), ITEM("9", THEN), "1");
    put_made(fixture, 20, 8);
    put_made(fixture, 30, 9);
    assert_int_equal(ingest_user(&fixture->account, 1, &taken), ERROR_NONE);
    assert_int_equal(taken, 1);
    fixture_expect_row(fixture, "8", "listed_by", "\"u8\"");
    assert_int_equal(fixture_count(fixture, "ingest/42"), 2);
    expect_ends(fixture, "at most one", first, "t missing");
}

/* What cannot be read might tell: the list gets into the catalogue, and settles
 * nothing. Which of the reads that is does not matter. */
static void test_beside_what_is_stuck(void **state)
{
    static const struct lost first = FIRST;
    const struct fixture *fixture = *state;
    bool is_stuck = false;
    for (unsigned which = 1; !is_stuck; which++) {
        unsigned taken;
        fixture_renew(*state);
        put_seller(fixture);
        put_lost(fixture, &first);
        put_list(
            fixture, HEAD("77", AT("11:00:00"), "77"), ITEM("9", THEN), "1");
        put_made(fixture, 30, 9);
        fault_set(FAULT_READ, which, EIO);
        enum error error = ingest_user(&fixture->account, 100, &taken);
        assert_true(fault_clear());
        is_stuck = error == ERROR_IO && taken == 1 &&
                   fixture_find(fixture, "ingest/42", "-u9.json") != NULL;
    }
    fixture_expect_row(fixture, "9", "status", "\"active\"");
    assert_non_null(fixture_find(fixture, "unknown/42", "-new-t.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_list),
        IN_SPOOL(test_silent),
        IN_SPOOL(test_busy),
        IN_SPOOL(test_at_most),
        IN_SPOOL(test_beside_what_is_stuck),
    };
    return cmocka_run_group_tests_name("settle_list", tests, NULL, NULL);
}
