/* SPDX-License-Identifier: MIT */
/* The process that tidies up behind an answer, where the host gives none. */
#ifndef STOFLOW_BACKGROUND_H
#define STOFLOW_BACKGROUND_H

#include "spool.h"

#include <stdint.h>

/* To be told that fork(2) failed with this errno. Nothing is lost by that: the
 * next request, or the sweeper that cron runs, does what was to be done. It
 * goes into events.log, but not each time. */
void background_refused(const struct spool *spool, int number);

/* When the log was last told so, if that may still be the case; 0 if not. */
int64_t background_last_refusal(const struct spool *spool);

#endif
