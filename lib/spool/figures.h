/* SPDX-License-Identifier: MIT */
/* Figures that take long to find, kept in a file of index/ for a while: what
 * was counted of very many names. The file may be deleted, old or torn at any
 * moment; then all is counted again. */
#ifndef STOFLOW_FIGURES_H
#define STOFLOW_FIGURES_H

#include "path.h"
#include "spool.h"

#include <stddef.h>
#include <stdint.h>

enum figures_limits {
    FIGURES_MANY = 1000, /* names up to which counting is as quick */
    FIGURES_FRESH = 10,  /* seconds after which they are to be counted anew,
                          * behind an answer where that is possible */
    FIGURES_KEPT = 60,   /* seconds for which they are told */
    FIGURES_MOST = 16
};

enum figures_age {
    FIGURES_NONE,  /* there are none, or none to be told */
    FIGURES_YOUNG, /* there are */
    FIGURES_OLD    /* there are, and they should be counted anew */
};

/* Reads `count` figures, FIGURES_MOST or fewer, and when they were counted. */
enum figures_age figures_read(const struct spool *spool, struct path path,
    int64_t *figures, size_t count, int64_t *counted);

/* Keeps them. A failure is of no account. */
void figures_write(const struct spool *spool, struct path path,
    const int64_t *figures, size_t count, int64_t counted);

#endif
