/* SPDX-License-Identifier: MIT */
/* What must hold of the catalogues in products/. */
#ifndef SIMULATE_CATALOGUE_H
#define SIMULATE_CATALOGUE_H

struct tree;
struct tree_task;

/* One product a line, sorted by id, none twice, none torn, none gone by what
 * one list lacks; and what stands beside a catalogue is not older than it. */
void catalogue_check_files(struct tree *tree);

/* G10: what completed tasks brought is in the catalogue, or waits for it. */
void catalogue_check_task(struct tree *tree, const struct tree_task *task);

#endif
