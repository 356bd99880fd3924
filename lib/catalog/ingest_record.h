/* SPDX-License-Identifier: MIT */
/* A finished task's record on its way into the catalogue. */
#ifndef STOFLOW_INGEST_RECORD_H
#define STOFLOW_INGEST_RECORD_H

#include "account.h"
#include "error.h"
#include "ingest_apply.h"

/* Reads ingest/USER/NAME. ERROR_TYPE or ERROR_SYNTAX with *why told (English
 * phrase, static storage): no use ever; ERROR_* of file_read, ERROR_MEMORY.
 * Only after ERROR_NONE the record must be freed. */
enum error ingest_record_load(struct ingest_record *record,
    const struct account *account, const char *name, const char **why);
void ingest_record_free(struct ingest_record *record);

#endif
