/* SPDX-License-Identifier: MIT */
/* A step in the life of task "t" of user 42, tried with whatever can go wrong
 * in it: each of its calls failing, and another program's turn before each.
 * Nothing is lost then, nothing is there twice, and what follows puts it
 * right. */
#ifndef STOFLOW_STEP_FIXTURE_H
#define STOFLOW_STEP_FIXTURE_H

#include "error.h"
#include "task_fixture.h"

#include <stdbool.h>

/* Its record in done/; and one of a failure that we have declared. */
#define STEP_RECORD(status, more)                                              \
    "{\"user_id\":42,\"task_id\":\"t\",\"action\":\"get_stats\","              \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:00:00.000000Z\","                        \
    "\"status\":\"" status "\"," more "\"result\":null}"
#define STEP_DECLARED                                                          \
    STEP_RECORD("failed", "\"declared\":\"timeout\",\"leases\":[\"receive1\"]" \
                          ",")

/* What a test does in a spool: lays something there, or takes a step. */
typedef void step_function(const struct fixture *fixture);
typedef enum error step_work(const struct fixture *fixture);

struct step {
    const char *name;
    step_function *prepare; /* lays what the step begins with */
    step_work *work;
    /* The tree that it leaves once the sweeper has been there, as patterns for
     * fixture_expect_tree, without what lies in tmp/. */
    const char *end;
    const char *or_end; /* another tree that will do; may be NULL */
    /* What it may answer besides ERROR_NONE where it is done already: one bit
     * for each error. */
    unsigned again;
    /* What else must hold then, by what the step has answered; may be NULL. */
    void (*check)(const struct fixture *fixture, enum error error);
    bool makes;    /* the task is not there before */
    bool neglects; /* an fsync that fails is told to nobody */
};

/* Makes each call of the step fail in turn, with each of several errors and,
 * where a name is changed, also after it was. Fails the test if there are two
 * of the task then, or none; if an index of the queue does not tell of all that
 * waits; if a descriptor stays open; or unless the step, taken anew where it
 * told of an error, comes to its end. */
void step_each_fault(const struct fixture *fixture, const struct step *step);

/* Gives another program its whole turn before each call of the step, and behind
 * the last, and fails
 * the test for the same reasons, but that the tree must match one of the
 * `ends`, a list up to NULL, whatever the step has answered. */
void step_each_turn(const struct fixture *fixture, const struct step *step,
    step_function *other, const char *const *ends);

/* Lays three tasks of other IDs into pending/42 and an index that tells of
 * them: as of a deep queue. */
void step_lay_index(const struct fixture *fixture);

/* Patterns of those, for the end of a tree. */
#define STEP_INDEXED                                                           \
    "pending/42/998-20241207T000000.000000Z-get_stats-f0.json\n"               \
    "pending/42/998-20241207T000001.000000Z-get_stats-f1.json\n"               \
    "pending/42/998-20241207T000002.000000Z-get_stats-f2.json\n"

#endif
