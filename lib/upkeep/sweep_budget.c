/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "budget.h"

struct budget_walk {
    struct sweep *sweep;
    unsigned removed;
};

static enum error visit_user(void *context, const struct account *account)
{
    struct budget_walk *walk = context;
    walk->removed += budget_clear(account, walk->sweep->dry_run);
    return ERROR_NONE;
}

/* A poll removes them before it hands out. Where none comes any more, or the
 * budget was taken out of stoflow.ini, nobody else would. */
void sweep_budget(struct sweep *sweep)
{
    struct budget_walk walk = {sweep, 0};
    sweep_each(sweep, SPOOL_PACE, visit_user, &walk);
    sweep_tell_count(
        sweep, "removed", walk.removed, "count", " of requests long ago");
}
