/* SPDX-License-Identifier: MIT */
/* What each kind of result does to a catalogue. All may be done late and again
 * (product.h). */
#ifndef STOFLOW_INGEST_APPLY_H
#define STOFLOW_INGEST_APPLY_H

#include "action.h"
#include "buffer.h"
#include "catalog.h"
#include "catalog_owner.h"
#include "error.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* A finished task's record, as far as the catalogue needs it. */
struct ingest_record {
    enum ingest_kind kind;
    struct json_value root;
    struct json_value params;
    struct json_value then;   /* what is to follow it (follow.h), or absent */
    struct json_value result; /* out of {"data":…}, of a request with it */
    uint64_t item;            /* the product, where a request tells; else 0 */
    bool makes;               /* such a request has made it */
    int64_t completed;        /* what an answer about one product stands for */
    int64_t started;          /* what a list stands for: nothing in it is older;
                               * product_never: not known */
    bool to_come; /* it says it began at a moment to come: nobody knows when */
    bool astray;  /* it says so by ever so little, or that it was so created */
    struct json_value account; /* who was signed in at Vinted, or absent */
    uint64_t signed_in;        /* its number; 0: not told */
    uint64_t seller;           /* who the user of ours is there; 0: not known */
    struct catalog_owner owner; /* whose the catalogue is */
    struct buffer text;
    struct json_document document;
};

/* Takes in the result of a task about products: any kind but INGEST_NONE,
 * INGEST_USER and INGEST_CALLS. ERROR_NONE or ERROR_MEMORY; sets *why (English
 * phrase, static storage) where the result, or a part of it, was of no use. */
enum error ingest_apply(struct catalog *catalog,
    const struct ingest_record *record, const char **why);

#endif
