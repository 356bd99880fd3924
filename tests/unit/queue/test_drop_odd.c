/* SPDX-License-Identifier: MIT */
#include "drop.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "path.h"
#include "storable.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const taken[] = {
    PENDING("b", "t"),
    "pending/42/000-20200101T000000.000000Z-b-t.r3.json",
    EXECUTING(PAST, "l1", "b", "t"),
    COMPLETED("t"),
    FAILED("t"),
};

/* An ID is unique per user over all states. */
static void test_id_is_taken(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        fixture_put(fixture, taken[i], "{}");
        fixture_put(fixture, "pending/42/x.json",
            "{\"action\":\"a\",\"task_id\":\"t\"}");
        if (fixture_route(fixture, 42, "x.json") != DROP_REJECTED)
            fail_msg("%s: was no conflict", taken[i]);
        fixture_expect(fixture, taken[i], "{}");
        assert_int_equal(fixture_count(fixture, "rejected"), 2);
        fixture_put(fixture, "pending/43/x.json",
            "{\"action\":\"a\",\"task_id\":\"t\"}");
        assert_int_equal(fixture_route(fixture, 43, "x.json"), DROP_ROUTED);
        fixture_renew(*state);
    }
}

static void test_id_is_held(void **state)
{
    fixture_put(*state, "tmp/42-t.hold", "");
    fixture_put(
        *state, "pending/42/x.json", "{\"action\":\"a\",\"task_id\":\"t\"}");
    assert_int_equal(fixture_route(*state, 42, "x.json"), DROP_WAITING);
    fixture_expect_tree(*state, "pending/42/x.json\ntmp/42-t.hold\n");
}

static void test_odd_things(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    char large[(2 * 1000) + RECORD_ROOM + 2]; /* more than any record */
    memset(large, ' ', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    fixture_put(fixture, "log/secret", DROP("a"));
    fixture_put(fixture, "pending/42/large.json", large);
    assert_int_equal(mkfifoat(directory, "pending/42/fifo.json", 0600), 0);
    assert_int_equal(mkdirat(directory, "pending/42/dir.json", 0700), 0);
    assert_int_equal(
        symlinkat("../../log/secret", directory, "pending/42/link.json"), 0);
    assert_int_equal(fixture_route(fixture, 42, "gone.json"), DROP_GONE);
    assert_int_equal(fixture_route(fixture, 42, "large.json"), DROP_REJECTED);
    assert_int_equal(fixture_route(fixture, 42, "fifo.json"), DROP_REJECTED);
    assert_int_equal(fixture_route(fixture, 42, "dir.json"), DROP_REJECTED);
    assert_int_equal(fixture_route(fixture, 42, "link.json"), DROP_REJECTED);
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(fixture_count(fixture, "rejected"), 8);
    fixture_expect(fixture, "log/secret", DROP("a"));
}

static enum drop_fate route_long(
    const struct fixture *fixture, const char *head, size_t length)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_text(&text, head);
    while (text.length < length - 1)
        buffer_append_byte(&text, ' ');
    buffer_append_byte(&text, '}');
    fixture_put(fixture, "pending/42/x.json", buffer_text(&text));
    buffer_free(&text);
    return fixture_route(fixture, 42, "x.json");
}

/* What is new may have max_body bytes; a record that is moved back holds the
 * parameters as well as the result, each of which may. */
static void test_large(void **state)
{
    static const char task[] = "{\"action\":\"a\"";
    static const char record[] =
        "{\"action\":\"a\",\"task_id\":\"t\",\"status\":\"failed\"";
    assert_int_equal(route_long(*state, task, 1000), DROP_ROUTED);
    assert_int_equal(route_long(*state, task, 1001), DROP_REJECTED);
    assert_int_equal(
        route_long(*state, record, 2000 + RECORD_ROOM), DROP_ROUTED);
    assert_int_equal(
        route_long(*state, record, 2000 + RECORD_ROOM + 1), DROP_REJECTED);
}

static const char *const hostile_names[] = {
    "new\nline.json",
    "-rf ~.json",
    "\xFF\xFE.json",
    "..json.json",
    "a\".json",
    "$(id).json",
    "%s%n.json",
};

/* A dropped file's name means nothing and may be any bytes. */
static void test_hostile_names(void **state)
{
    for (size_t i = 0; i < COUNT_OF(hostile_names); i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, hostile_names[i]);
        fixture_put(*state, path.text, "{\"action\":\"a\",\"task_id\":\"t\"}");
        assert_int_equal(
            fixture_route(*state, 42, hostile_names[i]), DROP_ROUTED);
        fixture_expect_tree(*state, PENDING("a", "t") "\n");
        fixture_put(*state, path.text, "{}");
        assert_int_equal(
            fixture_route(*state, 42, hostile_names[i]), DROP_REJECTED);
        assert_int_equal(fixture_count(*state, "rejected"),
            hostile_names[i][0] == '.' ? 0 : 2);
        fixture_renew(*state);
    }
}

/* Parameters that a create would be refused for, in the same words. */
static void test_params(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const good[] = {
        "{\"action\":\"get_stats\",\"params\":{\"item_id\":5}}",
        "{\"action\":\"unheard_of\",\"params\":{\"item_id\":\"x\"}}",
        /* records that come back, fit or not */
        "{\"action\":\"get_stats\",\"status\":\"completed\"}",
        "{\"action\":\"get_stats\",\"status\":\"failed\",\"params\":{}}",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        fixture_put(fixture, "pending/42/x.json", good[i]);
        if (fixture_route(fixture, 42, "x.json") != DROP_ROUTED)
            fail_msg("%s: was not routed", good[i]);
    }
    fixture_put(fixture, "pending/42/bad.json",
        "{\"action\":\"update_prices\",\"status\":\"pending\","
        "\"params\":{\"updates\":[{\"item_id\":5}]}}");
    assert_int_equal(fixture_route(fixture, 42, "bad.json"), DROP_REJECTED);
    char *why = fixture_get(fixture, "rejected/bad.json.why");
    assert_non_null(why);
    assert_non_null(strstr(why, "\"params.updates[0].price\" is missing.\n"));
    free(why);
}

/* A task that was handed out is not judged again when it is taken back. */
static void test_params_of_a_task_taken_back(void **state)
{
    static const char name[] = FUTURE "-l1-" QUEUED("get_stats", "t");
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    fixture_put(*state, path.text, DROP("get_stats"));
    assert_int_equal(fixture_route(*state, 42, name), DROP_ROUTED);
    fixture_expect_tree(*state,
        "pending/42/998-" CREATED "-get_stats-t.r1.json\n"
        "progress/42/998-" CREATED "-get_stats-t.r1.leases\n");
    /* The name of another action says nothing of this one. */
    static const char other[] = FUTURE "-l1-" QUEUED("a", "u");
    path = path_in_user(SPOOL_PENDING, 42, other);
    fixture_put(*state, path.text, DROP("get_stats"));
    assert_int_equal(fixture_route(*state, 42, other), DROP_REJECTED);
}

#define MOVED FUTURE "-l1-998-" CREATED "-a-t"

/* A file with an executing name that says something else is a drop as any. */
static void test_taken_back_as_another(void **state)
{
    fixture_put(*state, "pending/42/" MOVED ".json",
        "{\"action\":\"a\",\"task_id\":\"u\"}");
    assert_int_equal(fixture_route(*state, 42, MOVED ".json"), DROP_ROUTED);
    fixture_expect_tree(*state, "pending/42/998-20241207*-a-u.json\n");
}

/* Its end is asked for still; not that of another try, nor of another task. */
static void test_marks(void **state)
{
    static const char *const names[] = {
        MOVED ".json", "t.completed.json", "x.json"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct fixture *fixture = *state;
        struct path path = path_in_user(SPOOL_PENDING, 42, names[i]);
        fixture_put(fixture, "progress/42/t.cancel", "");
        fixture_put(fixture, path.text,
            "{\"action\":\"a\",\"task_id\":\"t\",\"status\":\"completed\"}");
        assert_int_equal(fixture_route(fixture, 42, names[i]), DROP_ROUTED);
        assert_int_equal(
            file_exists(fixture->spool.directory, "progress/42/t.cancel"),
            i == 0);
        fixture_renew(*state);
    }
}

/* A person has moved it back while a word on it was being given: it is done in
 * a moment, and must not be handed out before. */
static void test_spoken_about(void **state)
{
    static const char *const names[] = {MOVED ".json", "x.json"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, names[i]);
        fixture_put(*state, "tmp/42-t.verdict", "");
        fixture_put(*state, "progress/42/t.cancel", "");
        fixture_put(*state, path.text, "{\"action\":\"a\",\"task_id\":\"t\"}");
        assert_int_equal(fixture_route(*state, 42, names[i]), DROP_WAITING);
        fixture_expect(*state, "progress/42/t.cancel", "");
        fixture_expect(
            *state, path.text, "{\"action\":\"a\",\"task_id\":\"t\"}");
        fixture_renew(*state);
    }
}

/* It cannot be counted further. */
static void test_taken_back_too_often(void **state)
{
    fixture_put(*state, "pending/42/" MOVED ".r9999.json",
        "{\"action\":\"a\",\"task_id\":\"t\"}");
    assert_int_equal(
        fixture_route(*state, 42, MOVED ".r9999.json"), DROP_ROUTED);
    fixture_expect_tree(*state, "pending/42/998-20241207*-a-t.r9999.json\n*\n");
}

/* Larger than a file may become here, with the result that it is to bear. */
static void test_file_limit(void **state)
{
    struct rlimit before;
    fixture_put(*state, "pending/42/x.json", "{\"action\":\"a\"}");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit limit = {4096, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum drop_fate fate = fixture_route(*state, 42, "x.json");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(fate, DROP_REJECTED);
    char *why = fixture_get(*state, "rejected/x.json.why");
    assert_non_null(strstr(why, "lets no file become that large"));
    free(why);
}

static void test_too_many_values(void **state)
{
    static const char head[] = "{\"action\":\"a\",\"params\":{\"x\":[0";
    const struct fixture *fixture = *state;
    size_t size = (2 * (size_t)JSON_VALUES_MAX) + 100;
    char *text = malloc(size);
    assert_non_null(text);
    char *end = text + size - sizeof "]}}";
    memcpy(text, head, sizeof head - 1);
    for (char *at = text + sizeof head - 1; at < end; at += 2)
        memcpy(at, ",0", 2);
    memcpy(text + sizeof head - 1 +
               (((size_t)(end - text) - sizeof head + 1) / 2 * 2),
        "]}}", sizeof "]}}");
    fixture_put(fixture, "pending/42/x.json", text);
    free(text);
    struct config config = fixture_config();
    config.max_body = size;
    struct drop_file file = {.folder = 42,
        .name = "x.json",
        .path = path_in_user(SPOOL_PENDING, 42, "x.json")};
    assert_int_equal(
        drop_file_route(&fixture->spool, &config, &file), DROP_REJECTED);
    char *why = fixture_get(fixture, "rejected/x.json.why");
    assert_non_null(strstr(why, "too many values"));
    free(why);
}

/* A loss of power has left the drop its name beside that of the task that it
 * has become, in whichever folder: one file is one task. */
static void test_both_names(void **state)
{
    static const char *const tasks[] = {
        PENDING("a", "t"), EXECUTING(FUTURE, "l1", "a", "t")};
    static const char text[] = "{\"user_id\":42,\"action\":\"a\"}";
    for (size_t i = 0; i < COUNT_OF(tasks); i++) {
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        fixture_put(fixture, tasks[i], text);
        assert_int_equal(
            file_link(fixture->spool.directory, tasks[i], "pending/drop.json"),
            ERROR_NONE);
        fixture_put(fixture, PENDING("a", "u"), text);
        fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "u"), text);
        fixture_put(fixture, "pending/42/PAUSED", "");
        fixture_put(fixture, "executing/42/x", "");
        assert_int_equal(fixture_route(fixture, 0, "drop.json"), DROP_REJECTED);
        fixture_expect(fixture, tasks[i], text);
        fixture_expect(fixture, "rejected/drop.json", text);
        char *why = fixture_get(fixture, "rejected/drop.json.why");
        assert_non_null(strstr(why, "is a task already, by another name: t."));
        free(why);
    }
}

/* Laid there by ln(1): its other name is no task's. */
static void test_linked(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "other.json", "{\"user_id\":42,\"action\":\"a\"}");
    fixture_put(fixture, PENDING("a", "u"), DROP("a"));
    assert_int_equal(
        file_link(fixture->spool.directory, "other.json", "pending/drop.json"),
        ERROR_NONE);
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "v"), DROP("a"));
    assert_int_equal(fixture_route(fixture, 0, "drop.json"), DROP_ROUTED);
    assert_int_equal(fixture_count(fixture, "pending/42"), 2);
}

static void test_other_name_cannot_be_told(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(
        fixture, PENDING("a", "t"), "{\"user_id\":42,\"action\":\"a\"}");
    assert_int_equal(file_link(fixture->spool.directory, PENDING("a", "t"),
                         "pending/drop.json"),
        ERROR_NONE);
    fault_set(FAULT_OPEN, 2, EACCES);
    assert_int_equal(fixture_route(fixture, 0, "drop.json"), DROP_STUCK);
    assert_true(fault_clear());
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
    assert_int_equal(fixture_count(fixture, "rejected"), 0);
}

static void test_strangers(void **state)
{
    const struct fixture *fixture = *state;
    struct path folder = path_of(SPOOL_PENDING);
    struct path longest;
    fixture_put(fixture, "pending/x.part", "");
    fixture_put(fixture, "pending/folder/x", "");
    fixture_age(fixture, "pending/x.part", DROP_STRANGER_AGE + 10);
    fixture_age(fixture, "pending/folder", DROP_STRANGER_AGE + 10);
    assert_true(drop_is_stranger(&fixture->spool, folder, "x.part"));
    assert_false(drop_is_stranger(&fixture->spool, folder, "x.gone"));
    assert_false(drop_is_stranger(&fixture->spool, folder, "folder"));
    memset(longest.text, 'x', sizeof longest.text);
    longest.text[sizeof longest.text - 1] = '\0';
    assert_false(drop_is_stranger(&fixture->spool, longest, "x.part"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_id_is_taken),
        IN_SPOOL(test_id_is_held),
        IN_SPOOL(test_odd_things),
        IN_SPOOL(test_large),
        IN_SPOOL(test_hostile_names),
        IN_SPOOL(test_params),
        IN_SPOOL(test_params_of_a_task_taken_back),
        IN_SPOOL(test_taken_back_as_another),
        IN_SPOOL(test_marks),
        IN_SPOOL(test_spoken_about),
        IN_SPOOL(test_taken_back_too_often),
        IN_SPOOL(test_file_limit),
        IN_SPOOL(test_too_many_values),
        IN_SPOOL(test_both_names),
        IN_SPOOL(test_linked),
        IN_SPOOL(test_other_name_cannot_be_told),
        IN_SPOOL(test_strangers),
    };
    return cmocka_run_group_tests_name("drop_odd", tests, NULL, NULL);
}
