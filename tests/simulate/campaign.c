/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#include "campaign.h"

#include "coverage.h"
#include "draw.h"
#include "programs.h"
#include "scheduler.h"
#include "trace.h"

#include "version.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    HANG_SECONDS = 60, /* of computing that one schedule may take */
    DIGESTS = 1 << 20  /* bytes that count equal trees */
};

/* What the processes tell each other. */
struct shared {
    uint64_t schedules, calls, failures;
    uint64_t struck[FAULT_KINDS];
    uint64_t current[WORKERS_MAX]; /* the schedule that each is at */
    bool over;
    uint8_t marks[COVERAGE_BYTES];
    uint8_t digests[DIGESTS];
};

static struct shared *shared;

static void add(uint64_t *to, uint64_t value)
{
    __atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + ((double)now.tv_nsec / 1e9);
}

/* The seed of a schedule, which is as far from the next one's as any. */
static uint64_t seed_of(const struct campaign *campaign, uint64_t number)
{
    struct draw draw = draw_from(campaign->seed, number);
    return draw_bits(&draw);
}

/* --- Failures --------------------------------------------------------------
 */

static void put_command(
    FILE *out, const struct campaign *campaign, uint64_t number)
{
    fprintf(
        out, "make simulate SEED=%" PRIu64 ".%" PRIu64, campaign->seed, number);
    if (campaign->profile[0] != '\0')
        fprintf(out, " PROFILE=%s", campaign->profile);
    if (campaign->programs[0] != '\0')
        fprintf(out, " PROGRAMS=%s", campaign->programs);
    if (campaign->faults[0] != '\0')
        fprintf(out, " FAULTS=%s", campaign->faults);
    if (campaign->options.queue != QUEUE_DRAWN)
        fprintf(out, " QUEUE=%s",
            campaign->options.queue == QUEUE_DEEP ? "deep" : "small");
}

/* The complaints, each line after two blanks. */
static void put_indented(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(out, "  %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* Written at one go, since the other process writes, too. */
static void report(const struct campaign *campaign, uint64_t number,
    const struct outcome *outcome)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return;
    fprintf(out, "schedule %" PRIu64 ".%" PRIu64 " fails, on %s, at %s:\n",
        campaign->seed, number, outcome->profile, STOFLOW_VERSION);
    put_indented(out, outcome->complaints);
    fputs("  replay: ", out);
    put_command(out, campaign, number);
    fputc('\n', out);
    fclose(out);
    fwrite(text, 1, size, stdout);
    fflush(stdout);
    free(text);
}

/* --- A process -------------------------------------------------------------
 */

static void note(const struct outcome *outcome)
{
    struct draw hash = {outcome->digest};
    uint32_t bit = (uint32_t)(draw_bits(&hash) % ((uint64_t)DIGESTS * 8));
    uint8_t value = (uint8_t)(1u << (bit % 8));
    __atomic_fetch_or(&shared->digests[bit / 8], value, __ATOMIC_RELAXED);
    add(&shared->schedules, 1);
    add(&shared->calls, outcome->calls);
    for (int i = 0; i < FAULT_KINDS; i++)
        add(&shared->struck[i], outcome->struck[i]);
}

static void try_one(const struct campaign *campaign, uint64_t number)
{
    static struct outcome outcome;
    schedule_run(seed_of(campaign, number), &campaign->options, &outcome);
    note(&outcome);
    if (outcome.complaint_count == 0)
        return;
    report(campaign, number, &outcome);
    add(&shared->failures, 1);
    if (shared->failures >= campaign->keep)
        shared->over = true;
}

/* By what it computes: a campaign may run where all else goes first. */
static void guard_against_hang(void)
{
    const struct itimerval guard = {.it_value.tv_sec = HANG_SECONDS};
    setitimer(ITIMER_PROF, &guard, NULL);
}

static void work(const struct campaign *campaign, uint64_t worker, double until)
{
    coverage_to(shared->marks);
    for (uint64_t number = worker; !shared->over;
        number += campaign->processes) {
        if ((campaign->schedules > 0 && number >= campaign->schedules) ||
            (campaign->seconds > 0 && seconds_now() > until))
            break;
        shared->current[worker] = number;
        guard_against_hang();
        try_one(campaign, number);
    }
    fflush(stdout);
    _exit(0);
}

/* --- All of them -----------------------------------------------------------
 */

/* A process that died tells of a fault, too. */
static void await(const struct campaign *campaign, const pid_t *workers)
{
    for (uint64_t i = 0; i < campaign->processes; i++) {
        int status = 0;
        while (waitpid(workers[i], &status, 0) < 0 && errno == EINTR)
            continue;
        if (!WIFSIGNALED(status))
            continue;
        shared->failures++;
        printf("a process was ended by signal %d (%s) in schedule %" PRIu64
               ".%" PRIu64 "\n  replay: ",
            WTERMSIG(status), strsignal(WTERMSIG(status)), campaign->seed,
            shared->current[i]);
        put_command(stdout, campaign, shared->current[i]);
        putchar('\n');
    }
}

static uint64_t count_bits(const uint8_t *bytes, size_t size)
{
    uint64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += (uint64_t)__builtin_popcount(bytes[i]);
    return count;
}

static void sum_up(const struct campaign *campaign, double taken)
{
    static const char *const words[FAULT_KINDS] = {"kills", "errors",
        "late errors", "short reads and writes", "set clocks", "stalls",
        "failed allocations", "power losses"};
    uint64_t schedules = shared->schedules;
    printf("SEED=%" PRIu64 " at %s: %" PRIu64 " schedules in %.1f s, %.0f a "
           "second, %.2f ms each on %" PRIu64 " processes\n",
        campaign->seed, STOFLOW_VERSION, schedules, taken,
        (double)schedules / taken,
        taken * 1000 * (double)campaign->processes /
            (double)(schedules + (schedules == 0)),
        campaign->processes);
    printf("%" PRIu64 " calls, %" PRIu64 " different trees in the end\n",
        shared->calls, count_bits(shared->digests, DIGESTS));
    for (int i = 0; i < FAULT_KINDS; i++)
        printf("%s%" PRIu64 " %s", i == 0 ? "" : ", ", shared->struck[i],
            words[i]);
    printf("\n%" PRIu64 " pairs of programs, %" PRIu64
           " pairs of a step of one and the step that the other stood before\n",
        count_bits(shared->marks, COVERAGE_PAIRS),
        count_bits(
            shared->marks + COVERAGE_PAIRS, COVERAGE_BYTES - COVERAGE_PAIRS));
    printf("%" PRIu64 " schedules failed\n", shared->failures);
}

int campaign_run(const struct campaign *campaign)
{
    pid_t workers[WORKERS_MAX] = {0};
    double begun = seconds_now();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || campaign->processes > WORKERS_MAX)
        return 111;
    fflush(stdout);
    for (uint64_t i = 0; i < campaign->processes; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            work(campaign, i, begun + (double)campaign->seconds);
    }
    await(campaign, workers);
    sum_up(campaign, seconds_now() - begun);
    return shared->failures == 0 && shared->schedules > 0 ? 0 : 1;
}

int campaign_replay(const struct campaign *campaign)
{
    static struct outcome outcome;
    setvbuf(stdout, NULL, _IOLBF, 0);
    trace_to(stdout);
    schedule_run(
        seed_of(campaign, campaign->only), &campaign->options, &outcome);
    trace_to(NULL);
    if (outcome.complaint_count > 0)
        report(campaign, campaign->only, &outcome);
    return outcome.complaint_count == 0 ? 0 : 1;
}
