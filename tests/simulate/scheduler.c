/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include "scheduler.h"

#include "arena.h"
#include "choose.h"
#include "coverage.h"
#include "kernel.h"
#include "strike.h"
#include "trace.h"

#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum {
    STACK_SIZE = 1 << 20
};

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
    bool (*ready)(void *context);
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

    char *stack;
    ucontext_t start;
};

/* Stacks and arenas last for ever. */
static struct actor actors[ACTORS_MAX];
static size_t actor_count;
static struct actor *current; /* NULL: the scheduler itself */
static jmp_buf home;          /* the scheduler */
static uint64_t steps;
static uint64_t steps_begun; /* of this run */
static bool hangs;
static struct draw undecided; /* what the kernel leaves open */
static const int64_t second = 1000000000;

uint64_t scheduler_step(void)
{
    return steps;
}

void scheduler_start(void)
{
    steps = 0;
}

static void cover(const struct actor *me)
{
    for (size_t i = 0; i < actor_count; i++) {
        const struct actor *other = &actors[i];
        if (other != me && other->can_be_killed)
            coverage_mark(other->kind, other->step, me->kind, me->step);
    }
}

/* --- Changing over ---------------------------------------------------------
 */

static _Noreturn void resume(struct actor *actor)
{
    current = actor;
    kernel_process_use(actor->process);
    if (actor->begun)
        longjmp(actor->resume, 1);
    actor->begun = true;
    setcontext(&actor->start);
    abort();
}

static _Noreturn void go_home(void)
{
    current = NULL;
    kernel_process_use(NULL);
    longjmp(home, 1);
}

static bool can_go_on(struct actor *actor)
{
    int64_t now = kernel_monotonic();
    if (actor->state != ACTOR_WAITING)
        return actor->state == ACTOR_READY;
    return (actor->deadline >= 0 && actor->deadline <= now) ||
           (actor->alarm >= 0 && actor->alarm <= now) ||
           (actor->ready != NULL && actor->ready(actor->ready_context));
}

/* The earliest of both, of which < 0 is never. */
static int64_t earliest(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

static int64_t next_moment(void)
{
    int64_t next = -1;
    for (size_t i = 0; i < actor_count; i++) {
        const struct actor *actor = &actors[i];
        if (actor->state != ACTOR_WAITING)
            continue;
        next = earliest(earliest(next, actor->deadline), actor->alarm);
    }
    return next;
}

static size_t find_ready(size_t ready[ACTORS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < actor_count; i++) {
        if (can_go_on(&actors[i]))
            ready[count++] = i;
    }
    return count;
}

/* Who goes on. Where all wait, time passes. NULL: nobody is left, or nobody
 * will ever go on. */
static struct actor *pick(void)
{
    size_t ready[ACTORS_MAX];
    size_t count = find_ready(ready);
    while (count == 0) {
        int64_t next = next_moment();
        int64_t now = kernel_monotonic();
        if (next < 0)
            break;
        kernel_pass(next > now ? next - now : 1);
        count = find_ready(ready);
    }
    if (count > 0)
        return &actors[choose_next(ready, count,
            current == NULL ? ACTORS_MAX : (size_t)(current - actors))];
    for (size_t i = 0; i < actor_count; i++)
        hangs = hangs || actors[i].state != ACTOR_ENDED;
    return NULL;
}

/* Lets somebody go on; returns once that is the current actor again. */
static void yield(void)
{
    struct actor *me = current;
    struct actor *next = pick();
    assert(me != NULL);
    if (next == me) {
        me->state = ACTOR_READY;
        return;
    }
    if (setjmp(me->resume) == 0) {
        if (next == NULL)
            go_home();
        resume(next);
    }
    me->state = ACTOR_READY;
}

static void actor_main(void)
{
    struct actor *me = current;
    me->run(me->context);
    me->state = ACTOR_ENDED;
    go_home();
}

/* --- A run -----------------------------------------------------------------
 */

void scheduler_begin(const struct plan *plan, struct draw draw)
{
    actor_count = 0;
    hangs = false;
    steps_begun = steps;
    choose_begin(plan, draw_from(draw.state, 1));
    strike_begin(plan, draw_from(draw.state, 2));
    undecided = draw_from(draw.state, 3);
}

static void prepare_stack(struct actor *actor)
{
    if (actor->stack == NULL) {
        actor->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (actor->stack == MAP_FAILED)
            abort();
        mprotect(actor->stack, 4096, PROT_NONE);
        actor->arena = arena_new();
    }
    getcontext(&actor->start);
    actor->start.uc_stack.ss_sp = actor->stack;
    actor->start.uc_stack.ss_size = STACK_SIZE;
    actor->start.uc_link = NULL;
    makecontext(&actor->start, actor_main, 0);
}

static bool never(void *context)
{
    (void)context;
    return false;
}

void scheduler_add(
    const char *name, actor_run *run, void *context, int64_t delay)
{
    struct actor *actor = &actors[actor_count++];
    char *stack = actor->stack;
    struct arena *arena = actor->arena;
    *actor = (struct actor){.run = run,
        .context = context,
        .state = ACTOR_WAITING,
        .ready = never,
        .deadline = kernel_monotonic() + delay,
        .alarm = -1,
        .stack = stack,
        .arena = arena};
    snprintf(actor->name, sizeof actor->name, "%s", name);
    prepare_stack(actor);
    choose_add();
}

/* What a kill of all leaves. */
static void drop_all(void)
{
    for (size_t i = 0; i < actor_count; i++) {
        struct actor *actor = &actors[i];
        if (actor->process != NULL)
            kernel_process_end(actor->process);
        actor->process = NULL;
        arena_clear(actor->arena);
    }
}

enum run_end scheduler_run(void)
{
    arena_use(NULL);
    (void)setjmp(home); /* each actor that ends comes here */
    if (!strike_power_is_lost() && !hangs) {
        struct actor *next = pick();
        if (next != NULL)
            resume(next);
    }
    drop_all();
    if (strike_power_is_lost())
        return RUN_POWER_LOST;
    return hangs ? RUN_HANGS : RUN_DONE;
}

/* --- Processes -------------------------------------------------------------
 */

bool scheduler_process(const char *name, unsigned kind, struct tasklet *process,
    actor_run *run, void *context)
{
    struct actor *me = current;
    snprintf(me->name, sizeof me->name, "%d %s", (int)(current - actors), name);
    me->process = process;
    me->kind = kind;
    me->step = 0;
    me->alarm = -1;
    me->struck = false;
    me->refused = false;
    kernel_process_use(process);
    bool killed = setjmp(me->killed) != 0;
    if (!killed) {
        me->can_be_killed = true;
        arena_use(me->arena);
        run(context);
    }
    arena_use(NULL);
    me->can_be_killed = false;
    return !killed;
}

void scheduler_process_end(void)
{
    struct actor *me = current;
    kernel_process_use(NULL);
    kernel_process_end(me->process);
    me->process = NULL;
    me->alarm = -1;
    arena_clear(me->arena);
}

bool scheduler_was_struck(const void *context)
{
    size_t i = 0;
    while (i < actor_count && actors[i].context != context)
        i++;
    return i < actor_count && actors[i].struck;
}

static _Noreturn void kill_current(const char *why)
{
    trace_line(current->name, "KILLED (%s)", why);
    longjmp(current->killed, 1);
}

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

void __wrap__exit(int status)
{
    if (scheduler_is_on())
        kill_current("_exit");
    __real__exit(status);
}

void scheduler_exit(const char *why)
{
    kill_current(why);
}

void scheduler_alarm(unsigned seconds)
{
    if (current != NULL)
        current->alarm =
            seconds == 0 ? -1 : kernel_monotonic() + (seconds * second);
}

uint32_t scheduler_draw(uint32_t below)
{
    return draw_below(&undecided, below);
}

bool scheduler_is_on(void)
{
    return current != NULL && current->can_be_killed;
}

static void check_alarm(void)
{
    if (current->alarm >= 0 && current->alarm <= kernel_monotonic())
        kill_current("alarm");
}

/* It lay before the call that is being made. */
static void note_refusal(void)
{
    if (current->refused || !arena_has_failed(current->arena))
        return;
    current->refused = true;
    trace_line(current->name, "an allocation was made to fail");
}

static void count_step(void)
{
    steps++;
    current->step++;
    if (steps - steps_begun > SCHEDULER_CALLS_MAX) {
        hangs = true;
        go_home();
    }
}

int scheduler_enter(struct call *call)
{
    if (current == NULL || !current->can_be_killed)
        return 0;
    arena_use(NULL);
    note_refusal();
    count_step();
    yield();
    cover(current);
    struct strike strike = strike_call(call, steps - steps_begun);
    if (strike.power)
        go_home();
    if (strike.memory > 0)
        arena_fail_at(current->arena, strike.memory);
    current->struck = current->struck || strike.error != 0 || strike.memory > 0;
    if (strike.kill)
        kill_current("SIGKILL");
    check_alarm();
    current->injected = strike.error != 0;
    return strike.error;
}

int64_t scheduler_leave(struct call *call, int64_t result)
{
    if (current == NULL || !current->can_be_killed)
        return result;
    if (!current->injected)
        result = strike_late(call, steps - steps_begun, result);
    current->struck = current->struck || call->late;
    trace_call(current->name, call, result, current->injected);
    arena_use(current->arena);
    return result;
}

bool scheduler_wait_until(
    bool (*ready)(void *context), void *context, int64_t deadline)
{
    struct actor *me = current;
    if (me == NULL)
        return ready != NULL && ready(context);
    me->ready = ready == NULL ? never : ready;
    me->ready_context = context;
    me->deadline = deadline;
    me->state = ACTOR_WAITING;
    yield();
    me->state = ACTOR_READY;
    if (me->can_be_killed)
        check_alarm();
    return me->ready(me->ready_context);
}

void scheduler_pause(int64_t nanoseconds)
{
    scheduler_wait_until(NULL, NULL, kernel_monotonic() + nanoseconds);
}

void scheduler_act(const char *name, const char *what)
{
    steps++;
    snprintf(current->name, sizeof current->name, "%d %s",
        (int)(current - actors), name);
    yield();
    trace_line(current->name, "%s", what);
}
