/* SPDX-License-Identifier: MIT */
/* What a round of ingestion tells in events.log. */
#ifndef STOFLOW_INGEST_TELL_H
#define STOFLOW_INGEST_TELL_H

#include "account.h"
#include "error.h"
#include "name_list.h"
#include "path.h"

/* Of an entry that is done with, and why nothing of it is in the catalogue, and
 * what is lost with that: adds a line, to be told once the catalogue is saved,
 * since the entry is met again until then. Of one that cannot be removed there
 * is a note. A line for which there is no memory is not told. */
void ingest_say(struct name_list *said, const struct account *account,
    const char *name, const char *why, const char *lost);
void ingest_tell_said(
    const struct account *account, const struct name_list *said);

/* What is stuck is told of where it is met, everything else by who asked for
 * the round. */
void ingest_tell_stuck(
    const struct account *account, struct path path, enum error error);
void ingest_tell(const struct account *account, enum error error);

/* Where no file can hold the catalogue: what waits for it does so until the
 * limit is raised, and is as good as stuck. */
void ingest_tell_limit(const struct account *account, enum error error);

/* How many products bore moments to come. Once: the lines that were met bear
 * none any more. */
void ingest_tell_doubted(const struct account *account, unsigned count);

#endif
