/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include "claim_take.h"
#include "clock.h"
#include "config.h"
#include "drop.h"
#include "error.h"
#include "lease.h"
#include "log.h"
#include "name.h"
#include "name_list.h"
#include "pace.h"
#include "path.h"
#include "pause.h"
#include "queue.h"
#include "spool.h"
#include "spool_lock.h"
#include "task.h"
#include "withdraw.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* One poll's way through the queue. */
struct search {
    struct queue queue;
    struct pace pace;
    const char *receive_id;
    struct claim *claim;
    struct name_list expired; /* tasks met that are to be recorded so */
    bool asked_for_pause;
    bool cut_short; /* more have expired than one poll records */
};

/* Leaves the task for after the search, since recording it changes the queue.
 * The rule shows in the name, so that any number of such tasks may be passed
 * over; for the others each file would have to be read. */
static void note_expired(
    struct search *search, const char *name, bool shows_in_name)
{
    if (search->expired.count >= EXPIRED_PER_POLL)
        search->cut_short = !shows_in_name;
    else
        name_list_append(&search->expired, name, strlen(name));
}

/* Loads and claims; ERROR_NOT_FOUND: not this one. */
static enum error load_and_take(struct search *search, const char *name,
    const struct task_name *parsed, struct path *entry)
{
    struct queue *queue = &search->queue;
    struct task *task = &search->claim->task;
    enum error error = claim_load(queue, name, parsed, task);
    if (error != ERROR_NONE)
        return error;
    if (task_expiry(queue->account->config, task) <= clock_now()) {
        note_expired(search, name, false);
        error = ERROR_NOT_FOUND;
    } else {
        error =
            claim_take(queue, name, search->receive_id, search->claim, entry);
    }
    if (error != ERROR_NONE)
        task_free(task);
    return error;
}

static enum error finish_claim(
    struct search *search, const char *name, struct path entry)
{
    const struct account *account = search->queue.account;
    struct claim *claim = search->claim;
    claim->refresh_due = search->queue.refresh_due;
    queue_close(&search->queue); /* nobody shall wait for the fsyncs below */
    enum error error = claim_make_safe(account, &claim->task, entry);
    if (error == ERROR_NONE)
        return ERROR_NONE;
    claim_give_back(account, entry, name);
    task_free(&claim->task);
    return error;
}

static enum error try_candidate(struct search *search, const char *candidate)
{
    struct path entry;
    struct task_name parsed;
    char name[NAME_LENGTH_MAX];
    struct queue *queue = &search->queue;
    memcpy(name, candidate, strlen(candidate) + 1);
    enum error error = name_parse_queued(name, &parsed);
    if (error != ERROR_NONE)
        return error;
    if (task_expiry_by_rule(queue->account->config, &parsed) <= clock_now()) {
        note_expired(search, name, true);
        return ERROR_NOT_FOUND;
    }
    error = pace_begin(&search->pace, parsed.action);
    if (error == ERROR_BUSY) {
        queue_hold_back(queue, parsed.action);
        return ERROR_NOT_FOUND;
    }
    if (error != ERROR_NONE)
        return error;
    error = load_and_take(search, name, &parsed, &entry);
    pace_end(&search->pace, error == ERROR_NONE);
    return error == ERROR_NONE ? finish_claim(search, name, entry) : error;
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
    return queue->filter.next_due != 0 || queue->pause_possible;
}

static enum error claim_from(struct search *search)
{
    while (!search->cut_short) {
        const char *name = queue_next(&search->queue);
        if (name == NULL && !is_pause_of_interest(&search->queue))
            break;
        enum error error = ask_for_pause(search);
        if (error != ERROR_NONE)
            return error == ERROR_BUSY ? ERROR_NOT_FOUND : error;
        if (name == NULL)
            break;
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
}

/* A task that another poll is withdrawing, or whose verdict has to wait, is
 * met again by the next one. */
static void record_expired(struct search *search)
{
    const struct queue *queue = &search->queue;
    unsigned recorded = 0;
    for (size_t i = 0; i < search->expired.count; i++) {
        char name[NAME_LENGTH_MAX];
        struct name_slice slice = name_list_get(&search->expired, i);
        snprintf(name, sizeof name, "%.*s", (int)slice.length, slice.text);
        enum error error =
            withdraw_pending(queue->account, name, WITHDRAW_EXPIRED);
        recorded += error == ERROR_NONE;
        if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
            log_event(queue->account->spool, "expire", "%s: %s", name,
                error_text(error));
    }
    name_list_free(&search->expired);
    /* The next poll gets further; unless the disk lets nobody. */
    if (search->cut_short && recorded > 0)
        search->claim->next = clock_now();
}

/* The task that is executing under this receive_id already. */
static enum error receive_again(
    const struct account *account, const char *receive_id, struct claim *claim)
{
    struct task_fault fault;
    enum error error = lease_find(account, receive_id, &claim->lease);
    if (error != ERROR_NONE)
        return error;
    struct name name = name_format_executing(&claim->lease);
    struct path entry = account_path(account, SPOOL_EXECUTING, name.text);
    error = task_load(account, entry, &claim->lease.task, &claim->task, &fault);
    if (error != ERROR_NONE)
        return error;
    /* The poll that claimed it may have died before it was safe. */
    error = claim_make_safe(account, &claim->task, entry);
    if (error != ERROR_NONE)
        task_free(&claim->task);
    return error;
}

static enum error claim_new(
    const struct account *account, const char *receive_id, struct claim *claim)
{
    struct search search = {
        .receive_id = receive_id, .claim = claim, .expired = NAME_LIST_EMPTY};
    enum error error = queue_open(&search.queue, account);
    if (error != ERROR_NONE)
        return error;
    pace_init(&search.pace, account);
    error = claim_from(&search);
    if (error != ERROR_NONE) {
        say_what_held(&search);
        queue_close(&search.queue);
    }
    record_expired(&search);
    return error;
}

/* Two polls with one receive_id at the same moment (a client that repeats
 * before the first answer was sent) must not get two tasks. */
static enum error claim_received(
    const struct account *account, const char *receive_id, struct claim *claim)
{
    int lock = account_lock(account, "receive");
    enum error error = receive_again(account, receive_id, claim);
    if (error == ERROR_NOT_FOUND)
        error = claim_new(account, receive_id, claim);
    spool_unlock(lock);
    return error;
}

static void settle_first(const struct account *account)
{
    struct lease_report leases = {0, 0, 0, 0};
    struct drop_report drops = {0, 0, 0};
    enum error error = lease_settle(account, LEASES_PER_POLL, &leases);
    if (error != ERROR_NONE)
        log_event(account->spool, "settle", "%s", error_text(error));
    error =
        drop_route_top(account->spool, account->config, DROPS_PER_POLL, &drops);
    if (error != ERROR_NONE)
        log_event(account->spool, "drops", "%s", error_text(error));
}

enum error claim_next(
    const struct account *account, const char *receive_id, struct claim *claim)
{
    claim->refresh_due = false;
    claim->held = 0;
    claim->next = 0;
    settle_first(account);
    if (receive_id[0] != '\0')
        return claim_received(account, receive_id, claim);
    return claim_new(account, receive_id, claim);
}
