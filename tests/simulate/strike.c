/* SPDX-License-Identifier: MIT */
#include "strike.h"

#include "kernel.h"
#include "lie.h"
#include "scheduler.h"
#include "trace.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct plan plan;
static struct draw drawn;
static uint32_t struck[FAULT_KINDS];
static bool answered; /* since the last call */

static const int64_t millisecond = 1000000;
static const int64_t second = 1000000000;

void strike_begin(const struct plan *given, struct draw draw)
{
    plan = *given;
    drawn = draw;
    answered = false;
    lie_begin();
    for (int i = 0; i < FAULT_KINDS; i++)
        struck[i] = 0;
}

void strike_note_answer(void)
{
    answered = true;
}

bool strike_power_is_lost(void)
{
    return struck[FAULT_POWER] > 0;
}

uint32_t scheduler_struck(enum fault_kind kind)
{
    return struck[kind];
}

static int draw_error(const int *errors)
{
    uint32_t count = 0;
    while (errors[count] != 0)
        count++;
    return count == 0 ? 0 : errors[draw_below(&drawn, count)];
}

static bool is_among(int error, const int *errors)
{
    while (*errors != 0 && *errors != error)
        errors++;
    return *errors != 0;
}

/* So much as the limits of the queue make a difference. */
static int64_t draw_time(void)
{
    static const int64_t seconds[] = {1, 3, 31, 61, 130, 301, 901};
    uint32_t count = sizeof seconds / sizeof seconds[0];
    if (draw_once_in(&drawn, 3))
        return draw_range(&drawn, 1, 900) * millisecond;
    return seconds[draw_below(&drawn, count)] * second;
}

static bool set_clock(void)
{
    int64_t step = draw_once_in(&drawn, 4) ? 3600 * second : draw_time();
    if (draw_once_in(&drawn, 2))
        step = -step;
    trace_line("", "the clock is set by %.3f s", (double)step / 1e9);
    kernel_clock_step(step);
    return true;
}

static bool stall(void)
{
    int64_t time = draw_time();
    trace_line("", "%.3f s pass", (double)time / 1e9);
    kernel_pass(time);
    return true;
}

static bool shorten(struct call *call)
{
    if (call->length < 2 ||
        (call->kind != CALL_READ && call->kind != CALL_WRITE))
        return false;
    call->length = draw_range(&drawn, 1, call->length - 1);
    return true;
}

struct twin {
    char part[300]; /* "-ID." */
    bool found;
};

static void find_twin(
    void *context, const char *name, const struct stat *status)
{
    struct twin *twin = context;
    (void)status;
    twin->found |= strstr(name, twin->part) != NULL;
}

/* Whether the path is that of a record whose task has an entry or a verdict,
 * too. */
static bool is_of_two(const char *path)
{
    struct twin twin = {.found = false};
    char folder[40];
    const char *name = strrchr(path, '/') + 1;
    const char *user = strstr(path, "/done/") + strlen("/done/");
    snprintf(
        twin.part, sizeof twin.part, "-%.*s.", (int)strcspn(name, "."), name);
    snprintf(folder, sizeof folder, "/root/spool/executing/%.*s",
        (int)strcspn(user, "/"), user);
    kernel_each(folder, find_twin, &twin);
    kernel_each("/root/spool/tmp", find_twin, &twin);
    return twin.found;
}

static bool is_at(const struct fault *fault, const struct call *call)
{
    struct stat status;
    if (strstr(call->path, fault->folder) == NULL)
        return false;
    if (fault->at == FAULT_AT_ANY)
        return true;
    return kernel_stat(call->path, &status) == 0 &&
           (fault->at == FAULT_AT_SOMETHING || is_of_two(call->path));
}

/* What refuses several calls does so for one reason: it is drawn for the first,
 * and each other one that can have it has it. */
static int refuse(struct fault *fault, const struct call *call)
{
    const int *errors = call_errors(call, kernel_profile());
    int error = fault->error;
    if (!is_at(fault, call))
        return 0;
    if (error == 0)
        error = draw_error(errors);
    else if (!is_among(error, errors))
        return 0;
    if (lie_is_one(error) && !lie_tell(call))
        return 0;
    return fault->error = error;
}

/* Whether the fault struck. */
static bool apply(struct fault *fault, struct call *call, struct strike *strike)
{
    switch (fault->kind) {
    case FAULT_KILL:
        return strike->kill = true;
    case FAULT_ERROR:
        if (strike->error != 0)
            return false;
        call->error = strike->error = refuse(fault, call);
        return strike->error != 0;
    case FAULT_SHORT:
        return shorten(call);
    case FAULT_CLOCK:
        return set_clock();
    case FAULT_STALL:
        return stall();
    case FAULT_MEMORY:
        strike->memory = 1 + draw_below(&drawn, 6);
        return true;
    case FAULT_POWER:
        trace_line("", "THE POWER GOES");
        return strike->power = true;
    default:
        return false; /* FAULT_LATE: when it is done */
    }
}

static bool is_due(const struct fault *fault, uint64_t step)
{
    return fault->times > 0 && step >= fault->step &&
           (answered || !fault->after_answer);
}

struct strike strike_call(struct call *call, uint64_t step)
{
    struct strike strike = {0};
    for (size_t i = 0; i < plan.fault_count; i++) {
        struct fault *fault = &plan.faults[i];
        if (!is_due(fault, step) || !apply(fault, call, &strike))
            continue;
        fault->times--;
        struck[fault->kind]++;
    }
    answered = false;
    return strike;
}

int64_t strike_late(struct call *call, uint64_t step, int64_t result)
{
    for (size_t i = 0; result >= 0 && i < plan.fault_count; i++) {
        struct fault *fault = &plan.faults[i];
        if (fault->kind != FAULT_LATE || !is_due(fault, step))
            continue;
        int error = draw_error(call_late_errors(call, kernel_profile()));
        if (error == 0 || !lie_tell(call))
            continue;
        fault->times--;
        struck[FAULT_LATE]++;
        call->late = true;
        call->error = error;
        return -1;
    }
    return result;
}
