/* SPDX-License-Identifier: MIT */
/* What persons make of a task, by doc/spool.md. */
#include "state.h"
#include "value.h"

#include <string.h>

static int drop_bit(const struct thread *thread, size_t drop)
{
    for (size_t i = 0; i < thread->drop_count; i++) {
        if (thread->drops[i] == drop)
            return (int)i;
    }
    return -1;
}

/* A file of the same name, if it is still there, is written over or gone. */
static uint16_t without_path(
    const struct thread *thread, uint16_t waiting, const char *path)
{
    for (size_t i = 0; i < thread->drop_count; i++) {
        if (strcmp(thread_drop(thread, i)->path, path) == 0)
            waiting = (uint16_t)(waiting & ~(1U << i));
    }
    return waiting;
}

static void drop_comes(
    const struct asker *asker, const struct operation *operation)
{
    struct state to = *asker->from;
    const struct drop *drops = asker->thread->history->drops.at;
    int bit = drop_bit(asker->thread, operation->drop);
    to.waiting =
        without_path(asker->thread, to.waiting, drops[operation->drop].path);
    if (bit >= 0)
        to.waiting = (uint16_t)(to.waiting | (1U << bit));
    steps_go(asker, to);
}

static bool is_named_so(
    const struct state *state, const struct operation *operation)
{
    if (state->place != operation->place)
        return false;
    return state->place != PLACE_EXECUTING ||
           state_lease_may_be(state, digest_text(operation->parts.lease));
}

/* The entry under which it was withdrawn, of which a plugin's word may have
 * taken the place. */
static void show_withdrawn(const struct asker *asker, struct state to)
{
    static const char *const leases[] = {"cancel", "expired"};
    static const enum declared reasons[] = {
        DECLARED_CANCELLED, DECLARED_EXPIRED};
    for (size_t i = 0; i < 2; i++) {
        struct state withdrawn = to;
        state_note_lease(&withdrawn, digest_text(leases[i]));
        if (asker->from->declared == DECLARED_NOTHING ||
            asker->from->declared == reasons[i])
            steps_go(asker, withdrawn);
    }
}

/* Whether a poll or a sweep, which records what has ended and then clears its
 * entry, was under way when the record went. */
static bool is_beside_settler(
    const struct asker *asker, const struct operation *hand)
{
    const struct history *history = asker->thread->history;
    if (asker->from->declared == DECLARED_NOTHING)
        return false;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *other = history_operation(history, i);
        if ((other->verb == VERB_POLL || other->verb == VERB_OTHER) &&
            other->begun < hand->begun &&
            (other->ended == 0 || other->ended > hand->begun))
            return true;
    }
    return false;
}

/* What a crash has left beside it would show again: beside what is done an
 * entry, and with it the word of which `prior` is what it said, beside that the
 * other name of its rename. */
static void show_debris(
    const struct asker *asker, const struct operation *hand, uint8_t prior)
{
    struct state to = *asker->from;
    const struct thread *thread = asker->thread;
    if (to.place == PLACE_PENDING ||
        (!thread->history->struck && thread_is_alone(thread) &&
            !is_beside_settler(asker, hand)))
        return;
    if (state_is_done(asker->from)) {
        to.place = PLACE_EXECUTING;
        to.declared = 0;
        to.outcome = 0;
        to.overdue = 1;
        to.prior = prior;
        steps_go(asker, to);
        to.prior = 0;
        show_withdrawn(asker, to);
    }
    to.place = PLACE_PENDING;
    steps_go(asker, to);
}

static bool word_may_be_left(
    const struct thread *thread, const struct operation *hand)
{
    const struct history *history = thread->history;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *left = history_operation(history, i);
        if (left->ended != 0 && left->ended < hand->begun &&
            steps_may_be_left(thread, left))
            return true;
    }
    return false;
}

static void name_goes(
    const struct asker *asker, const struct operation *operation)
{
    if (is_named_so(asker->from, operation)) {
        struct state to = state_gone(asker->from);
        to.marked = asker->from->marked;
        /* What follows a result is queued again where that is taken in once
         * more. */
        to.born = asker->thread->is_named;
        /* What a .verdict that was left says is so again when it is met. */
        to.finished = !asker->thread->has_verdict;
        if (state_is_done(asker->from) &&
            word_may_be_left(asker->thread, operation))
            to.prior = asker->from->place;
        steps_go(asker, to);
        show_debris(asker, operation, to.prior);
        return;
    }
    steps_go(asker, *asker->from);
}

void steps_take_hand(
    const struct asker *asker, const struct operation *operation)
{
    struct state to = *asker->from;
    switch (operation->verb) {
    case VERB_DROP:
        drop_comes(asker, operation);
        return;
    case VERB_UNDROP:
        to.waiting = without_path(asker->thread, to.waiting,
            ((const struct drop *)
                    asker->thread->history->drops.at)[operation->drop]
                .path);
        break;
    case VERB_TAKE:
        name_goes(asker, operation);
        return;
    case VERB_RENAME:
        to.delayed = operation->parts.created > operation->began_at;
        break;
    case VERB_MARK:
        to.marked = !state_is_done(&to);
        /* Somebody may have found it over, and no mark, just before. */
        if (to.place == PLACE_EXECUTING &&
            state_may_end(asker->thread, &to, operation->began_at))
            to.overdue = 1;
        break;
    case VERB_UNMARK:
        to.marked = 0;
        break;
    default:
        break;
    }
    steps_go(asker, to);
}
