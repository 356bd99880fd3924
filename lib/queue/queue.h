/* SPDX-License-Identifier: MIT */
/* One user's pending tasks in order of dispatch.
 *
 * A small folder is simply read (queue_folder.h). A deep one is read once, and
 * from then on through its index (queue_index.h), which every change of ours
 * keeps up to date under a lock. The lock and the index only save time: what
 * decides who gets a task is the rename alone. */
#ifndef STOFLOW_QUEUE_H
#define STOFLOW_QUEUE_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "queue_filter.h"
#include "queue_folder.h"
#include "queue_index.h"
#include "queue_lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue {
    const struct account *account;
    struct queue_folder folder;
    struct queue_index index; /* open and locked while indexed */
    struct queue_lines lines; /* indexed: the sorted names */
    struct name_list names;   /* all names, or when indexed the arrivals */
    size_t next_name;         /* in names */
    struct queue_filter filter;
    bool indexed;
    bool refresh_due; /* the index should soon be made anew */
    int rescans_left;
    unsigned missed; /* names met that were not there any more */
    char current[NAME_LENGTH_MAX];
    bool current_held_back;
    bool current_sorted; /* whether current came from the sorted region */
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

/* The current candidate is about to leave the folder by a rename of ours. */
void queue_begin(struct queue *queue);

/* It has left the folder by that rename. */
void queue_took(struct queue *queue);

/* The current candidate was not there: another program has it. */
void queue_missed(struct queue *queue);

/* Makes a deep queue's index anew, for what runs after the answer. Errors of
 * queue_open. */
enum error queue_refresh(const struct account *account);

#endif
