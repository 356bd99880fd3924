/* SPDX-License-Identifier: MIT */
/* What the requests of a client of the bridge did to a catalogue. */
#ifndef STOFLOW_INGEST_CALLS_H
#define STOFLOW_INGEST_CALLS_H

#include "catalog.h"
#include "error.h"
#include "ingest_apply.h"

/* Takes in what those requests changed that are known to change a product
 * (vinted_call.h), as far as Vinted's answers prove it: a status of success,
 * JSON whose "code" is 0 or absent, and the product's id; of a removal 204 will
 * do. Returns, and sets *why, as ingest_apply. */
enum error ingest_calls(struct catalog *catalog,
    const struct ingest_record *record, const char **why);

#endif
