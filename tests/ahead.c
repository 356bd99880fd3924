/* SPDX-License-Identifier: MIT */
/* Linked into a program with --wrap=syscall, by which lib/text/clock.c asks for
 * the time, and nobody for anything else: it is then on a machine whose clock
 * is two minutes ahead. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

long __wrap_syscall(long number, clockid_t clock, struct timespec *now);

enum {
    AHEAD = 120 /* seconds */
};

long __wrap_syscall(long number, clockid_t clock, struct timespec *now)
{
    if (number != SYS_clock_gettime)
        abort();
    int result = clock_gettime(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += AHEAD;
    return result;
}
