/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "config.h"
#include "draft.h"
#include "error.h"
#include "file.h"
#include "ingest_fixture.h"
#include "json.h"
#include "name.h"
#include "path.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error load(const struct fixture *fixture, const char *text,
    struct task *task, struct task_fault *fault)
{
    struct task_name name;
    struct config config = fixture_config();
    config.all.timeout = 33;
    config.max_body = 1000;
    fixture_put(fixture, PENDING("a", "t"), text);
    assert_int_equal(name_parse_queued(QUEUED("a", "t"), &name), ERROR_NONE);
    fault->reason[0] = '\0';
    return task_load(UNDER(fixture, &config), (struct path){PENDING("a", "t")},
        &name, task, fault);
}

static void test_loaded(void **state)
{
    struct task task;
    struct task_fault fault;
    assert_int_equal(
        load(*state,
            "{\"action\":\"a\",\"task_id\":\"t\",\"user_id\":42,"
            "\"params\":{\"x\":1},\"priority\":500,\"timeout\":7,\"more\":[]}",
            &task, &fault),
        ERROR_NONE);
    assert_int_equal(task.user, 42);
    assert_string_equal(task.name.id, "t");
    assert_int_equal(task.name.priority, 1); /* the name decides */
    assert_int_equal(task.timeout, 7);
    assert_int_equal(task.attempts, 1);
    assert_true(json_is(task.draft.params, JSON_OBJECT));
    task_free(&task);
    assert_int_equal(load(*state, DROP("a"), &task, &fault), ERROR_NONE);
    assert_int_equal(task.timeout, 33); /* by configuration */
    assert_true(json_is(task.draft.params, JSON_ABSENT));
    task_free(&task);
}

struct bad_case {
    const char *text;
    const char *word;
};

static const struct bad_case bad_cases[] = {
    {"", "not JSON"},
    {"{", "not JSON"},
    {"{\"action\":\"a\"}x", "at byte 14"},
    {"{\"action\":\"a\"} {}", "not JSON"},
    {"{'action':'a'}", "not JSON"},
    {"{\"action\":\"a\",}", "not JSON"},
    {"{\"action\":\"\xFF\"}", "not JSON"},
    {"[]", "not an object"},
    {"\"a\"", "not an object"},
    {"null", "not an object"},
    {"{}", "\"action\" is \"\", and its name says \"a\""},
    {"{\"action\":\"b\"}", "\"action\" is \"b\", and its name says \"a\""},
    {"{\"action\":\"a\",\"task_id\":\"T\"}", "\"task_id\" is \"T\", and its"},
    {"{\"action\":\"a\",\"user_id\":4}", "\"user_id\" is not that"},
    {"{\"action\":\"a\",\"params\":7}", "\"params\" must"},
    {"{\"action\":\"a\",\"priority\":-1}", "\"priority\" must"},
    {"{\"action\":\"a\",\"timeout\":\"7\"}", "\"timeout\" must"},
};

static void test_refused(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bad_cases); i++) {
        struct task task;
        struct task_fault fault;
        enum error error = load(*state, bad_cases[i].text, &task, &fault);
        if (error != ERROR_SYNTAX ||
            strstr(fault.reason, bad_cases[i].word) == NULL)
            fail_msg("%s: have error %d, %s, want %s", bad_cases[i].text,
                (int)error, fault.reason, bad_cases[i].word);
    }
}

/* As a task it can never be read: refused, not tried again and again. */
static void test_too_deep(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct task task;
    struct task_fault fault;
    buffer_append_text(&text, "{\"action\":\"a\",\"x\":");
    for (int i = 0; i < JSON_OWN_DEPTH_MAX; i++)
        buffer_append_byte(&text, '[');
    for (int i = 0; i < JSON_OWN_DEPTH_MAX; i++)
        buffer_append_byte(&text, ']');
    buffer_append_byte(&text, '}');
    assert_int_equal(
        load(*state, buffer_text(&text), &task, &fault), ERROR_SYNTAX);
    buffer_free(&text);
}

/* What was taken once is read, though max_body says less by now, and though it
 * lies one level deeper than it came. */
static void test_beyond_the_door(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct task task;
    struct task_fault fault;
    buffer_append_text(&text, "{\"action\":\"a\",\"params\":{\"x\":");
    for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
        buffer_append_byte(&text, '[');
    for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
        buffer_append_byte(&text, ']');
    buffer_append_text(&text, "}");
    for (int i = 0; i < 2000; i++)
        buffer_append_byte(&text, ' ');
    buffer_append_byte(&text, '}');
    assert_int_equal(
        load(*state, buffer_text(&text), &task, &fault), ERROR_NONE);
    task_free(&task);
    buffer_free(&text);
}

static void test_other_errors(void **state)
{
    const struct fixture *fixture = *state;
    struct task task;
    struct task_name name;
    struct task_fault fault;
    struct config config = fixture_config();
    struct path path = {PENDING("a", "t")};
    assert_int_equal(name_parse_queued(QUEUED("a", "t"), &name), ERROR_NONE);
    fixture_put(fixture, path.text, DROP("a"));
    int file = openat(fixture->spool.directory, path.text, O_WRONLY);
    assert_int_equal(ftruncate(file, (off_t)STORED_MOST + 1), 0);
    close(file);
    assert_int_equal(
        task_load(UNDER(fixture, &config), path, &name, &task, &fault),
        ERROR_TOO_LARGE);
    file_remove(fixture->spool.directory, path.text);
    assert_int_equal(
        task_load(UNDER(fixture, &config), path, &name, &task, &fault),
        ERROR_NOT_FOUND);
    assert_int_equal(mkfifoat(fixture->spool.directory, path.text, 0600), 0);
    assert_int_equal(
        task_load(UNDER(fixture, &config), path, &name, &task, &fault),
        ERROR_TYPE);
}

struct attempt_case {
    const char *path;
    const char *text;
    bool pending;
    int attempts;
    bool claimed; /* whether it was ever */
};

static const struct attempt_case attempt_cases[] = {
    {EXECUTING(PAST, "l", "a", "t"), DROP("a"), false, 1, true},
    {"executing/42/" PAST "-l-998-" CREATED "-a-t.r2.json", DROP("a"), false, 3,
        true},
    {PENDING("a", "t"), DROP("a"), true, 0, false},
    {"pending/42/998-" CREATED "-a-t.r2.json", DROP("a"), true, 2, true},
    {EXECUTING(PAST, "l", "a", "t"), "{\"action\":\"a\",\"attempts\":5}", false,
        6, true}, /* a finished one that was queued again */
};

static void test_attempts(void **state)
{
    for (size_t i = 0; i < COUNT_OF(attempt_cases); i++) {
        const struct attempt_case *row = &attempt_cases[i];
        struct task task;
        fixture_put(*state, row->path, row->text);
        fixture_load(*state, row->path, &task);
        if (row->pending)
            task_set_pending(&task);
        if (task.attempts != row->attempts ||
            (task.claimed != 0) != row->claimed)
            fail_msg("%s: have %d attempts, want %d", row->path, task.attempts,
                row->attempts);
        task_free(&task);
    }
}

static void test_members(void **state)
{
    (void)state;
    struct draft draft;
    struct buffer out = BUFFER_EMPTY;
    struct task_name name = {.priority = 998,
        .created = INT64_C(1733565600000001),
        .action = "act",
        .id = "I-d"};
    draft_init(&draft);
    task_write_members(&out, INT64_MAX, &name, &draft, 7);
    assert_string_equal(buffer_text(&out),
        "  \"task_id\": \"I-d\",\n"
        "  \"user_id\": 9223372036854775807,\n"
        "  \"action\": \"act\",\n"
        "  \"params\": {},\n"
        "  \"priority\": 998,\n"
        "  \"timeout\": 7,\n"
        "  \"created_at\": \"2024-12-07T10:00:00.000001Z\"");
    buffer_clear(&out);
    task_write_members(&out, 42, &name, &draft, 0);
    assert_null(strstr(buffer_text(&out), "timeout"));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_loaded),
        IN_SPOOL(test_refused),
        IN_SPOOL(test_too_deep),
        IN_SPOOL(test_beyond_the_door),
        IN_SPOOL(test_other_errors),
        IN_SPOOL(test_attempts),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
