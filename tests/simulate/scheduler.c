/* SPDX-License-Identifier: MIT */
#include "scheduler.h"

#include "actor.h"
#include "arena.h"
#include "choose.h"
#include "kernel.h"
#include "strike.h"
#include "trace.h"

#include <setjmp.h>
#include <stdio.h>

static uint64_t steps;
static uint64_t steps_begun;  /* of this run */
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

void scheduler_begin(const struct plan *plan, struct draw draw)
{
    actor_begin();
    steps_begun = steps;
    choose_begin(plan, draw_from(draw.state, 1));
    strike_begin(plan, draw_from(draw.state, 2));
    undecided = draw_from(draw.state, 3);
}

/* --- Processes -------------------------------------------------------------
 */

bool scheduler_process(const char *name, unsigned kind, struct tasklet *process,
    actor_run *run, void *context)
{
    struct actor *me = actor_now();
    snprintf(me->name, sizeof me->name, "%d %s", actor_number(me), name);
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

static struct tasklet *leave_process(void)
{
    struct actor *me = actor_now();
    struct tasklet *process = me->process;
    kernel_process_use(NULL);
    me->process = NULL;
    me->alarm = -1;
    arena_clear(me->arena);
    return process;
}

void scheduler_process_end(void)
{
    kernel_process_end(leave_process());
}

size_t scheduler_process_rest(void)
{
    return kernel_process_rest(leave_process());
}

bool scheduler_was_struck(const void *context)
{
    const struct actor *actor = actor_of(context);
    return actor != NULL && actor->struck;
}

static _Noreturn void kill_current(const char *why)
{
    struct actor *me = actor_now();
    trace_line(me->name, "KILLED (%s)", why);
    longjmp(me->killed, 1);
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
    struct actor *me = actor_now();
    if (me != NULL)
        me->alarm = seconds == 0 ? -1 : kernel_monotonic() + (seconds * second);
}

uint32_t scheduler_draw(uint32_t below)
{
    return draw_below(&undecided, below);
}

bool scheduler_is_on(void)
{
    return actor_now() != NULL && actor_now()->can_be_killed;
}

static void check_alarm(const struct actor *me)
{
    if (me->alarm >= 0 && me->alarm <= kernel_monotonic())
        kill_current("alarm");
}

/* It lay before the call that is being made. */
static void note_refusal(struct actor *me)
{
    if (me->refused || !arena_has_failed(me->arena))
        return;
    me->refused = true;
    trace_line(me->name, "an allocation was made to fail");
}

static void count_step(struct actor *me)
{
    steps++;
    me->step++;
    if (steps - steps_begun > SCHEDULER_CALLS_MAX)
        actor_hang();
}

int scheduler_enter(struct call *call)
{
    struct actor *me = actor_now();
    if (me == NULL || !me->can_be_killed)
        return 0;
    arena_use(NULL);
    note_refusal(me);
    count_step(me);
    actor_yield();
    actor_cover();
    struct strike strike = strike_call(call, steps - steps_begun);
    if (strike.power)
        actor_go_home();
    if (strike.memory > 0)
        arena_fail_at(me->arena, strike.memory);
    me->struck = me->struck || strike.error != 0 || strike.memory > 0;
    if (strike.kill)
        kill_current("SIGKILL");
    check_alarm(me);
    me->injected = strike.error != 0;
    return strike.error;
}

int64_t scheduler_leave(struct call *call, int64_t result)
{
    struct actor *me = actor_now();
    if (me == NULL || !me->can_be_killed)
        return result;
    if (!me->injected)
        result = strike_late(call, steps - steps_begun, result);
    me->struck = me->struck || call->late;
    trace_call(me->name, call, result, me->injected);
    arena_use(me->arena);
    return result;
}

bool scheduler_wait_until(
    bool (*ready)(void *context), void *context, int64_t deadline)
{
    struct actor *me = actor_now();
    if (me == NULL)
        return ready != NULL && ready(context);
    me->ready = ready;
    me->ready_context = context;
    me->deadline = deadline;
    me->state = ACTOR_WAITING;
    actor_yield();
    me->state = ACTOR_READY;
    if (me->can_be_killed)
        check_alarm(me);
    return ready != NULL && ready(context);
}

void scheduler_pause(int64_t nanoseconds)
{
    scheduler_wait_until(NULL, NULL, kernel_monotonic() + nanoseconds);
}

void scheduler_act(const char *name, const char *what)
{
    struct actor *me = actor_now();
    steps++;
    snprintf(me->name, sizeof me->name, "%d %s", actor_number(me), name);
    actor_yield();
    trace_line(me->name, "%s", what);
}
