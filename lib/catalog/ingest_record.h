/* SPDX-License-Identifier: MIT */
/* A finished task's record, as far as the catalogue needs it. */
#ifndef STOFLOW_INGEST_RECORD_H
#define STOFLOW_INGEST_RECORD_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "ingest_kind.h"
#include "json.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

struct ingest_record {
    enum ingest_kind kind;
    struct json_value params;
    struct json_value then;   /* what is to follow it (follow.h), or absent */
    struct json_value result; /* taken out of {"data":…} */
    int64_t completed;        /* what an answer about one product stands for */
    int64_t started;          /* what a list stands for: nothing in it is older;
                               * product_never: not known */
    bool foreign; /* a list of another wardrobe than the seller's own */
    struct buffer text;
    struct json_document document;
};

/* Reads ingest/USER/NAME. ERROR_TYPE or ERROR_SYNTAX with *why told (English
 * phrase, static storage): no use ever; ERROR_* of file_read, ERROR_MEMORY.
 * Only after ERROR_NONE the record must be freed. */
enum error ingest_record_load(struct ingest_record *record,
    const struct account *account, const char *name, const char **why);
void ingest_record_free(struct ingest_record *record);

#endif
