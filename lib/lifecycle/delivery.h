/* SPDX-License-Identifier: MIT */
/* A plugin's result on its way to the task it is about. */
#ifndef STOFLOW_DELIVERY_H
#define STOFLOW_DELIVERY_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "find.h"
#include "record.h"

#include <stdbool.h>

/* A result as it was posted: the verdict points into the parsed body and into
 * these buffers. */
struct result_body {
    struct verdict verdict;
    struct buffer error;
    struct buffer account;
    struct buffer partial;
    struct buffer lease; /* "" where none is given */
};

struct delivery {
    const struct account *account;
    const char *id;
    const struct result_body *body;
    /* What delivery_carry_out tells: */
    struct task_place place; /* where the task was found */
    bool is_news;            /* it was not posted before */
    bool ingest;             /* the catalogue should take it in */
};

/* Records the result, or puts the task off where it is a failure worth another
 * try. ERROR_NONE: it is safe. ERROR_EXISTS: what stands at delivery->place was
 * recorded before, and nothing has changed; whether it is of the lease that was
 * given, its record tells (record_fits_lease). ERROR_NOT_FOUND: there is no
 * such task; ERROR_CONFLICT: the lease that was given is not that of its
 * hand-out, or of an earlier one since it was put into the queue, if it waits
 * again; ERROR_BUSY: it keeps moving. After any other error nothing is
 * acknowledged. */
enum error delivery_carry_out(struct delivery *delivery);

#endif
