/* SPDX-License-Identifier: MIT */
#include "search.h"

#include "configs.h"
#include "kernel.h"
#include "state.h"

#include <string.h>

static struct {
    struct thread *thread;
    struct complaints *complaints;
    /* What it may be; the set before; what a loss of power may make it. */
    struct configs *now, *before, *visited;
    /* Of a step that is being taken. */
    struct config from;
    uint32_t done;
    bool renames; /* to another name in the same folder */
} search;

static void load(
    struct configs *configs, const struct state *states, size_t count)
{
    configs_clear(configs);
    for (size_t i = 0; i < count; i++) {
        struct config config = {.state = states[i]};
        configs_add(configs, &config);
    }
}

static void prepare(struct thread *thread, struct complaints *complaints)
{
    if (search.now == NULL) {
        search.now = configs_new();
        search.before = configs_new();
        search.visited = configs_new();
    }
    search.thread = thread;
    search.complaints = complaints;
    memset((void *)thread->slots, 0, sizeof thread->slots);
    memset(thread->over, 0, sizeof thread->over);
}

void search_start(struct thread *thread, struct complaints *complaints)
{
    prepare(thread, complaints);
    load(search.now, thread->states, thread->state_count);
    load(search.visited, thread->kept, thread->kept_count);
}

void search_set(struct thread *thread, const struct state *states, size_t count)
{
    prepare(thread, NULL);
    load(search.now, states, count);
    load(search.visited, states, count);
}

/* --- Closing the set under all that may happen ---------------------------- */

static void take_reads(struct config *config)
{
    const struct thread *thread = search.thread;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if (thread->slots[i] == NULL || thread->roles[i] != ROLE_READ ||
            (config->done & bit) != 0)
            continue;
        if (steps_agree(thread, thread->slots[i], &config->state,
                (config->changed & bit) != 0))
            config->done |= bit;
    }
}

static uint32_t lists(void)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        if (search.thread->slots[i] != NULL &&
            search.thread->slots[i]->verb == VERB_LIST)
            bits |= UINT32_C(1) << i;
    }
    return bits;
}

static void add(struct config config)
{
    take_reads(&config);
    if (!configs_add(search.now, &config))
        return;
    config.changed = 0;
    configs_add(search.visited, &config);
}

/* A drop that goes from pending/USER into the queue, and one that is rejected:
 * neither its old folder nor, of the latter, the new one is fsynced. One of
 * pending/ itself is safe unless its program was killed before. */
static void note_drops(const struct state *to)
{
    struct thread *thread = search.thread;
    bool is_synced =
        to->place != search.from.state.place && !thread->history->interrupted;
    for (size_t i = 0; i < thread->drop_count; i++) {
        uint16_t bit = (uint16_t)(1U << i);
        bool of_top = history_is_of_top(thread_drop(thread, i));
        if ((search.from.state.waiting & ~to->waiting & bit) != 0 &&
            !(is_synced && of_top))
            thread->moved |= bit;
    }
}

/* Polls whose entry has gone from under them: such a one looks for a task anew,
 * which may be the same. */
static uint32_t robbed(const struct state *to)
{
    const struct thread *thread = search.thread;
    const struct state *from = &search.from.state;
    uint32_t bits = 0;
    if (from->place != PLACE_EXECUTING || to->place == PLACE_EXECUTING)
        return 0;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        const struct operation *poll = thread->slots[i];
        if (poll != NULL && poll->verb == VERB_POLL &&
            (from->lease == LEASE_UNKNOWN || from->lease == poll->lease ||
                from->lease == poll->answered_lease))
            bits |= UINT32_C(1) << i;
    }
    return bits;
}

static void visit(void *context, const struct state *state)
{
    (void)context;
    note_drops(state);
    struct config to = {*state, search.done, search.from.changed};
    if (search.renames || state->place != search.from.state.place)
        to.changed |= lists();
    add(to);
    to.done &= ~robbed(state);
    if (to.done != search.done)
        add(to);
}

static void take_writes(const struct config *config)
{
    const struct thread *thread = search.thread;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if (thread->slots[i] == NULL || thread->roles[i] == ROLE_READ ||
            (config->done & bit) != 0)
            continue;
        search.done = config->done | bit;
        search.renames = thread->slots[i]->verb == VERB_RENAME;
        steps_take(thread, thread->slots[i], &config->state, visit, NULL);
    }
}

void search_close(int64_t time)
{
    struct configs *swap = search.before;
    search.before = search.now;
    search.now = swap;
    configs_clear(search.now);
    for (size_t i = 0; i < search.before->count; i++)
        add(search.before->at[i]);
    for (size_t i = 0; i < search.now->count; i++) {
        struct config config = search.now->at[i];
        search.from = config;
        take_writes(&config);
        search.done = config.done;
        search.renames = false;
        steps_drift(search.thread, &config, time, visit, NULL);
    }
    if (search.now->overflown)
        search.thread->lost = true;
}

/* --- Complaints ----------------------------------------------------------- */

static const char *describe(struct pool *pool, const struct configs *configs)
{
    const char *text = "";
    const char *last[6] = {0};
    size_t count = 0;
    for (size_t i = 0; i < configs->count && count < 6; i++) {
        const char *words = steps_words(pool, &configs->at[i].state);
        bool is_new = true;
        for (size_t k = 0; k < count; k++)
            is_new = is_new && strcmp(last[k], words) != 0;
        if (!is_new)
            continue;
        last[count++] = words;
        text = pool_print(
            pool, "%s%s%s", text, *text == '\0' ? "" : "; or ", words);
    }
    return text;
}

/* What has happened to it so far. */
static const char *tell_story(const struct thread *thread, struct pool *pool)
{
    const char *text = "";
    size_t count = thread->history->operations.count;
    size_t told = 0;
    for (size_t i = count; i-- > 0 && told < 14;) {
        const struct operation *operation =
            history_operation(thread->history, i);
        enum role role = steps_role(thread, operation);
        if (role == ROLE_NONE || operation->verb == VERB_LIST ||
            (operation->verb == VERB_POLL && role != ROLE_WRITE))
            continue;
        text = pool_print(
            pool, "\n    %.220s%.780s", history_words(pool, operation), text);
        told++;
    }
    return text;
}

static void complain_of(const char *what, const struct configs *configs)
{
    struct thread *thread = search.thread;
    struct pool *pool = thread->history->words;
    complain(search.complaints,
        "task %s of user %lld: %s, but by then it was %s%s", thread->id,
        (long long)thread->user, what, describe(pool, configs),
        tell_story(thread, pool));
    thread->lost = true;
}

/* --- Operations
 * --------------------------------------------------------------- */

static bool is_durable(const struct operation *operation)
{
    switch (operation->verb) {
    case VERB_CREATE:
        return operation->status == 201;
    case VERB_POLL: /* what may be repeated may also be forgotten */
        return operation->id != NULL &&
               history_is_repeatable(operation->facts.action) == 0;
    case VERB_RESULT:
    case VERB_CANCEL:
    case VERB_RETRY:
        return operation->status == 200;
    default:
        return false;
    }
}

/* From now on a loss of power keeps what has this bit. */
static void forget_undone(uint32_t bit, bool durable)
{
    search.thread->adrift &= !durable;
    configs_copy(search.before, search.visited);
    configs_clear(search.visited);
    for (size_t i = 0; i < search.before->count; i++) {
        struct config config = search.before->at[i];
        if (durable && (config.done & bit) == 0)
            continue;
        config.done &= ~bit;
        configs_add(search.visited, &config);
    }
}

/* A mark that was acknowledged stays as long as the task does not end. If it
 * has gone by then, the task has ended, and this is its next try. */
static void mark_safely(struct configs *configs)
{
    configs_copy(search.before, configs);
    configs_clear(configs);
    for (size_t i = 0; i < search.before->count; i++) {
        struct config config = search.before->at[i];
        if (config.state.marked != 0)
            config.state.marked = 2;
        configs_add(configs, &config);
    }
}

/* Who takes a name of a task away while a verdict on it is being given, may
 * have it come back, or have the next task of that ID take what was meant for
 * it. */
static bool is_crossed_by_hand(const struct operation *operation)
{
    const struct thread *thread = search.thread;
    for (size_t i = 0; operation->verb == VERB_TAKE && i < SLOTS_MAX; i++) {
        if (thread->slots[i] != NULL &&
            (thread->slots[i]->verb == VERB_RESULT ||
                thread->slots[i]->verb == VERB_CANCEL))
            return true;
    }
    return false;
}

void search_begin(const struct operation *operation, enum role role)
{
    struct thread *thread = search.thread;
    thread->lost |= is_crossed_by_hand(operation);
    size_t i = 0;
    while (i < SLOTS_MAX && thread->slots[i] != NULL)
        i++;
    if (i == SLOTS_MAX) {
        thread->lost = true;
        return;
    }
    thread->slots[i] = operation;
    thread->roles[i] = role;
    thread->over[i] = false;
    search_close(operation->began_at);
}

static void keep_done(uint32_t bit, bool must)
{
    configs_copy(search.before, search.now);
    configs_clear(search.now);
    for (size_t i = 0; i < search.before->count; i++) {
        struct config config = search.before->at[i];
        if (must && (config.done & bit) == 0)
            continue;
        config.done &= ~bit;
        config.changed &= ~bit;
        configs_add(search.now, &config);
    }
}

void search_end(const struct operation *operation)
{
    struct thread *thread = search.thread;
    size_t i = 0;
    while (i < SLOTS_MAX && (thread->slots[i] != operation || thread->over[i]))
        i++;
    if (i == SLOTS_MAX)
        return;
    search_close(operation->ended_at);
    if (thread->roles[i] == ROLE_MAYBE && operation->verb == VERB_RESULT &&
        operation->status / 100 != 4) {
        thread->over[i] = true; /* its .verdict may be met later */
        return;
    }
    uint32_t bit = UINT32_C(1) << i;
    bool must = thread->roles[i] != ROLE_MAYBE;
    forget_undone(bit, must && is_durable(operation));
    thread->slots[i] = NULL;
    keep_done(bit, must);
    if (operation->verb == VERB_CANCEL && operation->status == 202) {
        mark_safely(search.now);
        mark_safely(search.visited);
    }
    if (search.now->count == 0 && !thread->lost)
        complain_of(
            pool_print(thread->history->words, "nothing explains %.900s",
                history_words(thread->history->words, operation)),
            search.before);
}

/* Of a drop that was taken in, both names may be there again. Where a folder
 * goes to the disk by itself, no fsync of another has kept that from it. It is
 * a drop as it was: it becomes a task only where there is none of its ID. */
static void bring_back_drops(uint16_t waiting)
{
    for (uint16_t bit = 1; bit != 0; bit = (uint16_t)(bit << 1)) {
        for (size_t i = search.now->count; (waiting & bit) != 0 && i-- > 0;) {
            struct config config = search.now->at[i];
            config.state.waiting |= bit;
            configs_add(search.now, &config);
        }
    }
}

/* Whatever was since it was last safe; and no mark that was not. */
void search_lose_power(void)
{
    uint16_t waiting =
        kernel_profile()->order == JOURNAL_ORDERED ? 0 : search.thread->moved;
    search.thread->lost |= search.thread->adrift;
    search.thread->moved = 0;
    configs_clear(search.now);
    for (size_t i = 0; i < search.visited->count; i++) {
        struct config config = search.visited->at[i];
        config.done = 0;
        config.state.finished = 0;
        waiting |= config.state.waiting;
        search.thread->unsafe |= config.state.place == PLACE_NONE;
        configs_add(search.now, &config);
        if (config.state.marked == 1) {
            config.state.marked = 0;
            configs_add(search.now, &config);
        }
    }
    bring_back_drops(waiting);
    configs_copy(search.visited, search.now);
}

/* --- Looks -----------------------------------------------------------------
 */

void search_settle(const struct state *seen, size_t count)
{
    struct thread *thread = search.thread;
    configs_copy(search.before, search.now);
    configs_clear(search.now);
    for (size_t i = 0; i < search.before->count * count; i++) {
        const struct state *state = &search.before->at[i / count].state;
        struct config config = {0};
        if (steps_match(state, &seen[i % count], &config.state))
            configs_add(search.now, &config);
    }
    if (search.now->count == 0 && !thread->lost) {
        struct pool *pool = thread->history->words;
        complain_of(
            pool_print(pool, "in the spool it is %s", steps_words(pool, seen)),
            search.before);
    }
}

static struct state *store(const struct configs *configs, size_t *count)
{
    struct state *states = pool_take(
        search.thread->history->pool, (configs->count + 1) * sizeof *states);
    *count = 0;
    for (size_t i = 0; i < configs->count; i++)
        states[(*count)++] = configs->at[i].state;
    return states;
}

void search_keep(bool all)
{
    struct thread *thread = search.thread;
    thread->states = store(search.now, &thread->state_count);
    for (size_t i = 0; all && i < search.visited->count; i++) {
        struct config config = {.state = search.visited->at[i].state};
        configs_add(search.now, &config);
    }
    thread->kept = store(search.now, &thread->kept_count);
}
