/* SPDX-License-Identifier: MIT */
/* What an operation says of a task, or may have done to it. */
#include "kernel.h"
#include "state.h"
#include "value.h"

#include <string.h>

static bool is_unsure(const struct operation *operation)
{
    return operation->status == 0 || operation->status >= 500;
}

/* A loss of power may bring a task back and leave the stamp that says that
 * there is none, and a clock that was set back may give its folder the mtime of
 * before: it is believed for a while (doc/inside.md). */
static bool is_hidden_by_stamp(
    const struct history *history, const struct operation *poll)
{
    static const int64_t believed = 15 * INT64_C(1000000000);
    if (history->clock_seen != 0 &&
        poll->began_at < history->clock_seen + believed)
        return true;
    for (size_t i = 0; i < history->operations.count; i++) {
        const struct operation *loss = history_operation(history, i);
        if (loss->verb == VERB_LOSS && loss->ended < poll->begun &&
            poll->began_at < loss->ended_at + believed)
            return true;
    }
    return false;
}

/* A poll that found nothing says that nothing was there to be found, unless
 * something may have kept this task back or from being seen. */
static bool is_judged(
    const struct thread *thread, const struct operation *operation)
{
    const struct history *history = thread->history;
    static const int64_t noticed = 120 * INT64_C(1000000000);
    /* Of what another machine has changed it is not told for a moment. */
    if (kernel_profile()->memory > 0)
        return false;
    if (operation->struck || history->clock_set || !operation->not_paused ||
        history_is_set(history, "pace") ||
        history_is_set(history, "max_executing") ||
        is_hidden_by_stamp(history, operation) ||
        /* It may be due by now, but not for who had looked at the clock. */
        steps_is_beside(thread, operation, VERB_RENAME))
        return false;
    if (thread->hand_at != 0 &&
        operation->began_at < thread->hand_time + noticed)
        return false;
    return operation->answer != NULL &&
           value_member(operation->answer, "paused")->kind == VALUE_ABSENT;
}

static bool is_about(
    const struct thread *thread, const struct operation *operation)
{
    return operation->id != NULL && strcmp(operation->id, thread->id) == 0 &&
           (operation->user == thread->user || operation->user == 0);
}

/* Who renews a lease that is not its own, or takes a task back by hand, moves
 * it from under the poll that takes it, which can then neither hand it out nor
 * give it back. */
static bool is_disturbed(
    const struct thread *thread, const struct operation *poll)
{
    const struct history *history = thread->history;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *other = history_operation(history, i);
        bool moves = other->verb == VERB_TAKE ||
                     (other->verb == VERB_PROGRESS && other->lease == 0);
        if (moves && other->begun < poll->ended && poll->begun < other->ended &&
            is_about(thread, other))
            return true;
    }
    return false;
}

/* A poll that sleeps for so long that the lease which it has just taken ends:
 * whoever meets that settles it, and the poll finds that it has nothing. */
static bool outlasts_lease(
    const struct thread *thread, const struct operation *poll)
{
    static const int64_t usual = 60 * INT64_C(1000000000);
    static const int64_t shortest = 12 * INT64_C(1000000000); /* an execute's */
    const struct state task = {.content = thread->content};
    int64_t timeout = state_timeout(thread, &task);
    if (timeout == 0)
        timeout = thread->is_named ? usual : shortest;
    return poll->ended_at - poll->began_at >= timeout;
}

static enum role role_of_poll(
    const struct thread *thread, const struct operation *operation)
{
    if (is_unsure(operation))
        return ROLE_MAYBE;
    if (operation->status != 200)
        return ROLE_NONE;
    if (operation->id != NULL && strcmp(operation->id, thread->id) == 0)
        return ROLE_WRITE;
    /* It may have taken this one, and not have been able to give it back, or
     * have found it done by a result that came meanwhile. */
    if (operation->struck || is_disturbed(thread, operation) ||
        outlasts_lease(thread, operation) ||
        steps_is_beside(thread, operation, VERB_RESULT))
        return ROLE_MAYBE;
    if (operation->id != NULL)
        return ROLE_NONE;
    return is_judged(thread, operation) ? ROLE_READ : ROLE_NONE;
}

static enum role role_of_list(
    const struct thread *thread, const struct operation *operation)
{
    if (operation->status != 200)
        return ROLE_NONE;
    return (operation->whole && !operation->struck) ||
                   history_find_listed(operation, thread->id, 0) != NULL
               ? ROLE_READ
               : ROLE_NONE;
}

/* A refusal that tells of the task's state. */
static bool is_telling(const struct operation *operation)
{
    static const char *const codes[] = {"unknown_task", "task_exists",
        "result_conflict", "lease_lost", "task_finished", "task_not_finished",
        "not_repeatable"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (history_has_code(operation, codes[i]))
            return true;
    }
    return false;
}

bool steps_is_beside(const struct thread *thread,
    const struct operation *operation, enum verb verb)
{
    const struct history *history = thread->history;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *other = history_operation(history, i);
        if (other->verb == verb && is_about(thread, other) &&
            (other->status / 100 == 2 || is_unsure(other)) &&
            other->begun < operation->ended && operation->begun < other->ended)
            return true;
    }
    return false;
}

static bool is_put_off(const struct operation *operation)
{
    return !operation->success && (operation->failure == FAILURE_UNSENT ||
                                      operation->failure == FAILURE_REPEATABLE);
}

bool steps_may_have_written(
    const struct thread *thread, const struct operation *operation)
{
    if (!is_about(thread, operation))
        return false;
    if (operation->verb == VERB_RETRY)
        return (operation->status == 200 ||
                   history_has_code(operation, "not_repeatable")) &&
               steps_is_beside(thread, operation, VERB_RESULT);
    if (operation->verb != VERB_RESULT)
        return false;
    if (operation->status == 200)
        return operation->struck &&
               steps_is_beside(thread, operation, VERB_RETRY);
    bool is_lost = history_has_code(operation, "lease_lost");
    if (is_lost || history_has_code(operation, "unknown_task")) {
        if (steps_is_beside(thread, operation, VERB_TAKE))
            return true;
    }
    return (is_lost || history_has_code(operation, "result_conflict")) &&
           (steps_is_beside(thread, operation, VERB_RETRY) ||
               (is_put_off(operation) &&
                   steps_is_beside(thread, operation, VERB_RESULT)));
}

/* A file that comes or goes where one of this ID has lain. */
static bool is_in_the_way(
    const struct thread *thread, const struct operation *operation)
{
    const struct drop *drops = thread->history->drops.at;
    if (operation->verb != VERB_DROP && operation->verb != VERB_UNDROP)
        return false;
    for (size_t i = 0; i < thread->drop_count; i++) {
        if (strcmp(drops[thread->drops[i]].path, drops[operation->drop].path) ==
            0)
            return true;
    }
    return false;
}

enum role steps_role(
    const struct thread *thread, const struct operation *operation)
{
    bool ours = operation->user == thread->user || operation->user == 0;
    switch (operation->verb) {
    case VERB_POLL:
        return ours ? role_of_poll(thread, operation) : ROLE_NONE;
    case VERB_LIST:
        return ours ? role_of_list(thread, operation) : ROLE_NONE;
    case VERB_LOSS:
        return ROLE_WRITE;
    case VERB_OTHER:
    case VERB_SYNC:
    case VERB_EXECUTE:
    case VERB_PAUSE:
        return ROLE_NONE;
    default:
        break;
    }
    if (is_in_the_way(thread, operation))
        return ROLE_WRITE;
    if (!is_about(thread, operation))
        return ROLE_NONE;
    if (operation->verb >= VERB_DROP)
        return ROLE_WRITE;
    bool shows = operation->verb == VERB_SHOW;
    if (is_unsure(operation))
        return shows ? ROLE_NONE : ROLE_MAYBE;
    if (operation->status / 100 == 2)
        return shows ? ROLE_READ : ROLE_WRITE;
    return is_telling(operation) ? ROLE_READ : ROLE_NONE;
}

bool steps_may_be_left(
    const struct thread *thread, const struct operation *operation)
{
    return (operation->verb == VERB_CANCEL || operation->verb == VERB_RESULT) &&
           (operation->status == 0 ||
               (operation->struck &&
                   (is_unsure(operation) || operation->status == 200))) &&
           is_about(thread, operation);
}
