/* SPDX-License-Identifier: MIT */
#include "presence.h"

#include "clock.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* The three times of the stamp, as moments. */
struct seen {
    int64_t since;
    int64_t until;
    int64_t last;
};

static struct path stamp_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "seen");
}

static enum error read_stamp(const struct account *account, struct seen *seen)
{
    struct stat status;
    if (fstatat(account->spool->directory, stamp_path(account).text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return error_from_errno(errno);
    seen->since = clock_from_timespec(status.st_atim);
    seen->until = clock_from_timespec(status.st_mtim);
    seen->last = clock_from_timespec(status.st_ctim);
    return ERROR_NONE;
}

static bool is_connected(const struct seen *seen, int64_t now)
{
    return now < seen->until + (PRESENCE_GRACE * clock_second) &&
           !stamp_is_astray(seen->until, now, PRESENCE_AHEAD_MAX);
}

static void write_stamp(
    const struct account *account, int64_t since, int64_t until)
{
    const struct timespec times[2] = {
        clock_to_timespec(since), clock_to_timespec(until)};
    stamp_write(account->spool, stamp_path(account), times);
}

/* One that is held open while another comes and goes still lasts. */
void presence_note(const struct account *account, int64_t until)
{
    int64_t now = clock_now();
    struct seen seen = {now, until, now};
    enum error error = read_stamp(account, &seen);
    if (error != ERROR_NONE || !is_connected(&seen, now) || seen.since > now) {
        write_stamp(account, now, until);
        return;
    }
    /* A crowd of polls need not write the same second again and again. */
    if (until <= seen.until + clock_second && now < seen.last + clock_second)
        return;
    write_stamp(account, seen.since, until > seen.until ? until : seen.until);
}

enum error presence_read(
    const struct account *account, struct presence *presence)
{
    struct seen seen = {0, 0, 0};
    int64_t now = clock_now();
    enum error error = read_stamp(account, &seen);
    if (error != ERROR_NONE)
        return error;
    presence->connected = is_connected(&seen, now);
    presence->last_seen = seen.last < now ? seen.last : now;
    /* The first poll's own time may be later: the ctime has coarser ticks. */
    presence->since =
        seen.since < presence->last_seen ? seen.since : presence->last_seen;
    return ERROR_NONE;
}
