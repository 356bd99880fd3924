/* SPDX-License-Identifier: MIT */
/* A user's tasks, a page at a time: those executing, those pending with the
 * next first, and the finished ones with the newest first.
 *
 * A cursor names the last task of the page before by what orders it, and the
 * next page holds what comes behind: so what is queued, taken or finished
 * meanwhile moves nothing else. Executing tasks stand in the order in which
 * they were pending, since their deadlines move. A finished one stands by the
 * mtime of its record, the moment it was completed unless a person has touched
 * it. A task that changes its state between two pages may be missed or come in
 * both states. */
#ifndef STOFLOW_TASK_LIST_H
#define STOFLOW_TASK_LIST_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "name.h"

#include <stdbool.h>
#include <stddef.h>

enum task_list_sizes {
    TASK_CURSOR_SIZE = NAME_LENGTH_MAX + 2 /* bytes, the NUL among them */
};

struct task_list {
    const struct account *account;
    unsigned states;             /* 1 << enum task_state, or'ed */
    size_t limit;                /* 1 or more */
    const char *cursor;          /* "": from the beginning */
    char next[TASK_CURSOR_SIZE]; /* set: the cursor for what follows, "": no
                                  * more does */
};

/* Whether the text could be a cursor that came from here. */
bool task_list_cursor_is_valid(const char *text);

/* Appends the summaries (summary.h) as elements of a JSON array. Errors of
 * readdir(3) and of reading a task, and of find_undone, since a name may be
 * debris beside a record; ERROR_MEMORY. */
enum error task_list_write(struct task_list *list, struct buffer *out);

#endif
