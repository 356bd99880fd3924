/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "clock.h"
#include "file.h"
#include "spool_lock.h"
#include "stamp.h"
#include "sweep_duty.h"

static const char call_name[] = "cron";

static void carry_out(struct sweep *sweep)
{
    static void (*const duties[])(struct sweep *sweep) = {
        sweep_verdicts,
        sweep_temporary, /* a hold that is left keeps its ID from the next */
        sweep_drops,     /* known by its other name, if that is still there */
        sweep_leases,
        sweep_expired,
        sweep_progress,
        sweep_ingest,
        sweep_done,
        sweep_unknown, /* of a record that stands, which the last has told */
        sweep_photos,
        sweep_budget,
        sweep_strangers,
        sweep_stuck,
        sweep_logs,
    };
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++)
        duties[i](sweep);
}

/* The lock's file bears the time of the last sweep. Where there are no locks,
 * or no inode is left for one, sweeping is needed all the same, and two at once
 * only do some work twice. A dry run takes no lock: it may look while a sweep
 * is going on, and must leave no trace. */
enum error sweep_run(struct sweep *sweep)
{
    if (sweep->dry_run) {
        carry_out(sweep);
        return ERROR_NONE;
    }
    int lock = spool_lock_try(sweep->spool, stamp_of_sweeps);
    if (lock == SPOOL_LOCK_HELD)
        return ERROR_BUSY;
    carry_out(sweep);
    if (lock >= 0)
        futimens(lock, NULL);
    spool_unlock(lock);
    return ERROR_NONE;
}

int64_t sweep_last(const struct spool *spool)
{
    return stamp_moment(spool, path_in(SPOOL_INDEX, stamp_of_sweeps));
}

struct sweep sweep_call(
    const struct spool *spool, const struct config *config, bool dry_run)
{
    struct sweep sweep = {.spool = spool,
        .config = config,
        .dry_run = dry_run,
        .until = clock_steady() + (SWEEP_SECONDS * clock_second),
        .lines = BUFFER_EMPTY};
    if (sweep_run(&sweep) == ERROR_BUSY)
        sweep.is_busy = true;
    if (!dry_run)
        sweep_met(&sweep,
            file_touch(spool->directory, path_in(SPOOL_INDEX, call_name).text));
    return sweep;
}

int64_t sweep_last_call(const struct spool *spool)
{
    return stamp_moment(spool, path_in(SPOOL_INDEX, call_name));
}
