/* SPDX-License-Identifier: MIT */
/* The first few of very many, in order, without sorting the rest: a heap of
 * those met so far, with the last of them on top. */
#ifndef STOFLOW_SELECTION_H
#define STOFLOW_SELECTION_H

#include "error.h"
#include "name.h"

#include <stdbool.h>
#include <stddef.h>

struct selection_entry {
    char key[NAME_LENGTH_MAX];  /* what decides the order, by bytes */
    char name[NAME_LENGTH_MAX]; /* what it stands for */
};

struct selection {
    struct selection_entry *entries;
    size_t count;
    size_t most;
    const char *after; /* only larger keys are taken; "": all */
    bool cut; /* some that were offered are left out, and lie behind these */
};

/* Room for `most` (1 or more) entries; `after` must outlive the selection.
 * ERROR_MEMORY, and there is nothing to close. */
enum error selection_open(
    struct selection *selection, size_t most, const char *after);
void selection_close(struct selection *selection);

/* Takes the entry if it is among the `most` first so far. Both texts are
 * shorter than NAME_LENGTH_MAX. */
void selection_offer(
    struct selection *selection, const char *key, const char *name);

/* Puts the entries into order, those with equal keys once. Nothing can be
 * offered after that. */
void selection_sort(struct selection *selection);

/* Makes the name of the entry with this key, if there is one, "". The
 * selection is sorted. */
void selection_strike(struct selection *selection, const char *key);

#endif
