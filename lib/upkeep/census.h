/* SPDX-License-Identifier: MIT */
/* Counting what lies in the spool, for people and their monitors. */
#ifndef STOFLOW_CENSUS_H
#define STOFLOW_CENSUS_H

#include "account.h"
#include "error.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

struct census {
    int64_t pending;
    int64_t executing;
    int64_t overdue; /* of the executing ones: past their deadline */
    int64_t completed;
    int64_t failed;
    int64_t ingest;         /* results the catalogue has yet to take in */
    int64_t dropped;        /* files dropped by hand, not routed yet */
    int64_t strangers;      /* old files in pending/ that are no tasks */
    int64_t oldest_pending; /* moment, of those that are due; 0: none is */
    int64_t now;            /* when it was counted */
    int64_t met;            /* folders and names that were looked at */
    bool is_kept;           /* it was counted for an earlier answer */
};

/* Adds one user's folders to *census, which begins as zeros. A folder that is
 * missing holds nothing. What readdir(3) said, or ERROR_MEMORY; the sums are
 * then of no use. */
enum error census_user(const struct account *account, struct census *census);

/* The same for everybody, and what lies in pending/ itself. */
enum error census_all(const struct spool *spool, struct census *census);

/* Sets *census to that of the account, or of everybody where it is nobody's.
 * One of more than FIGURES_MANY is kept (figures.h), and told to others. *due:
 * it should be counted anew, for those that come (census_renew). Errors as
 * above. */
enum error census_tell(
    const struct account *account, struct census *census, bool *due);
void census_renew(const struct account *account);

#endif
