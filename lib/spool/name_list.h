/* SPDX-License-Identifier: MIT */
/* A list of file names that can be put in order. */
#ifndef STOFLOW_NAME_LIST_H
#define STOFLOW_NAME_LIST_H

#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* Start with NAME_LIST_EMPTY; free with name_list_free. */
struct name_list {
    struct buffer text; /* the names, each followed by a newline */
    size_t *starts;     /* where each begins in text */
    size_t count;
    size_t capacity;
};

#define NAME_LIST_EMPTY {BUFFER_EMPTY, NULL, 0, 0}

/* A name in a list: not NUL-terminated, valid until the next append. */
struct name_slice {
    const char *text;
    size_t length;
};

/* Appends a copy of a name that holds no newline. ERROR_MEMORY, and the list
 * is as it was. */
enum error name_list_append(
    struct name_list *list, const char *name, size_t length);

/* The i-th name. */
struct name_slice name_list_get(const struct name_list *list, size_t i);

/* The same as a string in `out`, cut to fit its `size`; returns `out`. */
const char *name_list_copy(
    const struct name_list *list, size_t i, char *out, size_t size);

/* Whether the name is in the list, looked for from one end to the other. */
bool name_list_holds(const struct name_list *list, const char *name);

/* Orders the names by their bytes, as ls does in the C locale. ERROR_MEMORY,
 * and the order is as it was. */
enum error name_list_sort(struct name_list *list);

void name_list_free(struct name_list *list);

#endif
