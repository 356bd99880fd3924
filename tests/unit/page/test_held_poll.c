/* SPDX-License-Identifier: MIT */
/* The waits of the pages, on a host whose clock is set meanwhile. */
#include "clock.h"
#include "clock_fixture.h"
#include "execute.h"
#include "pages.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>
#include <unistd.h>

enum {
    WAIT = 1,  /* seconds that are asked for */
    MOST = 60, /* seconds after which a wait is taken to last for ever */
    HOUR = 3600
};

static int64_t poll_held(const struct fixture *fixture)
{
    char variable[] = "QUERY_STRING=user_id=42&wait=1";
    char method[] = "REQUEST_METHOD=GET";
    char *environment[] = {method, variable, NULL};
    const struct gateway gateway = {.environment = environment};
    struct program program;
    memset(&program, 0, sizeof program);
    program.gateway = &gateway;
    reply_init(&program.reply);
    program.spool = fixture->spool;
    program.config = fixture_config();
    program.account = (struct account){&program.spool, &program.config, 0};
    program.caller.user = 42;
    buffer_append_text(&program.root, fixture->root);
    assert_int_equal(request_read(&program.request, environment,
                         (struct request_input){.descriptor = STDIN_FILENO}),
        ERROR_NONE);
    alarm(MOST);
    int64_t start = clock_steady();
    page_next_task.answer(&program);
    int64_t took = clock_steady() - start;
    alarm(0);
    assert_non_null(strstr(program.reply.body.data, "No pending tasks"));
    buffer_free(&program.root);
    reply_free(&program.reply);
    request_free(&program.request);
    return took;
}

static int64_t execute_held(const struct fixture *fixture)
{
    struct config config = fixture_config();
    struct task_place place;
    struct execution execution = {.account = UNDER(fixture, &config),
        .root = fixture->root,
        .wait = WAIT};
    memcpy(execution.draft.action, "get_user_data", sizeof "get_user_data");
    execution.draft.params = (struct json_value){NULL, -1};
    execution.draft.then = execution.draft.params;
    alarm(MOST);
    int64_t start = clock_steady();
    enum error error = execute_task(&execution, &place);
    int64_t took = clock_steady() - start;
    alarm(0);
    assert_int_equal(error, ERROR_INCOMPLETE);
    return took;
}

/* Set right at the start, and after a few looks at it. */
static void expect_steady(void **state,
    int64_t (*held)(const struct fixture *fixture), int seconds, int reads)
{
    clock_fixture_set(0);
    clock_fixture_set_after(reads, seconds);
    int64_t took = held(*state);
    clock_fixture_set(0);
    if (took < WAIT * clock_second)
        fail_msg("the clock set by %d after %d: over after %lld us", seconds,
            reads, (long long)took);
}

static void test_poll(void **state)
{
    expect_steady(state, poll_held, HOUR, 3);
    expect_steady(state, poll_held, -HOUR, 3);
}

static void test_execute(void **state)
{
    expect_steady(state, execute_held, HOUR, 4);
    expect_steady(state, execute_held, -HOUR, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_poll),
        IN_SPOOL(test_execute),
    };
    return cmocka_run_group_tests_name("held_poll", tests, NULL, NULL);
}
