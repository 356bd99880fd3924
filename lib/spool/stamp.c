/* SPDX-License-Identifier: MIT */
#include "stamp.h"

#include "clock.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>

const char stamp_of_sweeps[] = "sweeper";

int64_t stamp_moment(const struct spool *spool, struct path path)
{
    struct stat status;
    if (fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    return clock_from_timespec(status.st_mtim);
}

bool stamp_is_due(int64_t last, int64_t now, int64_t every)
{
    return last <= now - (every * clock_second) ||
           stamp_is_astray(last, now, every);
}

bool stamp_is_astray(int64_t stamp, int64_t now, int64_t ahead)
{
    return stamp > now + (ahead * clock_second);
}

bool stamp_is_young(const struct stat *status, int64_t now, int64_t seconds)
{
    return !stamp_is_due(clock_from_timespec(status->st_mtim), now, seconds) ||
           !stamp_is_due(clock_from_timespec(status->st_ctim), now, seconds);
}

int64_t stamp_written(const struct stat *status, int64_t now)
{
    int64_t written = clock_from_timespec(status->st_mtim);
    return stamp_is_astray(written, now, STAMP_SKEW)
               ? clock_from_timespec(status->st_ctim)
               : written;
}

bool stamp_bring_back(const struct spool *spool, struct path path, int64_t last,
    int64_t now, bool dry)
{
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT}, clock_to_timespec(now)};
    if (!stamp_is_astray(last, now, STAMP_SKEW))
        return false;
    if (!dry)
        utimensat(spool->directory, path.text, times, AT_SYMLINK_NOFOLLOW);
    return true;
}

/* The atime of a stamp. A file that was made, and whose program died before it
 * set the times, or whose times were lost with the power, bears the moment of
 * its making, which may be that of the folder's next change. */
static const time_t stamped = 0;

static bool is_set(
    const struct spool *spool, const struct stamp *stamp, struct stat *set)
{
    return fstatat(spool->directory, stamp->path.text, set,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           set->st_atim.tv_sec == stamped &&
           set->st_mtim.tv_sec == stamp->changed.tv_sec &&
           set->st_mtim.tv_nsec == stamp->changed.tv_nsec;
}

static bool is_old(const struct stat *set)
{
    return stamp_is_due(
        clock_from_timespec(set->st_ctim), clock_last(), STAMP_BELIEVED);
}

static enum error look(const struct spool *spool, struct timespec changed,
    struct path path, bool ages, struct stamp *stamp)
{
    struct stat set;
    stamp->path = path;
    stamp->changed = changed;
    if (is_set(spool, stamp, &set) && !(ages && is_old(&set)))
        return ERROR_EXISTS;
    /* Looked at before the reading: what comes later must not be hidden. */
    stamp->racy = clock_is_racy(changed, clock_now());
    return ERROR_NONE;
}

enum error stamp_look_at(const struct spool *spool, const struct stat *status,
    struct path path, struct stamp *stamp)
{
    return look(spool, status->st_mtim, path, true, stamp);
}

enum error stamp_look_at_file(const struct spool *spool,
    const struct stat *status, struct path path, struct stamp *stamp)
{
    return look(spool, status->st_mtim, path, false, stamp);
}

enum error stamp_look(const struct spool *spool, struct path folder,
    struct path path, struct stamp *stamp)
{
    struct stat status;
    if (fstatat(spool->directory, folder.text, &status, 0) != 0)
        return error_from_errno(errno);
    return stamp_look_at(spool, &status, path, stamp);
}

void stamp_write(
    const struct spool *spool, struct path path, const struct timespec times[2])
{
    if (file_set_times(spool->directory, path.text, times) == ERROR_NOT_FOUND &&
        spool_make(spool, SPOOL_INDEX) == ERROR_NONE)
        file_set_times(spool->directory, path.text, times);
}

void stamp_set(const struct spool *spool, const struct stamp *stamp)
{
    const struct timespec times[2] = {{.tv_sec = stamped}, stamp->changed};
    if (!stamp->racy)
        stamp_write(spool, stamp->path, times);
}

bool stamp_is_quiet(
    const struct spool *spool, struct path folder, int64_t since)
{
    struct stat status;
    if (fstatat(spool->directory, folder.text, &status, 0) != 0)
        return errno == ENOENT;
    return !clock_is_racy(status.st_mtim, since);
}
