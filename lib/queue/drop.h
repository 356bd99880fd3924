/* SPDX-License-Identifier: MIT */
/* What is laid into pending/ by hand. A dropped file is taken into the queue:
 * it becomes the task itself, by one rename(2); its own name meant nothing. A
 * file that can be no task, an upload's .part or an editor's backup, is left
 * alone, and told of once it has lain there long enough to be forgotten. One
 * that cannot be read or moved is passed over and told of, too. */
#ifndef STOFLOW_DROP_H
#define STOFLOW_DROP_H

#include "account.h"
#include "config.h"
#include "error.h"
#include "name.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum drop_limits {
    DROP_STRANGER_AGE = 3600 /* seconds since a stranger was last written */
};

enum drop_fate {
    DROP_ROUTED,   /* it is queued; account and queued say where */
    DROP_REJECTED, /* it lies in rejected/ with its reason */
    DROP_WAITING,  /* left: still being copied, or the disk refused */
    DROP_STUCK,    /* left: it cannot be read or moved (stuck.h) */
    DROP_GONE      /* somebody else took it */
};

/* One dropped file. */
struct drop_file {
    int64_t folder; /* 0: pending/ itself */
    const char *name;
    struct path path;
    int64_t created;        /* moment that orders it among its equals */
    bool is_told;           /* of what is stuck */
    struct account account; /* set when routed, as are the next */
    struct stat status;     /* when it was read */
    struct name queued;
    int64_t begun;      /* moment before its ID was held; 0: it is not */
    enum error left_by; /* why it is DROP_WAITING; ERROR_NONE: of itself */
};

/* Checks the file and renames it to its place in the queue. The file is
 * fsynced and made 0600 before, so that a queued name never stands for less
 * than was dropped. */
enum drop_fate drop_file_route(const struct spool *spool,
    const struct config *config, struct drop_file *file);

/* Whether `name`, met in the folder `folder` of pending/, is a regular file
 * that can be no task and is DROP_STRANGER_AGE old. */
bool drop_is_stranger(
    const struct spool *spool, struct path folder, const char *name);

#endif
