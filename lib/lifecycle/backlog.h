/* SPDX-License-Identifier: MIT */
/* What awaits a user's plugin, told from names alone. */
#ifndef STOFLOW_BACKLOG_H
#define STOFLOW_BACKLOG_H

#include "account.h"
#include "error.h"

#include <stdint.h>

struct backlog {
    int64_t pending;
    int64_t executing;
    int64_t next_due; /* moment at which the first pending task may be handed
                       * out; 0: one may be at once, or none is pending */
};

/* Counts, and looks when CREATED and pace let the first one go. ERROR_MEMORY or
 * what readdir(3) said. */
enum error backlog_read(const struct account *account, struct backlog *backlog);

#endif
