/* SPDX-License-Identifier: MIT */
/* Prints the NANOSECONDS of processor time that a page takes which is touched
 * for the first time, on an average of many. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGES = 4096
};

static int64_t used(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(void)
{
    errno = 0;
    long size = sysconf(_SC_PAGESIZE);
    volatile char *memory = malloc((size_t)size * PAGES);
    if (size < 1 || memory == NULL)
        load_fail("memory");
    int64_t start = used();
    for (long i = 0; i < PAGES; i++)
        memory[i * size] = 1;
    printf("%lld\n", (long long)(used() - start) / PAGES);
    return 0;
}
