/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "stuck.h"

struct stuck_count {
    struct sweep *sweep;
    unsigned count;
};

static void tell_stuck(void *context, const struct stuck *stuck)
{
    struct stuck_count *told = context;
    if (told->count++ < SWEEP_NAMED)
        sweep_line(told->sweep, "left alone %s: %s; mend it with: %s",
            stuck->path, stuck->problem, stuck->fix);
}

/* The last but for the logs, since the other duties meet what is stuck. */
void sweep_stuck(struct sweep *sweep)
{
    struct stuck_count told = {sweep, 0};
    if (!sweep->dry_run)
        stuck_note_folders(sweep->spool);
    stuck_each(sweep->spool, !sweep->dry_run, tell_stuck, &told);
    if (told.count > SWEEP_NAMED)
        sweep_line(
            sweep, "left alone %u more like these", told.count - SWEEP_NAMED);
}
