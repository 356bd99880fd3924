/* SPDX-License-Identifier: MIT */
/* Writing a catalogue: what has changed, beside the sorted file, or that one
 * anew where it is small, or would have too much beside it. */
#ifndef STOFLOW_CATALOG_SAVE_H
#define STOFLOW_CATALOG_SAVE_H

#include "account.h"
#include "catalog.h"
#include "error.h"

enum catalog_save_limits {
    CATALOG_SHARE = 8,       /* of the file, what may stand beside it */
    CATALOG_BESIDE = 1 << 21 /* bytes of that at the most */
};

/* Makes products/ hold the catalogue durably, each file sorted by id; written
 * only if anything has changed, and after what was set aside has been put into
 * rejected/. To be done once. ERROR_CONFLICT: another program has replaced a
 * file since it was read: open it and begin again. ERROR_* of writing. */
enum error catalog_save(struct catalog *catalog, const struct account *account);

/* Makes products/42.ndjson hold all of the catalogue, so that nothing stands
 * beside it. ERROR_BUSY where others replace it again and again; ERROR_* of
 * catalog_open and of writing. */
enum error catalog_join(const struct account *account);

#endif
