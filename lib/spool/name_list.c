/* SPDX-License-Identifier: MIT */
#include "name_list.h"

#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum error make_room(struct name_list *list)
{
    if (list->count < list->capacity)
        return ERROR_NONE;
    size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
    size_t *starts = realloc(list->starts, capacity * sizeof *list->starts);
    if (starts == NULL) {
        limit_memory_refused(capacity * sizeof *starts);
        return ERROR_MEMORY;
    }
    list->starts = starts;
    list->capacity = capacity;
    return ERROR_NONE;
}

enum error name_list_append(
    struct name_list *list, const char *name, size_t length)
{
    if (make_room(list) != ERROR_NONE ||
        buffer_reserve(&list->text, length + 1) == NULL) {
        list->text.failed = false;
        return ERROR_MEMORY;
    }
    list->starts[list->count++] = list->text.length;
    buffer_append(&list->text, name, length);
    buffer_append_byte(&list->text, '\n');
    return ERROR_NONE;
}

struct name_slice name_list_get(const struct name_list *list, size_t i)
{
    const char *text = list->text.data + list->starts[i];
    const char *end = strchr(text, '\n');
    return (struct name_slice){text, (size_t)(end - text)};
}

const char *name_list_copy(
    const struct name_list *list, size_t i, char *out, size_t size)
{
    struct name_slice name = name_list_get(list, i);
    snprintf(out, size, "%.*s", (int)name.length, name.text);
    return out;
}

bool name_list_holds(const struct name_list *list, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < list->count; i++) {
        struct name_slice slice = name_list_get(list, i);
        if (slice.length == length && memcmp(slice.text, name, length) == 0)
            return true;
    }
    return false;
}

/* Merges the ordered runs [low, middle) and [middle, high). */
static void merge(
    const char *text, size_t *starts, size_t *spare, const size_t bounds[3])
{
    size_t left = bounds[0];
    size_t right = bounds[1];
    for (size_t out = bounds[0]; out < bounds[2]; out++) {
        bool take_left = right == bounds[2] ||
                         (left < bounds[1] && strcmp(text + starts[left],
                                                  text + starts[right]) <= 0);
        spare[out] = take_left ? starts[left++] : starts[right++];
    }
    memcpy(starts + bounds[0], spare + bounds[0],
        (bounds[2] - bounds[0]) * sizeof *starts);
}

/* Bottom-up merge sort: qsort(3) cannot be told where the names lie, and the
 * one in musl needs several times the comparisons. */
static void sort_starts(struct name_list *list, size_t *spare)
{
    for (size_t width = 1; width < list->count; width *= 2) {
        for (size_t low = 0; low + width < list->count; low += 2 * width) {
            size_t high = low + (2 * width);
            size_t bounds[3] = {
                low, low + width, high < list->count ? high : list->count};
            merge(list->text.data, list->starts, spare, bounds);
        }
    }
}

static void replace_bytes(struct buffer *text, char from, char to)
{
    char *at = text->data;
    const char *end = text->data + text->length;
    while ((at = memchr(at, from, (size_t)(end - at))) != NULL)
        *at++ = to;
}

enum error name_list_sort(struct name_list *list)
{
    if (list->count < 2)
        return ERROR_NONE;
    size_t *spare = malloc(list->count * sizeof *spare);
    if (spare == NULL) {
        limit_memory_refused(list->count * sizeof *spare);
        return ERROR_MEMORY;
    }
    /* strcmp needs ends: NUL bytes while sorting, newlines afterwards. */
    replace_bytes(&list->text, '\n', '\0');
    sort_starts(list, spare);
    replace_bytes(&list->text, '\0', '\n');
    free(spare);
    return ERROR_NONE;
}

void name_list_free(struct name_list *list)
{
    buffer_free(&list->text);
    free(list->starts);
    *list = (struct name_list)NAME_LIST_EMPTY;
}
