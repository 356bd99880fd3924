/* SPDX-License-Identifier: MIT */
#include "queue_stretch.h"

#include "queue.h"
#include "queue_index.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STRETCH_LEAST = 4096 /* bytes below which reading on is as fast */
};

/* Whether the noted stretch holds the line at `offset`, and its actions are
 * those that are held back now. */
static bool is_in_stretch(const struct queue *queue, int64_t offset)
{
    const struct queue_stretch *noted = &queue->index.stretch;
    return offset >= noted->start && offset < noted->end &&
           noted->actions == queue->filter.held_back_sum;
}

void queue_stretch_pass(struct queue *queue)
{
    const struct queue_stretch *noted = &queue->index.stretch;
    bool known = is_in_stretch(queue, queue->next_line);
    if (known && noted->start < queue->stretch_start)
        queue->stretch_start = noted->start;
    if (queue->stretch_start == 0)
        queue->stretch_start = known ? noted->start : queue->next_line;
    queue->next_line = known ? noted->end : queue->line_after;
}

void queue_stretch_end(struct queue *queue)
{
    struct queue_stretch *noted = &queue->index.stretch;
    struct queue_stretch found = {
        queue->stretch_start, queue->next_line, queue->filter.held_back_sum};
    queue->stretch_start = 0;
    if (found.start == 0 || found.end - found.start < STRETCH_LEAST)
        return;
    bool better = found.actions != noted->actions ||
                  found.end - found.start > noted->end - noted->start;
    if (better) {
        *noted = found;
        queue->stretch_noted = true;
    }
}
