/* SPDX-License-Identifier: MIT */
#include "spool_lock.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* 0, or an enum spool_lock_failure. */
static int take_lock(int descriptor, int command)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (fcntl(descriptor, command, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            return SPOOL_LOCK_HELD;
        if (errno != EINTR)
            return SPOOL_LOCK_NONE;
    }
    return 0;
}

/* A file that another account has left, as a sweep by root does, would keep all
 * others without a lock for good, and in silence; so it goes. */
static int open_lock(const struct spool *spool, struct path path)
{
    int descriptor = spool_open_file(spool, path, SPOOL_INDEX, O_RDWR);
    if (descriptor < 0 && errno == EACCES &&
        file_remove(spool->directory, path.text) == ERROR_NONE)
        descriptor = spool_open_file(spool, path, SPOOL_INDEX, O_RDWR);
    return descriptor;
}

static int lock_path(const struct spool *spool, struct path path, int command)
{
    int descriptor = open_lock(spool, path);
    if (descriptor < 0)
        return SPOOL_LOCK_NONE;
    int failure = take_lock(descriptor, command);
    if (failure == 0)
        return descriptor;
    close(descriptor);
    return failure;
}

int spool_lock(const struct spool *spool, const char *name)
{
    return lock_path(spool, path_in(SPOOL_INDEX, name), F_SETLKW);
}

int spool_lock_user(const struct spool *spool, int64_t user, const char *kind)
{
    return lock_path(spool, path_for_user(SPOOL_INDEX, user, kind), F_SETLKW);
}

int spool_lock_try(const struct spool *spool, const char *name)
{
    return lock_path(spool, path_in(SPOOL_INDEX, name), F_SETLK);
}

int spool_lock_user_try(
    const struct spool *spool, int64_t user, const char *kind)
{
    return lock_path(spool, path_for_user(SPOOL_INDEX, user, kind), F_SETLK);
}

void spool_lock_file(int descriptor)
{
    take_lock(descriptor, F_SETLKW);
}

int spool_lock_file_try(int descriptor)
{
    return take_lock(descriptor, F_SETLK);
}

void spool_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
