/* SPDX-License-Identifier: MIT */
/* The checker: what must pass, and each rule once broken. */
#include "checker.h"
#include "kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct history *history;
static char complaints[20000];

static const int64_t second = 1000000000;

/* --- A spool -------------------------------------------------------------- */

static void folder(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "/root/spool%s", name);
    assert_int_equal(kernel_mkdir(path, 0700, 1000), 0);
}

static void write_file(const char *name, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "/root/spool/%s", name);
    assert_int_equal(kernel_write(path, text, strlen(text), 0600, 1000), 0);
}

static void remove_file(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "/root/spool/%s", name);
    assert_int_equal(kernel_unlink(path), 0);
}

static void move(const char *from, const char *to)
{
    char one[400];
    char two[400];
    snprintf(one, sizeof one, "/root/spool/%s", from);
    snprintf(two, sizeof two, "/root/spool/%s", to);
    assert_int_equal(kernel_rename(one, two), 0);
}

/* Names of tasks t1, t2, ... of user 42. */
struct name {
    char text[300];
};

static const char created[] = "20251231T235900.000000Z";

static struct name pending_as(const char *id, const char *action, int tries)
{
    struct name name;
    char more[20] = "";
    if (tries > 0)
        snprintf(more, sizeof more, ".r%d", tries);
    snprintf(name.text, sizeof name.text, "pending/42/998-%s-%s-%s%s.json",
        created, action, id, more);
    return name;
}

/* Until a minute after the beginning of the world. */
static struct name executing_as(
    const char *id, const char *action, const char *lease, int tries)
{
    struct name name;
    char more[20] = "";
    if (tries > 0)
        snprintf(more, sizeof more, ".r%d", tries);
    snprintf(name.text, sizeof name.text,
        "executing/42/20260101T000100.000000Z-%s-998-%s-%s-%s%s.json", lease,
        created, action, id, more);
    return name;
}

static struct name done_as(const char *id, const char *status)
{
    struct name name;
    snprintf(name.text, sizeof name.text, "done/42/%s.%s.json", id, status);
    return name;
}

/* Its params are told from those of others by its ID. */
static struct name task_text(const char *id, const char *action)
{
    struct name text;
    snprintf(text.text, sizeof text.text,
        "{\"task_id\":\"%s\",\"user_id\":42,\"action\":\"%s\",\"params\":"
        "{\"item_id\":\"%s\"},\"priority\":1,\"timeout\":60,"
        "\"created_at\":\"2025-12-31T23:59:00.000000Z\"}",
        id, action, id);
    return text;
}

static void write_record(const char *id, const char *action, const char *status,
    const char *declared, const char *error, const char *result)
{
    char text[1000];
    struct name task = task_text(id, action);
    task.text[strlen(task.text) - 1] = '\0';
    snprintf(text, sizeof text,
        "%s,\"status\":\"%s\",\"error\":%s,%s\"started_at\":"
        "\"2026-01-01T00:00:01.000000Z\",\"completed_at\":"
        "\"2026-01-01T00:00:02.000000Z\",\"executed_at\":null,"
        "\"execution_time_ms\":null,\"attempts\":1,\"result\":%s}",
        task.text, status, error, declared, result);
    write_file(done_as(id, status).text, text);
}

static void write_success(const char *id, const char *action)
{
    write_record(id, action, "completed", "", "null", "{\"view_count\":1}");
}

static void write_timeout(const char *id, const char *action)
{
    write_record(id, action, "failed", "\"declared\":\"timeout\",",
        "\"no result came\"", "null");
}

static void write_pending(const char *id, const char *action)
{
    write_file(pending_as(id, action, 0).text, task_text(id, action).text);
}

/* --- A history ------------------------------------------------------------ */

static struct operation *ask(
    const char *method, const char *path, const char *body)
{
    const struct request request = {.method = method,
        .path = path,
        .body = body,
        .length = body == NULL ? 0 : strlen(body),
        .user = 42};
    kernel_pass(1000);
    return history_request(history, &request);
}

static void tell(struct operation *operation, int status, const char *body)
{
    kernel_pass(1000);
    history_answer(operation, status, body, strlen(body));
}

static struct operation *ask_create(const char *id)
{
    char body[400];
    snprintf(body, sizeof body,
        "{\"user_id\":42,\"action\":\"create_product\",\"task_id\":\"%s\","
        "\"params\":{\"item_id\":\"%s\"}}",
        id, id);
    return ask("POST", "/api/tasks/create", body);
}

static void tell_created(struct operation *operation, const char *id)
{
    char body[100];
    snprintf(body, sizeof body, "{\"task_id\":\"%s\"}", id);
    tell(operation, 201, body);
}

static struct operation *ask_poll(void)
{
    return ask("GET", "/api/plugin/tasks?user_id=42", NULL);
}

static void tell_task(struct operation *operation, const char *id,
    const char *action, const char *lease)
{
    char body[400];
    snprintf(body, sizeof body,
        "{\"task_id\":\"%s\",\"action\":\"%s\",\"params\":{\"item_id\":\"%s\"},"
        "\"priority\":1,\"timeout\":60,\"lease\":\"%s\"}",
        id, action, id, lease);
    tell(operation, 200, body);
}

/* And has it so in the spool. */
static void hand_out(const char *id, const char *action, const char *lease)
{
    struct operation *poll = ask_poll();
    move(pending_as(id, action, 0).text,
        executing_as(id, action, lease, 0).text);
    tell_task(poll, id, action, lease);
}

static struct operation *ask_result(
    const char *id, const char *lease, const char *rest)
{
    char path[200];
    char body[400];
    snprintf(path, sizeof path, "/api/plugin/tasks/%s/result", id);
    snprintf(body, sizeof body, "{%s%s%s%s}",
        lease == NULL ? "" : "\"lease\":\"", lease == NULL ? "" : lease,
        lease == NULL ? "" : "\",", rest);
    return ask("POST", path, body);
}

static const char success[] = "\"success\":true,\"data\":{\"view_count\":1}";
static const char failure[] = "\"success\":false,\"error\":\"it broke\"";
static const char received[] = "{\"status\":\"received\",\"message\":\"\"}";

static void problem(struct operation *operation, int status, const char *code)
{
    char body[200];
    snprintf(
        body, sizeof body, "{\"status\":%d,\"code\":\"%s\"}", status, code);
    tell(operation, status, body);
}

static struct operation *ask_of(
    const char *method, const char *id, const char *what)
{
    char path[200];
    snprintf(path, sizeof path, "/api/tasks/%s%s", id, what);
    return ask(method, path, NULL);
}

static void show(const char *id, const char *status)
{
    char body[200];
    snprintf(body, sizeof body,
        "{\"task_id\":\"%s\",\"user_id\":42,\"status\":\"%s\"}", id, status);
    tell(ask_of("GET", id, ""), 200, body);
}

/* --- Looking -------------------------------------------------------------- */

static void look_for(bool after_sweep, const char *want)
{
    size_t count =
        checker_look(history, after_sweep, complaints, sizeof complaints);
    if (want == NULL && count > 0)
        fail_msg("%s", complaints);
    if (want != NULL && strstr(complaints, want) == NULL)
        fail_msg("wanted \"%s\", have: %s", want, complaints);
}

static void fine(void)
{
    look_for(false, NULL);
}

static void wrong(const char *want)
{
    look_for(false, want);
}

static int set_up(void **state)
{
    static const char *const folders[] = {"", "/pending", "/pending/42",
        "/executing", "/executing/42", "/done", "/done/42", "/rejected", "/tmp",
        "/ingest", "/ingest/42", "/progress", "/progress/42", "/products",
        "/index"};
    (void)state;
    kernel_reset(profile_find("ext4"), 1);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        folder(folders[i]);
    if (history == NULL)
        history = history_new();
    history_start(history);
    return 0;
}

static void start(void)
{
    history_start(history);
}

/* --- Trees ---------------------------------------------------------------- */

static void sound_tree(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_file(executing_as("t2", "other", "abc", 2).text,
        task_text("t2", "other").text);
    write_success("t3", "get_stats");
    write_file("rejected/x.json", "{");
    write_file("rejected/x.json.why", "no JSON");
    write_file("products/42.ndjson", "{\"id\":1}\n{\"id\":5}\n");
    start();
    fine();
}

static void two_names(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_file(pending_as("t1", "get_stats", 1).text,
        task_text("t1", "get_stats").text);
    start();
    wrong("second entry");
}

static void debris(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_success("t1", "get_stats");
    write_file("tmp/20260101T000000.1.1", "{");
    write_file("progress/42/t9.json", "{}");
    start();
    fine();
    look_for(true, "outlived by");
    look_for(true, "left in tmp/");
    look_for(true, "not executing");
}

static void files_that_break_rules(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        {"executing/42/x.json", "{}", "no name of executing/"},
        {"done/42/t1.completed.json", "{", "no JSON object"},
        {"done/42/t1.completed.json", "{}", "record lacks"},
        {"rejected/a", "x", "without a reason"},
        {"pending/42/998-20251231T235900.000000Z-get_stats-t1.json",
            "{\"task_id\":\"t2\"}", "task_id inside"},
        {"products/42.ndjson", "{\"id\":5}\n{\"id\":1}\n", "out of order"},
        {"products/42.ndjson", "{\"id\":5}\n{\"id\"", "torn"},
        {"stray", "", "no such place"},
        {"ingest/42/x", "{}", "no name of ingest/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up(state);
        write_file(rows[i].name, rows[i].text);
        start();
        wrong(rows[i].want);
    }
}

static void wrong_modes(void **state)
{
    (void)state;
    write_success("t1", "get_stats");
    kernel_chmod("/root/spool/done/42/t1.completed.json", 0644);
    start();
    wrong("mode 0644");
}

/* --- Creates -------------------------------------------------------------- */

static void create_stands(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    fine();
    show("t1", "pending");
    problem(ask_create("t1"), 409, "task_exists");
    fine();
}

static void create_is_lost(void **state)
{
    (void)state;
    tell_created(ask_create("t1"), "t1");
    wrong("in the spool it is unknown");
}

static void created_twice(void **state)
{
    (void)state;
    struct operation *one = ask_create("t1");
    struct operation *two = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(one, "t1");
    tell_created(two, "t1");
    wrong("nothing explains");
}

static void create_without_an_answer(void **state)
{
    (void)state;
    tell(ask_create("t1"), 0, "");
    struct operation *other = ask_create("t2");
    write_pending("t2", "create_product");
    tell(other, 0, "");
    fine();
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    show("t2", "pending");
    fine();
    /* Nor does it come later. */
    write_pending("t1", "create_product");
    wrong("in the spool it is pending");
}

static void known_and_then_unknown(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    wrong("404 unknown_task");
}

static void exists_before_it_is_made(void **state)
{
    (void)state;
    problem(ask_create("t1"), 409, "task_exists");
    wrong("409 task_exists");
}

static struct operation *ask_by_key(const char *key)
{
    const struct request request = {.method = "POST",
        .path = "/tasks/create",
        .query = "action=get_stats",
        .key = key,
        .body = "{\"item_id\":\"k1\"}",
        .length = 16,
        .user = 42};
    return history_request(history, &request);
}

static void one_key_is_one_task(void **state)
{
    (void)state;
    struct operation *create = ask_by_key("a key");
    write_pending("k1", "get_stats");
    tell_created(create, "k1");
    tell_created(ask_by_key("a key"), "k1");
    fine();
    struct operation *again = ask_by_key("a key");
    write_file(pending_as("k2", "get_stats", 0).text,
        task_text("k1", "get_stats").text);
    tell_created(again, "k2");
    wrong("two tasks");
}

/* --- Hand-outs ------------------------------------------------------------ */

static void handed_out_once(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    tell(ask_poll(), 200, "{\"task_id\":null}");
    fine();
}

static void handed_out_twice(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    struct operation *other = ask_poll();
    hand_out("t1", "get_stats", "l1");
    tell_task(other, "t1", "get_stats", "l2");
    wrong("nothing explains");
}

/* Neither after its deadline, where it may not be repeated. */
static void handed_out_after_the_deadline(void **state)
{
    static const char *const actions[] = {"get_stats", "create_product"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", actions[i]);
        start();
        hand_out("t1", actions[i], "l1");
        fine();
        kernel_pass(100 * second);
        struct operation *poll = ask_poll();
        move(executing_as("t1", actions[i], "l1", 0).text,
            executing_as("t1", actions[i], "l2", 1).text);
        tell_task(poll, "t1", actions[i], "l2");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

static void handed_out_before_the_deadline(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    struct operation *poll = ask_poll();
    move(executing_as("t1", "get_stats", "l1", 0).text,
        executing_as("t1", "get_stats", "l2", 1).text);
    tell_task(poll, "t1", "get_stats", "l2");
    wrong("nothing explains");
}

static void handed_out_again_under_its_lease(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    struct operation *poll = ask("GET", "/plugin/tasks?receive_id=abcdefgh", 0);
    move(pending_as("t1", "create_product", 0).text,
        executing_as("t1", "create_product", "abcdefgh", 0).text);
    tell(poll, 0, "");
    tell_task(ask("GET", "/plugin/tasks?receive_id=abcdefgh", NULL), "t1",
        "create_product", "abcdefgh");
    fine();
    tell_task(ask("GET", "/plugin/tasks?receive_id=ijklmnop", NULL), "t1",
        "create_product", "ijklmnop");
    wrong("nothing explains");
}

static void handed_out_after_its_end(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result("t1", "l1", success);
    write_success("t1", "create_product");
    tell(result, 200, received);
    tell_task(ask_poll(), "t1", "create_product", "l2");
    wrong("nothing explains");
}

static void nothing_although_it_waits(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    tell(ask_poll(), 200, "{\"task_id\":null}");
    wrong("nothing explains");
}

static void a_lease_for_two(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_pending("t2", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    hand_out("t2", "get_stats", "l1");
    wrong("a lease that was given before");
}

static void paused(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_file("pending/42/PAUSED", "");
    start();
    hand_out("t1", "get_stats", "l1");
    wrong("paused");
}

/* Killed after its rename, it is declared failed, and never comes again. */
static void a_killed_poll(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    struct operation *poll = ask_poll();
    move(pending_as("t1", "create_product", 0).text,
        executing_as("t1", "create_product", "l1", 0).text);
    tell(poll, 0, "");
    fine();
    kernel_pass(100 * second);
    remove_file(executing_as("t1", "create_product", "l1", 0).text);
    write_timeout("t1", "create_product");
    fine();
    remove_file(done_as("t1", "failed").text);
    write_pending("t1", "create_product");
    wrong("in the spool it is pending");
}

/* --- Results -------------------------------------------------------------- */

static void finish(const char *rest, const char *status)
{
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result("t1", "l1", rest);
    remove_file(executing_as("t1", "create_product", "l1", 0).text);
    if (strcmp(status, "completed") == 0)
        write_success("t1", "create_product");
    else
        write_record(
            "t1", "create_product", "failed", "", "\"it broke\"", "null");
    tell(result, 200, received);
}

static void first_result_stands(void **state)
{
    (void)state;
    finish(success, "completed");
    tell(ask_result("t1", "l1", success), 200, received);
    problem(ask_result("t1", "l1", failure), 409, "result_conflict");
    problem(ask_result("t1", "other", success), 409, "lease_lost");
    fine();
}

static void second_result_is_taken(void **state)
{
    (void)state;
    finish(success, "completed");
    tell(ask_result("t1", "l1", failure), 200, received);
    wrong("nothing explains");
}

static void same_result_is_refused(void **state)
{
    (void)state;
    finish(failure, "failed");
    problem(ask_result("t1", "l1", failure), 409, "result_conflict");
    wrong("nothing explains");
}

static void another_record(void **state)
{
    (void)state;
    finish(success, "failed");
    wrong("in the spool it is failed");
}

static void result_is_lost(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    tell(ask_result("t1", "l1", success), 200, received);
    wrong("in the spool it is executing");
}

static void declared_gives_way(void **state)
{
    (void)state;
    write_timeout("t1", "create_product");
    start();
    struct operation *result = ask_result("t1", NULL, success);
    remove_file(done_as("t1", "failed").text);
    write_success("t1", "create_product");
    tell(result, 200, received);
    fine();
    set_up(state);
    write_timeout("t1", "create_product");
    start();
    problem(ask_result("t1", NULL, success), 409, "result_conflict");
    wrong("nothing explains");
}

static void wrong_leases(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    tell(ask_result("t1", "nosuch", success), 200, received);
    wrong("nothing explains");
    set_up(state);
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    tell(ask_result("t1", "l2", success), 200, received);
    wrong("nothing explains");
    set_up(state);
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    problem(ask_result("t1", "l1", success), 409, "lease_lost");
    wrong("nothing explains");
}

/* A result of the try before, after a retry. */
static void lease_of_the_try_before(void **state)
{
    (void)state;
    finish(success, "completed");
    struct operation *retry =
        ask("POST", "/tasks/t1/retry", "{\"force\":true}");
    move(done_as("t1", "completed").text,
        pending_as("t1", "create_product", 0).text);
    tell(retry, 200, "{\"task_id\":\"t1\",\"status\":\"pending\"}");
    tell(ask_result("t1", "l1", success), 200, received);
    wrong("nothing explains");
}

static void a_killed_result(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    tell(ask_result("t1", "l1", success), 0, "");
    show("t1", "executing");
    write_success("t1", "create_product");
    show("t1", "completed");
    fine();
    look_for(true, "outlived");
}

static void catalogue_is_forgotten(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result(
        "t1", "l1", "\"success\":true,\"data\":{\"item\":{\"id\":7}}");
    remove_file(executing_as("t1", "create_product", "l1", 0).text);
    write_record("t1", "create_product", "completed", "", "null",
        "{\"item\":{\"id\":7}}");
    tell(result, 200, received);
    wrong("product 7 is neither");
    write_file("products/42.ndjson", "{\"id\":7,\"title\":\"x\"}\n");
    fine();
}

static void put_off(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result(
        "t1", "l1", "\"success\":false,\"error\":\"Aucun onglet Vinted\"");
    move(executing_as("t1", "create_product", "l1", 0).text,
        pending_as("t1", "create_product", 1).text);
    tell(result, 200, received);
    fine();
}

static void put_off_although_it_was_sent(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result("t1", "l1", failure);
    move(executing_as("t1", "create_product", "l1", 0).text,
        pending_as("t1", "create_product", 1).text);
    tell(result, 200, received);
    wrong("in the spool it is pending");
}

/* --- Cancels, retries, progress ------------------------------------------- */

static void cancel_is_heeded(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_pending("t2", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    struct operation *cancel = ask_of("DELETE", "t1", "");
    write_file("progress/42/t1.cancel", "");
    tell(cancel, 202, "{\"task_id\":\"t1\",\"status\":\"executing\"}");
    cancel = ask_of("DELETE", "t2", "");
    remove_file(pending_as("t2", "get_stats", 0).text);
    write_record("t2", "get_stats", "failed", "\"declared\":\"cancelled\",",
        "\"cancelled\"", "null");
    tell(cancel, 200, "{\"task_id\":\"t2\",\"status\":\"cancelled\"}");
    tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"), 200,
        "{\"deadline\":\"2026-01-01T00:01:00.000000Z\",\"cancel\":true}");
    fine();
    remove_file("progress/42/t1.cancel");
    wrong("its end asked for");
}

static void cancel_is_not_told(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    struct operation *cancel = ask_of("DELETE", "t1", "");
    write_file("progress/42/t1.cancel", "");
    tell(cancel, 202, "{\"task_id\":\"t1\",\"status\":\"executing\"}");
    tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"), 200,
        "{\"deadline\":\"2026-01-01T00:01:00.000000Z\",\"cancel\":false}");
    wrong("nothing explains");
}

static void cancelled_and_yet_requeued(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    tell(ask_of("DELETE", "t1", ""), 200,
        "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
    wrong("in the spool it is pending");
}

static void retry_without_force(void **state)
{
    (void)state;
    finish(success, "completed");
    problem(ask("POST", "/tasks/t1/retry", "{}"), 409, "not_repeatable");
    fine();
    struct operation *retry = ask("POST", "/tasks/t1/retry", "{}");
    move(done_as("t1", "completed").text,
        pending_as("t1", "create_product", 0).text);
    tell(retry, 200, "{\"task_id\":\"t1\",\"status\":\"pending\"}");
    wrong("nothing explains");
}

static void renewed_although_it_is_over(void **state)
{
    (void)state;
    finish(success, "completed");
    tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"), 200,
        "{\"deadline\":\"2026-01-01T00:02:00.000000Z\",\"cancel\":false}");
    wrong("nothing explains");
}

/* --- Lists ---------------------------------------------------------------- */

static void lists(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    tell(ask("GET", "/tasks", NULL), 200,
        "{\"tasks\":[{\"task_id\":\"t1\",\"status\":\"pending\"}],"
        "\"next_cursor\":null}");
    fine();
    tell(
        ask("GET", "/tasks", NULL), 200, "{\"tasks\":[],\"next_cursor\":null}");
    wrong("nothing explains");
    tell(ask("GET", "/tasks", NULL), 200,
        "{\"tasks\":[{\"task_id\":\"t1\",\"status\":\"completed\"}],"
        "\"next_cursor\":null}");
    wrong("nothing explains");
}

static void a_list_beside_a_move(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    struct operation *list = ask("GET", "/tasks", NULL);
    hand_out("t1", "get_stats", "l1");
    tell(list, 200, "{\"tasks\":[],\"next_cursor\":null}");
    fine();
}

/* --- Persons -------------------------------------------------------------- */

static void hand(
    enum hand what, const char *from, const char *to, const char *text)
{
    char one[400];
    char two[400];
    snprintf(one, sizeof one, "/root/spool/%s", from);
    snprintf(two, sizeof two, "/root/spool/%s", to == NULL ? "" : to);
    history_hand(history, what, one, to == NULL ? NULL : two, text,
        text == NULL ? 0 : strlen(text));
    if (what == HAND_WRITE)
        kernel_write(one, text, strlen(text), 0600, 1000);
    if (what == HAND_MOVE)
        kernel_rename(one, two);
    if (what == HAND_REMOVE)
        kernel_unlink(one);
}

static void removed_by_hand(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand(HAND_REMOVE, pending_as("t1", "get_stats", 0).text, NULL, NULL);
    fine();
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    fine();
}

static void retried_by_hand(void **state)
{
    (void)state;
    finish(success, "completed");
    fine();
    hand(HAND_MOVE, done_as("t1", "completed").text,
        "pending/42/t1.completed.json", NULL);
    fine();
    move("pending/42/t1.completed.json",
        pending_as("t1", "create_product", 0).text);
    fine();
    hand_out("t1", "create_product", "l2");
    fine();
}

static const char drop[] =
    "{\"user_id\":42,\"action\":\"get_stats\",\"params\":{\"item_id\":\"d1\"}}";

static void dropped(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    fine();
    move("pending/d.json",
        pending_as("0a0f0760-1188-4107-bbc5-ea79a3bc2d98", "get_stats", 0)
            .text);
    fine();
}

static void drop_is_lost(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    remove_file("pending/d.json");
    wrong("the drop pending/d.json is lost");
}

static void drop_is_doubled(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    write_file(pending_as("d1", "get_stats", 0).text, drop);
    write_file(pending_as("d2", "get_stats", 0).text, drop);
    remove_file("pending/d.json");
    wrong("has become 2 tasks");
}

static void drop_of_a_taken_id(void **state)
{
    static const char text[] = "{\"user_id\":42,\"action\":\"get_stats\","
                               "\"task_id\":\"t1\",\"params\":{}}";
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand(HAND_WRITE, "pending/d.json", NULL, text);
    move("pending/d.json", "rejected/d.json");
    write_file("rejected/d.json.why", "taken");
    fine();
    remove_file(pending_as("t1", "create_product", 0).text);
    wrong("in the spool it is unknown");
}

/* --- Loss of power -------------------------------------------------------- */

static void acknowledged_survives(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    history_power_loss(history);
    fine();
    set_up(state);
    create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    remove_file(pending_as("t1", "create_product", 0).text);
    history_power_loss(history);
    wrong("in the spool it is unknown");
}

static void unanswered_may_go(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    show("t1", "pending");
    tell(create, 0, "");
    remove_file(pending_as("t1", "create_product", 0).text);
    history_power_loss(history);
    fine();
}

/* A claim that may be repeated is forgotten, any other stays. */
static void claims(void **state)
{
    static const char *const actions[] = {"get_stats", "create_product"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", actions[i]);
        start();
        hand_out("t1", actions[i], "l1");
        move(executing_as("t1", actions[i], "l1", 0).text,
            pending_as("t1", actions[i], 0).text);
        history_power_loss(history);
        look_for(false, i == 0 ? NULL : "in the spool it is pending");
    }
}

/* --- What waits ----------------------------------------------------------- */

static void waiting(void **state)
{
    const char *names[4];
    (void)state;
    write_pending("t1", "get_stats");
    write_pending("t2", "create_product");
    write_success("t3", "get_stats");
    start();
    assert_int_equal(checker_waiting(history, 42, names, 4), 2);
    assert_true(checker_is_waiting(history, 42, "t1"));
    assert_false(checker_is_waiting(history, 42, "t3"));
    hand_out("t1", "get_stats", "l1");
    hand_out("t2", "create_product", "l2");
    fine();
    assert_false(checker_is_waiting(history, 42, "t1"));
    kernel_pass(100 * second);
    assert_true(checker_is_waiting(history, 42, "t1"));
    assert_false(checker_is_waiting(history, 42, "t2"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(sound_tree),
        TEST(two_names),
        TEST(debris),
        TEST(files_that_break_rules),
        TEST(wrong_modes),
        TEST(create_stands),
        TEST(create_is_lost),
        TEST(created_twice),
        TEST(create_without_an_answer),
        TEST(known_and_then_unknown),
        TEST(exists_before_it_is_made),
        TEST(one_key_is_one_task),
        TEST(handed_out_once),
        TEST(handed_out_twice),
        TEST(handed_out_after_the_deadline),
        TEST(handed_out_before_the_deadline),
        TEST(handed_out_again_under_its_lease),
        TEST(handed_out_after_its_end),
        TEST(nothing_although_it_waits),
        TEST(a_lease_for_two),
        TEST(paused),
        TEST(a_killed_poll),
        TEST(first_result_stands),
        TEST(second_result_is_taken),
        TEST(same_result_is_refused),
        TEST(another_record),
        TEST(result_is_lost),
        TEST(declared_gives_way),
        TEST(wrong_leases),
        TEST(lease_of_the_try_before),
        TEST(a_killed_result),
        TEST(catalogue_is_forgotten),
        TEST(put_off),
        TEST(put_off_although_it_was_sent),
        TEST(cancel_is_heeded),
        TEST(cancel_is_not_told),
        TEST(cancelled_and_yet_requeued),
        TEST(retry_without_force),
        TEST(renewed_although_it_is_over),
        TEST(lists),
        TEST(a_list_beside_a_move),
        TEST(removed_by_hand),
        TEST(retried_by_hand),
        TEST(dropped),
        TEST(drop_is_lost),
        TEST(drop_is_doubled),
        TEST(drop_of_a_taken_id),
        TEST(acknowledged_survives),
        TEST(unanswered_may_go),
        TEST(claims),
        TEST(waiting),
    };
    return cmocka_run_group_tests_name("checker", tests, NULL, NULL);
}
