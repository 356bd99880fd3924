/* SPDX-License-Identifier: MIT */
/* pending/42/PAUSED: while there is such a file nothing of user 42's queue is
 * handed out. Its text says why; rm resumes, touch pauses by hand. */
#ifndef STOFLOW_PAUSE_H
#define STOFLOW_PAUSE_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum pause_sizes {
    PAUSE_REASON_SIZE = 200 /* bytes, the NUL among them */
};

struct pause {
    int64_t since;                  /* moment */
    char reason[PAUSE_REASON_SIZE]; /* one line; what a person wrote may be
                                     * no UTF-8 */
};

/* The name of the file. */
extern const char pause_name[];

/* Pauses the user's queue for this reason ("": by hand), durably. One that is
 * paused already keeps its first reason. After an error it may be paused or
 * not. */
enum error pause_set(const struct account *account, const char *reason);

/* The same, in place of the reason that the queue is paused for. */
enum error pause_replace(const struct account *account, const char *reason);

/* Lets the queue go on, durably. One that is not paused is no error. */
enum error pause_end(const struct account *account);

/* ERROR_NOT_FOUND: the queue is not paused; *pause is then unchanged.
 * ERROR_NONE: it is. Whatever bears the name pauses, whether or not it can be
 * read; without a text of its own the reason is "paused by hand". Any other
 * error: it could not be told. */
enum error pause_read(const struct account *account, struct pause *pause);

/* Writes the member "paused" of an answer: an object of since and reason, or
 * null if `pause` is NULL. */
void pause_write(struct buffer *out, const struct pause *pause);

#endif
