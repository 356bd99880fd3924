/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include "actor.h"

#include "arena.h"
#include "choose.h"
#include "coverage.h"
#include "kernel.h"
#include "strike.h"
#include "trace.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    STACK_SIZE = 1 << 20
};

/* Stacks and arenas last for ever. */
static struct actor actors[ACTORS_MAX];
static size_t actor_count;
static struct actor *current;
static jmp_buf home; /* the scheduler */
static bool hangs;

struct actor *actor_now(void)
{
    return current;
}

void actor_begin(void)
{
    actor_count = 0;
    hangs = false;
}

const struct actor *actor_of(const void *context)
{
    for (size_t i = 0; i < actor_count; i++) {
        if (actors[i].context == context)
            return &actors[i];
    }
    return NULL;
}

int actor_number(const struct actor *actor)
{
    return (int)(actor - actors);
}

void actor_cover(void)
{
    for (size_t i = 0; i < actor_count; i++) {
        const struct actor *other = &actors[i];
        if (other != current && other->can_be_killed)
            coverage_mark(
                other->kind, other->step, current->kind, current->step);
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

_Noreturn void actor_go_home(void)
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

_Noreturn void actor_hang(void)
{
    hangs = true;
    actor_go_home();
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

void actor_yield(void)
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
            actor_go_home();
        resume(next);
    }
    me->state = ACTOR_READY;
}

static void actor_main(void)
{
    struct actor *me = current;
    me->run(me->context);
    me->state = ACTOR_ENDED;
    actor_go_home();
}

/* --- A run -----------------------------------------------------------------
 */

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

static void add(struct actor *actor, struct actor given)
{
    given.stack = actor->stack;
    given.arena = actor->arena;
    given.copy = actor->copy;
    given.state = ACTOR_WAITING;
    given.alarm = -1;
    *actor = given;
    prepare_stack(actor);
    choose_add((size_t)(actor - actors));
}

void scheduler_add(
    const char *name, actor_run *run, void *context, int64_t delay)
{
    struct actor given = {
        .run = run, .context = context, .deadline = kernel_monotonic() + delay};
    snprintf(given.name, sizeof given.name, "%s", name);
    add(&actors[actor_count++], given);
}

/* NULL: all are taken. */
static struct actor *find_place(void)
{
    for (size_t i = 0; i < actor_count; i++) {
        if (actors[i].state == ACTOR_ENDED)
            return &actors[i];
    }
    return actor_count < ACTORS_MAX ? &actors[actor_count++] : NULL;
}

bool scheduler_fork(
    struct tasklet *process, actor_run *run, const void *context, size_t size)
{
    struct actor *actor = find_place();
    if (actor == NULL)
        return false;
    struct arena *arena = arena_use(NULL);
    void *copy = realloc(actor->copy, size);
    if (copy == NULL)
        abort();
    actor->copy = memcpy(copy, context, size);
    add(actor, (struct actor){.run = run,
                   .context = copy,
                   .process = process,
                   .deadline = kernel_monotonic()});
    trace_line(current->name, "has begun %d", actor_number(actor));
    arena_use(arena);
    return true;
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
