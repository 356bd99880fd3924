/* SPDX-License-Identifier: MIT */
/* A page of a deep queue, from its index: the lines behind one of them, however
 * many stand before it. */
#ifndef STOFLOW_QUEUE_PAGE_H
#define STOFLOW_QUEUE_PAGE_H

#include "account.h"
#include "error.h"
#include "spool.h"

#include <stddef.h>

/* Calls `offer` with queued names: with `most` or more of those that come first
 * behind the text `after`, which begins as a queued name does, or is ""; with
 * others that may do so, and with such as come before it; each may have gone.
 * Two names that differ in their ID alone come in any order. ERROR_BUSY: there
 * is no index, or it cannot tell, and some may have been offered; read the
 * folder. What `offer` returned; ERROR_MEMORY. */
enum error queue_page_offer(const struct account *account, const char *after,
    size_t most, spool_name_function *offer, void *context);

#endif
