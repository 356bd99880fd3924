/* SPDX-License-Identifier: MIT */
/* What the tests of the checker have in common: a spool that the test itself
 * moves as programs would, and the requests and answers that go with it. */
#ifndef CHECKER_STAGE_H
#define CHECKER_STAGE_H

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

static inline void folder(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "/root/spool%s", name);
    assert_int_equal(kernel_mkdir(path, 0700, 1000), 0);
}

static inline void write_file(const char *name, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "/root/spool/%s", name);
    assert_int_equal(kernel_write(path, text, strlen(text), 0600, 1000), 0);
}

static inline void remove_file(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "/root/spool/%s", name);
    assert_int_equal(kernel_unlink(path), 0);
}

static inline void move(const char *from, const char *to)
{
    char one[400];
    char two[400];
    snprintf(one, sizeof one, "/root/spool/%s", from);
    snprintf(two, sizeof two, "/root/spool/%s", to);
    assert_int_equal(kernel_rename(one, two), 0);
}

/* Has stoflow.ini have this line in [all]: before start(). */
static inline void set_all(const char *line)
{
    char text[100];
    const char *path = "/root/etc/stoflow.ini";
    snprintf(text, sizeof text, "[all]\n%s\n", line);
    assert_int_equal(kernel_mkdir("/root/etc", 0700, 1000), 0);
    assert_int_equal(kernel_write(path, text, strlen(text), 0644, 0), 0);
}

/* Names of tasks t1, t2, ... of user 42. */
struct name {
    char text[300];
};

static const char created[] = "20251231T235900.000000Z";

static inline struct name pending_as(
    const char *id, const char *action, int tries)
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
static inline struct name executing_as(
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

static inline struct name done_as(const char *id, const char *status)
{
    struct name name;
    snprintf(name.text, sizeof name.text, "done/42/%s.%s.json", id, status);
    return name;
}

/* Its params are told from those of others by its ID. */
static inline struct name task_text(const char *id, const char *action)
{
    struct name text;
    snprintf(text.text, sizeof text.text,
        "{\"task_id\":\"%s\",\"user_id\":42,\"action\":\"%s\",\"params\":"
        "{\"item_id\":\"%s\"},\"priority\":1,\"timeout\":60,"
        "\"created_at\":\"2025-12-31T23:59:00.000000Z\"}",
        id, action, id);
    return text;
}

static inline void write_record(const char *id, const char *action,
    const char *status, const char *declared, const char *error,
    const char *result)
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

static inline void write_success(const char *id, const char *action)
{
    write_record(id, action, "completed", "", "null", "{\"view_count\":1}");
}

static inline void write_timeout(const char *id, const char *action)
{
    write_record(id, action, "failed", "\"declared\":\"timeout\",",
        "\"no result came\"", "null");
}

static inline void write_pending(const char *id, const char *action)
{
    write_file(pending_as(id, action, 0).text, task_text(id, action).text);
}

/* --- A history ------------------------------------------------------------ */

static inline struct operation *ask(
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

static inline void tell(
    struct operation *operation, int status, const char *body)
{
    kernel_pass(1000);
    history_answer(operation, status, body, strlen(body));
}

static inline struct operation *ask_create(const char *id)
{
    char body[400];
    snprintf(body, sizeof body,
        "{\"user_id\":42,\"action\":\"create_product\",\"task_id\":\"%s\","
        "\"params\":{\"item_id\":\"%s\"}}",
        id, id);
    return ask("POST", "/api/tasks/create", body);
}

static inline void tell_created(struct operation *operation, const char *id)
{
    char body[100];
    snprintf(body, sizeof body, "{\"task_id\":\"%s\"}", id);
    tell(operation, 201, body);
}

static inline struct operation *ask_poll(void)
{
    return ask("GET", "/api/plugin/tasks?user_id=42", NULL);
}

static inline void tell_task(struct operation *operation, const char *id,
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
static inline void hand_out(
    const char *id, const char *action, const char *lease)
{
    struct operation *poll = ask_poll();
    move(pending_as(id, action, 0).text,
        executing_as(id, action, lease, 0).text);
    tell_task(poll, id, action, lease);
}

static inline struct operation *ask_result(
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

static inline void problem(
    struct operation *operation, int status, const char *code)
{
    char body[200];
    snprintf(
        body, sizeof body, "{\"status\":%d,\"code\":\"%s\"}", status, code);
    tell(operation, status, body);
}

static inline struct operation *ask_of(
    const char *method, const char *id, const char *what)
{
    char path[200];
    snprintf(path, sizeof path, "/api/tasks/%s%s", id, what);
    return ask(method, path, NULL);
}

static inline void show(const char *id, const char *status)
{
    char body[200];
    snprintf(body, sizeof body,
        "{\"task_id\":\"%s\",\"user_id\":42,\"status\":\"%s\"}", id, status);
    tell(ask_of("GET", id, ""), 200, body);
}

/* --- Looking -------------------------------------------------------------- */

static inline void look_for(bool after_sweep, const char *want)
{
    size_t count =
        checker_look(history, after_sweep, complaints, sizeof complaints);
    if (want == NULL && count > 0)
        fail_msg("%s", complaints);
    if (want != NULL && strstr(complaints, want) == NULL)
        fail_msg("wanted \"%s\", have: %s", want, complaints);
}

static inline void fine(void)
{
    look_for(false, NULL);
}

static inline void wrong(const char *want)
{
    look_for(false, want);
}

static inline void set_up_on(const char *profile)
{
    static const char *const folders[] = {"", "/pending", "/pending/42",
        "/executing", "/executing/42", "/done", "/done/42", "/rejected", "/tmp",
        "/ingest", "/ingest/42", "/unknown", "/unknown/42", "/progress",
        "/progress/42", "/products", "/index"};
    kernel_reset(profile_find(profile), 1);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        folder(folders[i]);
    if (history == NULL)
        history = history_new();
    history_start(history);
}

static inline int set_up(void **state)
{
    (void)state;
    set_up_on("ext4");
    return 0;
}

static inline void start(void)
{
    history_start(history);
}

/* A plugin's success that tells of product 7, which no catalogue has. */
static inline void tell_of_product(void)
{
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result(
        "t1", "l1", "\"success\":true,\"data\":{\"item\":{\"id\":7}}");
    remove_file(executing_as("t1", "create_product", "l1", 0).text);
    write_record("t1", "create_product", "completed", "", "null",
        "{\"item\":{\"id\":7}}");
    tell(result, 200, received);
}

static inline void finish(const char *rest, const char *status)
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

static inline void hand(
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

/* With a fresh spool each. */
#define TEST(name) cmocka_unit_test_setup(name, set_up)

#endif
