/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include "scheduler.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    CALLS_OF_A_CLIENT = 120, /* about */
    TIMES_MAX = 20
};

static const char *const words[FAULT_KINDS] = {
    "kill", "error", "late", "short", "clock", "stall", "memory", "power"};

const char *plan_fault_name(unsigned kind)
{
    return words[kind];
}

/* How often each is drawn. */
static const enum fault_kind kinds[] = {FAULT_KILL, FAULT_KILL, FAULT_KILL,
    FAULT_KILL, FAULT_KILL, FAULT_KILL, FAULT_ERROR, FAULT_ERROR, FAULT_ERROR,
    FAULT_ERROR, FAULT_ERROR, FAULT_LATE, FAULT_LATE, FAULT_SHORT, FAULT_CLOCK,
    FAULT_STALL, FAULT_STALL, FAULT_MEMORY, FAULT_POWER, FAULT_POWER,
    FAULT_POWER};

static void draw_strategy(struct plan *plan, struct draw *draw)
{
    static const uint32_t stickiness[] = {3, 10, 40};
    plan->strategy = (enum strategy)draw_below(draw, 3);
    plan->stickiness = stickiness[draw_below(draw, 3)];
    plan->changes = draw_below(draw, 5);
}

/* Half of the errors are of one folder, and wait for a call there: what a look
 * into it says decides most. */
static const char *draw_folder(struct draw *draw)
{
    static const char *const folders[] = {
        "/done/", "/done/", "/executing/", "/pending/", "/tmp/", "/progress/"};
    uint32_t drawn = draw_below(draw, 12);
    return drawn < 6 ? folders[drawn] : "";
}

/* Half of those wait until it would find something: what is taken for absent
 * then is there. Half of these, until what is done is met with what is not. */
static enum fault_at draw_at(const char *folder, struct draw *draw)
{
    if (folder[0] == '\0' || draw_once_in(draw, 2))
        return FAULT_AT_ANY;
    bool may_be_record = strcmp(folder, "/done/") == 0;
    return may_be_record && draw_once_in(draw, 2) ? FAULT_AT_RECORD
                                                  : FAULT_AT_SOMETHING;
}

static enum fault_kind draw_kind(struct draw *draw, uint32_t faults)
{
    uint32_t count = sizeof kinds / sizeof kinds[0];
    enum fault_kind kind;
    do {
        kind = kinds[draw_below(draw, count)];
    } while ((faults & (1u << kind)) == 0);
    return kind;
}

/* A folder that has refused several calls may do so to the end. */
static uint32_t draw_times(const struct fault *fault, struct draw *draw)
{
    if (fault->kind != FAULT_ERROR || !draw_once_in(draw, 4))
        return 1;
    if (fault->folder[0] != '\0' && draw_once_in(draw, 2))
        return UINT32_MAX;
    return 2 + draw_below(draw, TIMES_MAX - 1);
}

static void draw_fault(struct plan *plan, struct draw *draw, uint32_t faults)
{
    struct fault *fault = &plan->faults[plan->fault_count];
    fault->kind = draw_kind(draw, faults);
    fault->step = 1 + draw_below(draw, plan->length);
    fault->folder = fault->kind == FAULT_ERROR ? draw_folder(draw) : "";
    fault->at = draw_at(fault->folder, draw);
    fault->times = draw_times(fault, draw);
    fault->after_answer = fault->kind == FAULT_POWER && draw_once_in(draw, 2);
    plan->fault_count++;
}

/* Most rounds have one fault: with many at once none gets far. */
static uint32_t draw_fault_count(struct draw *draw)
{
    uint32_t drawn = draw_below(draw, 20);
    if (drawn < 6)
        return 0;
    if (drawn < 15)
        return 1;
    return drawn < 18 ? 2 : 2 + draw_below(draw, FAULTS_MAX - 1);
}

void plan_draw(
    struct plan *plan, struct draw *draw, uint32_t actors, uint32_t faults)
{
    memset(plan, 0, sizeof *plan);
    draw_strategy(plan, draw);
    plan->length = actors * CALLS_OF_A_CLIENT;
    if (draw_once_in(draw, 3))
        plan->length /= 4;
    uint32_t count = faults == 0 ? 0 : draw_fault_count(draw);
    for (uint32_t i = 0; i < count; i++)
        draw_fault(plan, draw, faults);
}

const char *plan_words(const struct plan *plan)
{
    static const char *const strategies[] = {"even", "sticky", "priorities"};
    static char text[300];
    int length = snprintf(text, sizeof text, "%s", strategies[plan->strategy]);
    for (size_t i = 0; i < plan->fault_count; i++) {
        const struct fault *fault = &plan->faults[i];
        length += snprintf(text + length, sizeof text - (size_t)length,
            ", %s at %" PRIu64, words[fault->kind], fault->step);
    }
    return text;
}
