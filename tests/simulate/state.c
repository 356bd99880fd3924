/* SPDX-License-Identifier: MIT */
#include "state.h"

#include "kernel.h"
#include "value.h"

#include <string.h>

static const char *action_of(
    const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    return known == NULL ? NULL : known->facts.action;
}

/* 1, 0, or -1: not known. */
int state_is_repeatable(const struct thread *thread, const struct state *state)
{
    return history_is_repeatable(action_of(thread, state));
}

bool state_may_expire(const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    return known == NULL || !known->complete || known->mixed ||
           known->facts.expires || history_is_set(thread->history, "expire");
}

/* -1: not known. */
int64_t state_retries(const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    if (known == NULL || !known->complete || known->mixed)
        return -1;
    return known->facts.retries >= 0 ? known->facts.retries
                                     : history_setting(thread->history,
                                           known->facts.action, "retries", 3);
}

/* ns; 0: not known. */
int64_t state_timeout(const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    return known == NULL || known->mixed
               ? 0
               : known->facts.timeout * INT64_C(1000000000);
}

bool state_must_requeue(const struct thread *thread, const struct state *state)
{
    return state_is_repeatable(thread, state) == 1 &&
           state->tries < state_retries(thread, state);
}

bool state_may_end(
    const struct thread *thread, const struct state *state, int64_t now)
{
    return state->overdue != 0 || thread->history->clock_set ||
           now >= state->deadline;
}

bool state_is_done(const struct state *state)
{
    return state->place == PLACE_COMPLETED || state->place == PLACE_FAILED;
}

bool state_is_live(const struct state *state)
{
    return state->place == PLACE_PENDING || state->place == PLACE_EXECUTING;
}

bool state_may_be(uint64_t known, uint64_t told)
{
    return known == 0 || told == 0 || known == told;
}

bool state_lease_may_be(const struct state *state, uint64_t lease)
{
    return state->lease == LEASE_UNKNOWN || state->lease == lease;
}

/* Whether the word of who names this lease counts: 1, 0, or -1: that cannot be
 * told (doc/api.md, the result). */
int state_lease_counts(
    const struct thread *thread, const struct state *state, uint64_t lease)
{
    bool sure = state->vague == 0 && state->lease != LEASE_UNKNOWN &&
                !thread->history->struck && thread->hand_at == 0;
    if (state->place == PLACE_EXECUTING)
        return state->lease == LEASE_UNKNOWN ? -1 : state->lease == lease;
    if (state->place == PLACE_PENDING && state->tries == 0)
        return 0;
    if (state->lease == lease || state->past[0] == lease ||
        state->past[1] == lease)
        return 1;
    return sure ? 0 : -1;
}

/* Whether it may be carried out once more without being forced. */
bool state_is_safe_to_retry(
    const struct thread *thread, const struct state *state)
{
    if (state_is_repeatable(thread, state) != 0)
        return true;
    if (state->place == PLACE_COMPLETED)
        return false;
    return state->declared == DECLARED_NOTHING ||
           state->declared == DECLARED_EXPIRED ||
           state->declared == DECLARED_SETTLED ||
           (state->declared == DECLARED_CANCELLED && state->fetched != 1);
}

bool state_is_withdrawal(uint64_t lease)
{
    return lease == digest_text("cancel") || lease == digest_text("expired");
}

struct state state_queued(const struct state *from, uint64_t content)
{
    return (struct state){.place = PLACE_PENDING,
        .content = content,
        .waiting = from->waiting,
        .born = from->born,
        .finished = from->finished};
}

struct state state_ended(const struct state *from, enum place place,
    enum declared declared, uint64_t outcome)
{
    struct state to = *from;
    if (to.place == PLACE_PENDING || state_is_withdrawal(to.lease))
        to.fetched = to.tries > 0 || to.lease != 0 || to.past[0] != 0 ? 2 : 0;
    to.place = (uint8_t)place;
    to.declared = (uint8_t)declared;
    to.outcome = outcome;
    to.deadline = 0;
    to.marked = to.delayed = to.tries = to.overdue = to.prior = 0;
    to.put_off = 0;
    return to;
}

struct state state_gone(const struct state *from)
{
    return (struct state){
        .waiting = from->waiting, .born = from->born, .finished = 1};
}

void state_note_lease(struct state *state, uint64_t lease)
{
    if (state->past[1] != 0)
        state->vague = 1;
    if (state->lease != 0) {
        state->past[1] = state->past[0];
        state->past[0] = state->lease;
    }
    state->lease = lease;
}

/* That was no hand-out. */
void state_forget_lease(struct state *state)
{
    state->lease = state->past[0];
    state->past[0] = state->past[1];
    state->past[1] = 0;
}

bool thread_is_alone(const struct thread *thread)
{
    int count = 0;
    for (size_t i = 0; i < SLOTS_MAX; i++)
        count += thread->slots[i] != NULL && !thread->over[i];
    return count < 2;
}

const struct drop *thread_drop(const struct thread *thread, size_t bit)
{
    const struct drop *drops = thread->history->drops.at;
    return &drops[thread->drops[bit]];
}

bool state_is_moved_back(const struct thread *thread, const struct state *state)
{
    struct name_parts parts;
    bool completed;
    for (size_t i = 0; i < thread->drop_count; i++) {
        const struct drop *drop = thread_drop(thread, i);
        const char *name = strrchr(drop->path, '/') + 1;
        bool is_named = grammar_executing(name, &parts) ||
                        grammar_done(name, &parts, &completed);
        if ((state->waiting & (1U << i)) != 0 && is_named &&
            !history_is_of_top(drop) && strcmp(parts.id, thread->id) == 0)
            return true;
    }
    return false;
}

bool steps_may_miss_record(const struct operation *operation)
{
    return operation->struck && kernel_profile()->network;
}

void steps_go(const struct asker *asker, struct state to)
{
    asker->visit(asker->context, &to);
}
