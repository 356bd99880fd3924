/* SPDX-License-Identifier: MIT */
/* spool/index/42.queue: the names of a deep queue in order of dispatch, so
 * that a claim need not read a directory of 100,000 names.
 *
 * It is a hint, never the truth: it may be deleted, old or torn at any moment.
 * A fixed header, which has a checksum of itself and one of each region, is
 * followed by two regions of lines, each one queued name and a newline:
 *
 *   QUEUE_INDEX_HEADER_SIZE … sorted_end   the names of one scan, in order;
 *                                          `head` is how far they are used up
 *   sorted_end … end                       names that came since, in order of
 *                                          arrival
 *
 * A line that has a '#' behind its rank is used up; its checksum stays. `known`
 * is the directory's mtime after the last change that the index knows of: any
 * other mtime means that somebody changed the directory by hand, and the index
 * is made anew.
 *
 * A change of ours begins with a look whether the folder is still as the index
 * has it; if not, the index stays stale. It ends with a mark: an mtime of our
 * own, which becomes `known`. A change by hand in the microseconds between the
 * look and the mark is taken for ours, so after one of ours the index is also
 * made anew once `recheck` has come; and without one as well, though later: a
 * clock that was set back may give a change the mtime that is known, and a loss
 * of power may leave a line used up whose task is there. */
#ifndef STOFLOW_QUEUE_INDEX_H
#define STOFLOW_QUEUE_INDEX_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "name.h"
#include "name_list.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Lines that are used up or of certain actions, all of them, from `start` to
 * `end`. A hint within the hint: see queue_lines.h. */
struct queue_stretch {
    int64_t start;
    int64_t end;
    uint64_t actions; /* queue_filter's held_back_sum */
};

struct queue_index {
    const struct account *account;
    int lock;       /* < 0: not held */
    int descriptor; /* -1: not open */
    bool expected;  /* the folder was as the index has it before the change
                     * that is being made */
    /* The header: */
    struct timespec known;
    int64_t recheck; /* moment */
    int64_t head;
    int64_t sorted_end;
    int64_t end;
    int64_t live; /* names not used up */
    uint64_t sorted_sum;
    uint64_t arrivals_sum;
    struct queue_stretch stretch;
};

enum queue_index_sizes {
    QUEUE_INDEX_HEADER_SIZE = 256
};

/* How long a change of ours may hide a change by hand that fell together with
 * it, before the folder is read again. */
extern const int64_t queue_index_recheck_after; /* microseconds */

/* And how long an index is believed that nothing speaks against. */
extern const int64_t queue_index_believed; /* microseconds */

/* Brackets a change of ours to pending/USER that is no claim, so that the
 * index, if there is one, is not taken for stale afterwards. `added`: the
 * queued name that has come, or NULL. A change that failed ends with
 * queue_index_doubt: it may have been made all the same, so nothing must cover
 * it; if it was, the folder's mtime tells. */
void queue_index_begin(
    struct queue_index *index, const struct account *account);
void queue_index_commit(struct queue_index *index, const char *added);
void queue_index_doubt(struct queue_index *index);

/* A rename between two places of the spool, one of them in pending/USER, so
 * bracketed. `added` as above, where the rename brings a name in. */
enum error queue_index_rename(const struct account *account, struct path from,
    struct path to, const char *added);

/* What follows is for the queue itself. */

bool queue_index_exists(const struct account *account);

/* An index that is neither locked nor open; queue_index_close may follow. */
void queue_index_init(struct queue_index *index, const struct account *account);

/* Takes the lock under which an index is read and changed. False if no locks
 * are to be had. */
bool queue_index_lock(struct queue_index *index);

/* Opens the file and checks its header. ERROR_NOT_FOUND; ERROR_SYNTAX if it is
 * torn or not ours. */
enum error queue_index_open(struct queue_index *index);

/* Puts a new index in place: `names` in order, nothing used up, then opens
 * it. After an error there is no index. */
enum error queue_index_build(struct queue_index *index,
    const struct name_list *names, struct timespec known, int64_t recheck);

/* Removes the index, if the lock is held: else it may be one that another
 * program has just built. The file stays open. */
void queue_index_remove(const struct queue_index *index);

/* Closes the file and gives the lock back. */
void queue_index_close(struct queue_index *index);

/* Whether the folder bears the mtime that the index knows. */
bool queue_index_agrees(const struct queue_index *index);

/* Gives the folder an mtime of our own: the present to the nanosecond, while
 * any change by others bears the kernel's last tick. So a change that follows
 * within the same tick shows all the same. True if the file system kept it
 * exactly; *set is then it. */
bool queue_index_mark(const struct account *account, struct timespec *set);

/* Brackets a change of ours while the index is open. Tells whether it will be
 * one to the state that the index has; and if it was, marks the folder and
 * writes the header back. Else, or where that fails, the folder's mtime differs
 * from `known`, and the next poll reads the folder: slower, not wrong. */
bool queue_index_expect(struct queue_index *index);
void queue_index_cover(struct queue_index *index);

/* Writes the header back. Every change below counts only after it. These and
 * the changes return ERROR_* of pwrite(2). */
enum error queue_index_save(const struct queue_index *index);

/* Adds a name that has just come into the directory. */
enum error queue_index_append(struct queue_index *index, const char *name);

/* Marks the line at `offset` as used up. */
enum error queue_index_use(const struct queue_index *index, int64_t offset);

/* Whether a line is so marked; and the name that it bore before. */
bool queue_index_is_used(const char *line, size_t length);
void queue_index_unmark(char *line, size_t length);

/* Appends all lines of both regions, or those of the second. ERROR_SYNTAX if
 * they are not those that were written, ERROR_MEMORY. */
enum error queue_index_read(
    const struct queue_index *index, struct buffer *out);
enum error queue_index_read_arrivals(
    const struct queue_index *index, struct buffer *out);

#endif
