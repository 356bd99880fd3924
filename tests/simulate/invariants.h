/* SPDX-License-Identifier: MIT */
/* What must hold of a spool besides the states of its tasks. */
#ifndef SIMULATE_INVARIANTS_H
#define SIMULATE_INVARIANTS_H

struct tree;
struct tree_task;

/* What a record in done/ must hold. */
void invariants_check_record(struct tree *tree, const struct tree_task *task);

/* What a queued or executing file must hold, and agree with its name in. */
void invariants_check_live(struct tree *tree, const struct tree_task *task);

/* The places that hold no tasks. To be called when the tasks are known. */
void invariants_check_places(struct tree *tree);

#endif
