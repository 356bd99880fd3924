/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static bool reached;

static uint64_t limit_of(int resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur;
}

uint64_t limit_file(void)
{
    return limit_of(RLIMIT_FSIZE);
}

uint64_t limit_memory(void)
{
    uint64_t space = limit_of(RLIMIT_AS);
    uint64_t data = limit_of(RLIMIT_DATA);
    return space < data ? space : data;
}

uint64_t limit_descriptors(void)
{
    return limit_of(RLIMIT_NOFILE);
}

/* Of the two limits the first is a signal, which programs ignore; the second
 * is the end. */
uint64_t limit_seconds(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_max;
}

/* What a program takes up, in bytes, as RLIMIT_AS and RLIMIT_DATA count it. */
struct usage {
    uint64_t space;
    uint64_t data;
};

/* Numbers of pages: space, resident, shared, text, 0, data (proc(5)). No
 * memory is asked for, since there is none. */
static bool read_usage(struct usage *usage)
{
    char text[256];
    int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t length = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    if (length <= 0)
        return false;
    text[length] = '\0';
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t pages[6] = {0};
    char *at = text;
    for (int i = 0; i < 6; i++)
        pages[i] = strtoull(at, &at, 10);
    *usage = (struct usage){pages[0] * page, pages[5] * page};
    return true;
}

enum {
    BESIDES = 256 * 1024 /* bytes that malloc(3) may ask for besides */
};

static bool is_over(uint64_t used, uint64_t wanted, uint64_t limit)
{
    return limit != UINT64_MAX && (wanted > limit || used > limit - wanted);
}

void limit_memory_refused(size_t wanted)
{
    struct usage usage;
    uint64_t space = limit_of(RLIMIT_AS);
    uint64_t data = limit_of(RLIMIT_DATA);
    wanted += wanted < SIZE_MAX - BESIDES ? BESIDES : 0;
    /* Where a host hides /proc, a limit that there is passes for the cause. */
    if (read_usage(&usage))
        reached = is_over(usage.space, wanted, space) ||
                  is_over(usage.data, wanted, data);
    else
        reached = space != UINT64_MAX || data != UINT64_MAX;
}

bool limit_memory_was_reached(void)
{
    return reached;
}
