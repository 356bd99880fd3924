/* SPDX-License-Identifier: MIT */
/* Settings, tasks and records where each call fails in turn. */
#include "cancel_mark.h"
#include "config.h"
#include "fault.h"
#include "record.h"
#include "root.h"
#include "task.h"
#include "task_fixture.h"
#include "token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error load_config(void *context)
{
    const struct fixture *fixture = context;
    struct config config;
    struct ini_fault fault;
    enum error error = config_load(&config, fixture->root, &fault);
    /* After an error they are the defaults. */
    assert_int_equal(config.settle, error == ERROR_NONE ? 7 : 2);
    return error;
}

struct token_case {
    const struct fixture *fixture;
    char *variable;
};

static enum error find_token(void *context)
{
    const struct token_case *token_case = context;
    const struct fixture *fixture = token_case->fixture;
    struct caller caller;
    struct ini_fault fault;
    struct buffer token = BUFFER_EMPTY;
    char *environment[] = {token_case->variable, NULL};
    enum error error = token_from_environment(environment, true, &token);
    if (error == ERROR_NONE)
        error = token_look_up(fixture->root, &token, &caller, &fault);
    buffer_free(&token);
    return error;
}

struct root_case {
    char *const *environment;
};

static enum error find_root(void *context)
{
    const struct root_case *root_case = context;
    struct buffer root = BUFFER_EMPTY;
    enum error error = root_find(root_case->environment, &root);
    buffer_free(&root);
    return error;
}

static enum error load_task(void *context)
{
    const struct fixture *fixture = context;
    struct task_name name;
    struct task task;
    struct task_fault fault;
    name_parse_queued(QUEUED("get_stats", "t1"), &name);
    struct path path = {PENDING("get_stats", "t1")};
    enum error error = task_load(&fixture->account, path, &name, &task, &fault);
    if (error == ERROR_NONE)
        task_free(&task);
    return error;
}

/* The longest that a draft takes, spelled so that it needs memory to be read.
 */
static enum error parse_draft(void *context)
{
    static const char text[] = "{\"action\":\"get_\\u0073tats\","
                               "\"task_id\":\"\\u0074\",\"not_before\":"
                               "\"2024-12-07T10:00:15\\u005A\"}";
    struct buffer file = BUFFER_EMPTY;
    struct json_document document;
    struct draft draft;
    struct task_fault fault;
    (void)context;
    buffer_append_text(&file, text);
    enum error error = file.failed
                           ? ERROR_MEMORY
                           : task_parse(&file, &document, &draft, &fault, NULL);
    if (error == ERROR_NONE)
        json_free(&document);
    buffer_free(&file);
    return error;
}

static enum error load_record(void *context)
{
    const struct fixture *fixture = context;
    struct record_head head;
    struct task task;
    struct path path = {COMPLETED("t1")};
    enum error error = record_load_head(&fixture->spool, path, &head);
    if (error == ERROR_NONE)
        error = record_load_task(&fixture->account, path, "t1", &task);
    if (error == ERROR_NONE)
        task_free(&task);
    return error;
}

static enum error load_brief(void *context)
{
    const struct fixture *fixture = context;
    struct buffer brief = BUFFER_EMPTY;
    struct path path = {COMPLETED("t1")};
    enum error error = record_read_brief(&fixture->spool, path, &brief);
    buffer_free(&brief);
    return error;
}

static enum error compare(void *context)
{
    static const char text[] =
        "{\"status\":\"failed\",\"error\":\"e\",\"result\":{\"a\": 1}}";
    struct json_document document;
    struct json_fault fault;
    struct verdict verdict = {.result = "{\"a\":1}",
        .result_length = 7,
        .error = "e",
        .error_length = 1};
    (void)context;
    if (json_parse(&document, text, sizeof text - 1, &fault) != ERROR_NONE)
        return ERROR_MEMORY;
    enum error error = record_compare(json_root(&document), &verdict);
    json_free(&document);
    return error;
}

static enum error write_record(void *context)
{
    const struct fixture *fixture = context;
    static char long_error[2000];
    struct task_name name = {.action = "get_stats", .id = "t1"};
    struct task task;
    struct verdict verdict = {.error = long_error,
        .error_length = sizeof long_error,
        .execution_time_ms = -1};
    struct buffer text = BUFFER_EMPTY;
    memset(long_error, 'e', sizeof long_error);
    task_from_name(&task, &fixture->account, &name);
    record_write(&text, &task, &verdict, 1);
    enum error error = text.failed ? ERROR_MEMORY : ERROR_NONE;
    buffer_free(&text);
    return error;
}

static enum error mark(void *context)
{
    const struct fixture *fixture = context;
    enum error error = cancel_mark_make(&fixture->account, "t1");
    if (error == ERROR_NONE)
        error = cancel_mark_look(&fixture->account, "t1");
    enum error removed = cancel_mark_remove(&fixture->account, "t1");
    return error == ERROR_NONE ? removed : error;
}

/* ROOT/NAME, with the folder that it lies in. */
static void put_in_root(
    const struct fixture *fixture, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "../%s", name);
    fixture_put(fixture, path, text);
}

static void test_settings(void **state)
{
    struct fixture *fixture = *state;
    char bearer[] = "HTTP_AUTHORIZATION=Bearer p";
    char basic[] = "HTTP_AUTHORIZATION=Basic dTpw";
    put_in_root(fixture, "etc/stoflow.ini", "[queue]\nsettle = 7\n");
    /* SHA-256 of "p". */
    put_in_root(fixture,
        "etc/tokens/"
        "148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940.ini",
        "user_id = 42\nscope = plugin\n");
    fault_each("the configuration", load_config, fixture);
    fault_each(
        "a bearer token", find_token, &(struct token_case){fixture, bearer});
    fault_each(
        "a basic token", find_token, &(struct token_case){fixture, basic});
}

static void test_root(void **state)
{
    char given[] = "STOFLOW_ROOT=/some/dir";
    char *with[] = {given, NULL};
    char *without[] = {NULL};
    (void)state;
    fault_each("a given root", find_root, &(struct root_case){with});
    fault_each("the program's root", find_root, &(struct root_case){without});
}

/* It may be a task: a drop is not to be rejected for it. */
static void test_draft_without_memory(void **state)
{
    enum error results[10];
    unsigned count = fault_each_call(
        parse_draft, *state, FAULT_MEMORY, ENOMEM, results, COUNT_OF(results));
    assert_true(count >= 5);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(results[i], ERROR_MEMORY);
}

/* Nor is a record to be taken for one that somebody has spoilt. */
static void test_record_without_memory(void **state)
{
    enum error results[40];
    fixture_put(*state, COMPLETED("t1"),
        "{\"task_id\":\"\\u00741\",\"user_id\":42,\"action\":\"get_"
        "\\u0073tats\","
        "\"created_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T10:00:00.000000Z\"}");
    unsigned count = fault_each_call(
        load_record, *state, FAULT_MEMORY, ENOMEM, results, COUNT_OF(results));
    assert_true(count >= 6 && count <= COUNT_OF(results));
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(results[i], ERROR_MEMORY);
}

static void test_tasks(void **state)
{
    struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("get_stats", "t1"), DROP("get_stats"));
    fixture_put(fixture, COMPLETED("t1"),
        "{\"task_id\":\"t1\",\"user_id\":42,\"action\":\"get_stats\","
        "\"created_at\":\"2024-12-07T10:00:00.000000Z\","
        "\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T10:00:00.000000Z\",\"result\":1}");
    fault_each("a task", load_task, fixture);
    fault_each("a record", load_record, fixture);
    fault_each("a brief", load_brief, fixture);
    fault_each("writing a record", write_record, fixture);
    fault_each("comparing", compare, fixture);
    fault_each("a mark", mark, fixture);
}

static void test_other_records(void **state)
{
    const struct fixture *fixture = *state;
    struct task task;
    struct buffer brief = BUFFER_EMPTY;
    struct path path = {COMPLETED("t1")};
    fixture_put(fixture, COMPLETED("t1"), "{\"task_id\":\"t2\"}");
    assert_int_equal(
        record_load_task(&fixture->account, path, "t1", &task), ERROR_SYNTAX);
    fixture_put(fixture, COMPLETED("t1"), "{\"task_id\":\"t1\"}");
    assert_int_equal(
        record_load_task(&fixture->account, path, "t1", &task), ERROR_SYNTAX);
    fixture_put(fixture, FAILED("t1"), "{}");
    assert_int_equal(unlinkat(fixture->spool.directory, path.text, 0), 0);
    assert_int_equal(
        symlinkat("t1.failed.json", fixture->spool.directory, path.text), 0);
    assert_int_equal(
        record_read_brief(&fixture->spool, path, &brief), ERROR_TYPE);
    buffer_free(&brief);
}

static void test_spoilt(void **state)
{
    (void)state;
    for (int error = ERROR_NONE; error <= ERROR_SYSTEM; error++) {
        bool spoilt = error == ERROR_SYNTAX || error == ERROR_TYPE ||
                      error == ERROR_TOO_LARGE;
        assert_int_equal(task_is_spoilt((enum error)error), spoilt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_settings),
        cmocka_unit_test(test_root),
        IN_SPOOL(test_draft_without_memory),
        IN_SPOOL(test_record_without_memory),
        IN_SPOOL(test_tasks),
        IN_SPOOL(test_other_records),
        cmocka_unit_test(test_spoilt),
    };
    return cmocka_run_group_tests_name("task_fault", tests, NULL, NULL);
}
