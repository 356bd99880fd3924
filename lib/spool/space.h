/* SPDX-License-Identifier: MIT */
/* How much room the disk has left. */
#ifndef STOFLOW_SPACE_H
#define STOFLOW_SPACE_H

#include "error.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>

struct space {
    uint64_t bytes_free; /* for us, not for root alone */
    uint64_t bytes_total;
    uint64_t inodes_free; /* 0 and 0 where the file system counts none */
    uint64_t inodes_total;
};

/* Asks the file system that holds the spool. ERROR_* of fstatvfs(3). */
enum error space_read(const struct spool *spool, struct space *space);

/* Whether new tasks may still be taken: a twentieth of the disk, 64 MiB at
 * most, and a twentieth of the inodes, 1,000 at most, are kept for results,
 * so that what was accepted can be finished. */
bool space_allows_create(const struct space *space);

/* The same of a spool: ERROR_FULL if not; ERROR_* of space_read. */
enum error space_check_create(const struct spool *spool);

#endif
