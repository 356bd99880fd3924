/* SPDX-License-Identifier: MIT */
/* Taking finished tasks into what the spool knows of a seller: from
 * ingest/42/COMPLETED-ID.json into products/42.ndjson and users/42.json. */
#ifndef STOFLOW_INGEST_H
#define STOFLOW_INGEST_H

#include "account.h"
#include "error.h"

#include <stdbool.h>

/* Takes in at most `most` of the user's entries, in order of completion, with
 * one rewrite of the catalogue for all that are there and another for what
 * arrived meanwhile; *taken says how many. An entry goes only when the
 * catalogue that holds it is on disk, so after a crash at any point it is
 * taken in again, which changes nothing. What is to follow a task (follow.h) is
 * queued before its entry goes. An entry that is of no use is logged and goes
 * too: the record stays in done/. One that cannot be read at the moment stays,
 * and the others are taken in; where it, or the catalogue, is stuck (stuck.h),
 * that is told. Programs may do this at the same time. Returns
 * the first temporary error (ERROR_MEMORY, ERROR_IO, ERROR_FULL, …), or what
 * makes the catalogue unreadable, and ERROR_BUSY where others were faster again
 * and again. */
enum error ingest_user(
    const struct account *account, unsigned most, unsigned *taken);

enum ingest_limits {
    INGEST_IN_PASSING = 100 /* entries that one who is answered waits for */
};

/* The same for a program that answers somebody: a bounded number of entries,
 * and what goes wrong is only logged, since the sweeper will try again. */
void ingest_in_passing(const struct account *account);

/* The same for what runs behind an answer, with which nobody waits: as many as
 * come, for some seconds. Where another program is at it, false at once: that
 * one takes in what was there by then. */
bool ingest_behind(const struct account *account);

#endif
