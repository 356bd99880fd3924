/* SPDX-License-Identifier: MIT */
#ifndef SIMULATE_AGREEMENT_H
#define SIMULATE_AGREEMENT_H

#include <stdint.h>

struct complaints; /* complaints.h */
struct tree;       /* tree.h */

/* Complains where the index of the user's queue bears the mtime of its folder
 * and has not all of the tasks that are pending. To be asked where no power was
 * lost and no clock was set: what these may bring about lasts for 15 seconds
 * (doc/inside.md). */
void agreement_check(
    const struct tree *tree, int64_t user, struct complaints *complaints);

#endif
