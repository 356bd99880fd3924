/* SPDX-License-Identifier: MIT */
/* What each kind of result does to a catalogue. All may be done late and again
 * (product.h).
 *
 * Each returns ERROR_NONE or ERROR_MEMORY and sets *why (English phrase,
 * static storage) where the result, or a part of it, was of no use. */
#ifndef STOFLOW_INGEST_APPLY_H
#define STOFLOW_INGEST_APPLY_H

#include "catalog.h"
#include "error.h"
#include "ingest_record.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum error ingest_function(struct catalog *catalog,
    const struct ingest_record *record, const char **why);

/* Takes in every product of a list. Only a list that proves to be complete (a
 * total that is not zero and equals its length, every element a product, none
 * twice) marks the products missing from it as gone: those that nobody has
 * seen since the listing began. A list of another Vinted user's wardrobe
 * (record->foreign) proves nothing of the seller's own. */
ingest_function ingest_list;

/* Takes in the one product that was made or changed: what the result tells of
 * it, and what the task set and the result is silent about. */
ingest_function ingest_item;

/* Adds a photo to a product, or takes in the product the result tells of. */
ingest_function ingest_photo;

ingest_function ingest_stats;

/* Takes in the prices that were certainly changed. */
ingest_function ingest_prices;

ingest_function ingest_delete;

/* The id of the product a record is about: the task's "item_id", else the
 * result's. Whether there is one. */
bool ingest_item_id(const struct ingest_record *record, uint64_t *id);

#endif
