/* SPDX-License-Identifier: MIT */
/* One dropped file: what becomes of it. */
#ifndef STOFLOW_DROP_FILE_H
#define STOFLOW_DROP_FILE_H

#include "account.h"
#include "config.h"
#include "name.h"
#include "spool.h"

#include <stdint.h>

enum drop_fate {
    DROP_ROUTED,   /* it is queued; account and queued say where */
    DROP_REJECTED, /* it lies in rejected/ with its reason */
    DROP_WAITING,  /* left: still being copied, or the disk refused */
    DROP_GONE      /* somebody else took it */
};

struct drop_file {
    int64_t folder; /* 0: pending/ itself */
    const char *name;
    struct path path;
    int64_t created;        /* moment that orders it among its equals */
    struct account account; /* set when routed, as is the next */
    struct name queued;
};

/* Checks the file and renames it to its place in the queue. The file is
 * fsynced and made 0600 before, so that a queued name never stands for less
 * than was dropped. */
enum drop_fate drop_file_route(const struct spool *spool,
    const struct config *config, struct drop_file *file);

#endif
