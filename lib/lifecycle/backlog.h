/* SPDX-License-Identifier: MIT */
/* What awaits a user's plugin, told from names alone. */
#ifndef STOFLOW_BACKLOG_H
#define STOFLOW_BACKLOG_H

#include "account.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

struct backlog {
    int64_t pending;
    int64_t executing;
    int64_t next_due; /* moment at which the first pending task may be handed
                       * out; 0: one may be at once, or none is pending */
    int64_t counted;  /* moment */
    bool is_kept;     /* it was counted for an earlier answer */
};

/* Counts, and looks when CREATED and pace let the first one go. ERROR_MEMORY or
 * what readdir(3) said. */
enum error backlog_read(const struct account *account, struct backlog *backlog);

/* The same; one of more than FIGURES_MANY tasks is kept (figures.h), and told
 * to others. *due: it should be counted anew, for those that come
 * (backlog_renew). */
enum error backlog_tell(
    const struct account *account, struct backlog *backlog, bool *due);
void backlog_renew(const struct account *account);

#endif
