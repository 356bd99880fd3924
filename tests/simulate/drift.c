/* SPDX-License-Identifier: MIT */
/* What becomes of a task by itself: what any program does that meets it. */
#include "kernel.h"
#include "state.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

enum {
    TRIES_MAX = 4 /* more than anything in the simulator allows */
};

static bool may_requeue(const struct thread *thread, const struct state *state)
{
    int64_t retries = state_retries(thread, state);
    return state_is_repeatable(thread, state) != 0 &&
           (retries < 0 || state->tries < retries);
}

static void lease_ends(const struct asker *asker)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (state_is_withdrawal(from->lease)) {
        bool cancelled = from->lease == digest_text("cancel");
        to = state_ended(from, PLACE_FAILED,
            cancelled ? DECLARED_CANCELLED : DECLARED_EXPIRED, 0);
        state_forget_lease(&to);
        steps_go(asker, to);
        return;
    }
    if (from->marked != 0)
        steps_go(asker, state_ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0));
    /* Who found it over before its lease was renewed may have looked for the
     * mark before a person made it. */
    if (from->marked == 0 || (from->marked == 1 && from->overdue != 0)) {
        if (!state_must_requeue(asker->thread, from))
            steps_go(
                asker, state_ended(from, PLACE_FAILED, DECLARED_TIMEOUT, 0));
    }
    if (may_requeue(asker->thread, from)) {
        to.place = PLACE_PENDING;
        /* Where nobody knows how often it may be, there are states without end
         * else, and who follows it gives up. */
        to.tries = (uint8_t)(to.tries + (to.tries < TRIES_MAX));
        to.fetched = to.overdue = 0;
        steps_go(asker, to);
    }
}

/* From pending under a lease that nobody has; and back. */
static void withdraw(const struct asker *asker, const char *why)
{
    struct state to = *asker->from;
    to.place = PLACE_EXECUTING;
    state_note_lease(&to, digest_text(why));
    to.deadline = 0;
    to.fetched = 0;
    steps_go(asker, to);
}

static void give_back(const struct asker *asker)
{
    struct state to = *asker->from;
    to.place = PLACE_PENDING;
    state_forget_lease(&to);
    to.fetched = 0;
    steps_go(asker, to);
}

/* Of what was taken back from a plugin the end is asked for still. */
static struct state from_drop(const struct state *from, const struct drop *drop)
{
    struct state to = state_queued(from, drop->facts.content);
    to.tries = (uint8_t)drop->generation;
    if (drop->generation > 0)
        to.marked = from->marked;
    return to;
}

/* Who has read a part of it, rejects the whole. */
static bool came_in_parts(
    const struct history *history, const struct drop *drop)
{
    const struct drop *drops = history->drops.at;
    for (const struct drop *at = drops; at < drop; at++) {
        if (strcmp(at->path, drop->path) == 0)
            return true;
    }
    return false;
}

/* A record that a person has moved back may meet what an interrupted program
 * has left of its try, and that is cleared when it has been rejected. */
static bool meets_debris(const struct thread *thread, const struct drop *drop)
{
    struct name_parts parts;
    bool completed;
    return thread->history->struck &&
           grammar_done(strrchr(drop->path, '/') + 1, &parts, &completed);
}

static void drop_goes(
    const struct asker *asker, const struct drop *drop, uint16_t bit)
{
    struct state rejected = *asker->from;
    struct state queued = from_drop(asker->from, drop);
    bool may_be_queued = drop->fit && asker->from->place == PLACE_NONE;
    rejected.waiting = (uint16_t)(rejected.waiting & ~bit);
    queued.waiting = rejected.waiting;
    if (may_be_queued)
        steps_go(asker, queued);
    /* In pending/ itself nobody knows whose it is, and a sweep may have removed
     * the mark as that of a task that is nowhere. */
    queued.marked = 0;
    if (may_be_queued && !state_is_moved_back(asker->thread, asker->from))
        steps_go(asker, queued);
    /* Another that was moved back is met by its name, and is the task. */
    if (!may_be_queued || drop->refused ||
        came_in_parts(asker->thread->history, drop) ||
        meets_debris(asker->thread, drop) ||
        state_is_moved_back(asker->thread, &rejected))
        steps_go(asker, rejected);
}

static void drops_move(const struct asker *asker)
{
    const struct state *from = asker->from;
    for (size_t i = 0; i < asker->thread->drop_count; i++) {
        const struct drop *drop = thread_drop(asker->thread, i);
        uint16_t bit = (uint16_t)(1U << i);
        if ((from->waiting & bit) != 0) {
            drop_goes(asker, drop, bit);
        } else if (asker->thread->history->struck &&
                   from->place == PLACE_PENDING && from->fetched == 0 &&
                   from->lease == 0 && from->content == drop->facts.content) {
            /* Back, since it could not be made safe. */
            struct state to = state_gone(from);
            to.waiting = (uint16_t)(from->waiting | bit);
            steps_go(asker, to);
        }
    }
}

static int64_t days_kept(const struct history *history)
{
    const char *line = history->settings == NULL
                           ? NULL
                           : strstr(history->settings, "keep_done");
    return line == NULL ? 30 : strtoll(line + strcspn(line, "=") + 1, NULL, 10);
}

/* Where the clock is set, it is so by hours. */
static bool may_be_pruned(
    const struct thread *thread, const struct state *state, int64_t now)
{
    static const int64_t day = 86400 * INT64_C(1000000000);
    const struct history *history = thread->history;
    int64_t days = days_kept(history);
    if (!state_is_done(state) || days == 0)
        return false;
    days -= history->clock_ever_set;
    return now - history->started_at > days * day;
}

/* A person has taken its task away, or the power has, of which no name was safe
 * yet. */
static bool has_lost_task(const struct thread *thread)
{
    return thread->hand_at != 0 ||
           (thread->history->ever_lossy &&
               kernel_profile()->order != JOURNAL_ORDERED);
}

static bool was_just_handed_out(const struct asker *asker)
{
    const struct history *history = asker->thread->history;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        if (operation->verb == VERB_POLL && operation->status == 200 &&
            operation->answered_lease == asker->from->lease &&
            asker->from->place == PLACE_EXECUTING)
            return true;
    }
    return false;
}

/* What a .verdict that was left says is done by whoever meets it. A poll that
 * takes its task at this moment does not see that yet: then it is not of the
 * lease which that gives. */
static void verdict_is_met(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    struct state to = *asker->from;
    const struct state *left = &thread->verdict;
    bool gives_way = to.place == PLACE_FAILED &&
                     to.declared != DECLARED_NOTHING &&
                     left->declared == DECLARED_NOTHING;
    bool was_removed = to.place == PLACE_NONE && has_lost_task(thread);
    if (!thread->has_verdict || to.finished != 0 ||
        !(state_is_live(&to) || gives_way || was_removed))
        return;
    to = state_ended(&to, (enum place)left->place,
        (enum declared)left->declared, left->outcome);
    to.finished = 1;
    if (thread->hand_at != 0)
        to.content = 0; /* it may be of the task of that ID before */
    steps_go(asker, to);
    if (!was_just_handed_out(asker))
        return;
    to.lease = LEASE_UNKNOWN;
    steps_go(asker, to);
}

/* The same of a .verdict that came since the last look, where a person has
 * taken away what stood in done/ by another's word. */
static void left_word_is_met(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    const struct history *history = thread->history;
    const struct state *from = asker->from;
    if ((from->place != PLACE_NONE && from->place != PLACE_EXECUTING) ||
        from->prior == 0)
        return;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *left = history_operation(history, i);
        bool cancelled = left->verb == VERB_CANCEL;
        if (steps_may_be_left(thread, left))
            steps_go(
                asker, state_ended(from,
                           left->success ? PLACE_COMPLETED : PLACE_FAILED,
                           cancelled ? DECLARED_CANCELLED : DECLARED_NOTHING,
                           left->outcome));
    }
}

/* A failure that had given way to a success, and that a kill or a loss of power
 * has left in tmp/, is all there is of the task once a person has taken the
 * success away. */
static void aside_is_met(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    if (thread->aside != DECLARED_NOTHING && thread->hand_at != 0 &&
        asker->from->place == PLACE_NONE)
        steps_go(
            asker, state_ended(asker->from, PLACE_FAILED, thread->aside, 0));
}

/* Whoever was just recording its end goes on to remove the entry, which a
 * person has laid bare by taking the record away. */
static void bare_entry_goes(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    const struct history *history = thread->history;
    if (asker->from->place != PLACE_EXECUTING || asker->from->overdue == 0)
        return;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *hand = history_operation(history, i);
        if (hand->verb == VERB_TAKE && hand->place != PLACE_EXECUTING &&
            hand->place != PLACE_PENDING && hand->id != NULL &&
            strcmp(hand->id, thread->id) == 0)
            steps_go(asker, state_gone(asker->from));
    }
}

/* Who cancels makes a mark before it knows, and removes it again. */
static void cancel_interferes(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (!state_is_live(from))
        return;
    to.marked = 1;
    if (from->marked == 0)
        steps_go(asker, to);
    to.marked = 0;
    if (from->marked == 1 && operation->status != 202)
        steps_go(asker, to);
    if (from->place == PLACE_PENDING)
        withdraw(asker, "cancel");
}

/* A loss of power may show a task that was being put off by the name of its
 * entry as well as by that of its next try: it is executing then, and put off
 * once the sweeper has met both. */
static void put_off_by_half(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    const struct history *history = thread->history;
    if (asker->from->place != PLACE_EXECUTING || !history->ever_lossy)
        return;
    for (size_t i = 0; i < history->operations.count; i++) {
        const struct operation *half = history_operation(history, i);
        if (half->verb == VERB_RESULT && half->status != 200 &&
            steps_may_be_left(thread, half) &&
            (half->lease == 0 ||
                state_lease_counts(thread, asker->from, half->lease) != 0))
            steps_put_off(asker, half);
    }
}

/* What a retry that failed has done, is undone. */
static void undo_retry(const struct asker *asker)
{
    const struct state *from = asker->from;
    if (from->place != PLACE_PENDING || from->prior == 0)
        return;
    struct state to = state_ended(from, (enum place)from->prior,
        (enum declared)from->declared, from->outcome);
    to.lease = LEASE_UNKNOWN;
    to.fetched = 1;
    steps_go(asker, to);
}

/* Its record was retried before its program had looked for it, and the next try
 * has come to an end that is only declared: the word, given once more, takes
 * the place of that. Or that try still waits, and a clock that was set forward
 * has had what the program wrote in tmp/ taken for old debris. */
static void word_is_given_again(
    const struct asker *asker, const struct operation *word)
{
    const struct state *from = asker->from;
    bool is_declared =
        from->place == PLACE_FAILED && from->declared != DECLARED_NOTHING;
    bool is_retried = from->place == PLACE_PENDING && from->prior != 0 &&
                      asker->thread->history->clock_set;
    if ((is_declared || is_retried) && word->verb == VERB_RESULT &&
        word->status == 200 && steps_is_beside(asker->thread, word, VERB_RETRY))
        steps_take(asker->thread, word, from, asker->visit, asker->context);
}

/* A poll that cannot tell whether what it has taken is done gives it back, and
 * may take it once more, under another lease. */
static void poll_interferes(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (from->fetched == 0 && from->place == PLACE_EXECUTING)
        give_back(asker);
    if (from->place != PLACE_PENDING || !operation->struck)
        return;
    to.place = PLACE_EXECUTING;
    state_note_lease(&to, LEASE_UNKNOWN);
    to.fetched = 0;
    steps_go(asker, to);
}

/* What an operation that is under way has others see before its effect, or
 * instead of it. */
static void interfere(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    bool fails = operation->status >= 500;
    bool is_mute = operation->status == 0 && operation->struck;
    if (operation->verb == VERB_CANCEL)
        cancel_interferes(asker, operation);
    else if (operation->verb == VERB_RETRY && (fails || is_mute))
        undo_retry(asker);
    else if (operation->verb == VERB_CREATE && fails &&
             from->place == PLACE_PENDING && from->lease == 0)
        steps_go(asker, state_gone(from));
    else if (operation->verb == VERB_POLL)
        poll_interferes(asker, operation);
}

static void others_interfere(const struct asker *asker, uint32_t done)
{
    const struct thread *thread = asker->thread;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        const struct operation *operation = thread->slots[i];
        if (operation == NULL || thread->over[i] ||
            operation->verb >= VERB_DROP)
            continue;
        interfere(asker, operation);
        if ((done >> i & 1) != 0)
            word_is_given_again(asker, operation);
    }
}

/* Tasks of nobody's create: of a sync, an execute, a create or a drop without
 * an ID that got no answer. */
static void come_to_be(const struct asker *asker)
{
    const struct state *from = asker->from;
    if (asker->thread->is_named || from->born != 0 ||
        from->place != PLACE_NONE || from->waiting != 0)
        return;
    struct state to = state_queued(from, 0);
    to.born = 1;
    steps_go(asker, to);
}

/* And what a create made that could not make it safe is gone again, though it
 * was seen meanwhile. */
static void create_is_undone(const struct asker *asker)
{
    const struct state *from = asker->from;
    const struct history *history = asker->thread->history;
    if (asker->thread->is_named || from->place != PLACE_PENDING ||
        from->lease != 0)
        return;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        bool creates =
            operation->verb == VERB_EXECUTE || operation->verb == VERB_SYNC ||
            (operation->verb == VERB_CREATE && operation->id == NULL);
        if (creates && operation->status >= 500 &&
            state_may_be(from->content, operation->facts.content))
            steps_go(asker, state_gone(from));
    }
}

/* So is what was made of a drop without an ID, which goes back. What a look has
 * seen of it is known by its content. */
static void drop_is_undone(const struct asker *asker)
{
    const struct state *from = asker->from;
    const struct history *history = asker->thread->history;
    const struct drop *drops = history->drops.at;
    if (asker->thread->is_named || asker->thread->content != 0 ||
        from->place != PLACE_PENDING || from->lease != 0 ||
        !history->interrupted)
        return;
    for (size_t i = 0; i < history->drops.count; i++) {
        if (drops[i].id == NULL && history_is_of_top(&drops[i]) &&
            state_may_be(from->content, drops[i].facts.content))
            steps_go(asker, state_gone(from));
    }
}

/* One whose create was not acknowledged when the power went, and may have left
 * its name alone: at its deadline that is set aside, and there is no task. */
static void husk_is_set_aside(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    if (thread->unsafe && thread->is_husk && state_is_live(asker->from))
        steps_go(asker, state_gone(asker->from));
}

/* Whether it may be the task of an execute since the last look. */
static bool may_be_executed(
    const struct thread *thread, const struct state *state)
{
    const struct history *history = thread->history;
    const struct known *known = history_known(history, state->content);
    if (known != NULL && strncmp(known->facts.action, "execute_", 8) != 0 &&
        strcmp(known->facts.action, "get_user_data") != 0)
        return false;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        if (operation->verb == VERB_EXECUTE && operation->user == thread->user)
            return true;
    }
    return false;
}

/* Of what may not be repeated, and a plugin had, lists of the wardrobe may tell
 * what became of it. */
static void outcome_is_settled(const struct asker *asker)
{
    const struct state *from = asker->from;
    if (from->place != PLACE_FAILED ||
        state_is_repeatable(asker->thread, from) == 1 ||
        (from->declared != DECLARED_TIMEOUT &&
            (from->declared != DECLARED_CANCELLED || from->fetched == 0)))
        return;
    steps_go(asker, state_ended(from, PLACE_FAILED, DECLARED_SETTLED, 0));
    steps_go(asker, state_ended(from, PLACE_COMPLETED, DECLARED_SETTLED, 0));
}

/* Whom nobody named, an execute may withdraw. */
static void execute_ends(const struct asker *asker)
{
    const struct state *from = asker->from;
    if (asker->thread->is_named || !state_is_live(from) ||
        !may_be_executed(asker->thread, from))
        return;
    struct state to = *from;
    to.marked = 1;
    steps_go(asker, to);
    steps_go(asker, state_ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0));
    if (from->place == PLACE_PENDING)
        withdraw(asker, "cancel");
}

void steps_drift(const struct thread *thread, const struct config *config,
    int64_t now, steps_visit *visit, void *context)
{
    const struct state *from = &config->state;
    const struct asker asker = {thread, from, visit, context};
    if (from->place == PLACE_EXECUTING && state_may_end(thread, from, now))
        lease_ends(&asker);
    if (from->place == PLACE_EXECUTING && state_is_withdrawal(from->lease))
        give_back(&asker);
    if (from->overdue != 0 && from->place == PLACE_PENDING)
        steps_go(&asker, state_ended(from, PLACE_FAILED, DECLARED_TIMEOUT, 0));
    if (from->place == PLACE_PENDING && from->marked != 0) {
        withdraw(&asker, "cancel");
        steps_go(
            &asker, state_ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0));
    }
    if (from->place == PLACE_PENDING && state_may_expire(thread, from)) {
        withdraw(&asker, "expired");
        steps_go(&asker, state_ended(from, PLACE_FAILED, DECLARED_EXPIRED, 0));
    }
    if (may_be_pruned(thread, from, now))
        steps_go(&asker, state_gone(from));
    outcome_is_settled(&asker);
    drops_move(&asker);
    verdict_is_met(&asker);
    aside_is_met(&asker);
    bare_entry_goes(&asker);
    left_word_is_met(&asker);
    put_off_by_half(&asker);
    others_interfere(&asker, config->done);
    come_to_be(&asker);
    create_is_undone(&asker);
    drop_is_undone(&asker);
    husk_is_set_aside(&asker);
    execute_ends(&asker);
}
