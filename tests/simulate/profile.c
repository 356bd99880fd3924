/* SPDX-License-Identifier: MIT */
/* The file systems that a queue may stand on, as far as they differ. */
#include "kernel.h"

#include <string.h>

enum {
    NANOSECOND = 1,
    TICK = 4000000, /* 4 ms, by which Linux dates files */
    SECOND = 1000000000
};

const struct profile profiles[] = {
    {.name = "ext4",
        .granularity = TICK,
        .exact_marks = true,
        .inotify = true,
        .locks = true,
        .moving_names = true,
        .order = JOURNAL_ORDERED},
    /* With inodes of 128 bytes. */
    {.name = "ext4-seconds",
        .granularity = SECOND,
        .inotify = true,
        .locks = true,
        .moving_names = true,
        .order = JOURNAL_ORDERED},
    {.name = "xfs",
        .granularity = TICK,
        .exact_marks = true,
        .inotify = true,
        .locks = true,
        .moving_names = true,
        .zeros = true,
        .order = JOURNAL_ORDERED},
    /* Replay of its log has lost a file that was renamed, or one of its names,
     * in several versions of Linux: "fix file loss caused by fsync after rename
     * and new inode", "sync log after logging new name". */
    {.name = "btrfs",
        .granularity = TICK,
        .exact_marks = true,
        .inotify = true,
        .locks = true,
        .moving_names = true,
        .split_renames = true,
        .order = JOURNAL_BY_FILE},
    /* All that a standard leaves open; only the times are fine. */
    {.name = "posix",
        .granularity = NANOSECOND,
        .exact_marks = true,
        .inotify = true,
        .locks = true,
        .moving_names = true,
        .zeros = true,
        .split_renames = true,
        .order = ANY_ORDER},
    /* A host that is confined: neither inotify nor locks. */
    {.name = "bare",
        .granularity = TICK,
        .exact_marks = true,
        .moving_names = true,
        .zeros = true,
        .order = ANY_ORDER},
    {.name = "fat",
        .granularity = 2LL * SECOND,
        .inotify = true,
        .locks = true,
        .moving_names = true,
        .zeros = true,
        .order = ANY_ORDER},
    {.name = "nfs",
        .granularity = TICK,
        .exact_marks = true,
        .locks = true,
        .network = true,
        .moving_names = true,
        .order = JOURNAL_ORDERED},
    /* As MooseFS: whole seconds, and what others do is not told. */
    {.name = "network-seconds",
        .granularity = SECOND,
        .network = true,
        .memory = (5LL * SECOND) / 4,
        .moving_names = true,
        .order = ANY_ORDER},
};

const size_t profiles_count = sizeof profiles / sizeof profiles[0];

const struct profile *profile_find(const char *name)
{
    for (size_t i = 0; i < profiles_count; i++) {
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    }
    return NULL;
}
