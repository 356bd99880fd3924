/* SPDX-License-Identifier: MIT */
/* Private to the queue: the stretch of the index in which every line is used up
 * or of an action that is held back. It is noted in the index, so that as long
 * as the same actions are held back a poll steps over all of it at once: a
 * backlog that its pace lets go by and by is not read again by each. */
#ifndef STOFLOW_QUEUE_STRETCH_H
#define STOFLOW_QUEUE_STRETCH_H

#include "queue.h"

#include <stdint.h>

/* The line at queue->next_line is held back: moves queue->next_line behind it,
 * or behind the stretch that it lies in. queue->line_after is where the line
 * ends. */
void queue_stretch_pass(struct queue *queue);

/* The line at queue->next_line is none of those, or the search ends there:
 * notes how far the stretch went. */
void queue_stretch_end(struct queue *queue);

#endif
