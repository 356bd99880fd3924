/* SPDX-License-Identifier: MIT */
/* A task that a person has moved back is queued before anything is done about
 * it. */
#include "locate.h"

#include "queue.h"
#include "step_fixture.h"

#include <unistd.h>

#define MOVED                                                                  \
    "pending/42/" FUTURE "-receive1-998-" CREATED "-get_user_data-t.json"
#define BACK "pending/42/998-" CREATED "-get_user_data-t.r1.json"
#define RECORD                                                                 \
    "{\"user_id\":42,\"task_id\":\"t\",\"action\":\"get_user_data\","          \
    "\"status\":\"failed\"}"

static enum error locate(const struct fixture *fixture)
{
    struct task_place place;
    enum error error = locate_task(&fixture->account, "t", &place);
    if (error == ERROR_NONE) {
        assert_false(place.by_hand);
        assert_int_equal(place.state, TASK_PENDING);
    }
    return error;
}

static void lay_moved(const struct fixture *fixture)
{
    fixture_put(fixture, MOVED, DROP("get_user_data"));
}

static void lay_finished(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/t.failed.json", RECORD);
}

static void test_fault(void **state)
{
    static const struct step steps[] = {
        {.name = "a task that was moved from executing/",
            .prepare = lay_moved,
            .work = locate,
            .end = BACK "\n",
            .makes = true,
            .neglects = true},
        {.name = "a task that was moved from done/",
            .prepare = lay_finished,
            .work = locate,
            .end = "pending/42/998-*-get_user_data-t.json\n",
            .makes = true},
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        step_each_fault(*state, &steps[i]);
}

/* What is no task of that kind is set aside, and there is none. */
static void test_rejected(void **state)
{
    struct task_place place;
    const struct fixture *fixture = *state;
    fixture_put(fixture, MOVED, "[]");
    assert_int_equal(
        locate_task(&fixture->account, "t", &place), ERROR_NOT_FOUND);
    fixture_expect_tree(fixture, "rejected/*\nrejected/*.why\n");
}

/* What cannot be queued now is not done anything about. */
static void test_held(void **state)
{
    struct task_place place;
    const struct fixture *fixture = *state;
    lay_moved(fixture);
    fixture_put(fixture, "tmp/42-t.hold", "");
    assert_int_equal(locate_task(&fixture->account, "t", &place), ERROR_BUSY);
    fixture_expect_tree(fixture, MOVED "\ntmp/42-t.hold\n");
}

/* Nor is it taken for gone in a deep queue, by whose index all else is found.
 */
static void test_held_in_deep_queue(void **state)
{
    struct task_place place;
    const struct fixture *fixture = *state;
    lay_moved(fixture);
    fixture_put(fixture, "tmp/42-t.hold", "");
    fixture_fill(fixture, 0, QUEUE_DEEP + 8);
    fixture_age(fixture, "pending/42", 100);
    struct queue queue;
    assert_int_equal(queue_open(&queue, &fixture->account), ERROR_NONE);
    queue_close(&queue);
    assert_int_equal(locate_task(&fixture->account, "t", &place), ERROR_BUSY);
    fixture_put(fixture, "pending/42/at.json", "another that is dropped");
    unlinkat(fixture->spool.directory, MOVED, 0);
    assert_int_equal(queue_open(&queue, &fixture->account), ERROR_NONE);
    assert_true(queue.indexed);
    queue_close(&queue);
    assert_int_equal(
        locate_task(&fixture->account, "t", &place), ERROR_NOT_FOUND);
}

/* Another drop with its ID is not it. */
static void test_other_drop(void **state)
{
    const struct fixture *fixture = *state;
    lay_moved(fixture);
    fixture_put(fixture, "pending/42/x.json",
        "{\"action\":\"get_user_data\",\"task_id\":\"t\"}");
    assert_int_equal(fixture_route(fixture, 42, "x.json"), DROP_REJECTED);
    fixture_expect_tree(
        fixture, MOVED "\nrejected/x.json\nrejected/x.json.why\n");
    assert_int_equal(locate(fixture), ERROR_NONE);
    fixture_expect(fixture, BACK, DROP("get_user_data"));
}

static void test_success(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/42/t.completed.json", RECORD);
    fixture_put(fixture, "pending/42/at.json", "another that is dropped");
    assert_int_equal(locate(fixture), ERROR_NONE);
    fixture_expect_tree(
        fixture, "pending/42/998-*-get_user_data-t.json\npending/42/at.json\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_fault),
        IN_SPOOL(test_rejected),
        IN_SPOOL(test_held),
        IN_SPOOL(test_held_in_deep_queue),
        IN_SPOOL(test_other_drop),
        IN_SPOOL(test_success),
    };
    return cmocka_run_group_tests_name("locate", tests, NULL, NULL);
}
