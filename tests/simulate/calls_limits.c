/* SPDX-License-Identifier: MIT */
/* Limits, as a program may ask for its own. */
#define _GNU_SOURCE /* for the second name of getrlimit(2) */
#include "world.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/types.h>

int __real_getrlimit64(int resource, struct rlimit64 *limit);
int __wrap_getrlimit64(int resource, struct rlimit64 *limit);
pid_t __real_waitpid(pid_t process, int *status, int options);
pid_t __wrap_waitpid(pid_t process, int *status, int options);

static rlim64_t limit_of(int64_t limit)
{
    return limit < 0 ? RLIM64_INFINITY : (rlim64_t)limit;
}

int __wrap_getrlimit64(int resource, struct rlimit64 *limit)
{
    const struct tasklet *process = kernel_process();
    if (process == NULL)
        return __real_getrlimit64(resource, limit);
    limit->rlim_cur = RLIM64_INFINITY;
    if (resource == RLIMIT_FSIZE)
        limit->rlim_cur = limit_of(process->file_size);
    else if (resource == RLIMIT_NOFILE)
        limit->rlim_cur = limit_of(process->descriptors);
    limit->rlim_max = limit->rlim_cur;
    return 0;
}

/* No program waits for a child that it has. */
pid_t __wrap_waitpid(pid_t process, int *status, int options)
{
    if (kernel_process() == NULL)
        return __real_waitpid(process, status, options);
    errno = ECHILD;
    return -1;
}
