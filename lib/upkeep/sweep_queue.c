/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "buffer.h"
#include "clock.h"
#include "drop_list.h"
#include "ingest.h"
#include "ingest_tell.h"
#include "lease.h"
#include "log.h"
#include "name.h"
#include "number.h"
#include "path.h"
#include "queue.h"
#include "settle_ask.h"
#include "stuck.h"
#include "utf8.h"
#include "verdict.h"
#include "verdict_step.h"

#include <string.h>

enum {
    INGEST_PER_SWEEP = 1000, /* results of one user taken in by one sweep */
    DROP_ROUNDS = 100        /* looks at one folder, DROPS_PER_POLL each */
};

/* What a duty counts while it goes through the users. */
struct round {
    struct sweep *sweep;
    unsigned count;
    struct lease_report leases;
    struct drop_report drops;
};

/* Whom a verdict is about: "42-ID.verdict". 0: nobody. */
static int64_t user_in(const char *name)
{
    int64_t user = 0;
    number_parse(name, strcspn(name, "-"), &user);
    return user;
}

static enum error finish_verdict(void *context, const char *name)
{
    struct round *round = context;
    struct sweep *sweep = round->sweep;
    bool aside = verdict_step_is_aside(name);
    if (!aside && !verdict_step_is_name(name))
        return ERROR_NONE;
    enum error error = ERROR_NONE;
    if (!sweep->dry_run)
        error = (aside ? verdict_step_settle_aside : verdict_finish)(
            sweep->spool, sweep->config, name);
    round->count += error == ERROR_NONE;
    sweep_met(sweep, error);
    /* ERROR_BUSY: what could not be cleared has been told of. */
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND &&
        error != ERROR_BUSY &&
        !stuck_note(
            sweep->spool, user_in(name), path_in(SPOOL_TMP, name), error, 0))
        log_event(sweep->spool, "verdict", "%s: %s", name, error_text(error));
    return ERROR_NONE;
}

void sweep_verdicts(struct sweep *sweep)
{
    struct round round = {.sweep = sweep};
    sweep_each_name(sweep, path_of(SPOOL_TMP), finish_verdict, &round);
    sweep_tell_count(sweep, "finished", round.count, "interrupted result", "");
}

struct overdue_count {
    char now[CLOCK_STAMP_LENGTH + 1];
    unsigned count;
};

static enum error count_overdue(void *context, const char *name)
{
    struct overdue_count *overdue = context;
    struct lease_name lease;
    if (strncmp(name, overdue->now, CLOCK_STAMP_LENGTH) < 0 &&
        name_parse_executing(name, &lease) == ERROR_NONE)
        overdue->count++;
    return ERROR_NONE;
}

static enum error settle_user(void *context, const struct account *account)
{
    struct round *round = context;
    struct sweep *sweep = round->sweep;
    if (sweep->dry_run) {
        struct overdue_count overdue = {.count = 0};
        clock_format_stamp(overdue.now, clock_now());
        sweep_each_name(sweep, account_folder(account, SPOOL_EXECUTING),
            count_overdue, &overdue);
        round->count += overdue.count;
        return ERROR_NONE;
    }
    enum error error = lease_clear(account, &round->leases);
    if (error == ERROR_NONE)
        error = lease_settle(account, LEASES_PER_SWEEP, &round->leases);
    sweep_met(sweep, error);
    account_fault(
        account, "leases", account_folder(account, SPOOL_EXECUTING), error);
    return ERROR_NONE;
}

void sweep_leases(struct sweep *sweep)
{
    struct round round = {.sweep = sweep};
    sweep_each(sweep, SPOOL_EXECUTING, settle_user, &round);
    sweep_tell_count(sweep, "settled", round.count, "overdue task", "");
    if (round.leases.requeued + round.leases.failed > 0) {
        sweep_line(sweep, "requeued %u overdue task%s, failed %u",
            round.leases.requeued, sweep_plural(round.leases.requeued),
            round.leases.failed);
    }
    sweep_tell_count(sweep, "shortened", round.leases.shortened, "lease",
        " that no timeout can have set");
    if (round.leases.cleared > 0) {
        sweep_line(
            sweep, "cleared entries left by crashes: %u", round.leases.cleared);
    }
}

static enum error count_drop(void *context, const char *name)
{
    struct round *round = context;
    struct task_name task;
    if (name_is_json(name) && name_parse_queued(name, &task) != ERROR_NONE)
        round->count++;
    return ERROR_NONE;
}

static void add_report(
    struct drop_report *sum, const struct drop_report *report)
{
    sum->routed += report->routed;
    sum->rejected += report->rejected;
    sum->waiting += report->waiting;
    sum->stuck += report->stuck;
    if (report->error != ERROR_NONE)
        sum->error = report->error;
}

static enum error route_user(void *context, const struct account *account)
{
    struct round *round = context;
    struct sweep *sweep = round->sweep;
    if (sweep->dry_run) {
        sweep_each_name(
            sweep, account_folder(account, SPOOL_PENDING), count_drop, round);
        return ERROR_NONE;
    }
    for (int i = 0; i < DROP_ROUNDS; i++) {
        struct queue queue;
        if (i > 0 && sweep_is_over(sweep))
            return ERROR_BUSY;
        enum error error = queue_open(&queue, account);
        sweep_met(sweep, error);
        account_fault(
            account, "drops", account_folder(account, SPOOL_PENDING), error);
        if (error != ERROR_NONE)
            return ERROR_NONE;
        struct drop_report report = queue.folder.drops;
        queue_close(&queue);
        add_report(&round->drops, &report);
        if (report.waiting == 0 || report.routed + report.rejected == 0)
            break;
    }
    return ERROR_NONE;
}

/* Look after look, since each may take long. */
static void route_top(struct round *round)
{
    struct sweep *sweep = round->sweep;
    struct drop_report report;
    do {
        sweep_met(sweep, drop_list_route_top(sweep->spool, sweep->config,
                             drop_share_of_sweep, &report));
        add_report(&round->drops, &report);
    } while (report.more && !sweep_is_over(sweep));
}

void sweep_drops(struct sweep *sweep)
{
    struct round round = {.sweep = sweep};
    if (sweep->dry_run) {
        sweep_each_name(sweep, path_of(SPOOL_PENDING), count_drop, &round);
    } else {
        route_top(&round);
    }
    sweep_each(sweep, SPOOL_PENDING, route_user, &round);
    sweep_met(sweep, round.drops.error);
    sweep_tell_count(sweep, "looked at", round.count, "dropped file", "");
    if (round.drops.routed + round.drops.rejected > 0) {
        sweep_line(sweep, "queued %u dropped file%s, rejected %u",
            round.drops.routed, sweep_plural(round.drops.routed),
            round.drops.rejected);
    }
}

static enum error count_name(void *context, const char *name)
{
    unsigned *count = context;
    (void)name;
    (*count)++;
    return ERROR_NONE;
}

static enum error ingest_one(void *context, const struct account *account)
{
    struct round *round = context;
    struct sweep *sweep = round->sweep;
    unsigned taken = 0;
    enum error error;
    if (sweep->dry_run) {
        error = sweep_each_name(
            sweep, account_folder(account, SPOOL_INGEST), count_name, &taken);
    } else {
        error = ingest_user(account, INGEST_PER_SWEEP, &taken);
    }
    round->count += taken;
    sweep_met(sweep, error);
    ingest_tell(account, error);
    return ERROR_NONE;
}

void sweep_ingest(struct sweep *sweep)
{
    struct round round = {.sweep = sweep};
    sweep_each(sweep, SPOOL_INGEST, ingest_one, &round);
    sweep_tell_count(sweep, sweep->dry_run ? "taken" : "took", round.count,
        "result", " into catalogues");
}

static enum error ask_one(void *context, const struct account *account)
{
    (void)context;
    settle_ask(account);
    return ERROR_NONE;
}

void sweep_unknown(struct sweep *sweep)
{
    if (!sweep->dry_run)
        sweep_each(sweep, SPOOL_UNKNOWN, ask_one, NULL);
}

struct stranger_walk {
    struct sweep *sweep;
    struct path folder;
    unsigned count;
};

static enum error tell_stranger(void *context, const char *name)
{
    struct stranger_walk *walk = context;
    struct buffer shown = BUFFER_EMPTY;
    if (!drop_is_stranger(walk->sweep->spool, walk->folder, name) ||
        walk->count++ >= SWEEP_NAMED)
        return ERROR_NONE;
    utf8_append_visible(&shown, name, strlen(name));
    sweep_line(walk->sweep, "left alone %s/%s, which can be no task",
        walk->folder.text, buffer_text(&shown));
    buffer_free(&shown);
    return ERROR_NONE;
}

static enum error tell_user_strangers(
    void *context, const struct account *account)
{
    struct stranger_walk *walk = context;
    walk->folder = account_folder(account, SPOOL_PENDING);
    sweep_each_name(walk->sweep, walk->folder, tell_stranger, walk);
    return ERROR_NONE;
}

void sweep_strangers(struct sweep *sweep)
{
    struct stranger_walk walk = {sweep, path_of(SPOOL_PENDING), 0};
    sweep_each_name(sweep, walk.folder, tell_stranger, &walk);
    sweep_each(sweep, SPOOL_PENDING, tell_user_strangers, &walk);
    if (walk.count > SWEEP_NAMED)
        sweep_line(sweep, "left alone %u more in pending/ that can be no task",
            walk.count - SWEEP_NAMED);
}
