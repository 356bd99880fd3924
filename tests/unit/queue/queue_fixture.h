/* SPDX-License-Identifier: MIT */
/* A deep queue, and taking tasks from a queue as a claim does. */
#ifndef STOFLOW_QUEUE_FIXTURE_H
#define STOFLOW_QUEUE_FIXTURE_H

#include "error.h"
#include "queue.h"
#include "queue_index.h"
#include "task_fixture.h"

#include <stdbool.h>
#include <sys/stat.h>

#define INDEX "index/42.queue"

enum {
    MANY = QUEUE_DEEP + 8 /* tasks in a deep queue */
};

/* Opens the queue of user 42; fails the test unless that works. `background`
 * says whether something runs after the answers. */
struct queue fixture_queue(const struct fixture *fixture, bool background);

/* Fails the test unless the next candidate is this one, NULL for none. */
void fixture_next(struct queue *queue, const char *want);

/* The same, and takes it out of the folder and the queue. */
void fixture_take(
    const struct fixture *fixture, struct queue *queue, const char *want);

/* Fills pending/42 with MANY tasks (fixture_fill), last changed long ago, and
 * has the index made. */
void fixture_deep(const struct fixture *fixture);

/* Fails the test unless the queue, opened anew, hands out exactly the tasks
 * `first` to `last` of fixture_fill. */
void fixture_expect_queue(const struct fixture *fixture, int first, int last);

/* An index of the tasks 0 to 4 of fixture_fill, open, with these marks. */
struct queue_index fixture_index(const struct fixture *fixture);
extern const struct timespec fixture_known;
extern const int64_t fixture_recheck;

/* Opens the index of user 42. What queue_index_open said. */
enum error fixture_open_index(
    const struct fixture *fixture, struct queue_index *index);

/* What fstat(2) says of spool/PATH. */
struct stat fixture_status(const struct fixture *fixture, const char *path);

#endif
