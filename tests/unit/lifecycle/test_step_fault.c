/* SPDX-License-Identifier: MIT */
/* Each step in a task's life, with each of its calls failing. */
#include "cancel.h"
#include "cancel_mark.h"
#include "claim.h"
#include "delivery.h"
#include "file.h"
#include "lease.h"
#include "queue_index.h"
#include "retry.h"
#include "step_fixture.h"

#include <string.h>

#define OVERDUE EXECUTING(PAST, "receive1", "get_stats", "t")
#define RUNNING EXECUTING(FUTURE, "receive1", "get_stats", "t")
#define WAITING PENDING("get_stats", "t")
#define ONCE_WAITING PENDING("create_product", "t")
#define ONCE_OVERDUE EXECUTING(PAST, "receive1", "create_product", "t")
#define PACED PENDING("update_product", "t")
#define PACE "pace/42/update_product"
#define BACK "pending/42/998-" CREATED "-get_stats-t.r1.json"
#define NOTE "progress/42/998-" CREATED "-get_stats-t.r1.leases"
#define MARK "progress/42/t.cancel"
#define ANSWER(error) (1U << (error))

static void each_fault(
    void *const *state, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        step_each_fault(*state, &steps[i]);
}

/* --- Claims --------------------------------------------------------------- */

/* Where the task was passed over another may have been claimed. */
static enum error put_back(
    const struct fixture *fixture, const struct claim *claim)
{
    struct name entry = name_format_executing(&claim->lease);
    struct name queued = name_format_queued(&claim->lease.task);
    queue_index_rename(&fixture->account,
        account_path(&fixture->account, SPOOL_EXECUTING, entry.text),
        account_path(&fixture->account, SPOOL_PENDING, queued.text),
        queued.text);
    return ERROR_BUSY;
}

static enum error claim_leased(const struct fixture *fixture)
{
    struct claim claim;
    struct config config = fixture_config();
    struct action_rules *rules = &config.actions[config.action_count++];
    *rules = config.all;
    memcpy(rules->action, "update_product", sizeof "update_product");
    rules->pace = 10;
    rules->max_executing = 1;
    enum error error = claim_next(UNDER(fixture, &config), "receive1", &claim);
    if (error != ERROR_NONE)
        return error;
    if (strcmp(claim.task.name.id, "t") != 0)
        error = put_back(fixture, &claim);
    task_free(&claim.task);
    return error;
}

static enum error claim_drawn(const struct fixture *fixture)
{
    struct claim claim;
    struct config config = fixture_config();
    enum error error = claim_next(UNDER(fixture, &config), "", &claim);
    if (error == ERROR_NONE)
        task_free(&claim.task);
    return error;
}

static void lay_waiting(const struct fixture *fixture)
{
    fixture_put(fixture, WAITING, DROP("get_stats"));
}

static void lay_once(const struct fixture *fixture)
{
    fixture_put(fixture, ONCE_WAITING, DROP("create_product"));
}

static void lay_indexed(const struct fixture *fixture)
{
    step_lay_index(fixture);
    fixture_put(fixture, "done/42/x", DROP("get_stats"));
    queue_index_rename(&fixture->account, (struct path){"done/42/x"},
        (struct path){"pending/42/997-" CREATED "-get_stats-t.json"},
        "997-" CREATED "-get_stats-t.json");
}

/* There is a folder for notes: where it has to be made, it is not told whether
 * that is safe, since a note is a hint. */
static void lay_taken(
    const struct fixture *fixture, const char *path, const char *text)
{
    int directory = fixture->spool.directory;
    fixture_put(fixture, path, text);
    fixture_put(fixture, "progress/42/.x", "");
    assert_int_equal(file_remove(directory, "progress/42/.x"), ERROR_NONE);
}

static void lay_paced(const struct fixture *fixture)
{
    lay_taken(fixture, PACED, DROP("update_product"));
    fixture_put(fixture, "executing/42/x.json", "no name of ours");
    fixture_put(fixture, PACE, "");
    fixture_age(fixture, PACE, 100);
}

static void lay_running(const struct fixture *fixture)
{
    lay_taken(fixture, RUNNING, DROP("get_stats"));
}

static void lay_once_running(const struct fixture *fixture)
{
    lay_taken(fixture, EXECUTING(FUTURE, "receive1", "create_product", "t"),
        DROP("create_product"));
    fixture_put(fixture, "executing/42/x.json", "no name of ours");
}

static void lay_overdue(const struct fixture *fixture)
{
    lay_taken(fixture, OVERDUE, DROP("get_stats"));
}

static void lay_drop(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/drop.json",
        "{\"action\":\"get_user_data\",\"task_id\":\"t\"}");
}

static void test_claim(void **state)
{
    static const struct step steps[] = {
        {.name = "a claim",
            .prepare = lay_waiting,
            .work = claim_leased,
            .end = "executing/42/*-receive1-" QUEUED("get_stats", "t") "\n"},
        {.name = "a claim of what is to be done once",
            .prepare = lay_once,
            .work = claim_leased,
            .end =
                "executing/42/*-receive1-" QUEUED("create_product", "t") "\n"},
        {.name = "a claim by the index",
            .prepare = lay_indexed,
            .work = claim_leased,
            .end = "executing/42/*-receive1-997-*-t.json\n" STEP_INDEXED},
        {.name = "a claim by a pace",
            .prepare = lay_paced,
            .work = claim_leased,
            .end = "executing/42/*-receive1-*-t.json\n"
                   "executing/42/x.json\n" PACE "\n",
            .or_end = "executing/42/x.json\n" PACE "\n" PACED "\n",
            .again = ANSWER(ERROR_NOT_FOUND), /* it is not given back */
            .neglects = true},
        {.name = "a claim that is repeated",
            .prepare = lay_running,
            .work = claim_leased,
            .end = "executing/42/*-receive1-*-t.json\n"},
        {.name = "a claim under a lease that is drawn",
            .prepare = lay_once,
            .work = claim_drawn,
            .end = "executing/42/*-t.json\n",
            .again = ANSWER(ERROR_NOT_FOUND)}, /* it is not given back */
        {.name = "a claim that is repeated, of what is to be done once",
            .prepare = lay_once_running,
            .work = claim_leased,
            .end = "executing/42/*-receive1-*-t.json\n"
                   "executing/42/x.json\n"},
        {.name = "a claim of what is overdue under it",
            .prepare = lay_overdue,
            .work = claim_leased,
            .end = "executing/42/*-receive1-*-t.r1.json\n",
            .neglects = true},
        {.name = "a claim of a drop",
            .prepare = lay_drop,
            .work = claim_leased,
            .end = "executing/42/*-receive1-*-t.json\n",
            .makes = true,
            .neglects = true},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

/* --- Deadlines ------------------------------------------------------------ */

static enum error settle(const struct fixture *fixture)
{
    struct lease_report report = {0};
    enum error error = lease_settle(&fixture->account, 10, &report);
    return error == ERROR_NONE && report.left > 0 ? ERROR_BUSY : error;
}

static void lay_once_overdue(const struct fixture *fixture)
{
    fixture_put(fixture, ONCE_OVERDUE, DROP("create_product"));
}

static void lay_overdue_marked(const struct fixture *fixture)
{
    lay_overdue(fixture);
    fixture_put(fixture, MARK, "");
}

static void lay_astray(const struct fixture *fixture)
{
    fixture_put(fixture,
        EXECUTING("20991231T235959.999999Z", "receive1", "get_stats", "t"),
        DROP("get_stats"));
}

static void lay_withdrawn(const struct fixture *fixture)
{
    fixture_put(fixture, EXECUTING(PAST, "expired", "get_stats", "t"),
        DROP("get_stats"));
}

static void lay_done_beside(const struct fixture *fixture)
{
    lay_overdue(fixture);
    fixture_put(fixture, COMPLETED("t"), STEP_RECORD("completed", ""));
}

static void test_settle(void **state)
{
    static const struct step steps[] = {
        {.name = "what comes back",
            .prepare = lay_overdue,
            .work = settle,
            .end = BACK "\n"},
        {.name = "what may not come back",
            .prepare = lay_once_overdue,
            .work = settle,
            .end = FAILED(
                "t") "\npending/42/*-settle-*.json\nunknown/42/*-new-t.json\n"},
        {.name = "what was to be cancelled",
            .prepare = lay_overdue_marked,
            .work = settle,
            .end = FAILED("t") "\n",
            .neglects = true}, /* the mark may come back, beside a verdict */
        {.name = "a deadline astray",
            .prepare = lay_astray,
            .work = settle,
            .end = "executing/42/*-receive1-*-t.json\n"},
        {.name = "a withdrawal that was left",
            .prepare = lay_withdrawn,
            .work = settle,
            .end = FAILED("t") "\n"},
        {.name = "an entry beside its record",
            .prepare = lay_done_beside,
            .work = settle,
            .end = COMPLETED("t") "\n"},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

/* --- Results -------------------------------------------------------------- */

static enum error deliver(
    const struct fixture *fixture, const struct verdict *verdict)
{
    struct config config = fixture_config();
    struct account account = {&fixture->spool, &config, 42};
    struct result_body body = {.verdict = *verdict, .lease = BUFFER_EMPTY};
    struct delivery delivery = {.account = &account, .id = "t", .body = &body};
    buffer_append_text(&body.lease, "receive1");
    enum error error =
        body.lease.failed ? ERROR_MEMORY : delivery_carry_out(&delivery);
    buffer_free(&body.lease);
    return error;
}

static enum error succeed(const struct fixture *fixture)
{
    return deliver(fixture, &said_success);
}

static enum error fail_for_now(const struct fixture *fixture)
{
    static const struct verdict failure = {.error = "No Vinted tab",
        .error_length = sizeof "No Vinted tab" - 1,
        .execution_time_ms = -1};
    return deliver(fixture, &failure);
}

static void lay_declared(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), STEP_DECLARED);
}

static void lay_back(const struct fixture *fixture)
{
    fixture_put(fixture, BACK, DROP("get_stats"));
    fixture_put(fixture, NOTE, "receive1\n");
}

static void test_result(void **state)
{
    static const struct step steps[] = {
        {.name = "a success",
            .prepare = lay_running,
            .work = succeed,
            .end = COMPLETED("t") "\n*",
            .again = ANSWER(ERROR_EXISTS)},
        {.name = "a success over a declared failure",
            .prepare = lay_declared,
            .work = succeed,
            .end = COMPLETED("t") "\n*",
            .again = ANSWER(ERROR_EXISTS)},
        {.name = "a late success",
            .prepare = lay_back,
            .work = succeed,
            .end = COMPLETED("t") "\n*",
            .again = ANSWER(ERROR_EXISTS)},
        {.name = "a failure that is put off",
            .prepare = lay_running,
            .work = fail_for_now,
            .end = "pending/42/*-t.r1.json\n",
            .again = ANSWER(ERROR_EXISTS)},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

/* --- Retries and cancels -------------------------------------------------- */

static enum error retry(const struct fixture *fixture)
{
    return retry_task(&fixture->account, "t", true);
}

static void lay_failed(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), STEP_DECLARED);
    fixture_put(fixture, MARK, "");
    lay_taken(fixture, OVERDUE, DROP("get_stats"));
}

static void lay_completed(const struct fixture *fixture)
{
    fixture_put(fixture, COMPLETED("t"), STEP_RECORD("completed", ""));
    fixture_put(fixture, FAILED("t"), STEP_DECLARED);
}

static void lay_completed_indexed(const struct fixture *fixture)
{
    step_lay_index(fixture);
    fixture_put(fixture, COMPLETED("t"), STEP_RECORD("completed", ""));
}

static void test_retry(void **state)
{
    static const struct step steps[] = {
        {.name = "a retry of a failure",
            .prepare = lay_failed,
            .work = retry,
            .end = "pending/42/*-t.json\n",
            .again = ANSWER(ERROR_EXISTS)},
        {.name = "a retry of a success",
            .prepare = lay_completed,
            .work = retry,
            .end = "pending/42/*-t.json\n",
            .again = ANSWER(ERROR_EXISTS)},
        {.name = "a retry, by the index",
            .prepare = lay_completed_indexed,
            .work = retry,
            .end = STEP_INDEXED "pending/42/*-t.json\n",
            .again = ANSWER(ERROR_EXISTS)},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

static enum error cancel(const struct fixture *fixture)
{
    enum cancel_outcome outcome;
    return cancel_task(&fixture->account, "t", &outcome);
}

static void test_cancel(void **state)
{
    static const struct step steps[] = {
        {.name = "a cancel of what waits",
            .prepare = lay_waiting,
            .work = cancel,
            .end = FAILED("t") "\n"},
        {.name = "a cancel of what a plugin has",
            .prepare = lay_running,
            .work = cancel,
            .end = "executing/42/*-receive1-*-t.json\n" MARK "\n"},
        {.name = "a cancel of what is overdue",
            .prepare = lay_overdue,
            .work = cancel,
            .end = FAILED("t") "\n"},
        {.name = "a cancel of what is done",
            .prepare = lay_completed,
            .work = cancel,
            .end = COMPLETED("t") "\n"},
    };
    each_fault(state, steps, COUNT_OF(steps));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_claim),
        IN_SPOOL(test_settle),
        IN_SPOOL(test_result),
        IN_SPOOL(test_retry),
        IN_SPOOL(test_cancel),
    };
    return cmocka_run_group_tests_name("step_fault", tests, NULL, NULL);
}
