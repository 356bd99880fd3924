/* SPDX-License-Identifier: MIT */
/* spool/index/42.queue: the names of a deep queue in order of dispatch, so
 * that a claim need not read a directory of 100,000 names.
 *
 * It is a hint, never the truth: it may be deleted, old or torn at any moment.
 * A fixed header (with a checksum) is followed by two regions of lines, each
 * one queued name and a newline:
 *
 *   HEADER_SIZE … sorted_end   the names of one scan, in order; `head` is how
 *                              far they are used up
 *   sorted_end … end           names that came since, in order of arrival
 *
 * A line that has a '#' behind its rank is used up. `known` is the directory's
 * mtime after the last change that the index knows of: any other mtime means
 * that somebody changed the directory by hand, and the index is made anew. A
 * change by hand in the microseconds between one of ours and its marking looks
 * like ours, so after a change of ours the index is also made anew once
 * `recheck` has come. */
#ifndef STOFLOW_QUEUE_INDEX_H
#define STOFLOW_QUEUE_INDEX_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Lines that are used up or of certain actions, all of them, from `start` to
 * `end`. A hint within the hint: see queue_stretch.h. */
struct queue_stretch {
    int64_t start;
    int64_t end;
    uint64_t actions; /* queue_filter's held_back_sum */
};

struct queue_index {
    int descriptor;
    struct timespec known;
    int64_t recheck; /* moment; 0: no need */
    int64_t head;
    int64_t sorted_end;
    int64_t end;
    int64_t live; /* names not used up */
    struct queue_stretch stretch;
};

enum queue_index_sizes {
    QUEUE_INDEX_HEADER_SIZE = 256
};

/* How long a change of ours may hide a change by hand that fell together with
 * it, before the folder is read again. */
extern const int64_t queue_recheck_after; /* microseconds */

struct path queue_index_path(const struct account *account);
bool queue_index_exists(const struct account *account);

/* The lock under which the index is read and changed: spool_lock's. */
int queue_index_lock(const struct account *account);

/* Opens and checks the header. ERROR_NOT_FOUND; ERROR_SYNTAX if it is torn or
 * not ours. Only after ERROR_NONE there is something to close. */
enum error queue_index_open(
    const struct account *account, struct queue_index *index);
void queue_index_close(struct queue_index *index);

/* Puts a new index in place: `names` in order, nothing used up, then opens
 * it. After an error there is no index. */
enum error queue_index_build(const struct account *account,
    const struct name_list *names, struct timespec known, int64_t recheck,
    struct queue_index *index);

/* Writes the header back. Every change below counts only after it. These and
 * the changes return ERROR_* of pwrite(2). */
enum error queue_index_save(const struct queue_index *index);

/* Whether the folder bears the mtime that the index knows. */
bool queue_index_agrees(
    const struct account *account, const struct queue_index *index);

/* Gives the folder an mtime of our own: the present to the nanosecond, while
 * any change by others bears the kernel's last tick. So a change that follows
 * within the same tick shows all the same. True if the file system kept it
 * exactly; *set is then it. */
bool queue_index_mark(const struct account *account, struct timespec *set);

/* Notes that the folder is as the index has it after a change of ours, marks
 * it, and writes the header back. Where that fails the folder's mtime differs
 * from `known`, and the next poll reads the folder: slower, not wrong. */
void queue_index_note_change(
    const struct account *account, struct queue_index *index);

/* Adds a name that has just come into the directory. */
enum error queue_index_append(struct queue_index *index, const char *name);

/* Appends all of the arrivals' region, or of both. ERROR_SYNTAX if it is torn,
 * ERROR_MEMORY. */
enum error queue_index_arrivals(
    const struct queue_index *index, struct buffer *out);
enum error queue_index_names(
    const struct queue_index *index, struct buffer *out);

/* Marks the line at `offset` as used up. */
enum error queue_index_use(const struct queue_index *index, int64_t offset);

/* Whether a line is so marked. */
bool queue_index_is_used(const char *line, size_t length);

#endif
