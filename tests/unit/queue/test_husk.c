/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "config.h"
#include "draft.h"
#include "drop.h"
#include "enqueue.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "husk.h"
#include "locate.h"
#include "name.h"
#include "path.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char rejected_two[] =
    "rejected/" QUEUED("a", "t") "\nrejected/" QUEUED("a", "t") ".why\n";

static struct config aged(void)
{
    struct config config = fixture_config();
    config.settle = 0;
    return config;
}

static enum error create(
    const struct fixture *fixture, const char *key, struct task_place *standing)
{
    struct config config = aged();
    struct task_name name;
    struct draft draft;
    draft_init(&draft);
    draft.user = 42;
    memcpy(draft.action, "a", 2);
    memcpy(draft.id, "t", 2);
    memcpy(draft.key, key, strlen(key) + 1);
    return enqueue_task(UNDER(fixture, &config), &draft, &name, standing);
}

static enum error locate(const struct fixture *fixture)
{
    struct config config = aged();
    struct task_place place;
    return locate_task(UNDER(fixture, &config), "t", &place);
}

/* Nobody was told that there is such a task: there is none. */
static void test_created_anew(void **state)
{
    static const char *const texts[] = {"", "{\"action\":\"a\""};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct fixture *fixture = *state;
        struct task_place standing;
        fixture_put(fixture, PENDING("a", "t"), texts[i]);
        assert_int_equal(create(fixture, "", &standing), ERROR_NONE);
        assert_int_equal(fixture_count(fixture, "pending/42"), 1);
        assert_int_equal(fixture_count(fixture, "rejected"), 2);
        fixture_claim(fixture, "", "t");
        fixture_renew(*state);
    }
}

static void test_created_anew_with_key(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    fixture_put(fixture, PENDING("a", "t"), "");
    fixture_put(fixture, "keys/42/key-k", "t\n\n");
    assert_int_equal(create(fixture, "key-k", &standing), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
}

/* Its claim, too, may have come back with the power, and would keep the new one
 * from being handed out, now and after the next loss. */
static void test_created_anew_beside_claim(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    fixture_put(fixture, EXECUTING(FUTURE, "l1", "a", "t"), "");
    fault_set(FAULT_SYNC, 3, EIO);
    assert_int_equal(create(fixture, "", &standing), ERROR_IO);
    assert_true(fault_clear());
    assert_int_equal(fixture_count(fixture, "pending"), 0);
    assert_int_equal(create(fixture, "", &standing), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
    fixture_claim(fixture, "", "t");
}

/* A person may be copying it still. */
static void test_young(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place place;
    fixture_put(fixture, PENDING("a", "t"), "{");
    assert_int_equal(locate_task(&fixture->account, "t", &place), ERROR_BUSY);
    fixture_expect_tree(fixture, PENDING("a", "t") "\n");
}

static void test_located(void **state)
{
    fixture_put(*state, PENDING("a", "t"), "{");
    assert_int_equal(locate(*state), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, rejected_two);
}

/* A plugin may have it, and its word is taken. */
static void test_executing(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "l1", "a", "t"), "{");
    assert_int_equal(locate(*state), ERROR_NONE);
    assert_int_equal(fixture_count(*state, "rejected"), 0);
}

/* What is JSON was spoilt by somebody: it is a task, until a poll meets it. */
static void test_spoilt(void **state)
{
    fixture_put(*state, PENDING("a", "t"), "[]");
    assert_int_equal(locate(*state), ERROR_NONE);
    fixture_expect_tree(*state, PENDING("a", "t") "\n");
}

static void test_dropped_anew(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, PENDING("a", "t"), "{");
    fixture_put(
        fixture, "pending/42/x.json", "{\"action\":\"a\",\"task_id\":\"t\"}");
    assert_int_equal(fixture_route(fixture, 42, "x.json"), DROP_WAITING);
    fixture_expect_tree(fixture, PENDING("a", "t") "\npending/42/x.json\n");
    struct config config = aged();
    struct drop_file file = {.folder = 42,
        .name = "x.json",
        .path = path_in_user(SPOOL_PENDING, 42, "x.json"),
        .created = clock_now()};
    assert_int_equal(
        drop_file_route(&fixture->spool, &config, &file), DROP_ROUTED);
    fixture_claim(fixture, "", "t");
}

/* Of two keys the second asks whether the first one's task is there. */
static void test_key_of_a_husk(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    fixture_put(fixture, PENDING("a", "u"), "");
    fixture_put(fixture, "keys/42/key-k", "u\n\n");
    assert_int_equal(create(fixture, "key-k", &standing), ERROR_NONE);
}

/* One that was noted by another request, of which a husk is left. */
static void test_noted_by_another(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    char *note;
    fixture_put(fixture, PENDING("a", "t"), "");
    fixture_put(fixture, "keys/42/key-k", "t\nother\n");
    assert_int_equal(create(fixture, "key-k", &standing), ERROR_NONE);
    note = fixture_get(fixture, "keys/42/key-k");
    assert_string_equal(note, "t\n\n");
    free(note);
}

/* Who creates a task and dies has named it, and flushed nothing. */
static void test_made_safe(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    fixture_put(fixture, PENDING("a", "t"), "{\"action\":\"a\"}");
    for (unsigned i = 1; i <= 2; i++) {
        assert_int_equal(create(fixture, "", &standing), ERROR_EXISTS);
        fault_set(FAULT_SYNC, i, EIO);
        assert_int_equal(
            enqueue_make_safe(&fixture->account, "t", &standing), ERROR_IO);
        assert_true(fault_clear());
    }
    assert_int_equal(
        enqueue_make_safe(&fixture->account, "t", &standing), ERROR_NONE);
    fixture_claim(fixture, "", "t");
    assert_int_equal(
        enqueue_make_safe(&fixture->account, "t", &standing), ERROR_NONE);
    assert_int_equal(standing.state, TASK_EXECUTING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_created_anew),
        IN_SPOOL(test_created_anew_with_key),
        IN_SPOOL(test_created_anew_beside_claim),
        IN_SPOOL(test_young),
        IN_SPOOL(test_located),
        IN_SPOOL(test_executing),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_dropped_anew),
        IN_SPOOL(test_key_of_a_husk),
        IN_SPOOL(test_noted_by_another),
        IN_SPOOL(test_made_safe),
    };
    return cmocka_run_group_tests_name("husk", tests, NULL, NULL);
}
