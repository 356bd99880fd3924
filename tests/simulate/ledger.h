/* SPDX-License-Identifier: MIT */
/* That nothing that was given without an ID is lost or done twice: told by its
 * action and parameters. */
#ifndef SIMULATE_LEDGER_H
#define SIMULATE_LEDGER_H

#include "history.h"

/* To be called when all threads have been compared with the tree. */
void ledger_check(struct history *history, const struct tree *tree,
    struct complaints *complaints);

#endif
