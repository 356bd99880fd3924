/* SPDX-License-Identifier: MIT */
/* What a poll meets in the queue, and must not take. */
#ifndef STOFLOW_CANDIDATE_H
#define STOFLOW_CANDIDATE_H

#include "error.h"
#include "queue.h"
#include "take.h"

/* Moves it to rejected/, with the reason. What keeps it from there is told. */
void candidate_reject(
    struct queue *queue, const struct candidate *candidate, const char *reason);

/* Sets it aside where it is a husk, or leaves it. */
void candidate_clear_husk(
    struct queue *queue, const struct candidate *candidate);

/* Where its task has an entry in executing/ besides (second.h). ERROR_NONE: it
 * has none; ERROR_NOT_FOUND: it is not this one that is to be taken. Whatever
 * else keeps that from being told stops the claim. */
enum error candidate_refuse_second(
    struct queue *queue, const struct candidate *candidate);

/* Where its file has the name of a later try as well, as power loss may leave
 * it: that one is the task's, and what were taken by this one would pass for
 * debris beside it. The same errors. */
enum error candidate_refuse_earlier(
    struct queue *queue, const struct candidate *candidate);

#endif
