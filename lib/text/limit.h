/* SPDX-License-Identifier: MIT */
/* What the host lets a program have: setrlimit(2). */
#ifndef STOFLOW_LIMIT_H
#define STOFLOW_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a file we write may have; UINT64_MAX: any number. */
uint64_t limit_file(void);

/* Bytes that the memory of a program may have, by whichever limit is lower;
 * UINT64_MAX: any number. */
uint64_t limit_memory(void);

/* Files that a program may have open; UINT64_MAX: any number. */
uint64_t limit_descriptors(void);

/* Seconds of computing after which the host ends a program; UINT64_MAX:
 * never. */
uint64_t limit_seconds(void);

/* To be told, at once, that malloc(3) has just found no `wanted` bytes.
 * Remembers whether a limit was the cause: then the same request will find none
 * next time, either. */
void limit_memory_refused(size_t wanted);

/* Whether it was, the last time that there was no memory. */
bool limit_memory_was_reached(void);

#endif
