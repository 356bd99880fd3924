/* SPDX-License-Identifier: MIT */
/* Asking for the lists that settle what is unknown. */
#ifndef STOFLOW_SETTLE_ASK_H
#define STOFLOW_SETTLE_ASK_H

#include "account.h"

/* Queues the list that the oldest case waits for, unless it is queued already.
 * Its ID is made of the case's name, so that this may be done again, by any
 * number of programs, and nothing needs to be remembered. One list tells of all
 * cases that are older than it. A case whose list came to nothing is the
 * seller's to tell. For who has time: what goes wrong is logged, and the
 * sweeper tries again. */
void settle_ask(const struct account *account);

#endif
