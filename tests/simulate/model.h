/* SPDX-License-Identifier: MIT */
/* The queue as one that does one thing after the other would keep it, one task
 * at a time: which states a task can be in, given what clients were answered.
 *
 * The search is that of Wing and Gong (1993), with the states in which the
 * answers so far leave a task kept as a set (Lowe, 2017): each operation must
 * have had its effect at one moment between its begin and its end, what got no
 * answer at some moment after its begin, or never. */
#ifndef SIMULATE_MODEL_H
#define SIMULATE_MODEL_H

#include "history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLOTS_MAX = 30, /* operations that overlap */
    WAITING_MAX = 16,
    SEEN_MAX = 8 /* files of one task in one folder */
};

/* A lease that nobody was told of. */
#define LEASE_UNKNOWN UINT64_C(1)

/* What a task may be. All of it counts in comparisons; there is no padding. */
struct state {
    uint64_t lease;   /* of the hand-out that it has, or had last; 0: never */
    uint64_t past[2]; /* those before it, since it was queued */
    uint64_t outcome; /* done, by a plugin's word; 0: not known */
    uint64_t content; /* its action and params; 0: not known */
    uint64_t put_off; /* the outcome that put it off last */
    int64_t deadline; /* before that its lease does not end */
    uint16_t waiting; /* drops with its ID: bit i is that of thread->drops[i] */
    uint8_t place;    /* enum place */
    uint8_t declared; /* enum declared */
    uint8_t marked;   /* 1: its end was asked for; 2: and that is safe */
    uint8_t fetched;  /* a plugin may have carried it out; 2: not known */
    uint8_t tries;    /* how often it was queued again by itself */
    uint8_t born;     /* it has come without a create that is known */
    uint8_t delayed;  /* not due yet */
    uint8_t overdue;  /* its lease has ended, and somebody may be at it */
    uint8_t prior;    /* pending by a retry, or gone by hand beside what a
                         .verdict may say: enum place before */
    uint8_t finished; /* what a .verdict left was carried out */
    uint8_t vague;    /* it may have had other leases, too */
    uint8_t unused[3];
};

struct config {
    struct state state;
    uint32_t done;    /* operations that have had their effect, by slot */
    uint32_t changed; /* lists since whose begin its place or name has */
};

struct configs {
    struct config *at;
    size_t count, room;
    uint32_t *taken; /* the slot of each */
    uint32_t *index; /* a hash table of positions + 1 */
    size_t slots;
    bool overflown;
};

/* What an operation is to a task. */
enum role {
    ROLE_NONE,  /* it says nothing of it */
    ROLE_READ,  /* its answer says what is so */
    ROLE_WRITE, /* it changed it, or found it so */
    ROLE_MAYBE  /* no answer that says: it may have changed it */
};

/* All about one ID of one user. */
struct thread {
    struct history *history;
    int64_t user;
    const char *id;
    bool is_named; /* by a client: only a create or a drop may have made it */
    bool is_disguised; /* history_disguises has been done to it */
    size_t drops[WAITING_MAX];
    size_t drop_count;
    bool is_met; /* somebody has named it since the last look */
    bool lost;   /* too much to follow until the next look */
    bool adrift; /* it was; what the disk has of it, is not known */
    bool
        unsafe; /* the power went before it was acknowledged that it is there */
    bool is_husk; /* a name of it is there, or in rejected/, without content */
    /* A verdict that the last look found in tmp/. */
    bool has_verdict;
    struct state verdict;
    enum declared aside; /* the same of a failure that gave way to a success */
    /* Between looks: what it may be, and what a loss of power may make it. */
    struct state *states, *kept;
    size_t state_count, kept_count;
    size_t drops_seen;
    uint16_t moved;   /* drops whose move power may undo, as those of `waiting`:
                         all, where it was lost what became of which */
    uint64_t content; /* that was seen last */
    const struct operation *slots[SLOTS_MAX];
    enum role roles[SLOTS_MAX];
    bool over[SLOTS_MAX]; /* has ended, and may have its effect later */
    uint64_t hand_at;     /* event of the last deed of a person on it */
    int64_t hand_time;
};

/* The threads, 0 to threads.count - 1. */
struct thread *model_nth(const struct history *history, size_t i);

/* The thread of that task; made, as unknown before, where there is none. */
struct thread *model_thread(
    struct history *history, int64_t user, const char *id);

/* A task of that content is seen. A drop that became the one before, which has
 * gone with its ID, need be nowhere any more. */
void model_note_content(struct thread *thread, uint64_t content);

/* Takes a task as it stands, whatever was before. */
void model_set(struct thread *thread, const struct tree *tree);

/* A person removes its queued name right after a look. False: it does not just
 * wait, so that this has to be followed. */
bool model_remove(struct thread *thread);

/* Whether it waits, or is gone, as at the last look, and nobody has named it
 * since. */
bool model_is_idle(const struct thread *thread, const struct tree *tree);

/* Goes through what has happened since the last look. Complains of answers
 * that nothing explains. */
void model_follow(struct thread *thread, struct complaints *complaints);

/* Whether the tree agrees; complains if not, and then takes what it shows. To
 * be called right after model_follow. */
void model_compare(struct thread *thread, const struct tree *tree);

/* --- Of role.c, agree.c, effect.c, drift.c, sight.c ----------------------- */

enum role steps_role(
    const struct thread *thread, const struct operation *operation);

/* Whether one of that kind that was not refused was under way beside it. */
bool steps_is_beside(const struct thread *thread,
    const struct operation *operation, enum verb verb);

/* Whether it may have had an effect before that of which its answer tells: a
 * result that was refused for what stands, whose record a retry has taken back
 * into the queue before its program looked for it, or that has put the task off
 * before another result ended it; one that is told that there is no task, or
 * none under its lease, whose record a person has taken away; one that could
 * not see what has become of its word and gives it once more, to what a retry
 * has made of it; or a retry that then met a result on its way, and was refused
 * for that or has begun again. */
bool steps_may_have_written(
    const struct thread *thread, const struct operation *operation);

/* Whether the word of that operation may be left as a .verdict that nobody has
 * seen yet: whoever gives it and then cannot tell whether the task is done, by
 * another's word of the same moment, leaves it to who comes next; and so does
 * who cannot take it away. */
bool steps_may_be_left(
    const struct thread *thread, const struct operation *operation);

/* Of ROLE_READ: whether the answer is true in that state. `changed`: the place
 * has changed since the operation began. */
bool steps_agree(const struct thread *thread, const struct operation *operation,
    const struct state *state, bool changed);

typedef void steps_visit(void *context, const struct state *state);

/* Each state that the operation can make of this one, with its answer. */
void steps_take(const struct thread *thread, const struct operation *operation,
    const struct state *state, steps_visit *visit, void *context);

/* Each state into which it can get by itself by `now`, with these operations
 * under way: `open[i]` has not had its effect yet where bit i of `done` is 0.
 */
void steps_drift(const struct thread *thread, const struct config *config,
    int64_t now, steps_visit *visit, void *context);

/* In words. */
const char *steps_words(struct pool *pool, const struct state *state);

/* What the tree shows of a task: with lease LEASE_UNKNOWN where only a record
 * is left, deadline and so on from its name. Where power loss has left several
 * files of it in one folder, each of them; returns how many. */
size_t steps_seen(const struct thread *thread, const struct tree *tree,
    struct state seen[SEEN_MAX]);

/* Whether a state may look so, and if so what is known then. */
bool steps_match(
    const struct state *state, const struct state *seen, struct state *both);

#endif
