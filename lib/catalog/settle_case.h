/* SPDX-License-Identifier: MIT */
/* The tasks of which nobody knows what became of them, loaded. */
#ifndef STOFLOW_SETTLE_CASE_H
#define STOFLOW_SETTLE_CASE_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "settle_mark.h"
#include "unknown.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settle_case {
    struct unknown_name name;
    bool running; /* a plugin has it still: it may explain an item, no more */
    int64_t started;
    int64_t ended;
    uint64_t account; /* who was signed in at Vinted; 0: not told */
    struct settle_mark mark;
    /* What a list says: */
    uint64_t item;  /* that was found for it, 0: none */
    size_t element; /* which of the list that is */
    bool doubted;   /* something there may be it, or have become of it */
    bool rivalled; /* there are more items than tasks that may have made them */
    bool waits;    /* a task that is running may have made the item */
};

struct settle_cases {
    const struct account *account;
    struct settle_case *at;
    size_t count;
    size_t capacity;
};

/* Whether there are any. Errors of readdir(3) count as yes. */
bool settle_case_any(const struct account *account);

/* Loads those of the user, and every create_product that a plugin has; these
 * first: a task that ends meanwhile is met in one place or the other. Entries
 * whose record has given way to another word go. Errors of reading; nothing
 * needs freeing then. */
enum error settle_cases_load(
    struct settle_cases *cases, const struct account *account);
void settle_cases_free(struct settle_cases *cases);

/* Whether the entry is of the record that stands. ERROR_NOT_FOUND: of none, and
 * it has gone; ERROR_BUSY: not yet. Any other: it cannot be told. */
enum error settle_case_check(
    const struct account *account, const struct unknown_name *name);

/* Gives the entry another name. ERROR_* of rename(2). */
enum error settle_case_rename(const struct account *account,
    struct unknown_name *name, enum unknown_state state, int64_t since);

#endif
