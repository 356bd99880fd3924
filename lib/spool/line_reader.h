/* SPDX-License-Identifier: MIT */
/* Reading an open file line by line, from any place on. */
#ifndef STOFLOW_LINE_READER_H
#define STOFLOW_LINE_READER_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>
#include <stdint.h>

enum line_reader_limits {
    LINE_MAX_LENGTH = 1 << 20 /* bytes; a longer line is passed over */
};

/* Set `descriptor`, the rest to zero; free `window` at the end. */
struct line_reader {
    int descriptor;
    struct buffer window; /* of the file */
    int64_t window_at;    /* where in the file the window begins */
    size_t next;          /* in window: where the next line begins */
};

/* Goes to a byte of the file; a line is taken to begin there. */
void line_reader_go(struct line_reader *reader, int64_t at);

/* The next line as it stands, without its newline, which the last one need not
 * have; valid until the next call. ERROR_NOT_FOUND at the end; ERROR_MEMORY,
 * ERROR_IO. */
enum error line_reader_next(
    struct line_reader *reader, const char **text, size_t *length);

/* Appends up to `most` bytes from `at`; nothing at the end of the file. */
enum error line_reader_piece(
    int descriptor, int64_t at, size_t most, struct buffer *out);

#endif
