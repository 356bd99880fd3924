/* SPDX-License-Identifier: MIT */
/* Private to verdict.c: the steps by which a record that has its .verdict name
 * reaches done/. Each may be taken twice, by several programs. */
#ifndef STOFLOW_VERDICT_CARRY_H
#define STOFLOW_VERDICT_CARRY_H

#include "account.h"
#include "error.h"
#include "record.h"
#include "spool.h"

#include <stdbool.h>

/* tmp/USER-ID.verdict. */
struct path verdict_path(const struct account *account, const char *id);

/* Steps 3 to 5 (verdict.h) for the record linked at `record`. `entry` (may be
 * NULL) is where the task lay last. After ERROR_NONE the task is done; *clean
 * says whether nothing else of it is left. ERROR_EXISTS: another has carried
 * out this verdict or given one that stands against it. */
enum error verdict_carry_out(const struct account *account, struct path record,
    const struct record_head *head, const struct path *entry, bool *clean);

/* Undoes step 3 for a verdict that could not be carried out. Nothing was
 * acknowledged. False if it reached done/ after all: then it stands, and
 * whatever else is left of the task remains to be cleared. */
bool verdict_withdraw(const struct account *account, struct path verdict,
    const struct record_head *head);

/* Whether both names are links of one file. */
bool verdict_same_file(const struct spool *spool, struct path a, struct path b);

#endif
