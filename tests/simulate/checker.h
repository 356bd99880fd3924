/* SPDX-License-Identifier: MIT */
/* What must hold of a spool and of the answers that its clients got, looked at
 * from outside: nothing here includes a line of lib/.
 *
 *     struct history *history = history_new();     once
 *     history_start(history);                      the tree as it was set up
 *     operation = history_request(history, &request);       before a program
 *     history_answer(operation, status, body, length);      after its answer
 *     history_hand(history, HAND_MOVE, from, to, NULL, 0);  before kernel_*
 *     if (checker_look(history, false, text, sizeof text) > 0) puts(text);
 *
 * The tree is read by kernel_each and kernel_read, time by kernel_realtime, the
 * order of events by scheduler_step. Look only while no program runs. */
#ifndef CHECKER_H
#define CHECKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;
struct operation;

/* Empty; never NULL. The memory of all that follows is the history's own; what
 * is given is copied. */
struct history *history_new(void);

/* Forgets everything, and takes the tree below /root/spool for what stands:
 * to be called when a schedule's spool has been set up. It must be sound. */
void history_start(struct history *history);

/* A request as a client sends it. */
struct request {
    const char *method; /* "GET" */
    const char *path;   /* "/api/plugin/tasks/t1/result", "/api" or not; may
                           hold "?query" */
    const char *query;  /* without "?"; NULL or "": none, or in the path */
    const char *key;    /* Idempotency-Key; NULL: none */
    const char *body;   /* NULL: none */
    size_t length;
    int64_t user; /* the token's; 0: all */
};

/* To be called before the first call of the program. */
struct operation *history_request(
    struct history *history, const struct request *request);

/* To be called once its answer is there, before anything that it does in the
 * background. status 0: no answer came, the program is dead. */
void history_answer(
    struct operation *operation, int status, const char *body, size_t length);

/* One of the calls of that request was made to fail, or an allocation: it may
 * have passed something over. To be called before history_answer. */
void history_struck(struct operation *operation);
/* So was something, by whomever. */
void history_note_strike(struct history *history);

/* What a person does. All paths from "/root/spool/" on. */
enum hand {
    HAND_WRITE,  /* the file gets these bytes, whatever it held */
    HAND_APPEND, /* these bytes come behind what it holds */
    HAND_MOVE,   /* to `target` */
    HAND_COPY,   /* to `target`, also where a link is made */
    HAND_REMOVE,
    HAND_SPOIL /* made unreadable, immovable, a folder, …: what programs do
                  with it, is not judged any more */
};

/* To be called right before it is done, with nothing in between. What cannot be
 * done, since `path` is not there, is passed over. */
void history_hand(struct history *history, enum hand hand, const char *path,
    const char *target, const char *bytes, size_t length);

/* As HAND_REMOVE of a task that waits, right after a look, of any number. */
void history_thin(struct history *history, const char *path);

/* The power was lost, and kernel_power_loss has been called. All operations
 * must have ended. */
void history_power_loss(struct history *history);

/* The clock was set: from here on it says nothing about leases. */
void history_clock(struct history *history);

/* What is wrong in the tree as it stands now and in all answers since the last
 * look, a line each in `complaints` (as many as fit; a '\0' follows). Returns
 * how many there are; 0 is fine. No operation may be under way.
 * `after_sweep`: a sweep has ended, with nothing since that would leave
 * anything, and 900 seconds have passed before it since anybody was killed:
 * debris is a complaint, too. */
size_t checker_look(
    struct history *history, bool after_sweep, char *complaints, size_t size);

#endif
