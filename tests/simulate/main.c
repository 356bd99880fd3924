/* SPDX-License-Identifier: MIT */
/* simulate NAME=VALUE…: tries schedules, one after the other, in two processes.
 *
 *   SEED=4711        all that is drawn follows from it; else it is drawn itself
 *   SEED=4711.12     schedule 12 of that run alone, with its trace
 *   SCHEDULES=1000   so many; SECONDS=60: until so many seconds have passed
 *   PROFILE=ext4     on this kind of file system only
 *   PROGRAMS=create,poll   these kinds of programs only
 *   FAULTS=kill,power      only this goes wrong, of kill, error, late, short,
 *                    clock, stall, memory, power; "no": nothing does
 *   QUEUE=deep       so much waits that there is an index; or small
 *   KEEP=10          goes on until so many schedules have failed
 *   PROCESSES=2
 *
 * Exits with 1 once a schedule has failed. */
#include "campaign.h"

#include "kernel.h"
#include "plan.h"
#include "programs.h"
#include "scheduler.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static bool take_number(const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return end != text && *end == '\0';
}

/* "4711" or "4711.12" */
static bool take_seed(const char *text, struct campaign *campaign)
{
    char *end;
    campaign->seed = strtoull(text, &end, 10);
    campaign->is_replay = *end == '.';
    return end != text &&
           (*end == '\0' ||
               (*end == '.' && take_number(end + 1, &campaign->only)));
}

static bool take_profile(const char *text, struct campaign *campaign)
{
    campaign->options.profile = profile_find(text);
    snprintf(campaign->profile, sizeof campaign->profile, "%s", text);
    return campaign->options.profile != NULL;
}

static bool take_program(const char *name, uint32_t *kinds)
{
    for (unsigned kind = 0; kind < PROGRAM_KINDS; kind++) {
        if (strcmp(program_name(kind), name) == 0) {
            *kinds |= 1u << kind;
            return true;
        }
    }
    return false;
}

/* Names with commas between. */
static bool take_list(const char *text,
    bool (*take_one)(const char *name, uint32_t *set), uint32_t *set)
{
    char names[LIST_SIZE];
    bool good = true;
    snprintf(names, sizeof names, "%s", text);
    for (char *name = strtok(names, ","); name != NULL && good;
        name = strtok(NULL, ","))
        good = take_one(name, set);
    return good && *set != 0;
}

static bool take_programs(const char *text, struct campaign *campaign)
{
    campaign->options.kinds = 0;
    snprintf(campaign->programs, sizeof campaign->programs, "%s", text);
    return take_list(text, take_program, &campaign->options.kinds);
}

static bool take_fault(const char *name, uint32_t *faults)
{
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++) {
        if (strcmp(plan_fault_name(kind), name) == 0) {
            *faults |= 1u << kind;
            return true;
        }
    }
    return false;
}

static bool take_faults(const char *text, struct campaign *campaign)
{
    campaign->options.faults = 0;
    snprintf(campaign->faults, sizeof campaign->faults, "%s", text);
    return strcmp(text, "no") == 0 ||
           take_list(text, take_fault, &campaign->options.faults);
}

static bool take_queue(const char *text, struct campaign *campaign)
{
    bool deep = strcmp(text, "deep") == 0;
    campaign->options.queue = deep ? QUEUE_DEEP : QUEUE_SMALL;
    return deep || strcmp(text, "small") == 0;
}

static bool take(const char *word, struct campaign *campaign)
{
    char name[16] = "";
    const char *value = strchr(word, '=');
    if (value == NULL || (size_t)(value - word) >= sizeof name)
        return false;
    memcpy(name, word, (size_t)(value++ - word));
    if (*value == '\0')
        return true; /* as make gives what was not given */
    if (strcmp(name, "SEED") == 0)
        return take_seed(value, campaign);
    if (strcmp(name, "PROFILE") == 0)
        return take_profile(value, campaign);
    if (strcmp(name, "PROGRAMS") == 0)
        return take_programs(value, campaign);
    if (strcmp(name, "FAULTS") == 0)
        return take_faults(value, campaign);
    if (strcmp(name, "QUEUE") == 0)
        return take_queue(value, campaign);
    if (strcmp(name, "SCHEDULES") == 0)
        return take_number(value, &campaign->schedules);
    if (strcmp(name, "SECONDS") == 0)
        return take_number(value, &campaign->seconds);
    if (strcmp(name, "KEEP") == 0)
        return take_number(value, &campaign->keep);
    return strcmp(name, "PROCESSES") == 0 &&
           take_number(value, &campaign->processes);
}

int main(int count, char **words)
{
    static struct campaign campaign = {.keep = 1,
        .processes = 2,
        .options = {.kinds = UINT32_MAX, .faults = UINT32_MAX}};
    uint32_t drawn;
    if (getrandom(&drawn, sizeof drawn, 0) == (ssize_t)sizeof drawn)
        campaign.seed = drawn;
    for (int i = 1; i < count; i++) {
        if (!take(words[i], &campaign)) {
            fprintf(stderr, "simulate: what is %s?\n", words[i]);
            return 100;
        }
    }
    if (campaign.schedules == 0 && campaign.seconds == 0)
        campaign.seconds = 60;
    program_prepare();
    return campaign.is_replay ? campaign_replay(&campaign)
                              : campaign_run(&campaign);
}
