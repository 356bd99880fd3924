/* SPDX-License-Identifier: MIT */
/* What follows from the state of a task, and how states become others: for the
 * files that say which answers are true, what requests, persons and time do. */
#ifndef SIMULATE_STATE_H
#define SIMULATE_STATE_H

#include "model.h"

/* --- What a state says ---------------------------------------------------- */

bool state_is_done(const struct state *state);
bool state_is_live(const struct state *state);

/* 1, 0, or -1: not known. */
int state_is_repeatable(const struct thread *thread, const struct state *state);

bool state_may_expire(const struct thread *thread, const struct state *state);

/* How often it may be queued again when its deadline passes; -1: not known. */
int64_t state_retries(const struct thread *thread, const struct state *state);

/* Its plugin's time in ns; 0: not known. */
int64_t state_timeout(const struct thread *thread, const struct state *state);

/* Whether the end of its lease must bring it back into the queue. */
bool state_must_requeue(const struct thread *thread, const struct state *state);

/* Whether its lease may have ended by then. */
bool state_may_end(
    const struct thread *thread, const struct state *state, int64_t now);

/* Whether digests may be of the same, 0 being not known. */
bool state_may_be(uint64_t known, uint64_t told);

/* Whether that may be the lease under which it executes. */
bool state_lease_may_be(const struct state *state, uint64_t lease);

/* Whether the word of who names this lease counts: 1, 0, or -1: that cannot be
 * told (doc/api.md, the result). */
int state_lease_counts(
    const struct thread *thread, const struct state *state, uint64_t lease);

/* Whether it may be carried out once more without being forced. */
bool state_is_safe_to_retry(
    const struct thread *thread, const struct state *state);

/* Whether that is no plugin's lease, but that of who takes a task out of the
 * queue. */
bool state_is_withdrawal(uint64_t lease);

/* --- States that come of it ----------------------------------------------- */

/* Pending, as if it came anew. */
struct state state_queued(const struct state *from, uint64_t content);

struct state state_ended(const struct state *from, enum place place,
    enum declared declared, uint64_t outcome);

/* Not there any more; what was dropped waits all the same. */
struct state state_gone(const struct state *from);

/* Handed out under this lease, or that was no hand-out. */
void state_note_lease(struct state *state, uint64_t lease);
void state_forget_lease(struct state *state);

/* --- Threads -------------------------------------------------------------- */

/* Whether not more than one operation on it is under way. */
bool thread_is_alone(const struct thread *thread);

/* Whether a file that was moved back by hand waits under its name of
 * executing/ or done/: then the task is pending already. */
bool state_is_moved_back(
    const struct thread *thread, const struct state *state);

const struct drop *thread_drop(const struct thread *thread, size_t bit);

/* --- Steps ---------------------------------------------------------------- */

/* Who asks: a state, and where its successors go. */
struct asker {
    const struct thread *thread;
    const struct state *from;
    steps_visit *visit;
    void *context;
};

void steps_go(const struct asker *asker, struct state to);

/* Whether a network file system may have hidden a record or a mark from it for
 * a moment: an entry that is left beside a record then counts. */
bool steps_may_miss_record(const struct operation *operation);

/* effect.c: what a failure makes of a live task that may be tried again. */
void steps_put_off(
    const struct asker *asker, const struct operation *operation);

/* effect_hand.c: what a person does to it. */
void steps_take_hand(
    const struct asker *asker, const struct operation *operation);

#endif
