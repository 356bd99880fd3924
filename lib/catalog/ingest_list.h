/* SPDX-License-Identifier: MIT */
/* What a list of a wardrobe does to a catalogue, and what it proves. */
#ifndef STOFLOW_INGEST_LIST_H
#define STOFLOW_INGEST_LIST_H

#include "catalog.h"
#include "error.h"
#include "ingest_apply.h"

#include <stdbool.h>
#include <stddef.h>

/* Takes in every product of a list. Those that it proves absent are marked as
 * missing since it began, unless somebody has seen them since. Returns, and
 * sets *why, as ingest_apply. */
enum error ingest_list(struct catalog *catalog,
    const struct ingest_record *record, const char **why);

/* The elements of a list: an array, or absent. */
struct json_value ingest_list_items(struct json_value result);

/* Whether the account that was signed in says that the wardrobe is its own:
 * hidden items and drafts are shown to nobody else. */
bool ingest_is_owners_view(const struct ingest_record *record);

/* The one place where a list is taken as proof of what it lacks: the account
 * that was signed in is the seller's and the wardrobe its own; the list does
 * not say itself that it is not complete; and it is as long as it says that it
 * should be, and not empty. `usable`: how many of its elements are products,
 * none twice. Otherwise *why (which must be NULL) says why not, as of
 * ingest_apply. */
bool ingest_proves_absence(
    const struct ingest_record *record, size_t usable, const char **why);

#endif
