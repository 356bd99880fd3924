/* SPDX-License-Identifier: MIT */
/* Prints the NANOSECONDS that a page takes which is touched for the first
 * time, on an average of many. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PAGES = 4096
};

int main(void)
{
    errno = 0;
    long size = sysconf(_SC_PAGESIZE);
    volatile char *memory = malloc((size_t)size * PAGES);
    if (size < 1 || memory == NULL)
        load_fail("memory");
    int64_t start = load_now();
    for (long i = 0; i < PAGES; i++)
        memory[i * size] = 1;
    printf("%lld\n", (long long)(load_now() - start) / PAGES);
    return 0;
}
