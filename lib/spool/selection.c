/* SPDX-License-Identifier: MIT */
#include "selection.h"

#include <stdlib.h>
#include <string.h>

enum error selection_open(
    struct selection *selection, size_t most, const char *after)
{
    selection->entries = malloc(most * sizeof *selection->entries);
    selection->count = 0;
    selection->most = most;
    selection->after = after;
    selection->cut = false;
    return selection->entries == NULL ? ERROR_MEMORY : ERROR_NONE;
}

void selection_close(struct selection *selection)
{
    free(selection->entries);
    selection->entries = NULL;
    selection->count = 0;
}

static int compare(const void *a, const void *b)
{
    const struct selection_entry *first = a;
    const struct selection_entry *second = b;
    return strcmp(first->key, second->key);
}

static bool is_before(const struct selection *selection, size_t a, size_t b)
{
    return compare(&selection->entries[a], &selection->entries[b]) < 0;
}

static void swap(struct selection *selection, size_t a, size_t b)
{
    struct selection_entry entry = selection->entries[a];
    selection->entries[a] = selection->entries[b];
    selection->entries[b] = entry;
}

static void sift_up(struct selection *selection, size_t at)
{
    while (at > 0 && is_before(selection, (at - 1) / 2, at)) {
        swap(selection, (at - 1) / 2, at);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct selection *selection, size_t at)
{
    for (;;) {
        size_t last = at;
        for (size_t child = (2 * at) + 1; child <= (2 * at) + 2; child++) {
            if (child < selection->count && is_before(selection, last, child))
                last = child;
        }
        if (last == at)
            return;
        swap(selection, at, last);
        at = last;
    }
}

void selection_offer(
    struct selection *selection, const char *key, const char *name)
{
    size_t at = selection->count;
    bool full = at == selection->most;
    int behind = full ? strcmp(key, selection->entries[0].key) : -1;
    if (strcmp(key, selection->after) <= 0 || behind == 0)
        return;
    selection->cut = selection->cut || full;
    if (behind > 0)
        return;
    if (full)
        at = 0;
    else
        selection->count++;
    memcpy(selection->entries[at].key, key, strlen(key) + 1);
    memcpy(selection->entries[at].name, name, strlen(name) + 1);
    if (full)
        sift_down(selection, 0);
    else
        sift_up(selection, at);
}

void selection_sort(struct selection *selection)
{
    size_t kept = 0;
    qsort(selection->entries, selection->count, sizeof *selection->entries,
        compare);
    for (size_t i = 0; i < selection->count; i++) {
        if (kept > 0 &&
            compare(&selection->entries[kept - 1], &selection->entries[i]) == 0)
            continue;
        if (kept != i)
            selection->entries[kept] = selection->entries[i];
        kept++;
    }
    selection->count = kept;
}

void selection_strike(struct selection *selection, const char *key)
{
    size_t low = 0;
    size_t high = selection->count;
    while (low < high) {
        size_t middle = low + ((high - low) / 2);
        int order = strcmp(selection->entries[middle].key, key);
        if (order == 0)
            selection->entries[middle].name[0] = '\0';
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
}
