/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "problem.h"
#include "reply.h"
#include "sink.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sends it to a pipe. What was sent, which must fit into one, goes to `out`. */
static enum error send_to_pipe(struct reply *reply, struct buffer *out)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    enum error error = reply_send(reply, ends[1]);
    close(ends[1]);
    ssize_t count;
    do {
        char *to = buffer_reserve(out, 65536);
        assert_non_null(to);
        count = read(ends[0], to, 65536);
        assert_true(count >= 0);
        out->length += (size_t)count;
        out->data[out->length] = '\0';
    } while (count > 0);
    close(ends[0]);
    return error;
}

static void expect(struct reply *reply, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    assert_int_equal(send_to_pipe(reply, &have), ERROR_NONE);
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
    reply_free(reply);
}

static void test_empty(void **state)
{
    (void)state;
    struct reply reply;
    reply_init(&reply);
    expect(&reply, "Status: 200 OK\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: 0\r\n"
                   "Cache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\n"
                   "\r\n");
}

static void test_whole(void **state)
{
    (void)state;
    struct reply reply;
    reply_init(&reply);
    reply.status = 405;
    reply.content_type = "text/plain";
    reply_header(&reply, "Allow", "GET, POST");
    reply_header(&reply, "Retry-After", "5");
    buffer_append_text(&reply.body, "caf\xC3\xA9\n");
    expect(&reply, "Status: 405 Method Not Allowed\r\n"
                   "Content-Type: text/plain\r\n"
                   "Content-Length: 6\r\n"
                   "Cache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\n"
                   "Allow: GET, POST\r\n"
                   "Retry-After: 5\r\n"
                   "\r\n"
                   "caf\xC3\xA9\n");
}

static void test_cache_control(void **state)
{
    (void)state;
    struct reply reply;
    reply_init(&reply);
    reply.cache_control = "public, max-age=1";
    expect(&reply, "Status: 200 OK\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: 0\r\n"
                   "Cache-Control: public, max-age=1\r\n"
                   "X-Content-Type-Options: nosniff\r\n"
                   "\r\n");
    /* A problem is never kept, whatever was meant to be answered. */
    struct buffer have = BUFFER_EMPTY;
    reply_init(&reply);
    reply.cache_control = "public, max-age=1";
    problem_set(&reply, PROBLEM_UNAVAILABLE, "x");
    assert_int_equal(send_to_pipe(&reply, &have), ERROR_NONE);
    assert_non_null(strstr(have.data, "\r\nCache-Control: no-store\r\n"));
    buffer_free(&have);
    reply_free(&reply);
}

/* NUL bytes count and are sent. */
static void test_bytes(void **state)
{
    (void)state;
    struct reply reply;
    struct buffer have = BUFFER_EMPTY;
    reply_init(&reply);
    buffer_append(&reply.body, "a\0b", 3);
    assert_int_equal(send_to_pipe(&reply, &have), ERROR_NONE);
    assert_non_null(strstr(have.data, "Content-Length: 3\r\n"));
    assert_memory_equal(have.data + have.length - 7, "\r\n\r\na\0b", 7);
    buffer_free(&have);
    reply_free(&reply);
}

struct text {
    const char *text;
    int shrinks; /* bytes fewer each time */
};

static enum error put_text(void *context, struct sink *sink)
{
    struct text *text = context;
    for (const char *at = text->text; *at != '\0'; at++)
        sink_put(sink, at, 1);
    text->text += text->shrinks;
    return ERROR_NONE;
}

static ssize_t put_into(struct sink *sink, const char *bytes, size_t length)
{
    buffer_append(sink->context, bytes, length);
    return (ssize_t)length;
}

static enum error put_nothing(void *context, struct sink *sink)
{
    (void)context;
    (void)sink;
    return ERROR_IO;
}

static void test_stream(void **state)
{
    (void)state;
    struct reply reply;
    struct text text = {"some text", 0};
    reply_init(&reply);
    reply.content_type = "text/plain";
    assert_int_equal(reply_stream(&reply, put_text, &text), ERROR_NONE);
    text.text = NULL; /* what is short is not asked for again */
    assert_int_equal(reply_length(&reply), 9);
    expect(&reply, "Status: 200 OK\r\n"
                   "Content-Type: text/plain\r\n"
                   "Content-Length: 9\r\n"
                   "Cache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\n"
                   "\r\n"
                   "some text");
}

enum {
    LONG = 3 << 20 /* bytes of a text that is not held in memory */
};

static struct buffer long_text(void)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_byte(&text, '+');
    while (text.length < LONG)
        buffer_append_format(&text, "%zu, ", text.length);
    return text;
}

static enum error send_long(const struct reply *reply, struct buffer *have)
{
    struct sink sink;
    sink_open_by(&sink, put_into, have, INT64_MAX);
    return reply_put(reply, &sink);
}

/* More than was announced is kept back; less is told. */
static void test_stream_changes(void **state)
{
    (void)state;
    struct buffer whole = long_text();
    for (int shrinks = -1; shrinks <= 1; shrinks++) {
        struct reply reply;
        struct text text = {whole.data + 1, shrinks};
        struct buffer have = BUFFER_EMPTY;
        reply_init(&reply);
        assert_int_equal(reply_stream(&reply, put_text, &text), ERROR_NONE);
        assert_null(reply.body.data);
        assert_int_equal(reply_length(&reply), whole.length - 1);
        assert_int_equal(send_long(&reply, &have),
            shrinks > 0 ? ERROR_INCOMPLETE : ERROR_NONE);
        const char *body = strstr(have.data, "\r\n\r\n") + 4;
        size_t length = whole.length - 1 - (shrinks > 0);
        assert_int_equal(have.data + have.length - body, length);
        assert_memory_equal(body, whole.data + 1 + shrinks, length);
        buffer_free(&have);
        reply_free(&reply);
    }
    buffer_free(&whole);
}

static void test_stream_fails(void **state)
{
    (void)state;
    struct reply reply;
    reply_init(&reply);
    buffer_append_text(&reply.body, "{}");
    assert_int_equal(reply_stream(&reply, put_nothing, NULL), ERROR_IO);
    assert_int_equal(reply_length(&reply), 2);
    reply_free(&reply);
}

/* Gives the text once, for the length, and fails when it is to be sent. */
static enum error put_once(void *context, struct sink *sink)
{
    struct text *text = context;
    if (text->text == NULL)
        return ERROR_IO;
    sink_put(sink, text->text, strlen(text->text));
    text->text = NULL;
    return ERROR_NONE;
}

/* The client sees from the length that something is missing. */
static void test_stream_breaks(void **state)
{
    (void)state;
    struct reply reply;
    struct buffer whole = long_text();
    struct text text = {whole.data, 0};
    struct buffer have = BUFFER_EMPTY;
    reply_init(&reply);
    assert_int_equal(reply_stream(&reply, put_once, &text), ERROR_NONE);
    assert_int_equal(send_to_pipe(&reply, &have), ERROR_IO);
    assert_non_null(strstr(have.data, "Content-Length: 31457"));
    assert_string_equal(strstr(have.data, "\r\n\r\n"), "\r\n\r\n");
    buffer_free(&have);
    buffer_free(&whole);
    reply_free(&reply);
}

/* A status without a name is told by its number. */
static void test_nameless_status(void **state)
{
    (void)state;
    struct reply reply;
    struct buffer have = BUFFER_EMPTY;
    reply_init(&reply);
    reply.status = 299;
    assert_int_equal(send_to_pipe(&reply, &have), ERROR_NONE);
    assert_ptr_equal(strstr(have.data, "Status: 299 Unknown\r\n"), have.data);
    buffer_free(&have);
    reply_free(&reply);
}

/* Not even for the head. */
static void test_no_memory(void **state)
{
    (void)state;
    struct reply reply;
    struct buffer have = BUFFER_EMPTY;
    struct buffer pool = fault_take_pool();
    reply_init(&reply);
    buffer_append_text(&reply.body, "{}");
    fault_set(FAULT_MEMORY, 1, ENOMEM);
    assert_int_equal(send_to_pipe(&reply, &have), ERROR_NONE);
    assert_true(fault_clear());
    buffer_free(&pool);
    assert_ptr_equal(
        strstr(have.data, "Status: 503 Service Unavailable\r\n"), have.data);
    buffer_free(&have);
    reply_free(&reply);
}

/* Every status that a problem has is known by name. */
static void test_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEMS; i++) {
        struct reply reply;
        struct buffer have = BUFFER_EMPTY;
        reply_init(&reply);
        reply.status = problem_rows[i].status;
        assert_int_equal(send_to_pipe(&reply, &have), ERROR_NONE);
        if (strstr(have.data, "Unknown") != NULL)
            fail_msg("%d has no reason phrase", problem_rows[i].status);
        buffer_free(&have);
        reply_free(&reply);
    }
}

/* An answer whose composing found no memory is a whole 503, with the exact
 * length. */
static void test_out_of_memory(void **state)
{
    (void)state;
    for (int which = 0; which < 2; which++) {
        struct reply reply;
        struct buffer have = BUFFER_EMPTY;
        reply_init(&reply);
        buffer_append_text(&reply.body, "half an ans");
        if (which == 0)
            reply.body.failed = true;
        else
            reply.headers.failed = true;
        assert_int_equal(send_to_pipe(&reply, &have), ERROR_NONE);
        const char *body = strstr(have.data, "\r\n\r\n");
        const char *length = strstr(have.data, "Content-Length: ");
        assert_non_null(body);
        assert_non_null(length);
        assert_memory_equal(have.data, "Status: 503 ", 12);
        assert_int_equal(strtol(length + 16, NULL, 10), strlen(body + 4));
        assert_null(strstr(have.data, "half"));
        buffer_free(&have);
        reply_free(&reply);
    }
}

static void test_nobody_reads(void **state)
{
    (void)state;
    struct reply reply;
    int ends[2];
    void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
    reply_init(&reply);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    enum error error = reply_send(&reply, ends[1]);
    close(ends[1]);
    signal(SIGPIPE, handler);
    reply_free(&reply);
    assert_int_equal(error, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_cache_control),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_stream_changes),
        cmocka_unit_test(test_stream_fails),
        cmocka_unit_test(test_stream_breaks),
        cmocka_unit_test(test_nameless_status),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_nobody_reads),
    };
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
