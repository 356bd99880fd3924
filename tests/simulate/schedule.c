/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include "checker.h"
#include "client.h"
#include "kernel.h"
#include "person.h"
#include "plan.h"
#include "programs.h"
#include "scheduler.h"
#include "trace.h"
#include "workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    CLIENTS_MAX = 5,
    ROUNDS_MAX = 3,
    THIN = 20, /* tasks left of a deep queue, to be fetched in the end */
    SETTINGS_SIZE = 512,
    DEEP_EVERY = 20, /* one of so many schedules has a deep queue */
    LARGE_EVERY = 8, /* and of so many a large catalogue */
    LARGE = 70000    /* bytes of that: what changes stands beside it */
};

static const int64_t second = 1000000000;

/* What etc/stoflow.ini says. */
struct settings {
    int settle, sweep_every, retries, expire, pace, max_executing;
    bool background, empty_polls;
};

struct schedule {
    const struct schedule_options *options;
    struct draw draw;
    struct acquaintance all;
    struct client clients[CLIENTS_MAX];
    size_t client_count;
    bool is_deep;
    struct settings settings;
    struct outcome *outcome;
};

/* --- Settings --------------------------------------------------------------
 */

static int draw_of(struct draw *draw, const int *values, uint32_t count)
{
    return values[draw_below(draw, count)];
}

static void draw_settings(struct settings *settings, struct draw *draw)
{
    static const int settle[] = {0, 2};
    static const int every[] = {1, 5, 60};
    static const int retries[] = {0, 1, 3};
    static const int expire[] = {0, 0, 0, 30};
    static const int pace[] = {0, 0, 0, 1};
    settings->settle = draw_of(draw, settle, 2);
    settings->background = draw_once_in(draw, 2);
    settings->sweep_every = draw_of(draw, every, 3);
    settings->retries = draw_of(draw, retries, 3);
    settings->expire = draw_of(draw, expire, 4);
    settings->pace = draw_of(draw, pace, 4);
    settings->max_executing = draw_once_in(draw, 8) ? 1 : 0;
    settings->empty_polls = draw_once_in(draw, 4);
}

/* `holds`: with what holds tasks back. */
static void configure(struct schedule *schedule, bool holds)
{
    char text[SETTINGS_SIZE];
    const struct settings *settings = &schedule->settings;
    snprintf(text, sizeof text,
        "[queue]\nsettle = %d\nbackground = %s\nsweep_every = %d\n"
        "[all]\nretries = %d\nexpire = %d\npace = %d\nmax_executing = %d\n"
        "[retry]\ndelay = 1\n[log]\nempty_polls = %s\n",
        settings->settle, settings->background ? "yes" : "no",
        settings->sweep_every, settings->retries, settings->expire,
        holds ? settings->pace : 0, holds ? settings->max_executing : 0,
        settings->empty_polls ? "yes" : "no");
    program_configure(text);
    trace_line("", "%s", text);
}

/* --- Rounds ----------------------------------------------------------------
 */

static struct client *add_client(struct schedule *schedule)
{
    struct client *client = &schedule->clients[schedule->client_count++];
    memset(client, 0, sizeof *client);
    client->all = &schedule->all;
    client->draw = draw_from(draw_bits(&schedule->draw), 7);
    bool is_second =
        schedule->all.has_two_users && draw_once_in(&client->draw, 3);
    client->user = is_second ? 43 : 42;
    return client;
}

static void complain(struct schedule *schedule, const char *text)
{
    struct outcome *outcome = schedule->outcome;
    size_t length = strlen(outcome->complaints);
    outcome->complaint_count++;
    snprintf(
        outcome->complaints + length, COMPLAINTS_MAX - length, "%s\n", text);
}

/* What was asked when the power went gets no answer. */
static void close_open(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->client_count; i++)
        client_note(&schedule->clients[i], 0, "", 0);
}

static uint32_t draw_loss(void *context, uint32_t below)
{
    return draw_below(context, below);
}

/* Who follows an answer in the background is nobody's client, and has no
 * operation that could tell so. */
static void note_strikes(struct schedule *schedule)
{
    for (int i = 0; i < FAULT_KINDS; i++) {
        uint32_t strikes = scheduler_struck((enum fault_kind)i);
        schedule->outcome->struck[i] += strikes;
        if (strikes > 0 && i != FAULT_CLOCK && i != FAULT_STALL)
            history_note_strike(schedule->all.history);
    }
}

/* Whether the clock may be set in a run. */
static bool sets_clock(const struct plan *plan)
{
    for (size_t i = 0; i < plan->fault_count; i++) {
        if (plan->faults[i].kind == FAULT_CLOCK)
            return true;
    }
    return false;
}

static void run_actors(struct schedule *schedule, const struct plan *plan)
{
    if (sets_clock(plan))
        history_clock(schedule->all.history);
    enum run_end end = scheduler_run();
    note_strikes(schedule);
    close_open(schedule);
    if (end == RUN_HANGS)
        complain(schedule, "nobody can go on, or all of it takes for ever");
    if (schedule->all.keeps)
        complain(schedule, "who answered, and stays, has left a file open");
    if (end != RUN_POWER_LOST)
        return;
    kernel_power_loss(draw_loss, &schedule->draw);
    history_power_loss(schedule->all.history);
}

/* One actor with nothing going wrong. */
static void run_alone(
    struct schedule *schedule, const char *name, actor_run *run)
{
    const struct plan plan = {.strategy = STRATEGY_EVEN};
    schedule->client_count = 0;
    trace_line("", "--- %s", name);
    scheduler_begin(&plan, draw_from(draw_bits(&schedule->draw), 1));
    scheduler_add(name, run, add_client(schedule), 0);
    run_actors(schedule, &plan);
}

/* As a person may at any moment. The next poll then reads all of a deep folder,
 * while others change it. */
static void forget_index(struct schedule *schedule)
{
    if (!schedule->is_deep || !draw_once_in(&schedule->draw, 2))
        return;
    trace_line("", "the index is removed");
    kernel_unlink("/root/spool/index/42.queue");
}

static void run_round(struct schedule *schedule)
{
    struct plan plan;
    uint32_t count = 2 + draw_below(&schedule->draw, CLIENTS_MAX - 1);
    plan_draw(&plan, &schedule->draw, count, schedule->options->faults);
    schedule->client_count = 0;
    trace_line("", "--- a round of %u, %s", count, plan_words(&plan));
    scheduler_begin(&plan, draw_from(draw_bits(&schedule->draw), 1));
    for (uint32_t i = 0; i < count; i++) {
        int64_t delay = draw_once_in(&schedule->draw, 3)
                            ? draw_range(&schedule->draw, 0, second / 500)
                            : 0;
        scheduler_add("", workload_client, add_client(schedule), delay);
    }
    run_actors(schedule, &plan);
}

/* --- Looking ---------------------------------------------------------------
 */

static void look(struct schedule *schedule, bool after_sweep)
{
    struct outcome *outcome = schedule->outcome;
    size_t length = strlen(outcome->complaints);
    outcome->complaint_count += checker_look(schedule->all.history, after_sweep,
        outcome->complaints + length, COMPLAINTS_MAX - length);
}

static bool is_wrong(const struct schedule *schedule)
{
    return schedule->outcome->complaint_count > 0;
}

/* All debris is old enough, by a clock that may have been set back some hours,
 * all leases have ended, and the sweeper comes once more for what it left to
 * the next time. */
static void tidy_up(struct schedule *schedule)
{
    person_set_right(&schedule->clients[0]);
    if (schedule->is_deep)
        person_thin_out(&schedule->clients[0], THIN);
    kernel_pass(1000 * second);
    run_alone(schedule, "sweeper", workload_sweep);
    kernel_pass(20000 * second);
    run_alone(schedule, "sweeper", workload_sweep);
    look(schedule, true);
}

static void count_waiting(
    void *context, const char *name, const struct stat *status)
{
    uint32_t *count = context;
    size_t length = strlen(name);
    (void)status;
    if (length > 5 && strcmp(name + length - 5, ".json") == 0)
        ++*count;
}

static uint32_t waiting(void)
{
    uint32_t count = 0;
    kernel_each("/root/spool/pending/42", count_waiting, &count);
    kernel_each("/root/spool/pending/43", count_waiting, &count);
    return count;
}

/* Each task that waits is offered, and is then waiting no more. */
static void drain(struct schedule *schedule)
{
    configure(schedule, false);
    for (int i = 0; i < 3 && (i == 0 || waiting() > 0); i++) {
        kernel_pass(4000 * second);
        run_alone(schedule, "drain", workload_drain);
    }
    if (waiting() > 0)
        complain(schedule, "tasks wait that no poll is offered");
    look(schedule, false);
}

/* --- Where more waits than is read for each poll -----------------------------
 * Made once for each kind of file system, and then restored. */

enum {
    DEEP_RUNS = 6, /* none of too many calls */
    PROFILES_MAX = 32
};

static struct image *make_deep(struct schedule *schedule)
{
    struct draw draw = schedule->draw;
    schedule->draw = draw_from(0, 0);
    program_configure("[queue]\nbackground = no\n");
    for (int i = 0; i < DEEP_RUNS; i++)
        run_alone(schedule, "many", workload_many);
    kernel_sync();
    schedule->all.id_count = 0;
    schedule->draw = draw;
    return kernel_save();
}

static void deepen(struct schedule *schedule)
{
    static struct image *deep[PROFILES_MAX];
    size_t number = (size_t)(kernel_profile() - profiles);
    if (deep[number] == NULL) {
        FILE *trace = trace_to(NULL);
        kernel_reset(&profiles[number], 1);
        deep[number] = make_deep(schedule);
        trace_to(trace);
    }
    kernel_restore(deep[number]);
    scheduler_start();
    kernel_reseed(draw_bits(&schedule->draw));
    schedule->is_deep = true;
    schedule->all.numbers = DEEP_RUNS * WORKLOAD_MANY;
    trace_line("", "%d tasks wait", DEEP_RUNS * WORKLOAD_MANY);
}

/* --- Where a seller has a catalogue already ---------------------------------
 */

static void put_product(const char *path, const char *id, size_t length)
{
    static char text[LARGE];
    size_t start = (size_t)snprintf(
        text, sizeof text, "{\"id\":%s,\"title\":\"a coat\",\"note\":\"", id);
    memset(text + start, 'x', length - start);
    memcpy(text + length - 3, "\"}\n", 3);
    kernel_write(path, text, length, 0600, PROGRAM_USER);
}

/* `full`: what stands beside it already is nearly as much as may. */
static void put_catalogue(bool full)
{
    kernel_mkdir("/root/spool", 0700, PROGRAM_USER);
    kernel_mkdir("/root/spool/products", 0700, PROGRAM_USER);
    put_product("/root/spool/products/42.ndjson", "4000000000", LARGE);
    if (full)
        put_product("/root/spool/products/42.since.ndjson", "4000000001",
            (LARGE / 8) - 400);
    trace_line("", "user 42 has a large catalogue%s",
        full ? ", and much beside it" : "");
}

/* --- A schedule ------------------------------------------------------------
 */

static void prepare(struct schedule *schedule, uint64_t seed)
{
    const struct profile *profile = schedule->options->profile;
    static struct history *history;
    if (history == NULL)
        history = history_new();
    schedule->draw = draw_from(seed, 0);
    struct draw way = draw_from(seed, 9);
    schedule->all.stays = draw_once_in(&way, 2);
    uint32_t drawn = draw_below(&schedule->draw, (uint32_t)profiles_count);
    if (profile == NULL)
        profile = &profiles[drawn];
    schedule->outcome->profile = profile->name;
    scheduler_start();
    kernel_reset(profile, draw_bits(&schedule->draw));
    schedule->all.history = history;
    schedule->all.kinds = schedule->options->kinds;
    history_start(history);
    bool deep = draw_once_in(&schedule->draw, DEEP_EVERY);
    if (schedule->options->queue != QUEUE_DRAWN)
        deep = schedule->options->queue == QUEUE_DEEP;
    if (deep)
        deepen(schedule);
    schedule->all.has_two_users = draw_once_in(&schedule->draw, 4);
    draw_settings(&schedule->settings, &schedule->draw);
    configure(schedule, true);
    if (draw_once_in(&way, LARGE_EVERY))
        put_catalogue(draw_once_in(&way, 2));
    kernel_sync();
}

void schedule_run(uint64_t seed, const struct schedule_options *options,
    struct outcome *outcome)
{
    static struct schedule schedule;
    memset(&schedule, 0, sizeof schedule);
    memset(outcome, 0, sizeof *outcome);
    schedule.options = options;
    schedule.outcome = outcome;
    prepare(&schedule, seed);
    trace_line("", "the file system is as %s", outcome->profile);
    schedule.all.is_setup = true;
    run_alone(&schedule, "setup", workload_setup);
    schedule.all.is_setup = false;
    kernel_sync();
    history_start(schedule.all.history);
    schedule.all.has_limits =
        draw_once_in(&schedule.draw, 20) && options->faults != 0;
    uint32_t rounds = 1 + draw_below(&schedule.draw, ROUNDS_MAX);
    for (uint32_t i = 0; i < rounds && !is_wrong(&schedule); i++) {
        forget_index(&schedule);
        run_round(&schedule);
        look(&schedule, false);
    }
    schedule.all.has_limits = false;
    if (!is_wrong(&schedule))
        tidy_up(&schedule);
    if (!is_wrong(&schedule))
        drain(&schedule);
    outcome->calls = scheduler_step();
    outcome->digest = kernel_digest();
    outcome->requests = schedule.all.numbers;
}
