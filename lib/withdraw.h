/* SPDX-License-Identifier: MIT */
/* Ending a pending task before anybody has fetched it. */
#ifndef STOFLOW_WITHDRAW_H
#define STOFLOW_WITHDRAW_H

#include "config.h"
#include "error.h"
#include "name.h"
#include "spool.h"

#include <stdint.h>

/* Claims the queued task `name` of `user`, so that nobody else gets it, and
 * records it as failed: `declared` ("expired", "cancelled") is our reason in
 * one word, `text` in a sentence. ERROR_NOT_FOUND: it has been fetched or
 * removed meanwhile. After any other error it is pending as before, or, if
 * even that failed, executing under a lease that passes at once. */
enum error withdraw_pending(const struct spool *spool,
    const struct config *config, int64_t user, const char *name,
    const char *declared, const char *text);

#endif
