/* SPDX-License-Identifier: MIT */
/* Private to the queue: where its names come from, the folder or the index. */
#ifndef STOFLOW_QUEUE_LOOK_H
#define STOFLOW_QUEUE_LOOK_H

#include "error.h"
#include "queue.h"

#include <stdbool.h>

/* Fills the names of a queue whose spool, config and user are set. */
enum error queue_look(struct queue *queue);

/* Starts over from the folder, because the index has proved wrong or all that
 * was met had gone. False if that was done often enough, or failed. */
bool queue_rescan(struct queue *queue);

/* Closes the index and gives the lock back. */
void queue_leave(struct queue *queue);

/* Drops the names that are in memory. */
void queue_forget(struct queue *queue);

#endif
