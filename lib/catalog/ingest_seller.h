/* SPDX-License-Identifier: MIT */
/* From which account at Vinted a result comes, and what follows from that. */
#ifndef STOFLOW_INGEST_SELLER_H
#define STOFLOW_INGEST_SELLER_H

#include "account.h"
#include "error.h"
#include "ingest_apply.h"

#include <stdbool.h>

enum ingest_whose {
    INGEST_OWN,    /* the seller's, or it does not tell */
    INGEST_FIRST,  /* it says who the seller is, which nobody knew */
    INGEST_LISTED, /* as INGEST_OWN, and a list says whose the catalogue is */
    INGEST_FOREIGN /* another's, or maybe: nothing of it is taken in */
};

/* Whether it was handed out before the account was changed: whoever does not
 * tell may have been either. */
bool ingest_is_before(const struct ingest_record *record);

/* Judges a result by record->seller. Any that tells who was signed in tells who
 * the seller is, where nobody knew: it goes into that account's catalogue or
 * into none. Of a foreign one *why (English phrase, static storage) is set, and
 * where only its get_user_data tells, the queue pauses (seller_other.h). */
enum ingest_whose ingest_judge(const struct account *account,
    const struct ingest_record *record, const char **why);

/* Remembers whose wardrobe the list shows, where nobody knows whose the
 * catalogue is; *owner: that one. ERROR_* of writing. */
enum error ingest_fix_owner(const struct account *account,
    const struct ingest_record *record, struct catalog_owner *owner);

/* Remembers who the seller is, by a result that says so first: the catalogue
 * may be another one after that. Returns, and sets *why, as seller_observe. */
enum error ingest_fix_seller(const struct account *account,
    const struct ingest_record *record, const char **why);

#endif
