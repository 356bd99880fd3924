/* SPDX-License-Identifier: MIT */
/* A sum of lines of the index, by which those show that a power loss has torn.
 *
 * It may leave zeros of what was not synced, or a part of it, or what lay on
 * the disk before, which may be lines of an older index. That names are missing
 * then is not seen in those that are there. */
#ifndef STOFLOW_QUEUE_SUM_H
#define STOFLOW_QUEUE_SUM_H

#include <stddef.h>
#include <stdint.h>

enum {
    QUEUE_MARK_AT = 3 /* where a line that is used up bears its mark: behind the
                       * rank, which stays readable */
};

/* The sum of all lines in the text, each with its newline: 0 for none. That of
 * two texts is that of the one plus that of the other. A line that is used up
 * has the sum that it had before. */
uint64_t queue_sum_lines(const char *text, size_t length);

/* A sum of all the bytes. */
uint64_t queue_sum_bytes(const char *bytes, size_t length);

#endif
