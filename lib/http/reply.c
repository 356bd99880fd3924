/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <string.h>
#include <unistd.h>

enum {
    KEPT_MOST = 1 << 20 /* bytes of a body that is held in memory */
};

struct status_row {
    int status;
    const char *reason;
};

static const struct status_row statuses[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
};

static const char *status_reason(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status)
            return statuses[i].reason;
    }
    return "Unknown";
}

void reply_init(struct reply *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->status = 200;
    reply->content_type = "application/json";
    reply->cache_control = "no-store";
}

void reply_free(struct reply *reply)
{
    if (reply->release != NULL)
        reply->release(reply->kept);
    buffer_free(&reply->headers);
    buffer_free(&reply->body);
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    buffer_append_format(&reply->headers, "%s: %s\r\n", name, value);
}

/* What is short is kept, and not composed again to be sent. */
static ssize_t keep(struct sink *sink, const char *bytes, size_t length)
{
    struct buffer *kept = sink->context;
    buffer_append(kept, bytes, length);
    if (kept->failed || kept->length > KEPT_MOST) {
        buffer_free(kept);
        sink->write = NULL;
    }
    return (ssize_t)length;
}

enum error reply_stream(
    struct reply *reply, reply_source *source, void *context)
{
    struct sink sink;
    struct buffer kept = BUFFER_EMPTY;
    sink_open_by(&sink, keep, &kept, INT64_MAX);
    enum error error = source(context, &sink);
    sink_close(&sink);
    if (error != ERROR_NONE) {
        buffer_free(&kept);
        return error;
    }
    buffer_free(&reply->body);
    reply->body = kept;
    if (sink.write != NULL)
        return ERROR_NONE;
    reply->source = source;
    reply->context = context;
    reply->length = sink.length;
    return ERROR_NONE;
}

void reply_keep(struct reply *reply, void *kept, void (*release)(void *kept))
{
    reply->kept = kept;
    reply->release = release;
}

/* RFC 9110, sections 15.3.5 and 15.4.5. */
static bool has_body(const struct reply *reply)
{
    return reply->status != 204 && reply->status != 304;
}

int64_t reply_length(const struct reply *reply)
{
    if (!has_body(reply))
        return 0;
    return reply->source == NULL ? (int64_t)reply->body.length : reply->length;
}

static void write_head(struct buffer *head, const struct reply *reply)
{
    buffer_append_text(head, "Status: ");
    buffer_append_integer(head, reply->status);
    buffer_append_byte(head, ' ');
    buffer_append_text(head, status_reason(reply->status));
    if (has_body(reply)) {
        buffer_append_text(head, "\r\nContent-Type: ");
        buffer_append_text(head, reply->content_type);
        buffer_append_text(head, "\r\nContent-Length: ");
        buffer_append_integer(head, reply_length(reply));
    }
    buffer_append_text(head, "\r\nCache-Control: ");
    buffer_append_text(head, reply->cache_control);
    buffer_append_text(head, "\r\nX-Content-Type-Options: nosniff\r\n");
    buffer_append(head, buffer_text(&reply->headers), reply->headers.length);
    buffer_append_text(head, "\r\n");
}

static const char out_of_memory[] =
    "Status: 503 Service Unavailable\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: 119\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Retry-After: 5\r\n"
    "\r\n"
    "{\"type\":\"about:blank\",\"title\":\"Try again later\",\"status\":503,"
    "\"detail\":\"There was no memory left.\",\"code\":\"unavailable\"}";

static enum error put_out_of_memory(struct sink *sink)
{
    sink_put(sink, out_of_memory, sizeof out_of_memory - 1);
    return sink_close(sink);
}

/* The limit keeps away the body of a 204 or 304, and what a source suddenly has
 * more to say, because somebody writes into its file, from the next answer on
 * the connection. */
static enum error put_all(
    const struct reply *reply, const struct buffer *head, struct sink *sink)
{
    int64_t whole = (int64_t)head->length + reply_length(reply);
    sink->most = whole;
    sink_put(sink, head->data, head->length);
    enum error error = ERROR_NONE;
    if (reply->source != NULL)
        error = reply->source(reply->context, sink);
    else
        sink_put(sink, buffer_text(&reply->body), reply->body.length);
    bool short_of_it = sink->length < whole;
    enum error written = sink_close(sink);
    if (written != ERROR_NONE)
        return written;
    return error == ERROR_NONE && short_of_it ? ERROR_INCOMPLETE : error;
}

/* Head and body go out in one write, unless they are long. */
enum error reply_put(const struct reply *reply, struct sink *sink)
{
    struct buffer head = BUFFER_EMPTY;
    write_head(&head, reply);
    bool failed = head.failed || reply->headers.failed || reply->body.failed;
    enum error error =
        failed ? put_out_of_memory(sink) : put_all(reply, &head, sink);
    buffer_free(&head);
    return error;
}

enum error reply_send(const struct reply *reply, int output)
{
    struct sink sink;
    sink_open(&sink, output, INT64_MAX);
    return reply_put(reply, &sink);
}
