/* SPDX-License-Identifier: MIT */
#include "spool_lock.h"

#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int spool_lock(const struct spool *spool, const char *name, bool wait)
{
    int descriptor = spool_open_file(spool, SPOOL_INDEX, name, O_RDWR);
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
