/* SPDX-License-Identifier: MIT */
/* A host whose clock is set while a program runs. */
#ifndef STOFLOW_CLOCK_FIXTURE_H
#define STOFLOW_CLOCK_FIXTURE_H

/* From now on the clock (CLOCK_REALTIME) of the code under test is so many
 * seconds ahead of the kernel's (< 0: behind), which files go by. */
void clock_fixture_set(int seconds);

/* The same, but only once it has been read so many times more. */
void clock_fixture_set_after(int reads, int seconds);

#endif
