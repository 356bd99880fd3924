/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "clock.h"
#include "file.h"
#include "path.h"
#include "spool_lock.h"
#include "stamp.h"

#include <stdarg.h>
#include <stdio.h>

static const char lock_name[] = "sweeper";
static const char call_name[] = "cron";

bool sweep_is_over(const struct sweep *sweep)
{
    return clock_now() >= sweep->until;
}

struct sweep_walk {
    const struct sweep *sweep;
    account_function *function;
    void *context;
};

static enum error visit_account(void *context, const struct account *account)
{
    const struct sweep_walk *walk = context;
    return sweep_is_over(walk->sweep) ? ERROR_BUSY
                                      : walk->function(walk->context, account);
}

void sweep_each(struct sweep *sweep, enum spool_directory directory,
    account_function *function, void *context)
{
    struct sweep_walk walk = {sweep, function, context};
    account_each(sweep->spool, sweep->config, directory, visit_account, &walk);
}

void sweep_line(struct sweep *sweep, const char *format, ...)
{
    char line[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_append_format(
        &sweep->lines, "%s%s\n", sweep->dry_run ? "would have " : "", line);
}

void sweep_tell_count(struct sweep *sweep, const char *verb, unsigned count,
    const char *noun, const char *rest)
{
    if (count > 0) {
        sweep_line(sweep, "%s %u %s%s%s", verb, count, noun,
            sweep_plural(count), rest);
    }
}

const char *sweep_plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

static void carry_out(struct sweep *sweep)
{
    static void (*const duties[])(struct sweep *sweep) = {
        sweep_verdicts,
        sweep_temporary, /* a hold that is left keeps its ID from the next */
        sweep_leases,
        sweep_drops,
        sweep_expired,
        sweep_progress,
        sweep_ingest,
        sweep_done,
        sweep_photos,
        sweep_strangers,
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
    int lock = spool_lock_try(sweep->spool, lock_name);
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
    return stamp_moment(spool, path_in(SPOOL_INDEX, lock_name));
}

void sweep_note_call(const struct spool *spool)
{
    file_touch(spool->directory, path_in(SPOOL_INDEX, call_name).text);
}

int64_t sweep_last_call(const struct spool *spool)
{
    return stamp_moment(spool, path_in(SPOOL_INDEX, call_name));
}
