/* SPDX-License-Identifier: MIT */
/* Two programs that deal with task "t" of user 42 at one moment. */
#ifndef STOFLOW_MEETING_FIXTURE_H
#define STOFLOW_MEETING_FIXTURE_H

#include "cancel.h"
#include "error.h"
#include "find.h"
#include "task_fixture.h"
#include "verdict.h"

#include <stdbool.h>

#define MEETING_VERDICT "tmp/42-t.verdict"
#define MEETING_WAITING PENDING("get_stats", "t")

struct meeting {
    const char *what;
    enum error (*first)(const struct meeting *meeting);
    enum error (*other)(void *context);
    void (*expect)(const struct meeting *meeting, enum error error);
    const char *at;      /* where the task lies */
    const char *file;    /* what lies there */
    struct verdict said; /* what is delivered, */
    const char *lease;   /* under which lease, "" for none */
    enum cancel_outcome *outcome;
    const struct fixture *fixture;
    unsigned left;  /* calls until the other comes; 0: it has come */
    bool has_acted; /* the other: it has found what it needs */
};

/* What the first does: delivers what is said, cancels, or retries by force. */
enum error meeting_deliver(const struct meeting *meeting);
enum error meeting_cancel(const struct meeting *meeting);
enum error meeting_retry(const struct meeting *meeting);

bool meeting_has(const struct meeting *meeting, const char *path);

/* What the other does: it meets the .verdict of the first and carries it out,
 * and a third queues the task again. */
enum error meeting_finish_and_retry(void *context);

/* Where the task is once a .verdict that stands has been carried out. */
enum task_state meeting_end(const struct meeting *meeting);

/* For `expect`: its next try waits, and tmp/ is empty; it is declared
 * cancelled; each only if the other has acted. */
void meeting_expect_next_try(const struct meeting *meeting, enum error error);
void meeting_expect_cancelled(const struct meeting *meeting, enum error error);

/* Has them meet at each moment of what the first does, but just before it
 * changes a name: nobody can be kept out between its last look and that. */
void meeting_try(void **state, struct meeting *meeting);

#endif
