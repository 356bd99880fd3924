/* SPDX-License-Identifier: MIT */
/* A part of a walk through a directory that may hold very many names, and where
 * the next part begins. */
#ifndef STOFLOW_SPOOL_PART_H
#define STOFLOW_SPOOL_PART_H

#include "error.h"
#include "path.h"
#include "spool.h"

#include <stddef.h>
#include <stdint.h>

/* A position is readdir's own (telldir(3)), kept from one program to the next.
 * In a directory that has changed since, or in another, it is as good as any:
 * names may be missed, or met again, until the walk begins anew. */
struct spool_part {
    int64_t position; /* to begin at; 0: the first name. Set: where to go on;
                       * 0: the end was reached */
    size_t most;      /* names to be read */
};

/* spool_each_name, of that part. Where the function returns an error, the name
 * that it was given will be the first of the next part. */
enum error spool_part_each_name(const struct spool *spool, struct path path,
    struct spool_part *part, spool_name_function *function, void *context);

/* A position that is kept in a file of index/. What is lost or torn is read as
 * 0, or as any other. To write 0 removes the file; that it cannot be written is
 * of no account. */
int64_t spool_part_read(const struct spool *spool, struct path path);
void spool_part_write(
    const struct spool *spool, struct path path, int64_t position);

#endif
