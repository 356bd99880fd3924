/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include "candidate.h"
#include "claim_again.h"
#include "claim_budget.h"
#include "claim_load.h"
#include "file.h"
#include "lease.h"
#include "pace.h"
#include "spool_lock.h"
#include "stuck.h"
#include "take.h"
#include "verdict_clear.h"
#include "withdraw.h"

#include <string.h>

enum {
    AVOIDED_MAX = 16 /* tasks taken in vain by one poll */
};

/* One poll's way through the queue. */
struct search {
    struct queue queue;
    struct pace pace;
    struct claim_budget budget;
    const char *receive_id;
    struct claim *claim;
    /* Tasks met that are to be recorded so. */
    struct name_list ended[WITHDRAW_REASONS];
    bool asked_for_pause;
    bool cut_short;  /* more have expired than one poll records */
    bool is_patient; /* but pass over them: none could be recorded */
    unsigned stuck;  /* tasks passed over that cannot be read or moved */
    struct name_list avoided; /* tasks that were taken in vain */
    bool again;               /* the search is to begin anew */
    bool has_folder;          /* struct candidate */
};

/* Whether an error that a task met is its own, so that others may be tried:
 * none of the folders that they all pass through is at fault, nor, as with any
 * other errno, the system. */
static bool is_alone(const struct search *search, enum error error)
{
    static const unsigned passed =
        1U << SPOOL_PENDING | 1U << SPOOL_EXECUTING | 1U << SPOOL_DONE;
    const struct account *account = search->queue.account;
    return stuck_is_kind(error) && error != ERROR_SYSTEM &&
           !stuck_is_any_closed(account->spool, account->user, passed);
}

/* A task that cannot be read or moved is no reason to keep back those behind
 * it. ERROR_NOT_FOUND: go on with the next. */
static enum error pass_over(
    struct search *search, struct path path, enum error error)
{
    if (search->stuck < STUCK_MAX)
        account_stuck(search->queue.account, path, error);
    /* The folders are asked once: what has let one through lets others. */
    if (error == ERROR_SYSTEM ||
        (search->stuck == 0 && !is_alone(search, error)))
        return error;
    search->stuck++;
    return ERROR_NOT_FOUND;
}

/* ERROR_NOT_FOUND: not this one. */
static enum error load(
    struct search *search, const struct candidate *candidate, struct task *task)
{
    struct queue *queue = &search->queue;
    struct task_fault fault;
    enum error error = claim_load(
        queue->account, candidate->from, &candidate->parsed, task, &fault);
    if (error == ERROR_NOT_FOUND)
        queue_missed(queue);
    if (error == ERROR_MEMORY && error_is_limit(error))
        return ERROR_NOT_FOUND; /* the others must not wait for it */
    if (stuck_is_kind(error) && error != ERROR_TYPE)
        return pass_over(search, candidate->from, error);
    if (!task_is_spoilt(error))
        return error;
    if (fault.is_torn)
        candidate_clear_husk(queue, candidate);
    else
        candidate_reject(queue, candidate, fault.reason);
    return ERROR_NOT_FOUND;
}

/* The claim itself: one rename. ERROR_NOT_FOUND: another has it, or nobody can.
 */
static enum error take(struct search *search, struct candidate *candidate)
{
    struct claim *claim = search->claim;
    const struct account *account = search->queue.account;
    enum error error = take_make_folder(account, candidate);
    if (stuck_is_kind(error))
        return pass_over(search, candidate->from, error);
    if (error == ERROR_NONE)
        error =
            take_choose_lease(search->receive_id, &claim->task, &claim->lease);
    if (error == ERROR_NONE)
        error = claim_budget_grant(account, &search->budget, claim);
    if (error != ERROR_NONE)
        return error;
    queue_begin(&search->queue);
    error = take_rename(account, candidate, &claim->lease, &claim->task);
    if (error == ERROR_NOT_FOUND)
        queue_missed(&search->queue);
    if (stuck_is_kind(error))
        return pass_over(search, candidate->from, error);
    if (error == ERROR_NONE)
        queue_took(&search->queue);
    return error;
}

/* ERROR_NOT_FOUND: it must not be handed out. That a task is done (its pending
 * name was left by a crash, or its late result came a moment ago) is asked when
 * it has been taken: from then on a late result would clear its entry. */
static enum error take_undone(
    struct search *search, struct candidate *candidate)
{
    struct queue *queue = &search->queue;
    enum error error = candidate_refuse_second(queue, candidate);
    if (error == ERROR_NONE && search->claim->task.is_linked)
        error = candidate_refuse_earlier(queue, candidate);
    if (error == ERROR_NONE)
        error = take(search, candidate);
    if (error == ERROR_NONE)
        error = verdict_clear_done(
            queue->account, candidate->parsed.id, candidate->entry);
    return error == ERROR_EXISTS ? ERROR_NOT_FOUND : error;
}

/* Leaves the task for after the search, since recording it changes the queue.
 * The rule shows in the name, so that any number of such tasks may be passed
 * over; for the others each file would have to be read. */
static void note_ended(struct search *search, enum withdraw_reason reason,
    const char *name, bool shows_in_name)
{
    struct name_list *ended = &search->ended[reason];
    if (ended->count >= EXPIRED_PER_POLL)
        search->cut_short = !shows_in_name && !search->is_patient;
    else
        name_list_append(ended, name, strlen(name));
}

/* ERROR_NOT_FOUND: not this one. */
static enum error refuse_marked(
    struct search *search, const struct candidate *candidate)
{
    enum error error =
        withdraw_look_for_mark(search->queue.account, &candidate->parsed);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error != ERROR_NONE)
        return pass_over(search, candidate->from, error);
    note_ended(search, WITHDRAW_CANCELLED, candidate->name, false);
    return ERROR_NOT_FOUND;
}

/* ERROR_NOT_FOUND: not this one. Only after ERROR_NONE the task is to be
 * freed. */
static enum error load_and_take(
    struct search *search, struct candidate *candidate)
{
    struct queue *queue = &search->queue;
    struct task *task = &search->claim->task;
    enum error error = load(search, candidate, task);
    if (error != ERROR_NONE)
        return error;
    if (task_expiry(queue->account->config, task) <= clock_now()) {
        note_ended(search, WITHDRAW_EXPIRED, candidate->name, false);
        error = ERROR_NOT_FOUND;
    } else {
        error = refuse_marked(search, candidate);
        if (error == ERROR_NONE)
            error = take_undone(search, candidate);
    }
    if (error != ERROR_NONE)
        task_free(task);
    return error;
}

/* One that has to be given back stands first again, and would do so at each
 * poll. Being renamed it looks young, and is told of all the same. One that
 * another has taken away meanwhile is nobody's fault. */
static void avoid(
    struct search *search, const struct candidate *candidate, enum error error)
{
    if (error != ERROR_NOT_FOUND)
        account_fault(search->queue.account, "claim", candidate->from, error);
    search->again = search->avoided.count < AVOIDED_MAX &&
                    name_list_append(&search->avoided, candidate->name,
                        strlen(candidate->name)) == ERROR_NONE;
}

/* Whoever renews a lease without knowing it gives the task another name: then
 * it is found by its lease. ERROR_NOT_FOUND: it has ended, or was moved. */
static enum error make_safe(
    const struct search *search, const struct candidate *candidate)
{
    const struct account *account = search->queue.account;
    struct claim *claim = search->claim;
    struct lease_name taken = claim->lease;
    enum error error = take_make_safe(account, &claim->task, candidate->entry);
    if (error != ERROR_NONE)
        task_free(&claim->task);
    return error == ERROR_NOT_FOUND
               ? claim_again(account, taken.lease, &claim->lease, &claim->task)
               : error;
}

/* The claim stands, or `error` says why the task that was taken must not be
 * handed out. */
static enum error finish_claim(
    struct search *search, const struct candidate *candidate, enum error error)
{
    search->claim->refresh_due = search->queue.refresh_due;
    queue_close(&search->queue); /* nobody shall wait for the fsyncs below */
    if (error == ERROR_NONE)
        error = make_safe(search, candidate);
    if (error != ERROR_NONE)
        take_give_back(search->queue.account, candidate);
    if (error == ERROR_NOT_FOUND || is_alone(search, error))
        avoid(search, candidate, error);
    return error;
}

/* Within what the action's pace allows. Where that cannot be told, other
 * actions may go. */
static enum error take_in_pace(
    struct search *search, struct candidate *candidate)
{
    const struct account *account = search->queue.account;
    enum error error = pace_begin(&search->pace, candidate->parsed.action);
    if (error == ERROR_BUSY) {
        queue_hold_back(&search->queue, candidate->parsed.action);
        return ERROR_NOT_FOUND;
    }
    if (stuck_is_kind(error)) {
        account_fault(account, "pace",
            account_path(account, SPOOL_PACE, candidate->parsed.action), error);
        queue_hold_back(&search->queue, candidate->parsed.action);
        return ERROR_NOT_FOUND;
    }
    if (error != ERROR_NONE)
        return error;
    error = load_and_take(search, candidate);
    pace_end(&search->pace, error == ERROR_NONE);
    return error;
}

static enum error try_candidate(struct search *search, const char *name)
{
    struct candidate candidate = {
        .entry = {""}, .has_folder = search->has_folder};
    const struct account *account = search->queue.account;
    if (name_parse_queued(name, &candidate.parsed) != ERROR_NONE)
        return ERROR_SYNTAX;
    if (name_list_holds(&search->avoided, name))
        return ERROR_NOT_FOUND;
    memcpy(candidate.name, name, strlen(name) + 1);
    candidate.from = account_path(account, SPOOL_PENDING, name);
    if (task_expiry_by_rule(account->config, &candidate.parsed) <=
        clock_now()) {
        note_ended(search, WITHDRAW_EXPIRED, name, true);
        return ERROR_NOT_FOUND;
    }
    enum error error = take_in_pace(search, &candidate);
    bool taken = candidate.entry.text[0] != '\0';
    if (taken && error != ERROR_NOT_FOUND)
        error = finish_claim(search, &candidate, error);
    if (error != ERROR_NONE)
        claim_budget_take_back(account, &search->budget, search->claim);
    return error;
}

/* ERROR_BUSY: the queue is paused. */
static enum error ask_for_pause(struct search *search)
{
    if (search->asked_for_pause)
        return ERROR_NONE;
    search->asked_for_pause = true;
    enum error error = pause_read(search->queue.account, &search->claim->pause);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    search->claim->held = HELD_BY_PAUSE;
    return ERROR_BUSY;
}

/* Where no task is due. An empty poll does not pay for a look at a file that
 * its look at the folder has shown to be missing. */
static bool is_pause_of_interest(const struct queue *queue)
{
    return queue->filter.next_due != 0 || queue->folder.pause_possible;
}

static enum error claim_from(struct search *search)
{
    while (!search->cut_short && !search->budget.used_up) {
        const char *name = queue_next(&search->queue);
        if (name == NULL && !is_pause_of_interest(&search->queue))
            break;
        enum error error = ask_for_pause(search);
        if (error != ERROR_NONE)
            return error == ERROR_BUSY ? ERROR_NOT_FOUND : error;
        if (name == NULL)
            break;
        error = claim_budget_ask(search->queue.account, &search->budget);
        if (error == ERROR_NONE)
            error = try_candidate(search, name);
        if (error != ERROR_NOT_FOUND)
            return error;
    }
    return ERROR_NOT_FOUND;
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one == 0 || (other != 0 && other < one) ? other : one;
}

/* What a poll that claimed nothing can say of the next. */
static void say_what_held(struct search *search)
{
    struct claim *claim = search->claim;
    claim->refresh_due = search->queue.refresh_due;
    if (search->pace.next != 0)
        claim->held |= HELD_BY_PACE;
    if (search->pace.full)
        claim->held |= HELD_BY_LIMIT;
    claim->next = earlier(search->queue.filter.next_due, search->pace.next);
    if (search->budget.used_up) {
        claim->held |= HELD_BY_BUDGET;
        claim->next = search->budget.next; /* nothing goes before that */
    }
}

static void record_ended(struct search *search)
{
    unsigned recorded = 0;
    for (unsigned reason = 0; reason < WITHDRAW_REASONS; reason++) {
        struct name_list *ended = &search->ended[reason];
        recorded += withdraw_each(
            search->queue.account, ended, (enum withdraw_reason)reason);
        name_list_free(ended);
    }
    if (!search->cut_short)
        return;
    /* The next poll gets further; but where none of them can be recorded, this
     * one goes on behind them, or nobody ever would. */
    if (recorded > 0)
        search->claim->next = clock_now();
    else
        search->again = search->is_patient = true;
}

static enum error search_queue(
    struct search *search, const struct account *account)
{
    search->again = false;
    search->cut_short = false;
    search->budget = (struct claim_budget){0};
    enum error error = queue_open(&search->queue, account);
    if (error != ERROR_NONE)
        return error;
    pace_init(&search->pace, account);
    error = claim_from(search);
    if (error != ERROR_NONE) {
        say_what_held(search);
        queue_close(&search->queue);
    }
    record_ended(search);
    return error;
}

static enum error claim_new(
    const struct account *account, struct search *search)
{
    enum error error;
    do {
        error = search_queue(search, account);
    } while (search->again);
    name_list_free(&search->avoided);
    return error;
}

/* Two polls with one receive_id at the same moment (a client that repeats
 * before the first answer was sent) must not get two tasks. */
static enum error claim_received(
    const struct account *account, struct search *search)
{
    int lock = account_lock(account, "receive");
    struct claim *claim = search->claim;
    enum error error =
        claim_again(account, search->receive_id, &claim->lease, &claim->task);
    if (error == ERROR_NOT_FOUND)
        error = claim_new(account, search);
    else if (error == ERROR_NONE)
        claim_budget_again(account, claim);
    spool_unlock(lock);
    return error;
}

/* The drops before the leases: a drop that a loss of power has left beside the
 * task that it has become is known by that while the task has its entry.
 * Whether the folder of the entries is there, and safe. */
static bool settle_first(const struct account *account)
{
    struct lease_report leases = {0};
    struct drop_report drops = {0};
    enum error error = drop_list_route_top(
        account->spool, account->config, drop_share_of_poll, &drops);
    account_fault(account, "drops", path_of(SPOOL_PENDING), error);
    error = lease_settle(account, LEASES_PER_POLL, &leases);
    account_fault(
        account, "settle", account_folder(account, SPOOL_EXECUTING), error);
    return leases.has_folder;
}

enum error claim_next(
    const struct account *account, const char *receive_id, struct claim *claim)
{
    claim->refresh_due = false;
    claim->held = 0;
    claim->next = 0;
    claim->budget = -1;
    struct search search = {.receive_id = receive_id,
        .claim = claim,
        .ended = {NAME_LIST_EMPTY, NAME_LIST_EMPTY},
        .avoided = NAME_LIST_EMPTY,
        .has_folder = settle_first(account)};
    return receive_id[0] != '\0' ? claim_received(account, &search)
                                 : claim_new(account, &search);
}
