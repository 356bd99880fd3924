/* SPDX-License-Identifier: MIT */
/* Many schedules, in processes of their own. */
#ifndef SIMULATE_CAMPAIGN_H
#define SIMULATE_CAMPAIGN_H

#include "schedule.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    WORKERS_MAX = 16,
    LIST_SIZE = 200
};

struct campaign {
    uint64_t seed;
    bool is_replay;
    uint64_t only;      /* the schedule to replay */
    uint64_t schedules; /* 0: as many as there is time for */
    uint64_t seconds;   /* 0: as long as it takes */
    uint64_t keep;      /* failures that end it */
    uint64_t processes;
    struct schedule_options options;
    /* As they were given, or "". */
    char profile[LIST_SIZE], programs[LIST_SIZE], faults[LIST_SIZE];
};

/* Says on standard output what came of it. 1: a schedule failed. */
int campaign_run(const struct campaign *campaign);

/* One schedule, with its trace. */
int campaign_replay(const struct campaign *campaign);

#endif
