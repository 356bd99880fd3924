/* SPDX-License-Identifier: MIT */
/* A CGI request (RFC 3875 section 4), as servers really make them. */
#ifndef STOFLOW_REQUEST_H
#define STOFLOW_REQUEST_H

#include "buffer.h"
#include "error.h"
#include "query.h"
#include "route.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What the body is read from. */
struct request_input {
    int descriptor; /* < 0: `read` stands for it */
    /* As read(2), but it waits until all is there that was asked for, and 0 is
     * the end of the body, wherever that is. */
    ssize_t (*read)(void *context, char *to, size_t length);
    void *context;
};

struct request {
    char *const *environment;
    struct request_input input;
    enum method method;
    const char *method_text; /* from the environment; "" if missing */
    const char *path;        /* PATH_INFO, decoded by the server; "" if none */
    struct query query;
    bool has_length;
    int64_t length;      /* CONTENT_LENGTH; < 0: not a number */
    int64_t length_read; /* how much of the body was read already */
};

/* Reads the environment, which *request then points into, and never the input.
 * Errors of query_parse; the rest of *request is then filled all the same. */
enum error request_read(struct request *request, char *const *environment,
    struct request_input input);
void request_free(struct request *request);

/* Reads the body, exactly as long as announced and never on to the end of the
 * input, which some servers leave open. ERROR_NOT_FOUND: no length given (a
 * chunked body comes without one or raw). ERROR_SYNTAX: the length is no
 * number. ERROR_TOO_LARGE: over `limit`. ERROR_INCOMPLETE: it stopped short.
 * ERROR_MEMORY, ERROR_IO. */
enum error request_read_body(
    struct request *request, size_t limit, struct buffer *body);

/* Reads what is left of the body and forgets it, up to a bound: a server that
 * is still writing it might otherwise never read the answer, or lose it. A
 * body of no known length is read as long as more comes. */
void request_drain(struct request *request);

#endif
