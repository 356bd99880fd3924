/* SPDX-License-Identifier: MIT */
#include "queue_filter.h"

#include <stdio.h>
#include <string.h>

/* Where the parts begin that every queued name has at the same place. */
enum {
    CREATED_AT = 4, /* behind "RANK-" */
    ACTION_AT = CREATED_AT + CLOCK_STAMP_LENGTH + 1
};

void queue_filter_init(struct queue_filter *filter, int64_t now)
{
    clock_format_stamp(filter->now, now);
    filter->next_due = 0;
    filter->held_back_count = 0;
    filter->held_back_sum = 0;
}

/* FNV-1a in 64 bits. */
static uint64_t sum_of(const char *text)
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        sum = (sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return sum;
}

static bool starts_with_held_back(
    const struct queue_filter *filter, const char *text, size_t length)
{
    for (size_t i = 0; i < filter->held_back_count; i++) {
        const struct held_back *row = &filter->held_back[i];
        if (length >= row->length && memcmp(text, row->text, row->length) == 0)
            return true;
    }
    return false;
}

bool queue_filter_hold_back(struct queue_filter *filter, const char *action)
{
    struct held_back row;
    snprintf(row.text, sizeof row.text, "%s-", action);
    row.length = strlen(row.text);
    if (starts_with_held_back(filter, row.text, row.length))
        return true;
    if (filter->held_back_count == FILTER_ACTIONS_MAX)
        return false;
    filter->held_back[filter->held_back_count++] = row;
    filter->held_back_sum += sum_of(action); /* in whatever order */
    return true;
}

static void note_due(struct queue_filter *filter, const char *stamp)
{
    int64_t due;
    if (clock_parse_stamp(stamp, &due) == ERROR_NONE &&
        (filter->next_due == 0 || due < filter->next_due))
        filter->next_due = due;
}

/* Most are of one day, and the C library compares byte by byte. */
static bool is_later(const char *stamp, const char *now)
{
    enum {
        DATE_LENGTH = 8
    };
    if (memcmp(stamp, now, DATE_LENGTH) != 0)
        return memcmp(stamp, now, CLOCK_STAMP_LENGTH) > 0;
    return memcmp(stamp + DATE_LENGTH, now + DATE_LENGTH,
               CLOCK_STAMP_LENGTH - DATE_LENGTH) > 0;
}

enum queue_filter_answer queue_filter_ask(
    struct queue_filter *filter, const char *name, size_t length)
{
    if (length <= ACTION_AT)
        return FILTER_CANDIDATE;
    if (is_later(name + CREATED_AT, filter->now)) {
        note_due(filter, name + CREATED_AT);
        return FILTER_LATER;
    }
    return starts_with_held_back(filter, name + ACTION_AT, length - ACTION_AT)
               ? FILTER_HELD_BACK
               : FILTER_CANDIDATE;
}
