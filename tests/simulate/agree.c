/* SPDX-License-Identifier: MIT */
/* Which answers are true in which states, by doc/api.md. */
#include "state.h"
#include "value.h"

#include <string.h>

static bool agrees_with_view(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    const struct task_facts *facts = &operation->facts;
    /* Of a file that cannot be read, or is a husk, the name alone tells. */
    bool is_husk = thread->unsafe && thread->is_husk;
    bool is_told = (!operation->struck && !is_husk) || state_is_done(state);
    if (state->place != operation->place ||
        (is_told && !state_may_be(state->content, facts->content)))
        return false;
    if (state->place == PLACE_EXECUTING)
        return operation->answered_lease == 0 ||
               state_lease_may_be(state, operation->answered_lease);
    if (!state_is_done(state))
        return true;
    return state->declared == facts->declared &&
           (state->declared != DECLARED_NOTHING ||
               state_may_be(state->outcome, facts->outcome));
}

/* Of a record that cannot be read the list tells what its name does. */
static bool agrees_with_listed(const struct operation *operation,
    const struct state *state, const struct listed *listed)
{
    bool is_told = !operation->struck || listed->declared != DECLARED_NOTHING;
    /* By the entry that is left beside its record. */
    if (listed->place == PLACE_EXECUTING && state_is_done(state) &&
        steps_may_miss_record(operation))
        return true;
    return state->place == listed->place &&
           (!state_is_done(state) || !is_told ||
               state->declared == listed->declared);
}

/* Whether a poll asks under the task's own lease meanwhile: it is handed out
 * again, by another name. */
static bool is_taken_over(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    const struct history *history = thread->history;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *poll = history_operation(history, i);
        if (poll->verb == VERB_POLL && poll->lease != 0 &&
            poll->lease == state->lease && poll->begun < operation->ended &&
            operation->begun < poll->ended)
            return true;
    }
    return false;
}

/* A name that changes while its folder is read may be missed, and there are but
 * three readings within one tick of the folder's times. */
static bool is_missed(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    return state->place == PLACE_EXECUTING &&
           (steps_is_beside(thread, operation, VERB_PROGRESS) ||
               is_taken_over(thread, operation, state));
}

static bool agrees_with_list(const struct thread *thread,
    const struct operation *operation, const struct state *state, bool changed)
{
    const struct listed *listed = history_find_listed(operation, thread->id, 0);
    if (listed == NULL)
        return state->place == PLACE_NONE || changed ||
               is_missed(thread, operation, state);
    /* One that moves may come twice. */
    for (; listed != NULL;) {
        if (agrees_with_listed(operation, state, listed))
            return true;
        size_t next =
            (size_t)(listed - (const struct listed *)operation->listed.at) + 1;
        listed = history_find_listed(operation, thread->id, next);
    }
    return false;
}

/* Who has found a plugin's word may be told of another's end of the next try,
 * which a retry has begun meanwhile. */
static bool agrees_with_conflict(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    if (state->declared != DECLARED_NOTHING)
        return steps_is_beside(thread, operation, VERB_RETRY);
    return state_is_done(state) &&
           (state->outcome == 0 || state->outcome != operation->outcome);
}

static bool agrees_with_lost_lease(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    if (state->place == PLACE_NONE)
        return false;
    if (operation->verb == VERB_PROGRESS &&
        (state->place != PLACE_EXECUTING || state_is_withdrawal(state->lease)))
        return true;
    return operation->lease != 0 &&
           state_lease_counts(thread, state, operation->lease) != 1;
}

static bool is_unsafe_to_retry(
    const struct thread *thread, const struct state *state)
{
    if (!state_is_done(state) || state_is_repeatable(thread, state) == 1)
        return false;
    return state->place == PLACE_COMPLETED ||
           state->declared == DECLARED_TIMEOUT ||
           (state->declared == DECLARED_CANCELLED && state->fetched != 0);
}

static bool agrees_with_refusal(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    if (history_has_code(operation, "unknown_task"))
        return state->place == PLACE_NONE;
    if (history_has_code(operation, "task_exists"))
        return state->place != PLACE_NONE || state_is_moved_back(thread, state);
    if (history_has_code(operation, "result_conflict"))
        return agrees_with_conflict(thread, operation, state);
    if (history_has_code(operation, "lease_lost"))
        return agrees_with_lost_lease(thread, operation, state);
    if (history_has_code(operation, "task_finished"))
        return state_is_done(state) && state->declared != DECLARED_CANCELLED;
    if (history_has_code(operation, "task_not_finished"))
        return state_is_live(state) || steps_may_miss_record(operation);
    return is_unsafe_to_retry(thread, state);
}

bool steps_agree(const struct thread *thread, const struct operation *operation,
    const struct state *state, bool changed)
{
    switch (operation->verb) {
    case VERB_POLL:
        return state->place != PLACE_PENDING || state->delayed != 0 ||
               state_may_expire(thread, state);
    case VERB_LIST:
        return agrees_with_list(thread, operation, state, changed);
    case VERB_SHOW:
        if (operation->status == 200)
            return agrees_with_view(thread, operation, state);
        break;
    default:
        break;
    }
    return agrees_with_refusal(thread, operation, state);
}
