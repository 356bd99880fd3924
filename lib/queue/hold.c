/* SPDX-License-Identifier: MIT */
#include "hold.h"

#include "clock.h"
#include "file.h"
#include "safety.h"
#include "spool.h"
#include "spool_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ERROR_BUSY: another has the name. What keeps us from locking it does not
 * matter: nobody takes it over before we have given up (hold_is_outlived). */
static enum error make(const struct spool *spool, struct hold *hold)
{
    hold->descriptor = openat(spool->directory, hold->path.text,
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (hold->descriptor < 0)
        return errno == EEXIST ? ERROR_BUSY : error_from_errno(errno);
    spool_lock_file_try(hold->descriptor);
    return ERROR_NONE;
}

/* Old enough that its maker has given up if we cannot see his lock; and not so
 * old that the sweeper may be about to remove it. */
static bool is_left(const struct stat *status)
{
    int64_t age = clock_now() - clock_from_timespec(status->st_mtim);
    return status->st_nlink > 0 && age >= HOLD_AGE * clock_second &&
           age < (TEMPORARY_AGE - HOLD_AGE) * clock_second;
}

/* Where we have the lock of a file that still has its name, its maker is dead,
 * and who else would take it over waits for us. It is as young as a new one
 * from then on. */
static bool is_ours_now(const struct spool *spool, const struct hold *hold)
{
    struct stat status;
    struct timespec now = clock_to_timespec(clock_now());
    const struct timespec times[2] = {now, now};
    return fstat(hold->descriptor, &status) == 0 && is_left(&status) &&
           spool_lock_file_try(hold->descriptor) == 0 &&
           fstat(hold->descriptor, &status) == 0 && is_left(&status) &&
           file_set_times(spool->directory, hold->path.text, times) ==
               ERROR_NONE;
}

static enum error take_over(const struct spool *spool, struct hold *hold)
{
    hold->descriptor = openat(
        spool->directory, hold->path.text, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (hold->descriptor < 0)
        return ERROR_BUSY;
    if (is_ours_now(spool, hold))
        return ERROR_NONE;
    close(hold->descriptor);
    return ERROR_BUSY;
}

enum error hold_take(
    const struct account *account, const char *id, bool wait, struct hold *hold)
{
    static const struct timespec pause = {.tv_nsec = 5000000};
    const struct spool *spool = account->spool;
    char name[ID_LENGTH_MAX + 32];
    snprintf(name, sizeof name, "%" PRId64 "-%s.hold", account->user, id);
    hold->path = path_in(SPOOL_TMP, name);
    enum error error = spool_make(spool, SPOOL_TMP);
    if (error == ERROR_NONE)
        error = make(spool, hold);
    if (error == ERROR_BUSY)
        error = take_over(spool, hold);
    /* Who has it needs it for a few milliseconds. */
    for (int i = 0; wait && i < 200 && error == ERROR_BUSY; i++) {
        nanosleep(&pause, NULL);
        error = make(spool, hold);
    }
    return error;
}

/* The name goes while the lock stands: who opened the file before that sees
 * that it has none any more. */
void hold_release(const struct spool *spool, const struct hold *hold)
{
    file_remove(spool->directory, hold->path.text);
    close(hold->descriptor);
}

bool hold_is_outlived(int64_t since, int64_t now)
{
    return now >= since + (HOLD_WORK * clock_second);
}
