/* SPDX-License-Identifier: MIT */
/* What stands in a queue's index: the names of its sorted region one after the
 * other, and those that came since. Lines are read in blocks, so that what is
 * passed over costs no system call of its own.
 *
 * The index notes one stretch in which every line is used up or of an action
 * that is held back. As long as the same actions are held back, a poll steps
 * over all of it at once: a backlog that its pace lets go by and by is not read
 * again by each. Behind 20,000 paced tasks a poll that claims takes 0.5 ms of
 * CPU instead of 1.8, behind 100,000 of them 0.4 instead of 6.2, and one that
 * finds nothing else 0.2 instead of 5.7. */
#ifndef STOFLOW_QUEUE_LINES_H
#define STOFLOW_QUEUE_LINES_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "queue_filter.h"
#include "queue_index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with zeros; free with queue_lines_free. For one index at a time, and
 * for reading on: a line that was read is not looked at again. */
struct queue_lines {
    int64_t start; /* where the block begins in the file */
    size_t size;   /* bytes of the next block; 0: the least */
    struct buffer block;
    int64_t next;               /* where the next sorted line begins */
    int64_t after;              /* where it ends */
    char name[NAME_LENGTH_MAX]; /* what it says, if a candidate; "": not read */
    int64_t stretch_start;      /* of the stretch that ends at next; 0: none */
    bool stretch_noted;         /* index->stretch is yet to be saved */
    struct buffer arrivals;     /* that region's text */
};

/* Begins at the head of the index. */
void queue_lines_begin(
    struct queue_lines *lines, const struct queue_index *index);

/* Fills lines->name with the next sorted name that is a candidate, unless there
 * is one already; "" if there is none any more. ERROR_SYNTAX if the index is
 * torn. ERROR_MEMORY. */
enum error queue_lines_next(struct queue_lines *lines,
    struct queue_index *index, struct queue_filter *filter);

/* Leaves the next line alone; `held_back`: because its action is held back by
 * the filter from now on. */
void queue_lines_skip(struct queue_lines *lines, struct queue_index *index,
    const struct queue_filter *filter, bool held_back);

/* Takes the next line out of the index. ERROR_* of pwrite(2). */
enum error queue_lines_use(
    struct queue_lines *lines, struct queue_index *index);

/* Notes in the index's header how far a stretch went that ends here. */
void queue_lines_end_stretch(struct queue_lines *lines,
    struct queue_index *index, const struct queue_filter *filter);

/* Gives the line at `offset`, without its newline; valid until the next call.
 * ERROR_SYNTAX if none ends there that could be a name. ERROR_MEMORY. */
enum error queue_lines_read(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, struct name_slice *line);

/* Looks in the sorted region, behind the line at `offset`, for the first line
 * of another rank: *found is where it begins, or the region's end. Costs the
 * logarithm of what lies between. Errors as above. */
enum error queue_lines_next_rank(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, int64_t *found);

/* Looks in the sorted region, from *offset on, where a line begins, for where
 * those begin that do not come before `text`: *offset is then that of a line
 * before it, or of the first. Costs the logarithm of what lies between. Errors
 * as above. */
enum error queue_lines_seek(struct queue_lines *lines,
    const struct queue_index *index, const char *text, size_t length,
    int64_t *offset);

/* Reads the arrivals and appends those names that are not used up, in order of
 * dispatch. Errors as above. */
enum error queue_lines_arrivals(struct queue_lines *lines,
    const struct queue_index *index, struct name_list *names);

/* Takes one of the arrivals out of the index. ERROR_SYNTAX if it was none. */
enum error queue_lines_use_arrival(const struct queue_lines *lines,
    const struct queue_index *index, const char *name);

void queue_lines_free(struct queue_lines *lines);

#endif
