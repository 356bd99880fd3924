/* SPDX-License-Identifier: MIT */
#include "request.h"

#include "environment.h"
#include "number.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
    DRAIN_MAX = 64 << 20, /* bytes read for nothing at the most */
    DRAIN_PAUSE = 1000    /* milliseconds to wait for more of a body whose end
                           * nobody told */
};

/* An empty CONTENT_LENGTH is how nginx says that there is none. */
static void read_length(struct request *request)
{
    const char *text = environment_text(request->environment, "CONTENT_LENGTH");
    request->has_length = text[0] != '\0';
    request->length_read = 0;
    if (number_parse(text, strlen(text), &request->length) != ERROR_NONE)
        request->length = -1;
}

enum error request_read(struct request *request, char *const *environment,
    struct request_input input)
{
    request->environment = environment;
    request->input = input;
    request->method_text = environment_text(environment, "REQUEST_METHOD");
    request->method = method_parse(request->method_text);
    request->path = environment_text(environment, "PATH_INFO");
    read_length(request);
    return query_parse(
        &request->query, environment_get(environment, "QUERY_STRING"));
}

void request_free(struct request *request)
{
    query_free(&request->query);
}

/* Returns bytes read; 0 at the end; < 0 after an error. */
static ssize_t read_some(const struct request *request, char *to, size_t length)
{
    const struct request_input *input = &request->input;
    ssize_t count;
    if (input->descriptor < 0)
        return input->read(input->context, to, length);
    do {
        count = read(input->descriptor, to, length);
    } while (count < 0 && errno == EINTR);
    return count;
}

static enum error read_exactly(struct request *request, struct buffer *body)
{
    size_t left = (size_t)request->length;
    char *to = buffer_reserve(body, left);
    if (to == NULL)
        return ERROR_MEMORY;
    while (left > 0) {
        ssize_t count = read_some(request, to, left);
        if (count <= 0) {
            body->data[body->length] = '\0'; /* as if nothing had come */
            return count < 0 ? ERROR_IO : ERROR_INCOMPLETE;
        }
        request->length_read += count;
        to += count;
        left -= (size_t)count;
    }
    body->length += (size_t)request->length;
    *to = '\0';
    return ERROR_NONE;
}

enum error request_read_body(
    struct request *request, size_t limit, struct buffer *body)
{
    if (!request->has_length)
        return ERROR_NOT_FOUND;
    if (request->length < 0)
        return ERROR_SYNTAX;
    if ((uint64_t)request->length > limit)
        return ERROR_TOO_LARGE;
    return read_exactly(request, body);
}

/* False at the end, which an error is, too. */
static bool drain_some(struct request *request, int64_t most)
{
    char ignored[2048];
    int64_t left = most - request->length_read;
    size_t size =
        left < (int64_t)sizeof ignored ? (size_t)left : sizeof ignored;
    ssize_t count = size == 0 ? 0 : read_some(request, ignored, size);
    if (count > 0)
        request->length_read += count;
    return count > 0;
}

/* Apache hands on a chunked body without its length and ends it with the end
 * of the input. Others keep that open, so nobody waits for it long; but a
 * gateway that has no descriptor to give knows the end. */
static bool more_comes(const struct request *request)
{
    struct pollfd input = {.fd = request->input.descriptor, .events = POLLIN};
    return input.fd < 0 || poll(&input, 1, DRAIN_PAUSE) > 0;
}

static void drain_unmeasured(struct request *request)
{
    while (more_comes(request) && drain_some(request, DRAIN_MAX))
        continue;
}

void request_drain(struct request *request)
{
    if (request->method == METHOD_GET)
        return; /* some servers leave the socket there, and it would block */
    if (!request->has_length) {
        if (environment_text(
                request->environment, "HTTP_TRANSFER_ENCODING")[0] != '\0')
            drain_unmeasured(request);
        return;
    }
    int64_t most = request->length < DRAIN_MAX ? request->length : DRAIN_MAX;
    while (request->length_read < most && drain_some(request, most))
        continue;
}
