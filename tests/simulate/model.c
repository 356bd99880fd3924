/* SPDX-License-Identifier: MIT */
#include "model.h"

#include "configs.h"
#include "kernel.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* One search at a time. */
struct search {
    struct thread *thread;
    struct complaints *complaints;
    struct configs *now, *before, *visited;
    int64_t time;
    /* Of a step that is being taken. */
    struct config from;
    uint32_t done;
};

static struct search search;

static void prepare(struct thread *thread, struct complaints *complaints)
{
    if (search.now == NULL) {
        search.now = configs_new();
        search.before = configs_new();
        search.visited = configs_new();
    }
    search.thread = thread;
    search.complaints = complaints;
}

/* --- Threads -------------------------------------------------------------- */

/* An ID that a program makes, by itself or of an Idempotency-Key. */
static bool is_drawn(const char *id)
{
    return (strlen(id) == 36 && id[8] == '-' && id[13] == '-' &&
               id[18] == '-' && id[23] == '-') ||
           strncmp(id, "key-", 4) == 0;
}

struct thread *model_thread(
    struct history *history, int64_t user, const char *id)
{
    struct thread **threads = history->threads.at;
    for (size_t i = 0; i < history->threads.count; i++) {
        if (threads[i]->user == user && strcmp(threads[i]->id, id) == 0)
            return threads[i];
    }
    struct thread *thread = pool_take(history->pool, sizeof *thread);
    *(struct thread **)pool_append(
        history->pool, &history->threads, sizeof(struct thread *)) = thread;
    thread->history = history;
    thread->user = user;
    thread->id = pool_copy(history->pool, id, strlen(id));
    thread->is_named = !is_drawn(id);
    thread->states = thread->kept =
        pool_take(history->pool, sizeof *thread->states);
    thread->state_count = thread->kept_count = 1;
    return thread;
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

static void visit(void *context, const struct state *state)
{
    (void)context;
    struct config to = {*state, search.done, search.from.changed};
    if (state->place != search.from.state.place)
        to.changed |= lists();
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
        steps_take(thread, thread->slots[i], &config->state, visit, NULL);
    }
}

static void close_set(int64_t time)
{
    search.time = time;
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
    struct operation *const *operations = thread->history->operations.at;
    size_t count = thread->history->operations.count;
    size_t told = 0;
    for (size_t i = count; i-- > 0 && told < 14;) {
        const struct operation *operation = operations[i];
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

/* --- Events --------------------------------------------------------------- */

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

/* A mark that was acknowledged stays as long as the task does not end. */
static void mark_safely(struct configs *configs)
{
    configs_copy(search.before, configs);
    configs_clear(configs);
    for (size_t i = 0; i < search.before->count; i++) {
        struct config config = search.before->at[i];
        if (config.state.place == PLACE_PENDING ||
            config.state.place == PLACE_EXECUTING)
            config.state.marked = 2;
        configs_add(configs, &config);
    }
}

static void begin(const struct operation *operation, enum role role)
{
    struct thread *thread = search.thread;
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
    close_set(operation->began_at);
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

static void end(const struct operation *operation)
{
    struct thread *thread = search.thread;
    size_t i = 0;
    while (i < SLOTS_MAX && thread->slots[i] != operation)
        i++;
    if (i == SLOTS_MAX)
        return;
    close_set(operation->ended_at);
    if (thread->roles[i] == ROLE_MAYBE && operation->verb == VERB_RESULT) {
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

/* Where nothing orders the names of two folders, a rename from one to the other
 * that was not synced may show neither. That is not an atomic rename, without
 * which no promise holds (doc/operate.md): most renames of a task are not
 * synced, nor could one sync their target before their source goes. */
static bool may_lose_both(void)
{
    unsigned places = 0;
    if (kernel_profile()->order != ANY_ORDER)
        return false;
    for (size_t i = 0; i < search.visited->count; i++)
        places |= 1U << search.visited->at[i].state.place;
    return (places & 1U << PLACE_PENDING) != 0 &&
           (places & ~(1U << PLACE_PENDING | 1U << PLACE_NONE)) != 0;
}

/* Whatever was since it was last safe; and no mark that was not. */
static void lose_power(void)
{
    configs_clear(search.now);
    for (size_t i = 0; i < search.visited->count; i++) {
        struct config config = search.visited->at[i];
        config.done = 0;
        config.state.finished = 0;
        configs_add(search.now, &config);
        if (config.state.marked == 1) {
            config.state.marked = 0;
            configs_add(search.now, &config);
        }
    }
    const struct config nothing = {0};
    if (may_lose_both())
        configs_add(search.now, &nothing);
    configs_copy(search.visited, search.now);
    search.thread->lost |= search.thread->hand_took;
    search.thread->hand_took = false;
}

/* --- A walk through what has happened ------------------------------------- */

struct event {
    uint64_t when;
    const struct operation *operation;
    enum role role;
    bool is_end;
};

static int compare_events(const void *one, const void *two)
{
    const struct event *a = one;
    const struct event *b = two;
    return a->when < b->when ? -1 : a->when > b->when;
}

static void note_deed(struct thread *thread, const struct operation *operation)
{
    if (operation->verb < VERB_DROP || operation->verb == VERB_LOSS)
        return;
    thread->hand_took |= operation->verb == VERB_TAKE;
    thread->hand_at = operation->begun;
    thread->hand_time = operation->began_at;
    if (operation->facts.content != 0)
        thread->content = operation->facts.content;
}

static struct pool_list gather(struct thread *thread)
{
    struct history *history = thread->history;
    struct operation *const *operations = history->operations.at;
    struct pool_list events = {0};
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = operations[i];
        enum role role = steps_role(thread, operation);
        if (role == ROLE_NONE)
            continue;
        note_deed(thread, operation);
        for (int end = 0; end < 2; end++) {
            struct event *event =
                pool_append(history->words, &events, sizeof *event);
            *event = (struct event){end ? operation->ended : operation->begun,
                operation, role, end != 0};
            if (event->when == 0)
                event->when = UINT64_MAX;
        }
    }
    if (events.count > 0)
        qsort(events.at, events.count, sizeof(struct event), compare_events);
    return events;
}

/* Which drops may become this task. */
static void learn_of_drops(struct thread *thread)
{
    const struct history *history = thread->history;
    const struct drop *drops = history->drops.at;
    for (size_t i = thread->drops_seen; i < history->drops.count; i++) {
        if (drops[i].id == NULL || drops[i].user != thread->user ||
            strcmp(drops[i].id, thread->id) != 0)
            continue;
        if (thread->drop_count < WAITING_MAX)
            thread->drops[thread->drop_count++] = i;
        else
            thread->lost = true;
    }
    thread->drops_seen = history->drops.count;
}

static void load(
    struct configs *configs, const struct state *states, size_t count)
{
    configs_clear(configs);
    for (size_t i = 0; i < count; i++) {
        struct config config = {.state = states[i]};
        configs_add(configs, &config);
    }
}

static struct state *store(
    struct history *history, const struct configs *configs, size_t *count)
{
    struct state *states =
        pool_take(history->pool, (configs->count + 1) * sizeof *states);
    *count = 0;
    for (size_t i = 0; i < configs->count; i++)
        states[(*count)++] = configs->at[i].state;
    return states;
}

static void walk(struct thread *thread)
{
    struct pool_list events = gather(thread);
    const struct event *event = events.at;
    for (size_t i = 0; i < events.count && !thread->lost; i++) {
        if (event[i].operation->verb == VERB_LOSS) {
            if (event[i].is_end)
                lose_power();
        } else if (event[i].is_end) {
            end(event[i].operation);
        } else {
            begin(event[i].operation, event[i].role);
        }
    }
}

void model_follow(struct thread *thread, struct complaints *complaints)
{
    prepare(thread, complaints);
    memset(thread->slots, 0, sizeof thread->slots);
    memset(thread->over, 0, sizeof thread->over);
    learn_of_drops(thread);
    load(search.now, thread->states, thread->state_count);
    load(search.visited, thread->kept, thread->kept_count);
    if (history_is_spoilt(thread->history, thread->user, thread->id))
        thread->lost = true;
    if (!thread->lost)
        walk(thread);
}

/* --- A look at the tree --------------------------------------------------- */

static void learn_verdict(struct thread *thread, const struct tree *tree)
{
    const struct tree_mark *mark =
        tree_find_mark(&tree->verdicts, thread->user, thread->id);
    thread->has_verdict = mark != NULL && mark->object != NULL;
    if (!thread->has_verdict)
        return;
    struct task_facts facts =
        task_facts_of(thread->history->pool, mark->object);
    bool completed =
        value_is_text(value_member(mark->object, "status"), "completed");
    thread->verdict = (struct state){
        .place = (uint8_t)(completed ? PLACE_COMPLETED : PLACE_FAILED),
        .declared = (uint8_t)facts.declared,
        .outcome = facts.outcome};
}

void model_set(struct thread *thread, const struct tree *tree)
{
    prepare(thread, NULL);
    struct config config = {.state = steps_seen(thread, tree)};
    config.state.born = 1;
    configs_clear(search.now);
    configs_add(search.now, &config);
    thread->states = store(thread->history, search.now, &thread->state_count);
    thread->kept = thread->states;
    thread->kept_count = thread->state_count;
    thread->lost = false;
    learn_verdict(thread, tree);
}

static void settle(struct thread *thread, const struct state *seen)
{
    configs_copy(search.before, search.now);
    configs_clear(search.now);
    for (size_t i = 0; i < search.before->count; i++) {
        struct config config = {0};
        if (steps_match(&search.before->at[i].state, seen, &config.state))
            configs_add(search.now, &config);
    }
    if (search.now->count == 0 && !thread->lost) {
        struct pool *pool = thread->history->words;
        complain_of(
            pool_print(pool, "in the spool it is %s", steps_words(pool, seen)),
            search.before);
    }
}

void model_compare(struct thread *thread, const struct tree *tree,
    struct complaints *complaints)
{
    struct state seen = steps_seen(thread, tree);
    struct history *history = thread->history;
    prepare(thread, complaints);
    if (!thread->lost) {
        close_set(kernel_realtime());
        settle(thread, &seen);
    }
    if (thread->lost) {
        model_set(thread, tree);
        return;
    }
    thread->states = store(history, search.now, &thread->state_count);
    for (size_t i = 0; !history->lossy && i < search.visited->count; i++) {
        struct config config = {.state = search.visited->at[i].state};
        configs_add(search.now, &config);
    }
    thread->kept = store(history, search.now, &thread->kept_count);
    learn_verdict(thread, tree);
}
