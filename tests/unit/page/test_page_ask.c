/* SPDX-License-Identifier: MIT */
/* What the pages say to what is rarely asked, or of what is rarely there. */
#include "clock.h"
#include "clock_fixture.h"
#include "pages.h"
#include "photo_fixture.h"
#include "presence.h"
#include "request_fixture.h"
#include "stuck.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEASED EXECUTING(FUTURE, "abc123", "get_stats", "t")
#define RESULT "POST /plugin/tasks/t/result"
#define EXECUTE "POST /plugin/execute"

struct ask_case {
    struct ask ask;
    int status;
    const char *words;
};

static void expect_all(
    const struct fixture *fixture, const struct ask_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        request_expect(fixture, &cases[i].ask, cases[i].status, cases[i].words);
}

static void test_queries(void **state)
{
    const struct fixture *fixture = *state;
    static const struct ask_case cases[] = {
        {{"GET /tasks?limit=1&limit=2", NULL, NULL, NULL}, 400, "stands twice"},
        {{"GET /tasks?limit=%", NULL, NULL, NULL}, 400, "encoding"},
        {{"GET /tasks?limit=0", NULL, NULL, NULL}, 422, "1 to 500"},
        {{"GET /tasks?limit=501", NULL, NULL, NULL}, 422, "1 to 500"},
        {{"GET /tasks?cursor=?", NULL, NULL, NULL}, 422, "is none"},
        {{"GET /tasks?status=lost", NULL, NULL, NULL}, 422, "must be pending"},
        {{"GET /products?format=xml", NULL, NULL, NULL}, 422, "json, csv"},
        {{"GET /products?status=lost", NULL, NULL, NULL}, 422, "must be one"},
        {{"GET /products?cursor=x", NULL, NULL, NULL}, 422, "is none"},
        {{"GET /plugin/tasks?wait=-1", NULL, NULL, NULL}, 422, "wait"},
        {{"GET /sweeper?dry_run=0", NULL, NULL, "cron"}, 200, "\"did\""},
        {{"GET /sweeper?dry_run=1", NULL, NULL, "cron"}, 200, "\"did\""},
        {{"GET /health?selftest=0", NULL, NULL, ""}, 200, "\"ok\""},
        {{"GET /health?selftest=1", NULL, NULL, ""}, 401, "token_missing"},
        {{"GET /health?selftest=1", NULL, NULL, "plugin"}, 403, "wrong_scope"},
    };
    char many[300] = "GET /tasks?";
    const struct ask_case too_many = {{many, NULL, NULL, NULL}, 400, "32"};
    for (int i = 0; i < 33; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "a%d=1&", i);
    request_tokens(fixture);
    expect_all(fixture, cases, COUNT_OF(cases));
    expect_all(fixture, &too_many, 1);
}

/* What is no number in the query is no number's like. */
static void test_twice_and_not_the_same(void **state)
{
    static const struct ask_case cases[] = {
        {{"POST /tasks/create?priority=x",
             "{\"action\":\"get_stats\",\"priority\":1}", NULL, NULL},
            422, "in the query and 1 in the body"},
        {{"POST /tasks/create?priority=2",
             "{\"action\":\"get_stats\",\"priority\":1}", NULL, NULL},
            422, "in the query and 1 in the body"},
        {{"POST /tasks/create?user_id=43",
             "{\"action\":\"get_stats\",\"user_id\":42}", NULL, NULL},
            422, "\\\"43\\\" in the query and 42 in the body"},
        {{"POST /sync/vinted?user_id=43", "{\"user_id\":42}", NULL, NULL}, 422,
            "\\\"43\\\" in the query and 42 in the body"},
        {{"POST /plugin/pause?user_id=43", "{\"paused\":true,\"user_id\":42}",
             NULL, NULL},
            422, "\\\"43\\\" in the query and 42 in the body"},
    };
    request_tokens(*state);
    expect_all(*state, cases, COUNT_OF(cases));
}

/* Where no root is named it is looked for beside the programs, which a host may
 * not let. */
static void test_root_out_of_reach(void **state)
{
    static const struct ask ask = {"GET /tasks", NULL, "STOFLOW_ROOT=", NULL};
    fault_set(FAULT_OPEN, 1, EMFILE);
    request_expect(*state, &ask, 500, "host_limit");
    assert_true(fault_clear());
    fault_set(FAULT_OPEN, 1, EIO);
    request_expect(*state, &ask, 503, "unavailable");
    assert_true(fault_clear());
}

/* A page of another origin is told whether it may read the answer, a cache that
 * the next one may be told something else. */
static void test_origins(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *variable;
        const char *headers; /* in this order, "" for none */
    } cases[] = {
        {NULL, "Vary: Origin\r\n\r\n"},
        {"HTTP_ORIGIN=https://b.example", "Vary: Origin\r\n\r\n"},
        {"HTTP_ORIGIN=https://a.example",
            "Vary: Origin\r\n"
            "Access-Control-Allow-Origin: https://a.example\r\n"},
    };
    request_tokens(fixture);
    request_settings(fixture, "[site]\norigins = https://a.example\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask ask = {"GET /tasks", NULL, cases[i].variable, NULL};
        assert_non_null(
            strstr(request_ask(fixture, &ask)->headers, cases[i].headers));
    }
}

/* The file of a token that nobody can have meant. */
static void test_odd_tokens(void **state)
{
    const struct fixture *fixture = *state;
    static char large[70000];
    const struct ask_case refused = {
        {"GET /tasks", NULL, NULL, "odd"}, 401, "token_invalid"};
    request_tokens(fixture);
    expect_all(fixture, &refused, 1);
    memset(large, '#', sizeof large - 1);
    request_token_file(fixture, "odd", large);
    expect_all(fixture, &refused, 1);
    assert_true(fixture_logged(fixture, "token etc/tokens/"));
    request_token_file(fixture, "odd", NULL);
    expect_all(fixture, &refused, 1);
}

static void note_stuck(
    const struct fixture *fixture, int64_t user, const char *path)
{
    struct path place = path_in(SPOOL_PENDING, path);
    fixture_put(fixture, place.text, "{}");
    assert_true(stuck_note(&fixture->spool, user, place, ERROR_IO, 0));
}

/* What is stuck is told to whom it belongs, and by a line that only a backend's
 * token is shown. */
static void test_stuck(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *token;
        bool theirs; /* whether what is user 43's is shown */
        bool fixes;
    } cases[] = {
        {"everyone", true, true},
        {"backend", false, true},
        {"plugin", false, false},
    };
    request_tokens(fixture);
    note_stuck(fixture, 42, "42/a.json");
    note_stuck(fixture, 42, "42/b.json");
    note_stuck(fixture, 43, "43/c.json");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask ask = {"GET /health", NULL, NULL, cases[i].token};
        const struct answer *answer = request_ask(fixture, &ask);
        assert_non_null(strstr(answer->body, "pending/42/a.json"));
        assert_non_null(strstr(answer->body, "pending/42/b.json"));
        assert_int_equal(
            strstr(answer->body, "pending/43/c.json") != NULL, cases[i].theirs);
        assert_int_equal(
            strstr(answer->body, "\"fix\":") != NULL, cases[i].fixes);
    }
    const struct ask_case nobody = {
        {"GET /health", NULL, NULL, ""}, 200, "{\"status\":\"degraded\","};
    expect_all(fixture, &nobody, 1);
}

/* --- Results and progress --------------------------------------------------
 */

/* What is missing is tmp/, and not the task: a plugin that is told of an
 * unknown task throws its result away. */
static void test_tmp_is_no_task(void **state)
{
    const struct fixture *fixture = *state;
    static const struct ask_case cases[] = {
        {{RESULT, "{\"success\":true}", NULL, NULL}, 503, "unavailable"},
        {{"POST /tasks/create?action=greet", "", NULL, NULL}, 503,
            "unavailable"},
        {{"POST /plugin/pause", "{\"paused\":true}", NULL, NULL}, 503,
            "unavailable"},
        {{"POST /photos", "{\"content\":\"" PHOTO_PNG "\"}", NULL, NULL}, 503,
            "unavailable"},
        {{"POST /sync/vinted", "", NULL, NULL}, 503, "unavailable"},
    };
    static const struct ask_case received = {
        {RESULT, "{\"success\":true}", NULL, NULL}, 200, "received"};
    int directory = fixture->spool.directory;
    request_tokens(fixture);
    fixture_put(fixture, LEASED, DROP("get_stats"));
    assert_int_equal(unlinkat(directory, "tmp", AT_REMOVEDIR), 0);
    assert_int_equal(symlinkat("nowhere", directory, "tmp"), 0);
    expect_all(fixture, cases, COUNT_OF(cases));
    assert_int_equal(fixture_count(fixture, "executing/42"), 1);
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(unlinkat(directory, "tmp", 0), 0);
    expect_all(fixture, &received, 1);
    assert_int_equal(fixture_count(fixture, "done/42"), 1);
}

/* Whether a record that somebody has spoilt said the same nobody can know; what
 * is left of it stays. */
static void test_spoilt_record(void **state)
{
    const struct fixture *fixture = *state;
    static char deep[3000];
    static const struct ask_case cases[] = {
        {{RESULT, "{\"success\":true}", NULL, NULL}, 500, "spoilt_file"},
        {{"GET /tasks/t", NULL, NULL, NULL}, 500, "spoilt_file"},
    };
    request_tokens(fixture);
    fixture_put(fixture, COMPLETED("t"), "half a rec");
    expect_all(fixture, cases, COUNT_OF(cases));
    memset(deep, '[', sizeof deep - 1);
    fixture_put(fixture, COMPLETED("t"), deep);
    expect_all(fixture, cases, COUNT_OF(cases));
    fixture_expect(fixture, COMPLETED("t"), deep);
}

/* Half a letter goes out as what stands for one. */
static void test_mended_record(void **state)
{
    const struct fixture *fixture = *state;
    static const struct ask_case shown = {
        {"GET /tasks/t", NULL, NULL, NULL}, 200, "Robe \\ufffd"};
    request_tokens(fixture);
    fixture_put(fixture, COMPLETED("t"),
        "\xEF\xBB\xBF{\"task_id\":\"t\",\"status\":\"completed\",\"result\":"
        "\"Robe \\ud83d\"}");
    expect_all(fixture, &shown, 1);
}

static void test_progress(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *body;
        const char *want; /* NULL: no hint is stored */
    } cases[] = {
        {"{}", NULL},
        {"{\"total\":3}", "3"},
        {"{\"message\":\"on\"}", "\"on\""},
    };
    request_tokens(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask_case renewed = {
            {"POST /plugin/tasks/t/progress", cases[i].body, NULL, NULL}, 200,
            "renewed"};
        const struct ask_case shown = {{"GET /tasks/t", NULL, NULL, NULL}, 200,
            cases[i].want == NULL ? "executing" : cases[i].want};
        fixture_put(fixture, LEASED, DROP("get_stats"));
        expect_all(fixture, &renewed, 1);
        expect_all(fixture, &shown, 1);
    }
}

/* --- Polls -----------------------------------------------------------------
 */

static void put_due(const struct fixture *fixture, int seconds)
{
    char name[NAME_LENGTH_MAX];
    char stamp[CLOCK_STAMP_LENGTH + 1];
    clock_format_stamp(stamp, clock_now() + (seconds * clock_second));
    snprintf(name, sizeof name, "pending/42/998-%s-get_stats-t%d.json", stamp,
        seconds);
    fixture_put(fixture, name, DROP("get_stats"));
}

/* When to ask again, by an answer without a task; 0 if it does not say. */
static int interval_of(const struct answer *answer)
{
    static const char key[] = "\"next_poll_interval_ms\":";
    const char *at = strstr(answer->body, key);
    return at == NULL ? 0 : (int)strtol(at + sizeof key - 1, NULL, 10);
}

/* Hours pass while the answer is made: what came due meanwhile is to be asked
 * for at once, but never without a pause. */
static void test_due_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    static const struct ask ask = {"GET /plugin/tasks", NULL, NULL, NULL};
    bool seen = false;
    request_tokens(fixture);
    put_due(fixture, 3600);
    for (int reads = 12; reads > 0 && !seen; reads--) {
        clock_fixture_set_after(reads, 7200);
        int interval = interval_of(request_ask(fixture, &ask));
        clock_fixture_set(0);
        assert_true(interval == 0 || interval >= 100);
        seen = interval == 100;
    }
    assert_true(seen);
}

/* Where no poll can be held the plugin is told when to come again: soon, but
 * sooner if it is known that a task comes due. */
static void test_crowded(void **state)
{
    const struct fixture *fixture = *state;
    static const struct ask ask = {
        "GET /plugin/tasks?wait=9", NULL, NULL, NULL};
    request_tokens(fixture);
    request_settings(fixture, "[queue]\nmax_waiters = 0\n");
    assert_int_equal(interval_of(request_ask(fixture, &ask)), 5000);
    put_due(fixture, 3600);
    assert_int_equal(interval_of(request_ask(fixture, &ask)), 5000);
    int interval = 0;
    while (interval == 0) { /* once more on a machine that stood still */
        put_due(fixture, 4);
        interval = interval_of(request_ask(fixture, &ask));
    }
    assert_true(interval >= 100 && interval <= 4001);
}

/* --- The bridge ------------------------------------------------------------
 */

#define REQUEST(more)                                                          \
    "{\"action\":\"EXECUTE_HTTP_REQUEST\"" more                                \
    ",\"request\":{\"method\":\"GET\",\"url\":\"https://www.vinted.fr/api\"}}"

static void test_execute_refused(void **state)
{
    const struct fixture *fixture = *state;
    static const struct ask_case cases[] = {
        {{EXECUTE, "{}", NULL, NULL}, 422, "is missing"},
        {{EXECUTE, "{\"action\":\"PONG\"}", NULL, NULL}, 422, "must be PING"},
        {{EXECUTE, "{\"action\":\"EXECUTE_HTTP_REQUEST\"}", NULL, NULL}, 422,
            "is missing"},
        {{EXECUTE, "{\"action\":\"EXECUTE_HTTP_REQUEST\",\"request\":1}", NULL,
             NULL},
            422, "request"},
        {{EXECUTE, "{\"action\":\"PING\",\"user_id\":43}", NULL, NULL}, 403,
            "wrong_user"},
        {{EXECUTE, REQUEST(",\"timeout\":-1"), NULL, NULL}, 422, "timeout"},
        {{EXECUTE "?timeout=x", REQUEST(""), NULL, NULL}, 422, "timeout"},
        {{EXECUTE "?timeout=-1", REQUEST(""), NULL, NULL}, 422, "timeout"},
        {{EXECUTE "?timeout=900", REQUEST(""), NULL, NULL}, 503,
            "plugin_not_connected"},
    };
    static const struct ask_case paused = {
        {EXECUTE, REQUEST(""), NULL, NULL}, 503, "lunch"};
    request_tokens(fixture);
    expect_all(fixture, cases, COUNT_OF(cases));
    presence_note(&fixture->account, clock_now());
    fixture_put(fixture, "pending/42/PAUSED", "lunch\n");
    expect_all(fixture, &paused, 1);
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
}

/* A plugin, in a process of its own: finishes the one task that comes with this
 * record. */
static pid_t start_plugin(const struct fixture *fixture, const char *record)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    fflush(NULL);
    pid_t child = fork();
    if (child != 0)
        return child;
    alarm(60);
    const char *name;
    while ((name = fixture_find(fixture, "pending/42", ".json")) == NULL)
        nanosleep(&pause, NULL);
    struct task_name task;
    char done[200];
    char queued[200];
    name_parse_queued(name, &task);
    snprintf(done, sizeof done, "done/42/%s.completed.json", task.id);
    snprintf(queued, sizeof queued, "pending/42/%s", name);
    unlinkat(fixture->spool.directory, queued, 0);
    fixture_put(fixture, done, record);
    _exit(0);
}

static void test_execute(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *record;
        int status;
        const char *words;
    } cases[] = {
        {"{\"task_id\":\"t\",\"status\":\"completed\",\"result\":{\"status\":"
         "201,\"data\":7}}",
            200, "\"status\":201"},
        {"half a rec", 500, "spoilt_file"},
    };
    request_tokens(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ask_case row = {{EXECUTE, REQUEST(""), NULL, NULL},
            cases[i].status, cases[i].words};
        presence_note(&fixture->account, clock_now());
        pid_t plugin = start_plugin(fixture, cases[i].record);
        expect_all(fixture, &row, 1);
        assert_int_equal(waitpid(plugin, NULL, 0), plugin);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_queries),
        IN_SPOOL(test_twice_and_not_the_same),
        IN_SPOOL(test_root_out_of_reach),
        IN_SPOOL(test_origins),
        IN_SPOOL(test_odd_tokens),
        IN_SPOOL(test_stuck),
        IN_SPOOL(test_tmp_is_no_task),
        IN_SPOOL(test_spoilt_record),
        IN_SPOOL(test_mended_record),
        IN_SPOOL(test_progress),
        IN_SPOOL(test_due_meanwhile),
        IN_SPOOL(test_crowded),
        IN_SPOOL(test_execute_refused),
        IN_SPOOL(test_execute),
    };
    return cmocka_run_group_tests_name("page_ask", tests, NULL, NULL);
}
