/* SPDX-License-Identifier: MIT */
/* A CGI answer (RFC 3875 section 6). */
#ifndef STOFLOW_REPLY_H
#define STOFLOW_REPLY_H

#include "buffer.h"
#include "error.h"

struct reply {
    int status;
    const char *content_type; /* static storage */
    struct buffer headers;    /* further ones, each with its newline */
    struct buffer body;
};

/* An empty 200 answer in JSON. */
void reply_init(struct reply *reply);
void reply_free(struct reply *reply);

/* Adds a header. Name and value are ours and hold no newline. */
void reply_header(struct reply *reply, const char *name, const char *value);

/* Writes the answer to standard output, a 204 or 304 without its body: Status
 * first, since some servers
 * look for it nowhere else, and the exact Content-Length. An answer whose
 * composing ran out of memory becomes a 503. ERROR_IO if the server does not
 * take it all. */
enum error reply_send(struct reply *reply);

#endif
