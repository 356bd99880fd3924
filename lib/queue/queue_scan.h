/* SPDX-License-Identifier: MIT */
/* Reading the whole of one user's pending folder. */
#ifndef STOFLOW_QUEUE_SCAN_H
#define STOFLOW_QUEUE_SCAN_H

#include "account.h"
#include "config.h"
#include "drop.h"
#include "error.h"
#include "name_list.h"
#include "spool.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct queue_scan {
    struct timespec changed; /* the folder's mtime before it was read */
    int64_t folder_size;     /* bytes of the directory itself */
    int64_t recheck; /* moment to read it again for drops left; 0: none */
    bool racy;   /* changed so recently that a later change may bear the same
                  * mtime */
    bool paused; /* a file PAUSED is there (pause.h) */
    struct drop_report drops;
};

/* Appends the queued names in pending/USER, in order of dispatch, after
 * routing the drops there. A missing folder holds nothing. ERROR_TOO_LARGE:
 * there are more than `most`, nothing was routed. ERROR_MEMORY or what
 * readdir(3) said. */
enum error queue_scan_folder(const struct account *account, size_t most,
    struct name_list *names, struct queue_scan *scan);

#endif
