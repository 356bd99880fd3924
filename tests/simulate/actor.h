/* SPDX-License-Identifier: MIT */
/* The coroutines of a run, and how one goes over to the next: for scheduler.c
 * alone. */
#ifndef SIMULATE_ACTOR_H
#define SIMULATE_ACTOR_H

#include "scheduler.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

struct arena; /* arena.h */

enum actor_state {
    ACTOR_READY,
    ACTOR_WAITING,
    ACTOR_ENDED
};

struct actor {
    char name[SCHEDULER_NAME_MAX];
    actor_run *run;
    void *context;
    enum actor_state state;
    bool begun;
    jmp_buf resume; /* where it goes on */

    /* What it waits for. */
    bool (*ready)(void *context); /* NULL: for nothing but time */
    void *ready_context;
    int64_t deadline;

    /* The program that it runs. */
    struct tasklet *process; /* NULL: none */
    int64_t alarm;           /* when it is killed; -1: none is set */
    struct arena *arena;
    jmp_buf killed;     /* where its actor goes on when it is killed */
    bool can_be_killed; /* it runs: after its end the actor goes on */
    unsigned kind;
    uint32_t step; /* calls that it made */
    bool injected; /* the call it makes fails without being carried out */
    bool refused;  /* an allocation, and the trace says so */
    bool struck;   /* one of its calls or allocations was made to fail */

    /* Of its place, for ever. */
    char *stack;
    ucontext_t start;
    void *copy; /* of the context that a fork gave it */
};

/* Who runs; NULL: the scheduler itself. */
struct actor *actor_now(void);

/* Whose context that is; NULL: nobody's. */
const struct actor *actor_of(const void *context);

/* There is nobody any more. */
void actor_begin(void);

/* What others see its name begin with. */
int actor_number(const struct actor *actor);

/* Lets somebody go on; returns once that is the current actor again. */
void actor_yield(void);

/* To the scheduler, for good: the actor is over, or the run is. */
_Noreturn void actor_go_home(void);

/* The same, since it would not come to an end. */
_Noreturn void actor_hang(void);

/* For the coverage: who makes a step while which others stand before one. */
void actor_cover(void);

#endif
