/* SPDX-License-Identifier: MIT */
/* Each step into the queue, with each of its calls failing. */
#include "clock.h"
#include "draft.h"
#include "drop_list.h"
#include "enqueue.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "idempotency.h"
#include "pace.h"
#include "pause.h"
#include "queue_fixture.h"
#include "queue_index.h"
#include "reject.h"
#include "step_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER(error) (1U << (error))

static void each_fault(
    void *const *state, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        step_each_fault(*state, &steps[i]);
}

static void lay_nothing(const struct fixture *fixture)
{
    (void)fixture;
}

/* --- Creates -------------------------------------------------------------- */

static enum error create_as(
    const struct fixture *fixture, const char *id, const char *key)
{
    struct draft draft;
    struct task_name name;
    struct task_place standing;
    draft_init(&draft);
    memcpy(draft.action, "get_stats", sizeof "get_stats");
    memcpy(draft.id, id, strlen(id) + 1);
    enum error error = key == NULL ? ERROR_NONE : idempotency_set(&draft, key);
    if (error == ERROR_NONE)
        error = enqueue_task(&fixture->account, &draft, &name, &standing);
    /* The same request has made it before. */
    return error == ERROR_EXISTS && key != NULL
               ? idempotency_compare(&fixture->account, &draft, &standing)
               : error;
}

static enum error create(const struct fixture *fixture)
{
    return create_as(fixture, "t", NULL);
}

static enum error create_with_key(const struct fixture *fixture)
{
    return create_as(fixture, "t", "a key");
}

static enum error create_by_key(const struct fixture *fixture)
{
    return create_as(fixture, "", "a key");
}

static void lay_mark(const struct fixture *fixture)
{
    fixture_put(fixture, "progress/42/t.cancel", "");
}

static void test_create(void **state)
{
    static const struct step steps[] = {
        {.name = "a create",
            .prepare = lay_nothing,
            .work = create,
            .end = "pending/42/*-t.json\n",
            .again = ANSWER(ERROR_EXISTS),
            .makes = true},
        {.name = "a create where an earlier one was to be cancelled",
            .prepare = lay_mark,
            .work = create,
            .end = "pending/42/*-t.json\n",
            .again = ANSWER(ERROR_EXISTS),
            .makes = true},
        {.name = "a create in a deep queue",
            .prepare = step_lay_index,
            .work = create,
            .end = STEP_INDEXED "pending/42/*-t.json\n",
            .again = ANSWER(ERROR_EXISTS),
            .makes = true},
        {.name = "a create with an ID and a key",
            .prepare = lay_nothing,
            .work = create_with_key,
            .end = "keys/42/key-*\npending/42/*-t.json\n",
            .makes = true},
        {.name = "a create by its key",
            .prepare = lay_nothing,
            .work = create_by_key,
            .end = "pending/42/*-key-*.json\n",
            .makes = true},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

#define LATER "pending/42/998-20991231T235959.000000Z-get_stats-t.json"

static enum error create_later(const struct fixture *fixture)
{
    struct draft draft;
    struct task_name name;
    struct task_place standing;
    draft_init(&draft);
    memcpy(draft.action, "get_stats", sizeof "get_stats");
    memcpy(draft.id, "t", sizeof "t");
    assert_int_equal(
        clock_parse_stamp("20991231T235959.000000Z", &draft.not_before),
        ERROR_NONE);
    return enqueue_task(&fixture->account, &draft, &name, &standing);
}

/* By hand, and so without holding its ID. */
static void lay_later(const struct fixture *fixture)
{
    if (!file_exists(fixture->spool.directory, LATER))
        fixture_put(fixture, LATER, "{\"action\": \"get_stats\"}");
}

/* It is told to have been made by one of the two. */
static void check_made(const struct fixture *fixture, enum error error)
{
    char *text = fixture_get(fixture, LATER);
    bool by_hand = strcmp(text, "{\"action\": \"get_stats\"}") == 0;
    assert_int_equal(error == ERROR_NONE, !by_hand);
    free(text);
}

static void test_created_twice(void **state)
{
    static const char *const ends[] = {LATER "\n", NULL};
    static const struct step step = {.name = "one that is laid there by hand",
        .prepare = lay_nothing,
        .work = create_later,
        .check = check_made,
        .makes = true};
    step_each_turn(*state, &step, lay_later, ends);
}

/* --- Drops ---------------------------------------------------------------- */

static enum error route_top(const struct fixture *fixture)
{
    struct drop_report report = {0};
    struct config config = fixture_config();
    config.settle = 0;
    enum error error =
        drop_list_route_top(&fixture->spool, &config, drop_share_all, &report);
    return error == ERROR_NONE && report.waiting > 0 ? ERROR_BUSY : error;
}

static enum error route_own(const struct fixture *fixture)
{
    struct queue queue;
    struct config config = fixture_config();
    config.settle = 0;
    enum error error = queue_open(&queue, UNDER(fixture, &config));
    if (error == ERROR_NONE && queue.folder.drops.waiting > 0)
        error = ERROR_BUSY;
    queue_close(&queue);
    return error;
}

static void lay_top(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/x.json",
        "{\"action\":\"get_user_data\",\"user_id\":42,\"task_id\":\"t\"}");
}

static void lay_top_indexed(const struct fixture *fixture)
{
    step_lay_index(fixture);
    lay_top(fixture);
}

static void lay_own(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/x.json",
        "{\"action\":\"get_user_data\",\"task_id\":\"t\"}");
}

static void lay_own_without_id(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/x.json", "{\"action\":\"get_user_data\"}");
}

static void lay_bad(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/x.json", "{\"action\":\"get_user_data\"}");
}

static void lay_moved(const struct fixture *fixture)
{
    fixture_put(fixture,
        "pending/42/" FUTURE "-receive1-" QUEUED("get_user_data", "t"),
        DROP("get_user_data"));
}

static void test_drop(void **state)
{
    static const struct step steps[] = {
        {.name = "a drop",
            .prepare = lay_top,
            .work = route_top,
            .end = "pending/42/*-t.json\n",
            .makes = true},
        {.name = "a drop into a deep queue",
            .prepare = lay_top_indexed,
            .work = route_top,
            .end = STEP_INDEXED "pending/42/*-t.json\n",
            .makes = true},
        {.name = "a drop into the user's folder",
            .prepare = lay_own,
            .work = route_own,
            .end = "pending/42/*-t.json\n",
            .makes = true},
        {.name = "a drop without an ID",
            .prepare = lay_own_without_id,
            .work = route_own,
            .end = "pending/42/998-*-get_user_data-*.json\n",
            .makes = true},
        {.name = "a drop that is no task",
            .prepare = lay_bad,
            .work = route_top,
            .end = "rejected/x.json\nrejected/x.json.why\n",
            /* A lone .why is left for the sweeper. */
            .or_end = "rejected/x.json.2\nrejected/x.json.2.why\n"
                      "rejected/x.json.why\n",
            .makes = true},
        {.name = "a drop that was moved from executing/",
            .prepare = lay_moved,
            .work = route_own,
            .end = "pending/42/*-t.r1.json\n",
            .makes = true,
            .neglects = true},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

/* --- Pauses --------------------------------------------------------------- */

static enum error pause_and_read(const struct fixture *fixture)
{
    struct pause pause;
    enum error error = pause_set(&fixture->account, "why");
    return error == ERROR_NONE ? pause_read(&fixture->account, &pause) : error;
}

static enum error resume(const struct fixture *fixture)
{
    return pause_end(&fixture->account);
}

static void lay_pause(const struct fixture *fixture)
{
    step_lay_index(fixture);
    assert_int_equal(pause_set(&fixture->account, ""), ERROR_NONE);
}

static void test_pause(void **state)
{
    static const struct step steps[] = {
        {.name = "a pause",
            .prepare = lay_nothing,
            .work = pause_and_read,
            .end = "pending/42/PAUSED\n",
            .makes = true},
        {.name = "a pause of a deep queue",
            .prepare = step_lay_index,
            .work = pause_and_read,
            .end = STEP_INDEXED "pending/42/PAUSED\n",
            .makes = true},
        {.name = "the end of a pause",
            .prepare = lay_pause,
            .work = resume,
            .end = STEP_INDEXED,
            .makes = true},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_create),
        IN_SPOOL(test_created_twice),
        IN_SPOOL(test_drop),
        IN_SPOOL(test_pause),
    };
    return cmocka_run_group_tests_name("queue_fault", tests, NULL, NULL);
}
