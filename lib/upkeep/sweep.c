/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "clock.h"
#include "file.h"
#include "spool_lock.h"
#include "stamp.h"
#include "sweep_duty.h"

static const char call_name[] = "cron";

/* Each duty gets an equal share of the time that is left, so that none keeps
 * another from its turn; what it does not need is for those behind it. */
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
    static const size_t count = sizeof duties / sizeof duties[0];
    _Static_assert(sizeof duties / sizeof duties[0] <= SWEEP_DUTIES,
        "each duty has its places");
    int64_t end = sweep->until;
    for (size_t i = 0; i < count; i++) {
        int64_t now = clock_steady();
        sweep->until = now + ((end - now) / (int64_t)(count - i));
        sweep_begin_duty(sweep, i);
        duties[i](sweep);
    }
    sweep->until = end;
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
    bool goes_on = sweep_course_read(sweep);
    carry_out(sweep);
    sweep_course_write(sweep, goes_on);
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
