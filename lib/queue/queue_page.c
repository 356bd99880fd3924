/* SPDX-License-Identifier: MIT */
#include "queue_page.h"

#include "clock.h"
#include "queue_index.h"
#include "queue_lines.h"

#include <stdbool.h>
#include <string.h>

/* A page that is being offered. */
struct page {
    const char *after;
    size_t most;
    spool_name_function *offer;
    void *context;
    size_t offered;             /* of those that come behind `after` for sure */
    char last[NAME_LENGTH_MAX]; /* the last of these */
};

/* How much of a name decides the order of lines: all before the ID, since IDs
 * are followed by what is no part of the order. */
static size_t ordered_length(const char *name)
{
    static const size_t action_at = 4 + CLOCK_STAMP_LENGTH + 1;
    size_t length = strlen(name);
    return length <= action_at ? length
                               : action_at + strcspn(name + action_at, "-");
}

static bool is_alike(const char *one, const char *other)
{
    size_t length = ordered_length(one);
    return length == ordered_length(other) && memcmp(one, other, length) == 0;
}

/* ERROR_EXISTS: the page is full. */
static enum error offer_line(struct page *page, struct name_slice line)
{
    char name[NAME_LENGTH_MAX];
    struct task_name task;
    if (line.length >= sizeof name)
        return ERROR_SYNTAX;
    if (queue_index_is_used(line.text, line.length))
        return ERROR_NONE;
    memcpy(name, line.text, line.length);
    name[line.length] = '\0';
    if (name_parse_queued(name, &task) != ERROR_NONE)
        return ERROR_SYNTAX;
    if (page->offered >= page->most && !is_alike(name, page->last))
        return ERROR_EXISTS;
    if (!is_alike(name, page->after) && strcmp(name, page->after) > 0) {
        page->offered++;
        memcpy(page->last, name, line.length + 1);
    }
    return page->offer(page->context, name);
}

static enum error offer_sorted(struct page *page, struct queue_lines *lines,
    const struct queue_index *index)
{
    int64_t offset = index->head;
    enum error error = queue_lines_seek(
        lines, index, page->after, ordered_length(page->after), &offset);
    while (error == ERROR_NONE && offset < index->sorted_end) {
        struct name_slice line;
        error = queue_lines_read(lines, index, offset, &line);
        if (error == ERROR_NONE)
            error = offer_line(page, line);
        offset += (int64_t)line.length + 1;
    }
    return error == ERROR_EXISTS ? ERROR_NONE : error;
}

static enum error offer_arrivals(struct page *page, struct queue_lines *lines,
    const struct queue_index *index)
{
    struct name_list names = NAME_LIST_EMPTY;
    enum error error = queue_lines_arrivals(lines, index, &names);
    for (size_t i = 0; i < names.count && error == ERROR_NONE; i++) {
        char name[NAME_LENGTH_MAX];
        error = page->offer(
            page->context, name_list_copy(&names, i, name, sizeof name));
    }
    name_list_free(&names);
    return error;
}

enum error queue_page_offer(const struct account *account, const char *after,
    size_t most, spool_name_function *offer, void *context)
{
    struct queue_index index;
    struct queue_lines lines = {0};
    struct page page = {after, most, offer, context, 0, ""};
    queue_index_init(&index, account);
    if (queue_index_open(&index) != ERROR_NONE)
        return ERROR_BUSY;
    enum error error = ERROR_BUSY;
    if (queue_index_agrees(&index))
        error = offer_sorted(&page, &lines, &index);
    if (error == ERROR_NONE)
        error = offer_arrivals(&page, &lines, &index);
    /* Nothing is proved where names came and went meanwhile. */
    if (error == ERROR_SYNTAX ||
        (error == ERROR_NONE && !queue_index_agrees(&index)))
        error = ERROR_BUSY;
    queue_lines_free(&lines);
    queue_index_close(&index);
    return error;
}
