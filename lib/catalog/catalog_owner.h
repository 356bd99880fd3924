/* SPDX-License-Identifier: MIT */
/* Whose catalogue products/42.ndjson is: products/42.account says it, the
 * number of an account at Vinted. Two accounts' products never mix. A catalogue
 * that gives way to another account's lies beside, whole, as
 * products/42.NUMBER.ndjson, and comes back with its account.
 *
 * It also says since when: what was handed out before the account was changed
 * may have run under either, and where it tells no account it counts for
 * nothing. "29535217", or "29535217 since 2026-11-30T03:32:49.000000Z"; or,
 * until somebody is known, "29535217 until " that, if that is known, else
 * "nobody since " that. Where nobody ever was, a list of a wardrobe makes it
 * that one's, "29535217 by a list", which makes nobody the seller: a list of
 * another wardrobe is not for it.
 *
 * The file may be removed at any time: it is written again from users/42.json.
 * Where that was removed as well nobody knows whose the catalogue is, and it
 * goes to the account that comes next.
 *
 * The caller of each holds the user's lock "ingest". */
#ifndef STOFLOW_CATALOG_OWNER_H
#define STOFLOW_CATALOG_OWNER_H

#include "account.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

struct catalog_owner {
    uint64_t number; /* at Vinted; 0: nobody's */
    uint64_t before; /* whose it was, where it is nobody's; 0: not known */
    int64_t since;   /* moment of the last change; product_never: none */
    bool by_list;    /* it is that number's by a list alone */
};

/* Whose the catalogue is. ERROR_* of reading. */
enum error catalog_owner_read(
    const struct account *account, struct catalog_owner *owner);

/* Says so, durably. ERROR_* of writing. */
enum error catalog_owner_write(
    const struct account *account, const struct catalog_owner *owner);

/* Makes the catalogue that of `number`: sets another account's aside, which is
 * a change at this moment, and brings back its own where that lies beside and
 * there is none. 0 leaves all as it is. A change at a moment to come, as from
 * while the clock was ahead, is one at this moment. *owner: whose it is now.
 * ERROR_*: as much was done as shows; to be done again. */
enum error catalog_owner_settle(const struct account *account, uint64_t number,
    struct catalog_owner *owner);

/* Sets the catalogue of `owner` aside, so that there is none, and nobody's from
 * this moment on. ERROR_*: to be done again. */
enum error catalog_owner_release(
    const struct account *account, const struct catalog_owner *owner);

#endif
