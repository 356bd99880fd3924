/* SPDX-License-Identifier: MIT */
/* What is told of tasks, with each call failing: all of it, an error, or less
 * where a file cannot be read; never anything else. */
#include "backlog.h"
#include "fault.h"
#include "find.h"
#include "json.h"
#include "lease.h"
#include "remove_tree.h"
#include "summary.h"
#include "task_fixture.h"
#include "task_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Writes JSON values with commas between. */
typedef enum error writer(const struct fixture *fixture, struct buffer *out);

/* --- What there is -------------------------------------------------------- */

struct told {
    const char *id;
    const char *status;
};

static const struct told tasks[] = {
    {"t1", "executing"},
    {"t2", "pending"},
    {"t3", "pending"},
    {"t4", "completed"},
    {"t5", "failed"},
};

#define RECORD(id, status)                                                     \
    "{\"user_id\":42,\"task_id\":\"" id "\",\"action\":\"a\","                 \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"priority\":\"odd\","     \
    "\"completed_at\":\"2024-12-07T10:00:00.000000Z\","                        \
    "\"status\":\"" status "\",\"result\":null}"

static void lay(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING("20290101T000000.000000Z", "l1", "a", "t1"),
        DROP("a"));
    fixture_put(fixture, "executing/42/x.json", "no name of ours");
    fixture_put(fixture, "progress/42/t1.json",
        "{\"lease\":\"l1\",\"at\":\"2024-12-07T10:00:00.000001Z\"}");
    fixture_put(fixture, "pending/42/998-" CREATED "-a-t2.r1.json", DROP("a"));
    fixture_put(fixture, "pending/42/998-" FUTURE "-a-t3.json", DROP("a"));
    fixture_put(fixture, "pending/42/x.txt", "no name of ours");
    fixture_put(fixture, PENDING("a", "t1"), DROP("a"));
    fixture_put(fixture, COMPLETED("t4"), RECORD("t4", "completed"));
    fixture_put(fixture, PENDING("a", "t4"), DROP("a"));
    fixture_put(fixture, FAILED("t4"), RECORD("t4", "failed"));
    fixture_put(fixture, FAILED("t5"), RECORD("t5", "failed"));
    /* Of two records of one time the success counts. */
    fixture_age(fixture, COMPLETED("t4"), 100);
    fixture_age(fixture, FAILED("t4"), 100);
    fixture_put(fixture, "done/42/t6.other.json", "no name of ours");
    fixture_put(fixture, "done/42/a b.failed.json", "no name of ours");
    /* A reading of executing/ is trusted once it has been quiet. */
    fixture_age(fixture, "executing/42", 100);
}

/* --- Writers -------------------------------------------------------------- */

/* Page by page. */
static enum error write_list(const struct fixture *fixture, struct buffer *out)
{
    char cursor[TASK_CURSOR_SIZE] = "";
    struct task_list list = {.account = &fixture->account,
        .states = 15,
        .limit = 2,
        .cursor = cursor};
    for (;;) {
        size_t before = out->length;
        enum error error = task_list_write(&list, out);
        if (error != ERROR_NONE)
            return error;
        if (list.next[0] == '\0')
            return out->failed ? ERROR_MEMORY : ERROR_NONE;
        assert_true(task_list_cursor_is_valid(list.next));
        memcpy(cursor, list.next, sizeof cursor);
        if (out->length > before)
            buffer_append_byte(out, ',');
    }
}

static enum error write_summaries(
    const struct fixture *fixture, struct buffer *out)
{
    const struct account *account = &fixture->account;
    for (size_t i = 0; i < COUNT_OF(tasks); i++) {
        struct task_place place;
        enum error error = find_task(account, tasks[i].id, &place);
        if (i > 0)
            buffer_append_byte(out, ',');
        if (error == ERROR_NONE)
            error =
                place.state == TASK_PENDING || place.state == TASK_EXECUTING
                    ? summary_write_live(out, account, &place, true)
                    : summary_write_finished(out, account, tasks[i].id, &place);
        if (error != ERROR_NONE)
            return error;
    }
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}

/* --- Expectations --------------------------------------------------------- */

static const char *status_of(struct json_value summary)
{
    for (size_t i = 0; i < COUNT_OF(tasks); i++) {
        if (json_string_equals(json_member(summary, "task_id"), tasks[i].id))
            return tasks[i].status;
    }
    return "of no task";
}

/* Each of them once at the most, and in its state. How many. */
static size_t expect_true(const char *text)
{
    struct buffer array = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    size_t count = 0;
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == ',')
        length--;
    buffer_append_byte(&array, '[');
    buffer_append(&array, text, length);
    buffer_append_byte(&array, ']');
    if (json_parse(&document, buffer_text(&array), array.length, &fault) !=
        ERROR_NONE)
        fail_msg("%s: is no JSON", text);
    for (struct json_value one = json_first(json_root(&document));
        !json_is(one, JSON_ABSENT); one = json_next(one)) {
        if (!json_string_equals(json_member(one, "status"), status_of(one)))
            fail_msg("%s: tells of a task what is not so", text);
        count++;
    }
    json_free(&document);
    buffer_free(&array);
    return count;
}

/* For lack of memory none is left out, but for what a plugin said of it. */
static void expect_told(
    const char *text, const char *whole, enum fault_call call)
{
    size_t count =
        strcmp(text, whole) == 0 ? COUNT_OF(tasks) : expect_true(text);
    assert_true(count <= COUNT_OF(tasks));
    if (call == FAULT_MEMORY)
        assert_int_equal(count, COUNT_OF(tasks));
}

/* Whether there was such a call. */
static bool fail_at(const struct fixture *fixture, writer *write,
    const char *whole, enum fault_call call, unsigned which, int number)
{
    struct buffer out = BUFFER_EMPTY;
    int before = fault_lowest_free();
    struct buffer pool = fault_take_pool();
    fault_set(call, which, number);
    enum error error = write(fixture, &out);
    bool has_come = fault_clear();
    if (error == ERROR_NONE)
        expect_told(buffer_text(&out), whole, call);
    buffer_free(&out);
    buffer_free(&pool);
    assert_int_equal(fault_lowest_free(), before);
    return has_come;
}

static void each_fault(const struct fixture *fixture, writer *write)
{
    static const int numbers[] = {EIO, EACCES, ESTALE, EINTR};
    struct buffer whole = BUFFER_EMPTY;
    assert_int_equal(write(fixture, &whole), ERROR_NONE);
    assert_int_equal(expect_true(buffer_text(&whole)), COUNT_OF(tasks));
    for (int call = 0; call < FAULT_ALL; call++) {
        for (size_t i = 0; i < COUNT_OF(numbers); i++) {
            unsigned which = 1;
            while (fail_at(fixture, write, buffer_text(&whole),
                (enum fault_call)call, which, numbers[i]))
                which++;
        }
    }
    buffer_free(&whole);
}

static void test_list(void **state)
{
    lay(*state);
    each_fault(*state, write_list);
}

static void test_summaries(void **state)
{
    lay(*state);
    each_fault(*state, write_summaries);
}

/* --- Others meanwhile ----------------------------------------------------- */

static enum error remove_record(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, FAILED("t5"), 0);
    return ERROR_NONE;
}

static enum error renew(void *context)
{
    struct task_place place;
    const struct fixture *fixture = context;
    if (find_executing(&fixture->account, "t1", &place) == ERROR_NONE)
        lease_renew(&fixture->account, &place, 2000000000);
    return ERROR_NONE;
}

/* What stays in its state is told, whatever becomes of the others. */
static void each_turn(struct fixture *fixture, fault_work *work, size_t least)
{
    bool has_come = true;
    for (unsigned which = 1; has_come; which++) {
        struct buffer out = BUFFER_EMPTY;
        remove_tree(fixture->spool.directory, "executing");
        lay(fixture);
        fault_meet(FAULT_ALL, which, work, fixture);
        enum error error = write_list(fixture, &out);
        has_come = fault_clear();
        assert_int_equal(error, ERROR_NONE);
        size_t count = expect_true(buffer_text(&out));
        if (count < least || count > COUNT_OF(tasks))
            fail_msg("turn %u: %s", which, buffer_text(&out));
        buffer_free(&out);
    }
}

static void test_turns(void **state)
{
    each_turn(*state, remove_record, COUNT_OF(tasks) - 1);
    each_turn(*state, renew, COUNT_OF(tasks));
}

static void test_backlog(void **state)
{
    const struct fixture *fixture = *state;
    lay(fixture);
    for (unsigned which = 1, more = 1; more > 0; which++) {
        struct backlog backlog;
        fault_set(FAULT_MEMORY, which, ENOMEM);
        enum error error = backlog_read(&fixture->account, &backlog);
        more = fault_clear();
        if (error != ERROR_NONE)
            continue;
        assert_int_equal(backlog.pending, 4); /* debris among them */
        assert_int_equal(backlog.executing, 1);
        assert_int_equal(backlog.next_due, 0);
    }
}

/* More actions than are kept in mind. */
static void test_many_actions(void **state)
{
    const struct fixture *fixture = *state;
    struct backlog backlog;
    for (int i = 0; i < 20; i++) {
        char path[100];
        snprintf(path, sizeof path,
            "pending/42/998-" CREATED "-action%d-t%d.json", i, i);
        fixture_put(fixture, path, "{}");
    }
    assert_int_equal(backlog_read(&fixture->account, &backlog), ERROR_NONE);
    assert_int_equal(backlog.pending, 20);
    assert_int_equal(backlog.next_due, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_list),
        IN_SPOOL(test_summaries),
        IN_SPOOL(test_turns),
        IN_SPOOL(test_backlog),
        IN_SPOOL(test_many_actions),
    };
    return cmocka_run_group_tests_name("tell_fault", tests, NULL, NULL);
}
