/* SPDX-License-Identifier: MIT */
/* What somebody wants queued, as a query string says it. */
#ifndef STOFLOW_DRAFT_QUERY_H
#define STOFLOW_DRAFT_QUERY_H

#include "draft.h"
#include "error.h"
#include "query.h"

/* Reads the known parameters of `query` over what *draft holds; unknown ones
 * are ignored. ERROR_RANGE or ERROR_SYNTAX with *fault filled when a known one
 * is wrong. */
enum error draft_read_query(
    struct draft *draft, const struct query *query, struct draft_fault *fault);

#endif
