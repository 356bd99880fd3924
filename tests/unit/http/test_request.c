/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "environment.h"
#include "error.h"
#include "fault.h"
#include "query.h"
#include "request.h"
#include "route.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A request with its environment and its input, a pipe that stays
 * open for writing unless the client has gone. */
struct client {
    int pipe[2];
    struct request request;
};

static void set(const char *name, const char *value)
{
    if (value == NULL)
        unsetenv(name);
    else
        setenv(name, value, 1);
}

static struct client begin(const char *length, const char *body, bool gone)
{
    struct client client;
    set("REQUEST_METHOD", "POST");
    set("PATH_INFO", "/api/tasks/create");
    set("QUERY_STRING", "");
    set("CONTENT_LENGTH", length);
    assert_int_equal(pipe(client.pipe), 0);
    assert_int_equal(write(client.pipe[1], body, strlen(body)), strlen(body));
    if (gone)
        close(client.pipe[1]);
    assert_int_equal(request_read(&client.request, environment_own(),
                         (struct request_input){.descriptor = client.pipe[0]}),
        ERROR_NONE);
    return client;
}

/* How many bytes were left unread. */
static size_t end(struct client *client, bool gone)
{
    char rest[200];
    request_free(&client->request);
    fcntl(client->pipe[0], F_SETFL, O_NONBLOCK);
    ssize_t left = read(client->pipe[0], rest, sizeof rest);
    close(client->pipe[0]);
    if (!gone)
        close(client->pipe[1]);
    return left < 0 ? 0 : (size_t)left;
}

struct body_case {
    const char *length;
    const char *sent;
    bool gone; /* whether the client has closed */
    enum error error;
    const char *want;
    size_t unread;
};

static const struct body_case body_cases[] = {
    {"5", "hello", false, ERROR_NONE, "hello", 0},
    {"0", "", false, ERROR_NONE, "", 0},
    {"0", "more", false, ERROR_NONE, "", 4},
    {"5", "hello, and more", false, ERROR_NONE, "hello", 10},
    {"10", "0123456789", false, ERROR_NONE, "0123456789", 0},
    {"11", "0123456789a", false, ERROR_TOO_LARGE, "", 11},
    {"9223372036854775807", "x", false, ERROR_TOO_LARGE, "", 1},
    {"6", "hello", true, ERROR_INCOMPLETE, "", 0},
    {"1", "", true, ERROR_INCOMPLETE, "", 0},
    {NULL, "hello", false, ERROR_NOT_FOUND, "", 5},
    {"", "hello", false, ERROR_NOT_FOUND, "", 5}, /* as nginx says it */
    {"-1", "hello", false, ERROR_SYNTAX, "", 5},
    {"five", "hello", false, ERROR_SYNTAX, "", 5},
    {"5 ", "hello", false, ERROR_SYNTAX, "", 5},
    {" 5", "hello", false, ERROR_SYNTAX, "", 5},
    {"+5", "hello", false, ERROR_SYNTAX, "", 5},
    {"05", "hello", false, ERROR_SYNTAX, "", 5},
    {"5.0", "hello", false, ERROR_SYNTAX, "", 5},
    {"5,5", "hello", false, ERROR_SYNTAX, "", 5},
    {"0x5", "hello", false, ERROR_SYNTAX, "", 5},
    {"9223372036854775808", "hello", false, ERROR_SYNTAX, "", 5},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof body_cases / sizeof body_cases[0]; i++) {
        const struct body_case *row = &body_cases[i];
        struct buffer body = BUFFER_EMPTY;
        struct client client = begin(row->length, row->sent, row->gone);
        enum error error = request_read_body(&client.request, 10, &body);
        size_t unread = end(&client, row->gone);
        if (error != row->error || unread != row->unread ||
            body.length != strlen(row->want) ||
            memcmp(buffer_text(&body), row->want, body.length) != 0)
            fail_msg("%s: have error %d, %zu bytes, %zu unread, "
                     "want %d, %s, %zu",
                row->length, (int)error, body.length, unread, (int)row->error,
                row->want, row->unread);
        buffer_free(&body);
    }
}

/* NUL bytes are bytes like others. */
static void test_bytes(void **state)
{
    (void)state;
    struct buffer body = BUFFER_EMPTY;
    struct client client = begin("4", "", false);
    assert_int_equal(write(client.pipe[1],
                         "a\0\xFF"
                         "b",
                         4),
        4);
    assert_int_equal(request_read_body(&client.request, 10, &body), ERROR_NONE);
    end(&client, false);
    assert_int_equal(body.length, 4);
    assert_memory_equal(body.data,
        "a\0\xFF"
        "b",
        5);
    buffer_free(&body);
}

struct drain_case {
    const char *method;
    const char *length;
    const char *sent;
    bool gone;
    size_t unread;
};

/* Exactly what was announced and no more, which might never come; nothing on
 * a GET. */
static const struct drain_case drain_cases[] = {
    {"POST", "5", "hello", false, 0},
    {"POST", "5", "hello, and more", false, 10},
    {"POST", "500", "hello", true, 0},
    {"POST", NULL, "hello", false, 5},
    {"POST", "-1", "hello", false, 5},
    {"POST", "0", "hello", false, 5},
    {"GET", "5", "hello", false, 5},
    {"PUT", "5", "hello", false, 0},
};

static void test_drain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof drain_cases / sizeof drain_cases[0]; i++) {
        const struct drain_case *row = &drain_cases[i];
        struct client client = begin(row->length, row->sent, row->gone);
        set("REQUEST_METHOD", row->method);
        request_free(&client.request);
        assert_int_equal(
            request_read(&client.request, environment_own(),
                (struct request_input){.descriptor = client.pipe[0]}),
            ERROR_NONE);
        request_drain(&client.request);
        size_t unread = end(&client, row->gone);
        if (unread != row->unread)
            fail_msg("%s %s: have %zu unread, want %zu", row->method,
                row->length, unread, row->unread);
    }
}

static void test_drain_after_a_body(void **state)
{
    (void)state;
    struct buffer body = BUFFER_EMPTY;
    struct client client = begin("5", "hello, and more", false);
    assert_int_equal(request_read_body(&client.request, 10, &body), ERROR_NONE);
    request_drain(&client.request);
    assert_int_equal(end(&client, false), 10);
    buffer_free(&body);
}

/* Of a body without an end no more is read than the bound. */
static void test_drain_is_bounded(void **state)
{
    (void)state;
    set("HTTP_TRANSFER_ENCODING", "chunked");
    struct client client = begin(NULL, "hello", false);
    client.request.length_read = 64 << 20;
    request_drain(&client.request);
    assert_int_equal(end(&client, false), 5);
    client = begin(NULL, "hello", true);
    request_drain(&client.request);
    assert_int_equal(end(&client, true), 0);
    set("HTTP_TRANSFER_ENCODING", NULL);
}

/* What breaks off is told apart from what stops short, and what a signal
 * interrupts is read on. */
static void test_read_fails(void **state)
{
    static const struct {
        int number;
        enum error want;
    } cases[] = {
        {EINTR, ERROR_NONE},
        {EIO, ERROR_IO},
        {0, ERROR_INCOMPLETE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer body = BUFFER_EMPTY;
        struct client client = begin("5", "hello", false);
        fault_set(FAULT_READ, 1, cases[i].number);
        assert_int_equal(
            request_read_body(&client.request, 10, &body), cases[i].want);
        assert_true(fault_clear());
        assert_string_equal(
            buffer_text(&body), cases[i].want == ERROR_NONE ? "hello" : "");
        end(&client, false);
        buffer_free(&body);
    }
}

static void test_environment(void **state)
{
    (void)state;
    struct request request;
    set("REQUEST_METHOD", "GET");
    set("PATH_INFO", "/api/plugin/tasks");
    set("QUERY_STRING", "user_id=42&wait=0");
    set("CONTENT_LENGTH", NULL);
    assert_int_equal(request_read(&request, environment_own(),
                         (struct request_input){.descriptor = STDIN_FILENO}),
        ERROR_NONE);
    assert_int_equal(request.method, METHOD_GET);
    assert_string_equal(request.path, "/api/plugin/tasks");
    assert_string_equal(query_get(&request.query, "user_id"), "42");
    assert_false(request.has_length);
    request_free(&request);
}

static void test_nothing_in_the_environment(void **state)
{
    (void)state;
    struct request request;
    set("REQUEST_METHOD", NULL);
    set("PATH_INFO", NULL);
    set("QUERY_STRING", NULL);
    set("CONTENT_LENGTH", NULL);
    assert_int_equal(request_read(&request, environment_own(),
                         (struct request_input){.descriptor = STDIN_FILENO}),
        ERROR_NONE);
    assert_int_equal(request.method, METHOD_OTHER);
    assert_string_equal(request.method_text, "");
    assert_string_equal(request.path, "");
    assert_null(query_get(&request.query, "user_id"));
    request_free(&request);
}

/* The rest is filled all the same, so that the answer can be drained for. */
static void test_wrong_query(void **state)
{
    (void)state;
    struct request request;
    set("REQUEST_METHOD", "POST");
    set("PATH_INFO", "/x");
    set("QUERY_STRING", "a=%");
    set("CONTENT_LENGTH", "7");
    assert_int_equal(request_read(&request, environment_own(),
                         (struct request_input){.descriptor = STDIN_FILENO}),
        ERROR_SYNTAX);
    assert_int_equal(request.method, METHOD_POST);
    assert_string_equal(request.path, "/x");
    assert_int_equal(request.length, 7);
    request_free(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_drain_after_a_body),
        cmocka_unit_test(test_drain_is_bounded),
        cmocka_unit_test(test_read_fails),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_nothing_in_the_environment),
        cmocka_unit_test(test_wrong_query),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
