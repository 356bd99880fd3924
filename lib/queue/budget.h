/* SPDX-License-Identifier: MIT */
/* How many requests a seller's account sends to Vinted (`budget`, "20/5m"),
 * whatever the action and from whichever browser.
 *
 * It is counted by the names of empty files in pace/42/, and nowhere else:
 *
 *   MOMENT-COUNT-LEASE.sent        COUNT requests were sent, the last of them
 *                                  at that moment at the latest
 *   DEADLINE-COUNT-TOLD-LEASE.open a task is out under that lease, and may send
 *                                  COUNT more; of TOLD its plugin has told
 *
 * Either counts until its moment is further back than the length of a budget. A
 * task is handed out with what is left of it, which is granted before the claim
 * and stays so until the plugin tells how many it needed; one that never does
 * is taken to have sent all of them by its deadline. So where a plugin keeps to
 * what it is granted, no more are ever sent in any window of that length.
 *
 * Each name is made by one program and is taken note of before it counts on
 * what is left: who grants looks once more after it, and takes back what others
 * have granted meanwhile. So that holds without locks. Any of the files may be
 * removed: then what it counted is free. */
#ifndef STOFLOW_BUDGET_H
#define STOFLOW_BUDGET_H

#include "account.h"
#include "error.h"
#include "name.h"

#include <stdbool.h>
#include <stdint.h>

/* What a look at it has found. */
struct budget {
    int left;     /* requests that may be granted; not negative */
    int64_t next; /* moment at which as many are left as were asked for, unless
                   * a plugin is at a task meanwhile; 0: not known */
};

bool budget_is_set(const struct account *account);

/* Whether as many as `least` requests may be granted now; where that is more
 * than the whole budget, whether all of it is left. ERROR_BUSY: not now. Any
 * other error: it cannot be told. */
enum error budget_look(
    const struct account *account, int least, struct budget *budget);

/* Grants the hand-out under `lease`, which must not have begun, what is left:
 * `most` at the most, 0 for all of it, and `most` also where that is more than
 * the whole budget. *granted is how many. Errors of budget_look, after which
 * nothing is granted. */
enum error budget_grant(const struct account *account,
    const struct lease_name *lease, int most, int *granted);

/* Takes back what was granted for a hand-out that has not come about. */
void budget_take_back(
    const struct account *account, const struct lease_name *lease);

/* The plugin is still at it and has told of `requests` so far (< 0: of none;
 * what was told before stands). Lasts until the new deadline. How many it may
 * send from now on. */
int budget_renew(const struct account *account, const struct lease_name *lease,
    int64_t requests);

/* The result has come, and told of `requests` in all (< 0: it has not told, and
 * so counts for all that was granted). `lease` "" is one that is not known. */
void budget_settle(
    const struct account *account, const char *lease, int64_t requests);

/* Removes what counts no more. How many; with `dry`, would be. */
unsigned budget_clear(const struct account *account, bool dry);

#endif
