/* SPDX-License-Identifier: MIT */
/* Who goes on at each system call, and what happens besides.
 *
 * An actor (a client, a person, cron) is a coroutine, which runs programs one
 * after the other. It goes on until its program is about to make a system call;
 * there the schedule decides who makes the next one, whether somebody is killed
 * and whether the call fails. All that is drawn comes from one seed, so a
 * schedule can be replayed to the call. */
#ifndef SIMULATE_SCHEDULER_H
#define SIMULATE_SCHEDULER_H

#include "draw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;    /* kernel.h */
struct profile; /* kernel.h */
struct tasklet; /* kernel.h */

enum scheduler_limits {
    ACTORS_MAX = 12, /* at one time */
    FAULTS_MAX = 6,
    SCHEDULER_CALLS_MAX = 200000, /* of one run; past that it hangs */
    SCHEDULER_NAME_MAX = 24
};

/* --- For the wrapped system calls (calls.c) ---------------------------------
 * Where no program runs, as in what prepares a spool or checks it, these do
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

/* The program ends itself: _exit(2), and signals that nobody catches. */
_Noreturn void scheduler_exit(const char *why);

/* alarm(2): the program that runs is killed at its first call after so many
 * seconds; 0: not any more. */
void scheduler_alarm(unsigned seconds);

/* 0 to below - 1, for what the kernel leaves open. */
uint32_t scheduler_draw(uint32_t below);

/* Whether a program runs, and not the scheduler or a client. */
bool scheduler_is_on(void);

/* --- Actors ----------------------------------------------------------------
 */

typedef void actor_run(void *context);

/* What a run may do besides. */
enum fault_kind {
    FAULT_KILL,   /* whoever makes the call gets SIGKILL instead */
    FAULT_ERROR,  /* the call fails with one of its errors */
    FAULT_LATE,   /* it is done and reports an error, on a network only */
    FAULT_SHORT,  /* it reads or writes less than it was asked for */
    FAULT_CLOCK,  /* the clock is set */
    FAULT_STALL,  /* time passes, up to quarters of an hour */
    FAULT_MEMORY, /* an allocation of whoever runs fails */
    FAULT_POWER,  /* the power goes */
    FAULT_KINDS
};

/* Which call on a path it waits for. */
enum fault_at {
    FAULT_AT_ANY,
    FAULT_AT_SOMETHING, /* where there is something */
    FAULT_AT_RECORD     /* a record in done/, beside an entry or a verdict of
                         * the same task: what is done is about to be told */
};

struct fault {
    enum fault_kind kind;
    uint64_t step;      /* from which call on */
    uint32_t times;     /* how many calls it strikes, at least 1 */
    int error;          /* FAULT_ERROR: with what; 0: drawn at the first */
    bool after_answer;  /* only at a call that is the next one after an answer,
                         * when a client relies on what is not on the disk yet */
    const char *folder; /* only at a call on a path that holds this */
    enum fault_at at;   /* and only there */
};

enum strategy {
    STRATEGY_EVEN,      /* each step by anybody */
    STRATEGY_STICKY,    /* who runs goes on for some steps */
    STRATEGY_PRIORITIES /* PCT (Burckhardt et al., ASPLOS 2010) */
};

struct plan {
    enum strategy strategy;
    uint32_t
        stickiness;   /* STRATEGY_STICKY: goes on so many steps, on average */
    uint32_t changes; /* STRATEGY_PRIORITIES: how often who runs becomes the
                       * last; d - 1 of the paper */
    uint32_t length;  /* steps among which these are drawn */
    struct fault faults[FAULTS_MAX];
    size_t fault_count;
};

/* How a run ended. */
enum run_end {
    RUN_DONE,
    RUN_POWER_LOST, /* all programs are gone; kernel_power_loss is due */
    RUN_HANGS       /* nobody can go on, or it takes too many calls */
};

/* Forgets the actors of the run before. */
void scheduler_begin(const struct plan *plan, struct draw draw);

/* An actor that begins once `delay` nanoseconds have passed. */
void scheduler_add(
    const char *name, actor_run *run, void *context, int64_t delay);

/* From within an actor: one more, which begins when it is chosen, and may go on
 * when the other is over. `run` gets a copy of these bytes, which is its own,
 * and has scheduler_process run that process, of which there is one from now
 * on. False: there are ACTORS_MAX. */
bool scheduler_fork(
    struct tasklet *process, actor_run *run, const void *context, size_t size);

enum run_end scheduler_run(void);

/* How often each kind of fault struck since scheduler_begin. */
uint32_t scheduler_struck(enum fault_kind kind);

/* Calls made so far, over all runs since scheduler_start: what a history dates
 * its events by. */
uint64_t scheduler_step(void);
void scheduler_start(void);

/* --- For actors ------------------------------------------------------------
 */

/* Runs `run` as a process. False: it was killed. Its descriptors, locks and
 * memory are still there until scheduler_process_end, or scheduler_process_rest
 * where it was not killed, which returns what kernel_process_rest does. `kind`
 * is for the coverage, below 64. */
bool scheduler_process(const char *name, unsigned kind, struct tasklet *process,
    actor_run *run, void *context);
void scheduler_process_end(void);
size_t scheduler_process_rest(void);

/* Before a person does something at once: others may run. */
void scheduler_act(const char *name, const char *what);

/* Whether a call or allocation was made to fail of the process which the actor
 * of that context runs, or has run last: also of one that the power ended. */
bool scheduler_was_struck(const void *context);

/* The actor does nothing for so long. */
void scheduler_pause(int64_t nanoseconds);

#endif
