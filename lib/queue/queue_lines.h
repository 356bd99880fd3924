/* SPDX-License-Identifier: MIT */
/* Reading the lines of a queue's index in blocks, so that what is passed over
 * costs no system call of its own. */
#ifndef STOFLOW_QUEUE_LINES_H
#define STOFLOW_QUEUE_LINES_H

#include "buffer.h"
#include "error.h"
#include "name_list.h"
#include "queue_index.h"

#include <stdint.h>

/* Start with zeros; free with queue_lines_free. For one index at a time, and
 * for reading on: a line that was read is not looked at again. */
struct queue_lines {
    int64_t start; /* where the block begins in the file */
    size_t size;   /* bytes of the next block; 0: the least */
    struct buffer block;
};

/* Gives the line at `offset`, without its newline; valid until the next call.
 * ERROR_SYNTAX if none ends there that could be a name. ERROR_MEMORY. */
enum error queue_lines_read(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, struct name_slice *line);

/* Looks in the sorted region, behind the line at `offset`, for the first line
 * of another rank: *found is where it begins, or the region's end. Costs the
 * logarithm of what lies between. Errors as above. */
enum error queue_lines_next_rank(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, int64_t *found);

void queue_lines_free(struct queue_lines *lines);

#endif
