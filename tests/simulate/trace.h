/* SPDX-License-Identifier: MIT */
/* Who did what, in words, for the eyes of whoever replays a schedule. */
#ifndef SIMULATE_TRACE_H
#define SIMULATE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct call; /* kernel.h */

/* Where to; NULL: nowhere, which costs nothing. Returns where to it went. */
FILE *trace_to(FILE *out);
bool trace_is_on(void);

/* A line about `who`. */
__attribute__((format(printf, 2, 3))) void trace_line(
    const char *who, const char *format, ...);

/* A system call and what the program got of it. `injected`: it was not carried
 * out. */
void trace_call(
    const char *who, const struct call *call, int64_t result, bool injected);

#endif
