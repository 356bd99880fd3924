/* SPDX-License-Identifier: MIT */
/* The steps of each transition, in their order: what is made safe, looked at
 * and held, and when. doc/inside.md says why each stands where it does. */
#include "account.h"
#include "cancel.h"
#include "claim.h"
#include "drop.h"
#include "enqueue.h"
#include "error.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "requeue.h"
#include "retry.h"
#include "task_fixture.h"
#include "trace_fixture.h"
#include "unit.h"
#include "verdict.h"
#include "withdraw.h"

#include <stdio.h>
#include <string.h>

#define RUNNING EXECUTING(FUTURE, "l1", "a", "t")
#define REPEATED EXECUTING(FUTURE, "l1", "get_stats", "t")
#define MARK "progress/42/t.cancel"
#define FIND(id)                                                               \
    ("look done/42/" id), "list executing/42", "list pending/42",              \
        "list executing/42", ("look done/42/" id)
#define RECORD(action, status, more)                                           \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"" action "\","             \
    "\"params\":{},\"status\":\"" status "\"," more                            \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":1}"

/* --- Into the queue ------------------------------------------------------ */

static void create(
    const struct fixture *fixture, const char *id, const char *key)
{
    struct draft draft;
    struct task_name name;
    struct task_place standing;
    draft_init(&draft);
    draft.user = 42;
    snprintf(draft.action, sizeof draft.action, "a");
    snprintf(draft.id, sizeof draft.id, "%s", id);
    snprintf(draft.key, sizeof draft.key, "%s", key);
    assert_int_equal(
        enqueue_task(&fixture->account, &draft, &name, &standing), ERROR_NONE);
}

static void test_create(void **state)
{
    trace_begin(*state);
    create(*state, "", "");
    EXPECT_STEPS("make tmp/*", "link tmp/* pending/42/*-a-*.json",
        "fsync tmp/*", "fsync pending/42", "remove tmp/*");
}

static void test_create_with_id(void **state)
{
    fixture_put(*state, MARK, "");
    trace_begin(*state);
    create(*state, "t", "");
    EXPECT_STEPS("make tmp/42-t.hold", "lock tmp/42-t.hold", FIND("t"),
        "remove progress/42/t.cancel", "fsync progress/42", "make tmp/*",
        "link tmp/* pending/42/*-a-t.json", "fsync tmp/*", "fsync pending/42",
        "remove tmp/*", "remove tmp/42-t.hold");
}

static void test_create_with_key(void **state)
{
    trace_begin(*state);
    create(*state, "t", "key-k");
    EXPECT_STEPS("make tmp/42-key-k.hold", "lock tmp/42-key-k.hold",
        FIND("key-k"), "make tmp/*", "fsync tmp/*",
        "rename tmp/* keys/42/key-k", "fsync keys/42", "make tmp/42-t.hold",
        "lock tmp/42-t.hold", FIND("t"), "make tmp/*",
        "link tmp/* pending/42/*-a-t.json", "fsync tmp/*", "fsync pending/42",
        "remove tmp/*", "remove tmp/42-t.hold", "remove tmp/42-key-k.hold");
}

static void test_drop(void **state)
{
    fixture_put(*state, MARK, "");
    fixture_put(*state, "pending/a.json",
        "{\"user_id\":42,\"action\":\"a\",\"task_id\":\"t\"}");
    trace_begin(*state);
    assert_int_equal(fixture_route(*state, 0, "a.json"), DROP_ROUTED);
    EXPECT_STEPS("make tmp/42-t.hold", "lock tmp/42-t.hold", FIND("t"),
        "look tmp/42-t.verdict", "remove progress/42/t.cancel",
        "fsync progress/42", "fsync pending/a.json",
        "rename pending/a.json pending/42/*-a-t.json", "fsync pending/42",
        "fsync pending", "remove tmp/42-t.hold");
}

static void test_moved_back(void **state)
{
    static const char name[] = FUTURE "-l1-" QUEUED("get_stats", "t");
    struct path path = path_in_user(SPOOL_PENDING, 42, name);
    fixture_put(*state, path.text, DROP("get_stats"));
    trace_begin(*state);
    assert_int_equal(fixture_route(*state, 42, name), DROP_ROUTED);
    EXPECT_STEPS("make tmp/42-t.hold", "lock tmp/42-t.hold", "look done/42/t",
        "list executing/42", "list pending/42", "look tmp/42-t.verdict",
        "fsync pending/42/*-l1-*-get_stats-t.json",
        "make progress/42/*-get_stats-t.r1.leases",
        ("rename pending/42/*-l1-*-get_stats-t.json "
         "pending/42/*-get_stats-t.r1.json"),
        "remove tmp/42-t.hold");
}

static void test_reject(void **state)
{
    fixture_put(*state, "pending/a.json", "[]");
    trace_begin(*state);
    assert_int_equal(fixture_route(*state, 0, "a.json"), DROP_REJECTED);
    EXPECT_STEPS("look rejected/a.json", "make rejected/a.json.why",
        "fsync rejected/a.json.why", "fsync rejected",
        "rename pending/a.json rejected/a.json");
}

/* --- Out of it ----------------------------------------------------------- */

/* What may not be repeated. */
#define CLAIMED                                                                \
    "list pending", "list executing/42", "lock index/42.receive",              \
        "list executing/42", "list pending/42", "list executing/42",           \
        "rename pending/42/*-a-t.json executing/42/*-receive1-*-a-t.json",     \
        "touch executing/42/*-receive1-*-a-t.json", "look done/42/t",          \
        "fsync executing/42/*-receive1-*-a-t.json", "fsync executing/42",      \
        "fsync pending/42"

static void test_claim(void **state)
{
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    trace_begin(*state);
    fixture_claim(*state, "receive1", "t");
    EXPECT_STEPS(CLAIMED);
}

/* Who retries it may not have made that safe yet. */
static void test_claim_retried(void **state)
{
    fixture_put(*state, PENDING("a", "t"),
        RECORD("a", "failed", "\"declared\":\"expired\","));
    trace_begin(*state);
    fixture_claim(*state, "receive1", "t");
    EXPECT_STEPS(CLAIMED, "fsync done/42");
}

static void test_claim_again(void **state)
{
    fixture_put(*state, EXECUTING(FUTURE, "receive1", "a", "t"), DROP("a"));
    trace_begin(*state);
    fixture_claim(*state, "receive1", "t");
    EXPECT_STEPS("list pending", "list executing/42", "look done/42/t",
        ("rename executing/42/*-receive1-*-a-t.json "
         "executing/42/*-receive1-*-a-t.json"),
        "look done/42/t", "lock index/42.receive", "list executing/42",
        "look done/42/t",
        ("rename executing/42/*-receive1-*-a-t.json "
         "executing/42/*-receive1-*-a-t.json"),
        "look done/42/t", "fsync executing/42/*-receive1-*-a-t.json",
        "fsync executing/42", "fsync pending/42");
}

static void test_claim_in_pace(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct claim claim;
    config.all.pace = 60;
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
    trace_begin(fixture);
    assert_int_equal(
        claim_next(UNDER(fixture, &config), "", &claim), ERROR_NONE);
    task_free(&claim.task);
    EXPECT_STEPS("list pending", "list executing/42", "list pending/42",
        "lock index/42.pace", "touch pace/42/get_stats", "list executing/42",
        ("rename pending/42/*-get_stats-t.json "
         "executing/42/*-*-get_stats-t.json"),
        "touch executing/42/*-*-get_stats-t.json", "look done/42/t");
}

static struct lease_name parsed(const char *path)
{
    struct lease_name lease;
    assert_int_equal(
        name_parse_executing(strrchr(path, '/') + 1, &lease), ERROR_NONE);
    return lease;
}

static void test_renewal(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place place = {.state = TASK_EXECUTING,
        .path = {EXECUTING(PAST, "l1", "a", "t")},
        .lease = parsed(EXECUTING(PAST, "l1", "a", "t"))};
    fixture_put(fixture, place.path.text, DROP("a"));
    trace_begin(fixture);
    assert_int_equal(lease_renew(&fixture->account, &place, 60), ERROR_NONE);
    EXPECT_STEPS(
        "rename executing/42/*-l1-*-a-t.json executing/42/*-l1-*-a-t.json",
        "look done/42/t");
}

static void test_overdue(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct lease_report report = {0};
    static const char entry[] =
        "executing/42/" PAST "-l2-998-" CREATED "-get_stats-t.r1.json";
    config.all.retries = 5;
    fixture_put(fixture, entry, DROP("get_stats"));
    fixture_put(
        fixture, "progress/42/998-" CREATED "-get_stats-t.r1.leases", "l1\n");
    trace_begin(fixture);
    assert_int_equal(lease_settle_one(UNDER(fixture, &config),
                         strrchr(entry, '/') + 1, &report),
        ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "look progress/42/t.cancel",
        "make progress/42/*-get_stats-t.r2.leases",
        ("rename executing/42/*-l2-*-get_stats-t.r1.json "
         "pending/42/*-get_stats-t.r2.json"),
        "remove progress/42/*-get_stats-t.r1.leases",
        "look progress/42/t.cancel");
}

/* Its deadline is further ahead than any can be. */
static void test_shortened(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    fixture_put(fixture, RUNNING, DROP("a"));
    trace_begin(fixture);
    assert_int_equal(
        lease_settle_one(&fixture->account, strrchr(RUNNING, '/') + 1, &report),
        ERROR_NONE);
    EXPECT_STEPS("look done/42/t",
        "rename executing/42/*-l1-*-a-t.json executing/42/*-l1-*-a-t.json",
        "look done/42/t");
}

/* The name that a claim has left in pending/. */
static void test_cleared(void **state)
{
    const struct fixture *fixture = *state;
    struct lease_report report = {0};
    fixture_put(fixture, RUNNING, DROP("a"));
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
    trace_begin(fixture);
    assert_int_equal(lease_clear(&fixture->account, &report), ERROR_NONE);
    EXPECT_STEPS("list executing/42", "look done/42/t",
        "look pending/42/*-a-t.json", "look executing/42/*-l1-*-a-t.json",
        "remove pending/42/*-a-t.json", "look executing/42/*-l1-*-a-t.json");
}

static void test_put_off(void **state)
{
    int64_t due;
    const struct fixture *fixture = *state;
    struct lease_name lease = parsed(REPEATED);
    fixture_put(fixture, REPEATED, DROP("get_stats"));
    trace_begin(fixture);
    assert_int_equal(
        requeue_later(&fixture->account, (struct path){REPEATED}, &lease, &due),
        ERROR_NONE);
    EXPECT_STEPS("make progress/42/*-get_stats-t.r1.leases",
        ("rename executing/42/*-l1-*-get_stats-t.json "
         "pending/42/*-get_stats-t.r1.json"),
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t",
        "fsync pending/42/*-get_stats-t.r1.json", "fsync pending/42",
        "fsync executing/42", "look progress/42/t.cancel");
}

static void test_cancel(void **state)
{
    enum cancel_outcome outcome;
    const struct fixture *fixture = *state;
    fixture_put(fixture, RUNNING, DROP("a"));
    trace_begin(fixture);
    assert_int_equal(cancel_task(&fixture->account, "t", &outcome), ERROR_NONE);
    assert_int_equal(outcome, CANCEL_ASKED);
    EXPECT_STEPS("look done/42/t", "list executing/42",
        "make progress/42/t.cancel", "fsync progress/42/t.cancel",
        "fsync progress/42", "look done/42/t", "list executing/42",
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict");
}

static void test_withdrawal(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(
        fixture, PENDING("a", "t"), "{\"task_id\":\"t\",\"action\":\"a\"}");
    trace_begin(fixture);
    assert_int_equal(withdraw_pending(&fixture->account, QUEUED("a", "t"),
                         WITHDRAW_CANCELLED),
        ERROR_NONE);
    EXPECT_STEPS("list executing/42", "look pending/42/*-a-t.json",
        "rename pending/42/*-a-t.json executing/42/*-cancel-*-a-t.json",
        "make tmp/*", "fsync tmp/*", "link tmp/* tmp/42-t.verdict",
        "look done/42/t", "look executing/42/*-cancel-*-a-t.json",
        "look progress/42/t.cancel", "look tmp/42-t.verdict",
        "link tmp/42-t.verdict done/42/t.failed.json", "look done/42/t",
        "fsync done/42", "remove executing/42/*-cancel-*-a-t.json",
        "look done/42/t", "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/*");
}

/* --- Into done/ and back ------------------------------------------------- */

static void give(
    const struct fixture *fixture, const char *path, bool completed)
{
    struct task task;
    const struct verdict verdict = {.completed = completed,
        .result = completed ? "{}" : NULL,
        .result_length = completed ? 2 : 0,
        .error = "no",
        .error_length = 2,
        .execution_time_ms = -1};
    struct path found = fixture_load(fixture, path, &task);
    assert_int_equal(
        verdict_give(&fixture->account, &task, &found, &verdict), ERROR_NONE);
    task_free(&task);
}

static void test_success(void **state)
{
    static const char entry[] = EXECUTING(FUTURE, "l1", "create_product", "t");
    fixture_put(*state, entry, DROP("create_product"));
    trace_begin(*state);
    give(*state, entry, true);
    EXPECT_STEPS("make tmp/*", "fsync tmp/*", "link tmp/* tmp/42-t.verdict",
        "look done/42/t", "look executing/42/*-l1-*-create_product-t.json",
        "look done/42/t", "look progress/42/t.cancel",
        "link tmp/* ingest/42/*-t.json", "fsync ingest/42",
        "look tmp/42-t.verdict",
        "link tmp/42-t.verdict done/42/t.completed.json", "look done/42/t",
        "fsync done/42", "remove executing/42/*-l1-*-create_product-t.json",
        "look done/42/t", "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/*");
}

static void test_success_over_failure(void **state)
{
    fixture_put(*state, RUNNING, DROP("a"));
    fixture_put(*state, FAILED("t"),
        RECORD("a", "failed", "\"declared\":\"timeout\","));
    trace_begin(*state);
    give(*state, RUNNING, true);
    EXPECT_STEPS("make tmp/*", "fsync tmp/*", "link tmp/* tmp/42-t.verdict",
        "look done/42/t", "look executing/42/*-l1-*-a-t.json", "look done/42/t",
        "look progress/42/t.cancel", "look tmp/42-t.verdict",
        "link tmp/42-t.verdict done/42/t.completed.json", "look done/42/t",
        "fsync done/42", "look done/42/t",
        "rename done/42/t.failed.json tmp/42-t.*", "look done/42/t",
        "remove tmp/42-t.*", "remove executing/42/*-l1-*-a-t.json",
        "look done/42/t", "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/*");
}

/* It replaces what we declared. */
static void test_failure_over_failure(void **state)
{
    fixture_put(*state, RUNNING, DROP("a"));
    fixture_put(*state, FAILED("t"),
        RECORD("a", "failed", "\"declared\":\"timeout\","));
    trace_begin(*state);
    give(*state, RUNNING, false);
    EXPECT_STEPS("make tmp/*", "fsync tmp/*", "link tmp/* tmp/42-t.verdict",
        "look done/42/t", "look executing/42/*-l1-*-a-t.json",
        "look progress/42/t.cancel", "look tmp/42-t.verdict",
        "cannot link tmp/42-t.verdict done/42/t.failed.json",
        "look tmp/42-t.verdict", "look done/42/t", "look tmp/42-t.verdict",
        "link tmp/*.0 tmp/*.0.*", "rename tmp/*.0.* done/42/t.failed.json",
        "fsync done/42", "remove executing/42/*-l1-*-a-t.json",
        "look done/42/t", "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/*");
}

#define RETRIED                                                                \
    "fsync executing/42", "fsync pending/42",                                  \
        "fsync done/42/t.completed.json",                                      \
        "rename done/42/t.completed.json pending/42/*-get_stats-t.json",       \
        "look pending/42/*-get_stats-t.json",                                  \
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",                     \
        "look tmp/42-t.verdict", "look done/42/t",                             \
        "look pending/42/*-get_stats-t.json", "fsync pending/42",              \
        "fsync done/42"

static void test_finish(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "tmp/42-t.verdict", RECORD("a", "completed", ""));
    fixture_put(fixture, RUNNING, DROP("a"));
    trace_begin(fixture);
    assert_int_equal(verdict_finish_other(&fixture->account, "t"), ERROR_NONE);
    EXPECT_STEPS("link tmp/42-t.verdict tmp/42-t.verdict.*", "look done/42/t",
        "list executing/42", "look tmp/42-t.verdict.*",
        "look executing/42/*-t.json", "look done/42/t",
        "look progress/42/t.cancel", "look tmp/42-t.verdict.*",
        "look tmp/42-t.verdict",
        "link tmp/42-t.verdict done/42/t.completed.json",
        "look tmp/42-t.verdict.*", "look done/42/t", "fsync done/42",
        "list executing/42", "look done/42/t",
        "remove executing/42/*-l1-*-a-t.json", "list executing/42",
        "list pending/42", "look done/42/t", "look tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "remove tmp/42-t.verdict",
        "remove tmp/42-t.verdict.*");
}

static void test_retry(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("t"), RECORD("get_stats", "completed", ""));
    fixture_put(fixture, FAILED("t"),
        RECORD("get_stats", "failed", "\"declared\":\"timeout\","));
    fixture_put(fixture, REPEATED, DROP("get_stats"));
    fixture_put(fixture, MARK, "");
    trace_begin(fixture);
    assert_int_equal(retry_task(&fixture->account, "t", false), ERROR_NONE);
    EXPECT_STEPS("look done/42/t", "remove progress/42/t.cancel",
        "fsync progress/42", "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t",
        "rename done/42/t.failed.json tmp/42-t.*", "look done/42/t",
        "remove tmp/42-t.*", "fsync done/42", "list executing/42",
        "look done/42/t", "remove executing/42/*-l1-*-get_stats-t.json",
        "list executing/42", "list pending/42", RETRIED);
}

/* Of which the failure may be gone that it took the place of, but not safely.
 */
static void test_retry_of_a_success(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, COMPLETED("t"), RECORD("get_stats", "completed", ""));
    trace_begin(fixture);
    assert_int_equal(retry_task(&fixture->account, "t", false), ERROR_NONE);
    EXPECT_STEPS("look done/42/t",
        "cannot link tmp/42-t.verdict tmp/42-t.verdict.*",
        "look tmp/42-t.verdict", "look done/42/t", "fsync done/42",
        "list executing/42", "list pending/42", RETRIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_create),
        IN_SPOOL(test_create_with_id),
        IN_SPOOL(test_create_with_key),
        IN_SPOOL(test_drop),
        IN_SPOOL(test_moved_back),
        IN_SPOOL(test_reject),
        IN_SPOOL(test_claim),
        IN_SPOOL(test_claim_retried),
        IN_SPOOL(test_claim_again),
        IN_SPOOL(test_claim_in_pace),
        IN_SPOOL(test_renewal),
        IN_SPOOL(test_overdue),
        IN_SPOOL(test_shortened),
        IN_SPOOL(test_cleared),
        IN_SPOOL(test_put_off),
        IN_SPOOL(test_cancel),
        IN_SPOOL(test_withdrawal),
        IN_SPOOL(test_success),
        IN_SPOOL(test_success_over_failure),
        IN_SPOOL(test_failure_over_failure),
        IN_SPOOL(test_finish),
        IN_SPOOL(test_retry),
        IN_SPOOL(test_retry_of_a_success),
    };
    return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
