/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

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
}

void reply_free(struct reply *reply)
{
    buffer_free(&reply->headers);
    buffer_free(&reply->body);
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    buffer_append_format(&reply->headers, "%s: %s\r\n", name, value);
}

static enum error write_bytes(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return ERROR_IO;
        bytes += count;
        length -= (size_t)count;
    }
    return ERROR_NONE;
}

/* RFC 9110, sections 15.3.5 and 15.4.5. */
static bool has_body(const struct reply *reply)
{
    return reply->status != 204 && reply->status != 304;
}

static void write_head(struct buffer *head, const struct reply *reply)
{
    buffer_append_format(
        head, "Status: %d %s\r\n", reply->status, status_reason(reply->status));
    if (has_body(reply)) {
        buffer_append_format(head,
            "Content-Type: %s\r\n"
            "Content-Length: %zu\r\n",
            reply->content_type, reply->body.length);
    }
    buffer_append_text(head, "Cache-Control: no-store\r\n"
                             "X-Content-Type-Options: nosniff\r\n");
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

/* Small answers, which is most of them, go out in one write. */
enum error reply_send(struct reply *reply)
{
    struct buffer head = BUFFER_EMPTY;
    enum error error;
    write_head(&head, reply);
    if (has_body(reply))
        buffer_append(&head, buffer_text(&reply->body), reply->body.length);
    if (head.failed || reply->headers.failed || reply->body.failed)
        error = write_bytes(out_of_memory, sizeof out_of_memory - 1);
    else
        error = write_bytes(head.data, head.length);
    buffer_free(&head);
    return error;
}
