/* SPDX-License-Identifier: MIT */
/* Finding out what became of a create_product that ended without a word: by
 * the lists of the wardrobe that are taken in afterwards, or by the seller.
 *
 * What is unknown stands in unknown/42/ (unknown.h). A list tells that an item
 * is there which nothing else explains, and the task is completed; two complete
 * lists some minutes apart tell that it is not, and the task has failed, and
 * may be retried. Where that is not sure, it stays unknown: a listing that is
 * made twice costs a seller more than a question. */
#ifndef STOFLOW_SETTLE_H
#define STOFLOW_SETTLE_H

#include "account.h"
#include "catalog.h"
#include "error.h"
#include "ingest_apply.h"
#include "settle_case.h"

#include <stdbool.h>
#include <stdint.h>

enum settle_limits {
    /* Seconds between the first list that lacks an item and the next that
     * counts: Vinted may take its time to show what it has taken, and a
     * request that was cut off may still be on its way. */
    SETTLE_APART = 300
};

/* Whether a result is a list of the seller's own wardrobe, seen by nobody else
 * as far as it tells. */
bool settle_can_tell(const struct ingest_record *record);

/* Holds what a list shows against the cases. `complete`: what it lacks is not
 * there. The caller has taken it in, and every result that there was when the
 * cases were loaded, so that the catalogue knows which items other tasks have
 * made. What it settles must be taken in, too, before the next list is judged.
 * May be done again. ERROR_MEMORY, and what giving a verdict met. */
enum error settle_by_list(struct settle_cases *cases, struct catalog *catalog,
    const struct ingest_record *list, bool complete);

#endif
