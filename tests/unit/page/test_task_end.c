/* SPDX-License-Identifier: MIT */
/* What the pages make of a word on a task's end: of its seller, and of a plugin
 * that has sent nothing. */
#include "request_fixture.h"
#include "trial_fixture.h"
#include "unit.h"

#include <fnmatch.h>

#define SETTLE "POST /tasks/t/settle"
#define UNKNOWN                                                                \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"create_product\","         \
    "\"params\":{\"title\":\"Robe\"},\"status\":\"failed\",\"error\":\"?\","   \
    "\"outcome\":\"unknown\",\"created_at\":\"2024-12-07T10:00:00.000000Z\","  \
    "\"started_at\":\"2024-12-07T10:00:10.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":1,"         \
    "\"result\":null}"

static void put_unknown(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), UNKNOWN);
}

static void put_spoilt(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), "half a rec");
}

static void expect_found(const struct fixture *fixture)
{
    fixture_expect(fixture, FAILED("t"), NULL);
    fixture_expect_member(
        fixture, COMPLETED("t"), "result", "{\"item\":{\"id\":7}}");
}

/* In what state the word finds the task, and what is answered. */
struct settle_case {
    void (*put)(const struct fixture *fixture); /* NULL: it is not there */
    const char *body;
    int status;
    const char *words;
};

static void test_settle(void **state)
{
    struct fixture *fixture = *state;
    static const struct settle_case cases[] = {
        {put_unknown, "{}", 422, "\\\"found\\\" is missing"},
        {put_unknown, "{\"found\":1}", 422, "must be true or false"},
        {put_unknown, "{\"found\":true}", 422, "\\\"item_id\\\" is missing"},
        {put_unknown, "{\"found\":true,\"item_id\":0}", 422, "positive whole"},
        {put_unknown, "{\"found\":true,\"item_id\":7}", 200, "completed"},
        {put_unknown, "{\"found\":false}", 200, "failed"},
        {trial_put_completed, "{\"found\":true}", 409, "outcome_known"},
        {trial_put_failed, "{\"found\":true}", 409, "outcome_known"},
        {trial_put_pending, "{\"found\":true}", 409, "task_not_finished"},
        {NULL, "{\"found\":true}", 404, "unknown_task"},
        {put_spoilt, "{\"found\":true}", 500, "spoilt_file"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct settle_case *row = &cases[i];
        const struct ask ask = {SETTLE, row->body, NULL, NULL};
        fixture_renew(fixture);
        request_tokens(fixture);
        if (row->put != NULL)
            row->put(fixture);
        request_expect(fixture, &ask, row->status, row->words);
    }
}

static void test_settle_fault(void **state)
{
    static const struct trial trial = {.name = "settle",
        .ask = {SETTLE, "{\"found\":true,\"item_id\":7}", NULL, NULL},
        .prepare = put_unknown,
        .status = 200,
        .repeated = 409,
        .words = "completed",
        .check = expect_found};
    (void)state;
    request_try(&trial);
}

/* A failure that shows that nothing was sent leaves what was granted. */
static void test_unsent(void **state)
{
    struct fixture *fixture = *state;
    static const struct ask poll = {
        "GET /plugin/tasks?receive_id=abcdefgh", NULL, NULL, NULL};
    static const struct {
        const char *body;
        const char *counted; /* files in pace/42/ */
    } cases[] = {
        {"{\"success\":false,\"error\":\"No Vinted tab\"}", ""},
        {"{\"success\":false,\"error\":\"No Vinted tab\",\"requests\":2}",
            "*Z-2-abcdefgh.sent"},
        {"{\"success\":false,\"error\":\"no\"}", "*Z-20-abcdefgh.sent"},
        {"{\"success\":true}", "*Z-20-abcdefgh.sent"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask told = {
            "POST /plugin/tasks/t/result", cases[i].body, NULL, NULL};
        fixture_renew(fixture);
        request_tokens(fixture);
        request_settings(fixture, "[all]\nbudget = 20/5m\n");
        trial_put_pending(fixture);
        request_expect(fixture, &poll, 200, "\"budget\":20");
        request_expect(fixture, &told, 200, "received");
        const char *name = fixture_find(fixture, "pace/42", "");
        if (fnmatch(cases[i].counted, name == NULL ? "" : name, 0) != 0)
            fail_msg("%s: %s", cases[i].body, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_settle),
        IN_SPOOL(test_settle_fault),
        IN_SPOOL(test_unsent),
    };
    return cmocka_run_group_tests_name("task_end", tests, NULL, NULL);
}
