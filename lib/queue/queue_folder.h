/* SPDX-License-Identifier: MIT */
/* Reading the whole of pending/42: the queued names in it in order, and the
 * drops, which are routed on the way. */
#ifndef STOFLOW_QUEUE_FOLDER_H
#define STOFLOW_QUEUE_FOLDER_H

#include "account.h"
#include "drop_list.h"
#include "error.h"
#include "name_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum queue_limits {
    QUEUE_DEEP = 512,         /* names above which an index is kept */
    QUEUE_FOLDER_BIG = 262144 /* bytes of a directory above which reading it
                               * takes long even when few names are left */
};

/* What the readings of one folder have told; starts with zeros. */
struct queue_folder {
    struct drop_report drops; /* of all readings; waiting and stuck: of the
                               * last */
    bool deep;                /* more than a scan on each poll should read */
    bool pause_possible;      /* false: it was seen to hold no PAUSED */
    /* Of the last reading: */
    struct timespec changed; /* the folder's mtime before it was read */
    int64_t recheck;         /* moment to read it again */
    bool had_drops;          /* it held some, whatever became of them */
    bool moved; /* a task that was moved back by hand could not be queued:
                 * it is pending, and no queued name tells so */
    bool racy;  /* changed so recently that a later change may bear the
                 * same mtime */
};

/* Appends the queued names in the folder, in order of dispatch, after routing
 * the drops there. A missing folder holds nothing. ERROR_MEMORY or what
 * readdir(3) said. */
enum error queue_folder_read(struct queue_folder *folder,
    const struct account *account, struct name_list *names);

/* The same for a folder that has no index. One with nothing in it that could
 * become a task, and no pause to tell of, is stamped, so that idle polls need
 * not even read it. Not where drops were met and moved: at the mtime of before
 * it held them, and a loss of power may bring both back. ERROR_TOO_LARGE: there
 * are more than QUEUE_DEEP names, so it is deep; nothing was routed, and only
 * some of the names are there. */
enum error queue_folder_read_small(struct queue_folder *folder,
    const struct account *account, struct name_list *names);

#endif
