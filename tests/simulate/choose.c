/* SPDX-License-Identifier: MIT */
#include "choose.h"

#include "scheduler.h"

enum {
    CHANGES_MAX = 8
};

static struct plan plan;
static struct draw drawn;
static uint64_t priorities[ACTORS_MAX]; /* the greatest goes on */
static uint64_t steps;
static uint64_t changes[CHANGES_MAX]; /* at which steps who runs becomes last */

void choose_begin(const struct plan *given, struct draw draw)
{
    plan = *given;
    drawn = draw;
    steps = 0;
    for (uint32_t i = 0; i < plan.changes && i < CHANGES_MAX; i++)
        changes[i] = draw_below(&drawn, plan.length) + 1;
}

/* Above CHANGES_MAX at first, each change leads below it. */
void choose_add(size_t actor)
{
    priorities[actor] = CHANGES_MAX + 1 + (draw_bits(&drawn) >> 8);
}

static bool is_among(const size_t *ready, size_t count, size_t one)
{
    for (size_t i = 0; i < count; i++) {
        if (ready[i] == one)
            return true;
    }
    return false;
}

static size_t choose_first(const size_t *ready, size_t count, size_t current)
{
    size_t best = ready[0];
    for (uint32_t i = 0; i < plan.changes && i < CHANGES_MAX; i++) {
        if (changes[i] == steps && current < ACTORS_MAX)
            priorities[current] = CHANGES_MAX - i;
    }
    for (size_t i = 1; i < count; i++) {
        if (priorities[ready[i]] > priorities[best])
            best = ready[i];
    }
    return best;
}

size_t choose_next(const size_t *ready, size_t count, size_t current)
{
    steps++;
    if (plan.strategy == STRATEGY_PRIORITIES)
        return choose_first(ready, count, current);
    if (plan.strategy == STRATEGY_STICKY && is_among(ready, count, current) &&
        !draw_once_in(&drawn, plan.stickiness))
        return current;
    return ready[draw_below(&drawn, (uint32_t)count)];
}
