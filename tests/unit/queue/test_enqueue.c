/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "draft.h"
#include "enqueue.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "ingest_fixture.h"
#include "json.h"
#include "json_expect.h"
#include "name.h"
#include "path.h"
#include "queue_fixture.h"
#include "record.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A draft for user 42 of the action a, with this ID ("" for none). */
static struct draft draft_of(const char *id)
{
    struct draft draft;
    draft_init(&draft);
    draft.user = 42;
    memcpy(draft.action, "a", 2);
    memcpy(draft.id, id, strlen(id) + 1);
    return draft;
}

static enum error enqueue(const struct fixture *fixture,
    const struct draft *draft, struct task_name *name,
    struct task_place *standing)
{
    struct config config = fixture_config();
    config.all.timeout = 33;
    return enqueue_task(UNDER(fixture, &config), draft, name, standing);
}

static void test_new_id(void **state)
{
    struct draft draft = draft_of("");
    struct task_name first;
    struct task_name second;
    struct task_place standing;
    draft.priority = 999;
    assert_int_equal(enqueue(*state, &draft, &first, &standing), ERROR_NONE);
    assert_int_equal(enqueue(*state, &draft, &second, &standing), ERROR_NONE);
    assert_string_not_equal(first.id, second.id);
    assert_int_equal(strlen(first.id), 36);
    fixture_expect_tree(
        *state, "pending/42/000-*-a-*.json\npending/42/000-*-a-*.json\n");
}

static void test_content(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    struct stat status;
    static const char params[] = "{ \"n\" : 12345678901234567890, \"e\":1e400}";
    struct json_document document = json_parsed(params);
    draft.params = json_root(&document);
    mode_t mask = umask(0);
    enum error error = enqueue(fixture, &draft, &name, &standing);
    umask(mask);
    json_free(&document);
    assert_int_equal(error, ERROR_NONE);
    fixture_expect_tree(fixture, "pending/42/998-*-a-t.json\n");
    static const char *const place = "pending/42/998-*-a-t.json";
    fixture_expect_member(fixture, place, "params", params);
    fixture_expect_member(fixture, place, "task_id", "\"t\"");
    fixture_expect_member(fixture, place, "user_id", "42");
    fixture_expect_member(fixture, place, "priority", "1");
    fixture_expect_member(fixture, place, "timeout", "33");
    struct path path =
        path_in_user(SPOOL_PENDING, 42, name_format_queued(&name).text);
    assert_int_equal(
        fstatat(fixture->spool.directory, path.text, &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
}

struct taken_case {
    const char *path;
    enum task_state state;
};

static const struct taken_case taken[] = {
    {PENDING("b", "t"), TASK_PENDING},
    {EXECUTING(PAST, "l", "b", "t"), TASK_EXECUTING},
    {COMPLETED("t"), TASK_COMPLETED},
    {FAILED("t"), TASK_FAILED},
};

static void test_id_is_taken(void **state)
{
    struct draft draft = draft_of("t");
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        struct task_name name;
        struct task_place standing;
        struct buffer tree = BUFFER_EMPTY;
        fixture_put(*state, taken[i].path, DROP("b"));
        assert_int_equal(
            enqueue(*state, &draft, &name, &standing), ERROR_EXISTS);
        assert_int_equal(standing.state, taken[i].state);
        assert_string_equal(standing.path.text, taken[i].path);
        buffer_append_format(&tree, "%s\n", taken[i].path);
        fixture_expect_tree(*state, buffer_text(&tree));
        buffer_free(&tree);
        fixture_renew(*state);
    }
}

static void test_id_of_another_user(void **state)
{
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    fixture_put(*state, "pending/43/" QUEUED("a", "t"), DROP("a"));
    fixture_put(*state, "done/4/t.completed.json", "{}");
    assert_int_equal(enqueue(*state, &draft, &name, &standing), ERROR_NONE);
    assert_int_equal(fixture_count(*state, "pending/42"), 1);
}

/* Another program has the ID for a moment: whether it lets go before this one
 * looks or while it waits, the task is created. */
static void test_id_is_held(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    int status;
    fixture_put(fixture, "tmp/42-t.hold", "");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(unlinkat(fixture->spool.directory, "tmp/42-t.hold", 0) != 0);
    enum error error = enqueue(fixture, &draft, &name, &standing);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(error, ERROR_NONE);
    fixture_expect_tree(fixture, "pending/42/998-*-a-t.json\n");
}

/* After any error nothing is queued, and nothing is left. */
static void test_no_place(void **state)
{
    static const char *const ids[] = {"", "t"};
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct draft draft = draft_of(ids[i]);
        struct task_name name;
        struct task_place standing;
        fixture_put(*state, "pending/42", "a file where a folder should be");
        enum error error = enqueue(*state, &draft, &name, &standing);
        assert_int_not_equal(error, ERROR_NONE);
        assert_int_not_equal(error, ERROR_EXISTS);
        fixture_expect_tree(*state, "pending/42\n");
    }
}

/* What was not acknowledged must not run. */
static void test_unsafe(void **state)
{
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    fixture_put(*state, PENDING("a", "other"), DROP("a"));
    fault_set(FAULT_SYNC, 2, EIO); /* the folder's, after the file's */
    enum error error = enqueue(*state, &draft, &name, &standing);
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_IO);
    fixture_expect_tree(*state, PENDING("a", "other") "\n");
}

#define LATER "2099-01-01T00:00:00.000000Z"

/* A scheduled task bears the moment it is due in its name, and the moment it
 * came in its file. */
static void test_scheduled(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    struct task task;
    assert_int_equal(
        draft_set_not_before(&draft, LATER, strlen(LATER)), ERROR_NONE);
    draft.expires_in = 60;
    draft.retries = 0;
    assert_int_equal(enqueue(fixture, &draft, &name, &standing), ERROR_NONE);
    static const char place[] =
        "pending/42/998-20990101T000000.000000Z-a-t.json";
    fixture_expect_tree(fixture, "pending/42/998-20990101T000000.000000Z-a-t"
                                 ".json\n");
    fixture_expect_member(fixture, place, "not_before", "\"" LATER "\"");
    fixture_expect_member(fixture, place, "expires_in", "60");
    fixture_expect_member(fixture, place, "retries", "0");
    fixture_expect_member(fixture, place, "then", "");
    fixture_load(fixture, place, &task);
    assert_true(task.draft.created > 0 && task.draft.created <= clock_now());
    assert_true(task.draft.not_before == name.created);
    struct buffer record = BUFFER_EMPTY;
    struct verdict verdict = {.completed = true, .execution_time_ms = -1};
    record_write(&record, &task, &verdict, clock_now());
    fixture_put(fixture, COMPLETED("t"), buffer_text(&record));
    buffer_free(&record);
    char created[CLOCK_ISO_LENGTH + 3];
    char iso[CLOCK_ISO_LENGTH + 1];
    clock_format_iso(iso, task.draft.created);
    snprintf(created, sizeof created, "\"%s\"", iso);
    task_free(&task);
    fixture_expect_member(fixture, place, "created_at", created);
    fixture_expect_member(fixture, COMPLETED("t"), "created_at", created);
    fixture_expect_member(
        fixture, COMPLETED("t"), "not_before", "\"" LATER "\"");
}

/* A moment that has passed schedules nothing. */
static void test_scheduled_in_the_past(void **state)
{
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    int64_t before = clock_now();
    draft.not_before = before - clock_second;
    assert_int_equal(enqueue(*state, &draft, &name, &standing), ERROR_NONE);
    assert_true(name.created >= before && name.created <= clock_now());
}

/* What is to follow stands in the file as it was given. */
static void test_then(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    static const char then[] = "{ \"action\":\"b\" }";
    struct json_document document = json_parsed(then);
    draft.then = json_root(&document);
    assert_int_equal(enqueue(fixture, &draft, &name, &standing), ERROR_NONE);
    json_free(&document);
    fixture_expect_member(fixture, "pending/42/998-*-a-t.json", "then", then);
}

/* What is created now comes after what was created before. */
static void test_order_of_creation(void **state)
{
    struct draft draft = draft_of("");
    char before[NAME_LENGTH_MAX] = "";
    for (int i = 0; i < 20; i++) {
        struct task_name name;
        struct task_place standing;
        assert_int_equal(enqueue(*state, &draft, &name, &standing), ERROR_NONE);
        struct name queued = name_format_queued(&name);
        assert_true(strncmp(before, queued.text, 27) <= 0);
        memcpy(before, queued.text, sizeof before);
    }
}

/* Over a network each link, rename and unlink may be done, and yet fail. The
 * next who asks for this ID must meet the task, if there is one; and after an
 * error there is none. */
static void test_done_and_yet_failed(void **state)
{
    static const int errors[] = {EIO, EEXIST};
    for (unsigned i = 0; i < 2 * 3; i++) {
        const struct fixture *fixture = *state;
        struct draft draft = draft_of("t");
        struct task_name name;
        struct task_place standing;
        fixture_deep(fixture);
        fault_set_late(FAULT_NAMES, 1 + (i / 2), errors[i % 2]);
        enum error first = enqueue(fixture, &draft, &name, &standing);
        assert_true(fault_clear());
        unlinkat(fixture->spool.directory, "tmp/42-t.hold", 0);
        if (first != ERROR_NONE)
            assert_int_equal(fixture_count(fixture, "pending/42"), MANY);
        else
            assert_int_equal(
                enqueue(fixture, &draft, &name, &standing), ERROR_EXISTS);
        fixture_renew(*state);
    }
}

/* The clock is set ahead while the ID is looked for. */
static void set_clock(void *context)
{
    unsigned *opened = context;
    if (++*opened == 2) /* behind the hold */
        fault_set_clock(3600);
}

/* Then the sweeper takes the hold for one that was left, and another may create
 * a task with this ID. */
static void test_hold_that_seems_old(void **state)
{
    struct draft draft = draft_of("t");
    struct task_name name;
    struct task_place standing;
    unsigned opened = 0;
    fault_set_meanwhile(FAULT_OPEN, set_clock, &opened);
    enum error error = enqueue(*state, &draft, &name, &standing);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    fault_set_clock(0);
    assert_int_equal(error, ERROR_BUSY);
    fixture_expect_tree(*state, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_new_id),
        IN_SPOOL(test_content),
        IN_SPOOL(test_id_is_taken),
        IN_SPOOL(test_id_of_another_user),
        IN_SPOOL(test_id_is_held),
        IN_SPOOL(test_no_place),
        IN_SPOOL(test_unsafe),
        IN_SPOOL(test_scheduled),
        IN_SPOOL(test_scheduled_in_the_past),
        IN_SPOOL(test_then),
        IN_SPOOL(test_order_of_creation),
        IN_SPOOL(test_done_and_yet_failed),
        IN_SPOOL(test_hold_that_seems_old),
    };
    return cmocka_run_group_tests_name("enqueue", tests, NULL, NULL);
}
