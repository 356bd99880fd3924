/* SPDX-License-Identifier: MIT */
/* A CGI answer (RFC 3875 section 6). */
#ifndef STOFLOW_REPLY_H
#define STOFLOW_REPLY_H

#include "buffer.h"
#include "error.h"
#include "sink.h"

#include <stdint.h>

/* Puts a body into the sink, the same bytes each time. */
typedef enum error reply_source(void *context, struct sink *sink);

struct reply {
    int status;
    const char *content_type;  /* static storage */
    const char *cache_control; /* static storage; "no-store" unless set */
    struct buffer headers;     /* further ones, each with its newline */
    struct buffer body;
    reply_source *source;        /* of the body instead of `body`; NULL: none */
    void *context;               /* for `source`; must outlive reply_send */
    void *kept;                  /* for `release` */
    void (*release)(void *kept); /* NULL: nothing is kept */
    int64_t length;              /* bytes that `source` gives */
};

/* An empty 200 answer in JSON. */
void reply_init(struct reply *reply);
void reply_free(struct reply *reply);

/* Adds a header. Name and value are ours and hold no newline. */
void reply_header(struct reply *reply, const char *name, const char *value);

/* Makes what `source` puts into a sink the body, for one that may be too long
 * to be held in memory. It is called here, and where that is so it is called
 * again by reply_send.
 * An error of it is returned, and the reply is as before. */
enum error reply_stream(
    struct reply *reply, reply_source *source, void *context);

/* Keeps what the page still needs while its body is sent, such as what `source`
 * reads from: reply_free gives it to `release`. Once for a reply. */
void reply_keep(struct reply *reply, void *kept, void (*release)(void *kept));

/* The bytes of the body; 0 for a 204 or 304. */
int64_t reply_length(const struct reply *reply);

/* Writes the answer to the descriptor, a 204 or 304 without its body: Status
 * first, since some servers look for it nowhere else, and the exact
 * Content-Length. An answer whose composing ran out of memory becomes a 503.
 * ERROR_IO if the server does not take it all; ERROR_INCOMPLETE if a source
 * gave less than before, which the client sees from the length. */
enum error reply_send(const struct reply *reply, int output);

/* The same into a sink that was just opened, which this closes. */
enum error reply_put(const struct reply *reply, struct sink *sink);

#endif
