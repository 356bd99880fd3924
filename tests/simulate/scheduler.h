/* SPDX-License-Identifier: MIT */
/* Who goes on at each system call, and what happens besides.
 *
 * Each program is a coroutine. It runs until it is about to make a system call;
 * there the schedule decides who makes the next one, whether somebody is killed
 * and whether the call fails. All that is drawn comes from one seed, so a
 * schedule can be replayed to the call. */
#ifndef SIMULATE_SCHEDULER_H
#define SIMULATE_SCHEDULER_H

#include "draw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;     /* kernel.h */
struct profile;  /* kernel.h */
struct tasklet;  /* kernel.h */
struct schedule; /* one run of some coroutines, from begin to end */

enum scheduler_limits {
    COROUTINES_MAX = 16,
    SCHEDULER_CALLS_MAX = 200000, /* of one schedule; past that it hangs */
    SCHEDULER_NAME_MAX = 32
};

/* --- For the wrapped system calls (calls.c) ---------------------------------
 * Outside of a coroutine, as in what prepares a spool or checks it, these do
 * nothing and fail nothing. */

/* Before a call is carried out. Others may run meanwhile, which is to say that
 * whatever the call looks at must be looked at after this. Does not return if
 * the program is killed here. Returns an errno to report instead of carrying
 * the call out, else 0. Between this and scheduler_leave malloc(3) is the real
 * one. */
int scheduler_enter(struct call *call);

/* After it, with what it returns (call->error set where that is < 0), which may
 * be turned into a late error: done, and yet reported as failed. Returns what
 * the program gets; call->error is then what errno is to be. */
int64_t scheduler_leave(struct call *call, int64_t result);

/* Between both, for a call that blocks: returns once `ready` says so, or the
 * monotonic clock has reached `deadline` (nanoseconds; < 0: never). True: it is
 * ready. Others run meanwhile; the program may be killed. */
bool scheduler_wait_until(
    bool (*ready)(void *context), void *context, int64_t deadline);

/* The program ends itself: _exit(2) and signals that nobody catches. */
_Noreturn void scheduler_exit(const char *why);

/* alarm(2): the running program is killed at the first call after so many
 * seconds; 0: not any more. */
void scheduler_alarm(unsigned seconds);

/* Bytes that the schedule draws, for getrandom(2) and what the kernel leaves
 * open (how long a call takes, in which order a folder is listed). */
uint32_t scheduler_draw(uint32_t below); /* 0 if below is 0 */

/* Whether a coroutine runs. */
bool scheduler_is_on(void);

/* --- For the histories -----------------------------------------------------
 */

/* How many calls were made so far in this schedule: what a history dates its
 * events by. */
uint64_t scheduler_step(void);

#endif
