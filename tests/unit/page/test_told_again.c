/* SPDX-License-Identifier: MIT */
/* What a client is told once more is made safe before: the program that did it
 * may have died before its fsync. */
#include "buffer.h"
#include "fault.h"
#include "request_fixture.h"
#include "unit.h"

#include <string.h>

/* The request, sent twice: the second time with this step. */
static void expect_step(const struct fixture *fixture, const struct ask *ask,
    int status, const char *words, const char *step)
{
    static struct buffer steps;
    request_tokens(fixture);
    request_settings(fixture, "[queue]\nbackground = no\n");
    request_expect(fixture, ask, status, words);
    buffer_clear(&steps);
    fault_watch(&steps);
    request_expect(fixture, ask, status, words);
    fault_watch(NULL);
    if (strstr(buffer_text(&steps), step) == NULL)
        fail_msg("%s: no %s in\n%s", ask->request, step, buffer_text(&steps));
    buffer_free(&steps);
}

static void test_create(void **state)
{
    static const struct ask ask = {"POST /tasks/create",
        "{\"action\":\"get_stats\",\"params\":{\"item_id\":1}}",
        "HTTP_IDEMPOTENCY_KEY=k", NULL};
    expect_step(*state, &ask, 201, "task_id", "fsync pending/42\n");
}

static void test_result(void **state)
{
    static const struct ask ask = {"POST /plugin/tasks/t/result",
        "{\"success\":true,\"data\":{\"a\":1}}", NULL, NULL};
    fixture_put(
        *state, EXECUTING(FUTURE, "l1", "get_stats", "t"), DROP("get_stats"));
    expect_step(*state, &ask, 200, "received", "fsync done/42\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_create),
        IN_SPOOL(test_result),
    };
    return cmocka_run_group_tests_name("told_again", tests, NULL, NULL);
}
