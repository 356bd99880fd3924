/* SPDX-License-Identifier: MIT */
/* What each request makes of a task, by doc/api.md and doc/inside.md. */
#include "state.h"

#include <string.h>

static void create(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    bool is_moved = state_is_moved_back(asker->thread, from);
    if (from->place == PLACE_NONE && !is_moved) {
        struct state to = state_queued(from, operation->facts.content);
        to.delayed = operation->delay != 0;
        steps_go(asker, to);
    } else if (operation->key != NULL && operation->status == 201 &&
               (asker->thread->is_disguised ||
                   state_may_be(from->content, operation->facts.content))) {
        struct state to = *from;
        if (!asker->thread->is_disguised && to.content == 0)
            to.content = operation->facts.content;
        steps_go(asker, to);
    }
}

/* Whether its end was acknowledged before the poll looked for the mark, as it
 * does of a task that came back. */
static bool must_end(const struct asker *asker, const struct operation *poll)
{
    const struct state *from = asker->from;
    return from->marked == 2 && from->tries > 0 && !poll->struck &&
           !steps_is_beside(asker->thread, poll, VERB_CANCEL);
}

/* A hand-out, under a lease of its own or, once more, under the same. */
static void poll(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    bool answered = operation->status == 200 && operation->id != NULL &&
                    strcmp(operation->id, asker->thread->id) == 0;
    uint64_t lease = operation->lease;
    if (answered)
        lease = operation->answered_lease;
    else if (lease == 0)
        lease = LEASE_UNKNOWN;
    if (answered && !state_may_be(from->content, operation->facts.content))
        return;
    to.fetched = answered;
    if (from->place == PLACE_EXECUTING && operation->lease != 0 &&
        (from->lease == operation->lease || from->lease == LEASE_UNKNOWN)) {
        to.fetched |= from->fetched;
        to.lease = operation->lease;
        steps_go(asker, to);
    }
    if (answered && state_is_done(from) && steps_may_miss_record(operation) &&
        state_is_repeatable(asker->thread, from) == 1)
        steps_go(asker, *from);
    if (from->place != PLACE_PENDING || must_end(asker, operation))
        return;
    to.place = PLACE_EXECUTING;
    state_note_lease(&to, lease);
    to.deadline =
        answered ? operation->deadline
                 : operation->began_at + state_timeout(asker->thread, from);
    to.outcome = to.put_off = 0;
    to.declared = to.prior = to.overdue = to.delayed = 0;
    if (to.content == 0 && answered)
        to.content = operation->facts.content;
    steps_go(asker, to);
}

static bool may_put_off(
    const struct asker *asker, const struct operation *operation)
{
    const struct known *known =
        history_known(asker->thread->history, asker->from->content);
    if (operation->success ||
        (known != NULL && !known->mixed && known->facts.retries == 0))
        return false;
    return operation->failure == FAILURE_UNSENT ||
           (operation->failure == FAILURE_REPEATABLE &&
               state_is_repeatable(asker->thread, asker->from) != 0);
}

/* Done by a plugin's word. Whose that was, is not known without a lease. */
static struct state spoken(const struct state *from, enum place place,
    const struct operation *operation)
{
    struct state to =
        state_ended(from, place, DECLARED_NOTHING, operation->outcome);
    to.fetched = 1;
    to.lease = operation->lease != 0 ? operation->lease : LEASE_UNKNOWN;
    to.past[0] = to.past[1] = 0;
    to.vague = 0;
    return to;
}

/* A late word on a try that waits may be being given while a poll takes that:
 * then the poll does not see it yet, and the word counts all the same, if it
 * did so, or that could not be told, while the task waited. */
static bool is_crossed_by_poll(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    const struct history *history = asker->thread->history;
    const struct lease_given *given = history->leases.at;
    struct state before = *from;
    before.place = PLACE_PENDING;
    state_forget_lease(&before);
    if (from->place != PLACE_EXECUTING ||
        state_lease_counts(asker->thread, &before, operation->lease) == 0)
        return false;
    for (size_t i = 0; i < history->leases.count; i++) {
        if (given[i].lease == from->lease &&
            given[i].user == asker->thread->user &&
            given[i].operation->ended > operation->begun &&
            strcmp(given[i].id, asker->thread->id) == 0)
            return true;
    }
    return false;
}

void steps_put_off(const struct asker *asker, const struct operation *operation)
{
    struct state to = *asker->from;
    if (!may_put_off(asker, operation))
        return;
    if (to.place == PLACE_EXECUTING) {
        to.place = PLACE_PENDING;
        to.tries++;
        to.delayed = 1;
        to.fetched = 0;
        to.overdue = 0;
    }
    to.put_off = operation->outcome;
    steps_go(asker, to);
}

static void result_live(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    enum place place = operation->success ? PLACE_COMPLETED : PLACE_FAILED;
    if (operation->lease != 0 &&
        state_lease_counts(asker->thread, from, operation->lease) == 0 &&
        !is_crossed_by_poll(asker, operation))
        return;
    steps_go(asker, spoken(from, place, operation));
    /* It may have looked for the mark before that was made, or a network may
     * have hidden that: who looks once more then withdraws the task. */
    if (from->marked != 2 || steps_may_miss_record(operation) ||
        steps_is_beside(asker->thread, operation, VERB_CANCEL))
        steps_put_off(asker, operation);
}

static void result(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    if (state_is_live(from)) {
        result_live(asker, operation);
        /* The same failure once more, of a try that is over. */
        if (operation->status == 200 && from->place == PLACE_PENDING &&
            from->put_off == operation->outcome)
            steps_go(asker, *from);
        return;
    }
    if (!state_is_done(from) ||
        (operation->lease != 0 &&
            state_lease_counts(asker->thread, from, operation->lease) == 0))
        return;
    enum place place = operation->success ? PLACE_COMPLETED : PLACE_FAILED;
    struct state to = spoken(from, place, operation);
    if (from->declared != DECLARED_NOTHING)
        steps_go(asker, to);
    else if (operation->status == 200 &&
             state_may_be(from->outcome, operation->outcome) &&
             from->place == place)
        steps_go(asker, *from);
}

/* Whether a cancel that was acknowledged is told, and none that was not asked
 * for. The mark is looked for a moment after the renewal; where that lasts
 * until the deadline which it has set, the task may have ended meanwhile, and
 * the mark be gone with it. */
static bool tells_mark(
    const struct asker *asker, const struct operation *operation)
{
    int marked = asker->from->marked;
    if (operation->cancel)
        return marked != 0 || !thread_is_alone(asker->thread);
    /* Where the look for it failed, the next progress tells. */
    return marked == 0 || operation->struck ||
           operation->ended_at >= operation->deadline ||
           !thread_is_alone(asker->thread);
}

static void progress(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (from->place != PLACE_EXECUTING ||
        (operation->lease != 0 && !state_lease_may_be(from, operation->lease)))
        return;
    if (operation->status == 200 && !tells_mark(asker, operation))
        return;
    int64_t later =
        operation->status == 200
            ? operation->deadline
            : operation->began_at + state_timeout(asker->thread, from);
    /* Somebody may have found the lease over just before. */
    if (state_may_end(asker->thread, from, operation->ended_at))
        to.overdue = 1;
    if (later > to.deadline)
        to.deadline = later;
    steps_go(asker, to);
}

static void cancel(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    bool asked = operation->status == 202;
    if (from->place == PLACE_PENDING && !asked) {
        to = state_ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0);
        steps_go(asker, to);
    } else if (from->place == PLACE_FAILED && !asked &&
               from->declared == DECLARED_CANCELLED) {
        steps_go(asker, to);
    } else if (from->place == PLACE_EXECUTING && operation->status != 200) {
        if (to.marked == 0)
            to.marked = 1;
        steps_go(asker, to);
    }
}

static void retry(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    if (!state_is_done(from) ||
        (!operation->force && !state_is_safe_to_retry(asker->thread, from)))
        return;
    struct state to = state_queued(from, from->content);
    to.finished = 1;
    to.prior = from->place;
    to.declared = from->declared;
    to.outcome = from->outcome;
    steps_go(asker, to);
    /* It has removed the mark of the try before, and a person makes another. */
    if (!steps_is_beside(asker->thread, operation, VERB_MARK))
        return;
    to.marked = 1;
    steps_go(asker, to);
}

void steps_take(const struct thread *thread, const struct operation *operation,
    const struct state *state, steps_visit *visit, void *context)
{
    const struct asker asker = {thread, state, visit, context};
    switch (operation->verb) {
    case VERB_CREATE:
        create(&asker, operation);
        break;
    case VERB_POLL:
        poll(&asker, operation);
        break;
    case VERB_RESULT:
        result(&asker, operation);
        break;
    case VERB_PROGRESS:
        progress(&asker, operation);
        break;
    case VERB_CANCEL:
        cancel(&asker, operation);
        break;
    case VERB_RETRY:
        retry(&asker, operation);
        break;
    default:
        steps_take_hand(&asker, operation);
        break;
    }
}
