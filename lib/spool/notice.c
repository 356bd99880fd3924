/* SPDX-License-Identifier: MIT */
#include "notice.h"

#include "clock.h"
#include "stamp.h"

bool notice_is_due(const struct spool *spool, struct path path)
{
    int64_t now = clock_now();
    if (!stamp_is_due(stamp_moment(spool, path), now, NOTICE_EVERY))
        return false;
    const struct timespec times[2] = {
        clock_to_timespec(now), clock_to_timespec(now)};
    stamp_write(spool, path, times);
    return true;
}

int64_t notice_told(const struct spool *spool, struct path path)
{
    int64_t told = stamp_moment(spool, path);
    return stamp_is_due(told, clock_now(), 2 * (int64_t)NOTICE_EVERY) ? 0
                                                                      : told;
}
