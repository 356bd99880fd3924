/* SPDX-License-Identifier: MIT */
/* One schedule: a small spool, some rounds of clients, persons and cron at the
 * same time with what goes wrong, and a look at what came of it. All of it
 * follows from the seed. */
#ifndef SIMULATE_SCHEDULE_H
#define SIMULATE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

struct profile; /* kernel.h */

struct schedule_options {
    const struct profile *profile; /* NULL: drawn */
    uint32_t kinds;                /* bit k: programs of kind k are run */
    uint32_t faults;               /* bit k: faults of kind k strike */
    enum {
        QUEUE_DRAWN,
        QUEUE_SMALL,
        QUEUE_DEEP /* enough waits for an index */
    } queue;
};

enum {
    COMPLAINTS_MAX = 8192
};

/* What a schedule came to. */
struct outcome {
    const char *profile;
    uint64_t calls;
    uint64_t digest; /* of the tree in the end */
    uint32_t requests;
    uint32_t struck[16]; /* by enum fault_kind */
    size_t complaint_count;
    char complaints[COMPLAINTS_MAX]; /* one a line */
};

void schedule_run(uint64_t seed, const struct schedule_options *options,
    struct outcome *outcome);

#endif
