/* SPDX-License-Identifier: MIT */
/* The steps of a task, as the README, doc/spool.md, doc/api.md and
 * doc/inside.md promise them. */
#include "kernel.h"
#include "model.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* --- What an operation is to a task --------------------------------------- */

static bool has_code(const struct operation *operation, const char *code)
{
    return operation->code != NULL && strcmp(operation->code, code) == 0;
}

static bool is_unsure(const struct operation *operation)
{
    return operation->status == 0 || operation->status >= 500;
}

static const struct listed *find_listed(
    const struct operation *operation, const char *id, size_t from)
{
    const struct listed *listed = operation->listed.at;
    for (size_t i = from; i < operation->listed.count; i++) {
        if (strcmp(listed[i].id, id) == 0)
            return &listed[i];
    }
    return NULL;
}

/* A poll that found nothing says that nothing was there to be found, unless
 * something may have kept this task back or from being seen. */
static bool is_judged(
    const struct thread *thread, const struct operation *operation)
{
    const struct history *history = thread->history;
    static const int64_t noticed = 120 * INT64_C(1000000000);
    if (operation->struck || history->clock_ever_set ||
        !operation->not_paused || history_has_setting(history, "pace") ||
        history_has_setting(history, "max_executing"))
        return false;
    if (thread->hand_at != 0 &&
        operation->began_at < thread->hand_time + noticed)
        return false;
    return operation->answer != NULL &&
           value_member(operation->answer, "paused")->kind == VALUE_ABSENT;
}

static enum role role_of_poll(
    const struct thread *thread, const struct operation *operation)
{
    if (is_unsure(operation))
        return ROLE_MAYBE;
    if (operation->status != 200)
        return ROLE_NONE;
    if (operation->id != NULL)
        return strcmp(operation->id, thread->id) == 0 ? ROLE_WRITE : ROLE_NONE;
    return is_judged(thread, operation) ? ROLE_READ : ROLE_NONE;
}

static enum role role_of_list(
    const struct thread *thread, const struct operation *operation)
{
    if (operation->status != 200)
        return ROLE_NONE;
    return operation->whole || find_listed(operation, thread->id, 0) != NULL
               ? ROLE_READ
               : ROLE_NONE;
}

/* A refusal that tells of the task's state. */
static bool is_telling(const struct operation *operation)
{
    static const char *const codes[] = {"unknown_task", "task_exists",
        "idempotency_key_reused", "result_conflict", "lease_lost",
        "task_finished", "task_not_finished", "not_repeatable"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (has_code(operation, codes[i]))
            return true;
    }
    return false;
}

static bool is_about(
    const struct thread *thread, const struct operation *operation)
{
    return operation->id != NULL && strcmp(operation->id, thread->id) == 0 &&
           (operation->user == thread->user || operation->user == 0);
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
    case VERB_SHOW:
        if (!is_about(thread, operation) || is_unsure(operation))
            return ROLE_NONE;
        break;
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
    if (is_unsure(operation))
        return ROLE_MAYBE;
    if (operation->status / 100 == 2)
        return operation->verb == VERB_SHOW ? ROLE_READ : ROLE_WRITE;
    return is_telling(operation) ? ROLE_READ : ROLE_NONE;
}

/* --- What tasks are --------------------------------------------------------
 */

static const char *action_of(
    const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    return known == NULL ? NULL : known->facts.action;
}

/* 1, 0, or -1: not known. */
static int is_repeatable(const struct thread *thread, const struct state *state)
{
    return history_is_repeatable(action_of(thread, state));
}

static bool may_expire(const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    return known == NULL || !known->complete || known->mixed ||
           known->facts.expires ||
           history_has_setting(thread->history, "expire");
}

/* -1: not known. */
static int64_t retries_of(
    const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    if (known == NULL || !known->complete || known->mixed)
        return -1;
    return known->facts.retries >= 0 ? known->facts.retries
                                     : history_setting(thread->history,
                                           known->facts.action, "retries", 3);
}

/* ns; 0: not known. */
static int64_t timeout_of(
    const struct thread *thread, const struct state *state)
{
    const struct known *known = history_known(thread->history, state->content);
    return known == NULL || known->mixed
               ? 0
               : known->facts.timeout * INT64_C(1000000000);
}

/* --- Answers that tell ---------------------------------------------------- */

static bool is_done(const struct state *state)
{
    return state->place == PLACE_COMPLETED || state->place == PLACE_FAILED;
}

static bool is_live(const struct state *state)
{
    return state->place == PLACE_PENDING || state->place == PLACE_EXECUTING;
}

static bool may_be(uint64_t known, uint64_t told)
{
    return known == 0 || told == 0 || known == told;
}

static bool lease_may_be(const struct state *state, uint64_t lease)
{
    return state->lease == LEASE_UNKNOWN || state->lease == lease;
}

/* Whether the word of who names this lease counts: 1, 0, or -1: that cannot be
 * told (doc/api.md, the result). */
static int lease_counts(
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

static bool agrees_with_view(
    const struct operation *operation, const struct state *state)
{
    const struct task_facts *facts = &operation->facts;
    if (state->place != operation->place ||
        !may_be(state->content, facts->content))
        return false;
    if (state->place == PLACE_EXECUTING)
        return operation->answered_lease == 0 ||
               lease_may_be(state, operation->answered_lease);
    if (!is_done(state))
        return true;
    return state->declared == facts->declared &&
           (state->declared != DECLARED_NOTHING ||
               may_be(state->outcome, facts->outcome));
}

static bool agrees_with_list(const struct thread *thread,
    const struct operation *operation, const struct state *state, bool changed)
{
    const struct listed *listed = find_listed(operation, thread->id, 0);
    if (listed == NULL)
        return state->place == PLACE_NONE || changed;
    /* One that moves may come twice. */
    for (; listed != NULL;) {
        if (state->place == listed->place &&
            (!is_done(state) || state->declared == listed->declared))
            return true;
        size_t next =
            (size_t)(listed - (const struct listed *)operation->listed.at) + 1;
        listed = find_listed(operation, thread->id, next);
    }
    return false;
}

static bool agrees_with_conflict(
    const struct operation *operation, const struct state *state)
{
    return is_done(state) && state->declared == DECLARED_NOTHING &&
           (state->outcome == 0 || state->outcome != operation->outcome);
}

static bool agrees_with_lost_lease(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    if (state->place == PLACE_NONE)
        return false;
    if (operation->verb == VERB_PROGRESS && state->place != PLACE_EXECUTING)
        return true;
    return operation->lease != 0 &&
           lease_counts(thread, state, operation->lease) != 1;
}

/* Whether it may be carried out once more without being forced. */
static bool is_safe_to_retry(
    const struct thread *thread, const struct state *state)
{
    if (is_repeatable(thread, state) != 0)
        return true;
    if (state->place == PLACE_COMPLETED)
        return false;
    return state->declared == DECLARED_NOTHING ||
           state->declared == DECLARED_EXPIRED ||
           (state->declared == DECLARED_CANCELLED && state->fetched != 1);
}

static bool is_unsafe_to_retry(
    const struct thread *thread, const struct state *state)
{
    if (!is_done(state) || is_repeatable(thread, state) == 1)
        return false;
    return state->place == PLACE_COMPLETED ||
           state->declared == DECLARED_TIMEOUT ||
           (state->declared == DECLARED_CANCELLED && state->fetched != 0);
}

static bool agrees_with_refusal(const struct thread *thread,
    const struct operation *operation, const struct state *state)
{
    if (has_code(operation, "unknown_task"))
        return state->place == PLACE_NONE;
    if (has_code(operation, "task_exists"))
        return state->place != PLACE_NONE;
    if (has_code(operation, "idempotency_key_reused"))
        return state->place != PLACE_NONE;
    if (has_code(operation, "result_conflict"))
        return agrees_with_conflict(operation, state);
    if (has_code(operation, "lease_lost"))
        return agrees_with_lost_lease(thread, operation, state);
    if (has_code(operation, "task_finished"))
        return is_done(state) && state->declared != DECLARED_CANCELLED;
    if (has_code(operation, "task_not_finished"))
        return is_live(state);
    return is_unsafe_to_retry(thread, state);
}

bool steps_agree(const struct thread *thread, const struct operation *operation,
    const struct state *state, bool changed)
{
    switch (operation->verb) {
    case VERB_POLL:
        return state->place != PLACE_PENDING || state->delayed != 0 ||
               may_expire(thread, state);
    case VERB_LIST:
        return agrees_with_list(thread, operation, state, changed);
    case VERB_SHOW:
        if (operation->status == 200)
            return agrees_with_view(operation, state);
        break;
    default:
        break;
    }
    return agrees_with_refusal(thread, operation, state);
}

/* --- What operations do --------------------------------------------------- */

static bool is_alone(const struct thread *thread)
{
    int count = 0;
    for (size_t i = 0; i < SLOTS_MAX; i++)
        count += thread->slots[i] != NULL && !thread->over[i];
    return count < 2;
}

/* Who asks: a state, and where its successors go. */
struct asker {
    const struct thread *thread;
    const struct state *from;
    steps_visit *visit;
    void *context;
};

static void go(const struct asker *asker, struct state to)
{
    asker->visit(asker->context, &to);
}

static struct state queued(const struct state *from, uint64_t content)
{
    return (struct state){.place = PLACE_PENDING,
        .content = content,
        .waiting = from->waiting,
        .born = from->born,
        .finished = from->finished};
}

static bool is_withdrawal(uint64_t lease)
{
    return lease == digest_text("cancel") || lease == digest_text("expired");
}

static struct state ended(const struct state *from, enum place place,
    enum declared declared, uint64_t outcome)
{
    struct state to = *from;
    if (to.place == PLACE_PENDING || is_withdrawal(to.lease))
        to.fetched = to.tries > 0 || to.lease != 0 || to.past[0] != 0 ? 2 : 0;
    to.place = (uint8_t)place;
    to.declared = (uint8_t)declared;
    to.outcome = outcome;
    to.deadline = 0;
    to.marked = to.delayed = to.tries = to.overdue = to.prior = 0;
    to.put_off = 0;
    return to;
}

static struct state gone(const struct state *from)
{
    return (struct state){
        .waiting = from->waiting, .born = from->born, .finished = 1};
}

static void create(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    if (from->place == PLACE_NONE) {
        struct state to = queued(from, operation->facts.content);
        to.delayed = operation->delay != 0;
        go(asker, to);
    } else if (operation->key != NULL && operation->status == 201 &&
               may_be(from->content, operation->facts.content)) {
        go(asker, *from);
    }
}

static void note_lease(struct state *state, uint64_t lease)
{
    if (state->past[1] != 0)
        state->vague = 1;
    if (state->lease != 0) {
        state->past[1] = state->past[0];
        state->past[0] = state->lease;
    }
    state->lease = lease;
}

/* A hand-out, under a lease of its own or, once more, under the same. */
static void poll(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    bool answered = operation->status == 200;
    uint64_t lease = answered                ? operation->answered_lease
                     : operation->lease != 0 ? operation->lease
                                             : LEASE_UNKNOWN;
    if (answered && !may_be(from->content, operation->facts.content))
        return;
    to.fetched = answered;
    if (from->place == PLACE_EXECUTING && operation->lease != 0 &&
        from->lease == operation->lease) {
        to.fetched |= from->fetched;
        go(asker, to);
    }
    if (from->place != PLACE_PENDING)
        return;
    to.place = PLACE_EXECUTING;
    note_lease(&to, lease);
    to.deadline = answered
                      ? operation->deadline
                      : operation->began_at + timeout_of(asker->thread, from);
    to.outcome = to.put_off = 0;
    to.declared = to.prior = to.overdue = to.delayed = 0;
    if (to.content == 0)
        to.content = operation->facts.content;
    go(asker, to);
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
               is_repeatable(asker->thread, asker->from) != 0);
}

/* Done by a plugin's word. Whose that was, is not known without a lease. */
static struct state spoken(const struct state *from, enum place place,
    const struct operation *operation)
{
    struct state to = ended(from, place, DECLARED_NOTHING, operation->outcome);
    to.fetched = 1;
    to.lease = operation->lease != 0 ? operation->lease : LEASE_UNKNOWN;
    to.past[0] = to.past[1] = 0;
    to.vague = 0;
    return to;
}

static void result_live(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    enum place place = operation->success ? PLACE_COMPLETED : PLACE_FAILED;
    if (operation->lease != 0 &&
        lease_counts(asker->thread, from, operation->lease) == 0)
        return;
    struct state to = spoken(from, place, operation);
    go(asker, to);
    if (!may_put_off(asker, operation) || from->marked == 2)
        return;
    to = *from;
    if (from->place == PLACE_EXECUTING) {
        to.place = PLACE_PENDING;
        to.tries++;
        to.delayed = 1;
        to.fetched = 0;
        to.overdue = 0;
    }
    to.put_off = operation->outcome;
    go(asker, to);
}

static void result(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    if (is_live(from)) {
        result_live(asker, operation);
        /* The same failure once more, of a try that is over. */
        if (operation->status == 200 && from->place == PLACE_PENDING &&
            from->put_off == operation->outcome)
            go(asker, *from);
        return;
    }
    if (!is_done(from) ||
        (operation->lease != 0 &&
            lease_counts(asker->thread, from, operation->lease) == 0))
        return;
    enum place place = operation->success ? PLACE_COMPLETED : PLACE_FAILED;
    struct state to = spoken(from, place, operation);
    if (from->declared != DECLARED_NOTHING)
        go(asker, to);
    else if (operation->status == 200 &&
             may_be(from->outcome, operation->outcome) && from->place == place)
        go(asker, *from);
}

static bool may_end(
    const struct thread *thread, const struct state *state, int64_t now)
{
    return state->overdue != 0 || thread->history->clock_set ||
           now >= state->deadline;
}

/* Whether a cancel that was acknowledged is told, and none that was not asked
 * for. The mark is looked for a moment after the renewal. */
static bool tells_mark(
    const struct asker *asker, const struct operation *operation)
{
    int marked = asker->from->marked;
    if (operation->cancel)
        return marked != 0 || !is_alone(asker->thread);
    return marked == 0 || !is_alone(asker->thread);
}

static void progress(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (from->place != PLACE_EXECUTING ||
        (operation->lease != 0 && !lease_may_be(from, operation->lease)))
        return;
    if (operation->status == 200 && !tells_mark(asker, operation))
        return;
    int64_t later = operation->status == 200
                        ? operation->deadline
                        : operation->began_at + timeout_of(asker->thread, from);
    /* Somebody may have found the lease over just before. */
    if (may_end(asker->thread, from, operation->ended_at))
        to.overdue = 1;
    if (later > to.deadline)
        to.deadline = later;
    go(asker, to);
}

static void cancel(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    bool asked = operation->status == 202;
    if (from->place == PLACE_PENDING && !asked) {
        to = ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0);
        go(asker, to);
    } else if (from->place == PLACE_FAILED && !asked &&
               from->declared == DECLARED_CANCELLED) {
        go(asker, to);
    } else if (from->place == PLACE_EXECUTING && operation->status != 200) {
        if (to.marked == 0)
            to.marked = 1;
        go(asker, to);
    }
}

static void retry(const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    if (!is_done(from) ||
        (!operation->force && !is_safe_to_retry(asker->thread, from)))
        return;
    struct state to = queued(from, from->content);
    to.finished = 1;
    to.prior = from->place;
    to.declared = from->declared;
    to.outcome = from->outcome;
    go(asker, to);
}

/* --- What persons do ------------------------------------------------------ */

static int drop_bit(const struct thread *thread, size_t drop)
{
    for (size_t i = 0; i < thread->drop_count; i++) {
        if (thread->drops[i] == drop)
            return (int)i;
    }
    return -1;
}

static const struct drop *drop_of(const struct thread *thread, size_t bit)
{
    const struct drop *drops = thread->history->drops.at;
    return &drops[thread->drops[bit]];
}

/* A file of the same name, if it is still there, is written over or gone. */
static uint16_t without_path(
    const struct thread *thread, uint16_t waiting, const char *path)
{
    for (size_t i = 0; i < thread->drop_count; i++) {
        if (strcmp(drop_of(thread, i)->path, path) == 0)
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
    go(asker, to);
}

static bool is_named_so(
    const struct state *state, const struct operation *operation)
{
    if (state->place != operation->place)
        return false;
    return state->place != PLACE_EXECUTING ||
           lease_may_be(state, digest_text(operation->parts.lease));
}

/* What a crash has left beside it would show again. */
static void show_debris(const struct asker *asker)
{
    struct state to = *asker->from;
    const struct thread *thread = asker->thread;
    if (!is_done(asker->from) || (!thread->history->struck && is_alone(thread)))
        return;
    to.place = PLACE_EXECUTING;
    to.declared = 0;
    to.outcome = 0;
    to.overdue = 1;
    go(asker, to);
    to.place = PLACE_PENDING;
    go(asker, to);
}

static void name_goes(
    const struct asker *asker, const struct operation *operation)
{
    if (is_named_so(asker->from, operation)) {
        go(asker, gone(asker->from));
        show_debris(asker);
        return;
    }
    go(asker, *asker->from);
}

static void deed(const struct asker *asker, const struct operation *operation)
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
        to.marked = is_live(&to);
        break;
    case VERB_UNMARK:
        to.marked = 0;
        break;
    default:
        break;
    }
    go(asker, to);
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
        deed(&asker, operation);
        break;
    }
}

/* --- What happens by itself ----------------------------------------------- */

static bool may_requeue(const struct thread *thread, const struct state *state)
{
    int64_t retries = retries_of(thread, state);
    return is_repeatable(thread, state) != 0 &&
           (retries < 0 || state->tries < retries);
}

static bool must_requeue(const struct thread *thread, const struct state *state)
{
    return is_repeatable(thread, state) == 1 &&
           state->tries < retries_of(thread, state);
}

/* That was no hand-out. */
static void forget_lease(struct state *state)
{
    state->lease = state->past[0];
    state->past[0] = state->past[1];
    state->past[1] = 0;
}

static void lease_ends(const struct asker *asker)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (is_withdrawal(from->lease)) {
        bool cancelled = from->lease == digest_text("cancel");
        to = ended(from, PLACE_FAILED,
            cancelled ? DECLARED_CANCELLED : DECLARED_EXPIRED, 0);
        forget_lease(&to);
        go(asker, to);
        return;
    }
    if (from->marked != 0)
        go(asker, ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0));
    else if (!must_requeue(asker->thread, from))
        go(asker, ended(from, PLACE_FAILED, DECLARED_TIMEOUT, 0));
    if (may_requeue(asker->thread, from)) {
        to.place = PLACE_PENDING;
        to.tries++;
        to.fetched = to.overdue = 0;
        go(asker, to);
    }
}

/* From pending under a lease that nobody has; and back. */
static void withdraw(const struct asker *asker, const char *why)
{
    struct state to = *asker->from;
    to.place = PLACE_EXECUTING;
    note_lease(&to, digest_text(why));
    to.deadline = 0;
    to.fetched = 0;
    go(asker, to);
}

static void give_back(const struct asker *asker)
{
    struct state to = *asker->from;
    to.place = PLACE_PENDING;
    forget_lease(&to);
    to.fetched = 0;
    go(asker, to);
}

static struct state from_drop(const struct state *from, const struct drop *drop)
{
    struct state to = queued(from, drop->facts.content);
    to.tries = (uint8_t)drop->generation;
    return to;
}

static void drops_move(const struct asker *asker)
{
    const struct state *from = asker->from;
    for (size_t i = 0; i < asker->thread->drop_count; i++) {
        const struct drop *drop = drop_of(asker->thread, i);
        uint16_t bit = (uint16_t)(1U << i);
        struct state to = *from;
        if ((from->waiting & bit) != 0) {
            if (drop->fit && from->place == PLACE_NONE)
                to = from_drop(from, drop); /* else it is rejected */
            to.waiting = (uint16_t)(from->waiting & ~bit);
            go(asker, to);
        } else if (asker->thread->history->struck &&
                   from->place == PLACE_PENDING && from->fetched == 0 &&
                   from->lease == 0 && from->content == drop->facts.content) {
            to = gone(from); /* back, since it could not be made safe */
            to.waiting = (uint16_t)(from->waiting | bit);
            go(asker, to);
        }
    }
}

static bool may_be_pruned(
    const struct thread *thread, const struct state *state, int64_t now)
{
    const struct history *history = thread->history;
    int64_t days = 30;
    if (!is_done(state))
        return false;
    const char *line = history->settings == NULL
                           ? NULL
                           : strstr(history->settings, "keep_done");
    if (line != NULL)
        days = strtoll(line + strcspn(line, "=") + 1, NULL, 10);
    return days > 0 &&
           (history->clock_ever_set ||
               now - history->started_at > days * 86400 * INT64_C(1000000000));
}

/* What a .verdict that was left says is done by whoever meets it. */
static void verdict_is_met(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    struct state to = *asker->from;
    const struct state *left = &thread->verdict;
    bool gives_way = to.place == PLACE_FAILED &&
                     to.declared != DECLARED_NOTHING &&
                     left->declared == DECLARED_NOTHING;
    if (!thread->has_verdict || to.finished != 0 ||
        !(is_live(&to) || gives_way))
        return;
    to = ended(&to, (enum place)left->place, (enum declared)left->declared,
        left->outcome);
    to.finished = 1;
    go(asker, to);
}

/* Who cancels makes a mark before it knows, and removes it again. */
static void cancel_interferes(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    struct state to = *from;
    if (!is_live(from))
        return;
    to.marked = 1;
    if (from->marked == 0)
        go(asker, to);
    to.marked = 0;
    if (from->marked == 1 && operation->status != 202)
        go(asker, to);
    if (from->place == PLACE_PENDING)
        withdraw(asker, "cancel");
}

/* What a retry that failed has done, is undone. */
static void undo_retry(const struct asker *asker)
{
    const struct state *from = asker->from;
    if (from->place != PLACE_PENDING || from->prior == 0)
        return;
    struct state to = ended(from, (enum place)from->prior,
        (enum declared)from->declared, from->outcome);
    to.lease = LEASE_UNKNOWN;
    to.fetched = 1;
    go(asker, to);
}

/* What an operation that is under way has others see before its effect, or
 * instead of it. */
static void interfere(
    const struct asker *asker, const struct operation *operation)
{
    const struct state *from = asker->from;
    bool fails = operation->status >= 500;
    if (operation->verb == VERB_CANCEL)
        cancel_interferes(asker, operation);
    else if (operation->verb == VERB_RETRY && fails)
        undo_retry(asker);
    else if (operation->verb == VERB_CREATE && fails &&
             from->place == PLACE_PENDING && from->lease == 0)
        go(asker, gone(from));
    else if (operation->verb == VERB_POLL && from->fetched == 0 &&
             from->place == PLACE_EXECUTING)
        give_back(asker);
}

static void others_interfere(const struct asker *asker)
{
    const struct thread *thread = asker->thread;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        const struct operation *operation = thread->slots[i];
        if (operation != NULL && !thread->over[i] &&
            operation->verb < VERB_DROP)
            interfere(asker, operation);
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
    struct state to = queued(from, 0);
    to.born = 1;
    go(asker, to);
}

/* Whom nobody named, an execute may withdraw. */
static void execute_ends(const struct asker *asker)
{
    const struct state *from = asker->from;
    if (asker->thread->is_named || !is_live(from) ||
        !asker->thread->history->executes)
        return;
    struct state to = *from;
    to.marked = 1;
    go(asker, to);
    go(asker, ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0));
    if (from->place == PLACE_PENDING)
        withdraw(asker, "cancel");
}

void steps_drift(const struct thread *thread, const struct config *config,
    int64_t now, steps_visit *visit, void *context)
{
    const struct state *from = &config->state;
    const struct asker asker = {thread, from, visit, context};
    if (from->place == PLACE_EXECUTING && may_end(thread, from, now))
        lease_ends(&asker);
    if (from->place == PLACE_EXECUTING && is_withdrawal(from->lease))
        give_back(&asker);
    if (from->overdue != 0 && from->place == PLACE_PENDING)
        go(&asker, ended(from, PLACE_FAILED, DECLARED_TIMEOUT, 0));
    if (from->place == PLACE_PENDING && from->marked != 0) {
        withdraw(&asker, "cancel");
        go(&asker, ended(from, PLACE_FAILED, DECLARED_CANCELLED, 0));
    }
    if (from->place == PLACE_PENDING && may_expire(thread, from)) {
        withdraw(&asker, "expired");
        go(&asker, ended(from, PLACE_FAILED, DECLARED_EXPIRED, 0));
    }
    if (may_be_pruned(thread, from, now))
        go(&asker, gone(from));
    drops_move(&asker);
    verdict_is_met(&asker);
    others_interfere(&asker);
    come_to_be(&asker);
    execute_ends(&asker);
}

bool steps_is_waiting(
    const struct thread *thread, const struct state *state, int64_t now)
{
    if (state->marked != 0)
        return false;
    return state->place == PLACE_PENDING ||
           (state->place == PLACE_EXECUTING && now >= state->deadline &&
               must_requeue(thread, state));
}
