/* SPDX-License-Identifier: MIT */
/* One user's pending tasks in order of dispatch.
 *
 * A small folder is simply read. A deep one is read once, and from then on
 * through its index (queue_index.h), which every change of ours keeps up to
 * date under a lock. The lock and the index only save time: what decides who
 * gets a task is the rename alone. */
#ifndef STOFLOW_QUEUE_H
#define STOFLOW_QUEUE_H

#include "account.h"
#include "config.h"
#include "drop.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "queue_filter.h"
#include "queue_index.h"
#include "queue_lines.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

enum queue_limits {
    QUEUE_DEEP = 512,         /* names above which an index is kept */
    QUEUE_FOLDER_BIG = 262144 /* bytes of a directory above which reading it
                               * takes long even when few names are left */
};

struct queue {
    const struct account *account;
    int lock; /* held while indexed; -1 otherwise */
    bool indexed;
    bool deep;           /* more than a scan on each poll should read */
    bool refresh_due;    /* the index should soon be made anew */
    bool pause_possible; /* false: the folder was seen to hold no PAUSED */
    int rescans_left;
    struct queue_filter filter; /* filter.next_due: see there */
    struct queue_index index;
    struct queue_lines lines;   /* indexed: the sorted region */
    struct buffer arrivals;     /* indexed: the arrivals' region */
    struct name_list names;     /* all names, or when indexed the arrivals */
    size_t next_name;           /* in names */
    int64_t next_line;          /* indexed: offset of the next sorted line */
    int64_t line_after;         /* offset behind it */
    int64_t stretch_start;      /* see queue_stretch.h; 0: in none */
    bool stretch_noted;         /* index.stretch is yet to be saved */
    char line[NAME_LENGTH_MAX]; /* the next sorted line; "": not read */
    char current[NAME_LENGTH_MAX];
    bool current_held_back;
    bool current_sorted; /* whether current came from the sorted region */
    unsigned missed;     /* names met that were not there any more */
    struct drop_report drops;
};

/* Looks at the user's folder, routing drops in it. A missing folder is an
 * empty queue. Errors of readdir(3) and memory; only after ERROR_NONE there
 * is something to close. */
enum error queue_open(struct queue *queue, const struct account *account);
void queue_close(struct queue *queue);

/* The next candidate in order, or NULL when there is none (any more). A task
 * whose CREATED is yet to come is none. Each must be followed by queue_took or
 * queue_missed, or be left alone to skip it. The text is valid until the next
 * call. */
const char *queue_next(struct queue *queue);

/* Says that the current candidate is left alone because its action is held
 * back, and passes over the tasks of that action from now on. One or two may
 * be met all the same. */
void queue_hold_back(struct queue *queue, const char *action);

/* The current candidate has left the folder by our own rename. */
void queue_took(struct queue *queue);

/* The current candidate was not there: another program has it. */
void queue_missed(struct queue *queue);

/* Makes a deep queue's index anew, for what runs after the answer. Errors of
 * queue_open. */
enum error queue_refresh(const struct account *account);

#endif
