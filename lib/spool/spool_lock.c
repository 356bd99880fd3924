/* SPDX-License-Identifier: MIT */
#include "spool_lock.h"

#include "path.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_lock(const struct spool *spool, const char *name)
{
    struct path path = path_in(SPOOL_INDEX, name);
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    int descriptor = openat(spool->directory, path.text, flags, 0600);
    if (descriptor < 0 && errno == ENOENT) {
        mkdirat(spool->directory, spool_directory_name(SPOOL_INDEX), 0700);
        descriptor = openat(spool->directory, path.text, flags, 0600);
    }
    return descriptor;
}

int spool_lock(const struct spool *spool, const char *name, bool wait)
{
    int descriptor = open_lock(spool, name);
    if (descriptor < 0)
        return SPOOL_LOCK_NONE;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int taken;
    do {
        taken = fcntl(descriptor, wait ? F_SETLKW : F_SETLK, &lock);
    } while (taken != 0 && errno == EINTR);
    if (taken == 0)
        return descriptor;
    bool held = errno == EAGAIN || errno == EACCES;
    close(descriptor);
    return held ? SPOOL_LOCK_HELD : SPOOL_LOCK_NONE;
}
