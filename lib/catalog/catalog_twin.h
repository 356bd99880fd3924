/* SPDX-License-Identifier: MIT */
/* Items that one task may have listed twice. A browser may send a request again
 * by itself, whatever its method, where a connection that it had used before
 * ends without a byte of an answer (doc/extension.md). No script sees that, so
 * the task's result names the one that was answered, and the other is met by
 * the next list.
 *
 * Told is what looks so: an item that a list of the owner's view has brought
 * and no task of ours has made, beside one that a task has made, with the same
 * title and price, both published within TWIN_APART. Either names the other in
 * "twin_of", until one of them is gone or deleted, neither is on sale any more,
 * their titles differ, or a task turns out to have made the other, too. */
#ifndef STOFLOW_CATALOG_TWIN_H
#define STOFLOW_CATALOG_TWIN_H

#include "account.h"
#include "catalog.h"
#include "error.h"

enum catalog_twin_limits {
    TWIN_APART = 120 /* seconds */
};

/* Looks for such among the fresh rows, and ends what no longer holds of what
 * was met by merges. To be done when everything has been merged, before it is
 * saved. ERROR_MEMORY: it must not be saved. */
enum error catalog_twin_settle(struct catalog *catalog);

/* Logs those that were found and still hold. */
void catalog_twin_tell(
    const struct catalog *catalog, const struct account *account);

#endif
