/* SPDX-License-Identifier: MIT */
#include "model.h"

#include "kernel.h"
#include "search.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* --- Threads -------------------------------------------------------------- */

/* An ID that a program makes, by itself, of an Idempotency-Key, or of what is
 * unknown. */
static bool is_drawn(const char *id)
{
    return (strlen(id) == 36 && id[8] == '-' && id[13] == '-' &&
               id[18] == '-' && id[23] == '-') ||
           history_is_of_key(id) || strncmp(id, "settle-", 7) == 0;
}

struct thread *model_nth(const struct history *history, size_t i)
{
    return ((struct thread *const *)history->threads.at)[i];
}

struct thread *model_thread(
    struct history *history, int64_t user, const char *id)
{
    uint64_t key = table_key(user, id);
    uint32_t found = table_get(&history->thread_by_id, key);
    if (found != 0)
        return model_nth(history, found - 1);
    struct thread *thread = pool_take(history->pool, sizeof *thread);
    *(struct thread **)pool_append(
        history->pool, &history->threads, sizeof(struct thread *)) = thread;
    table_put(history->pool, &history->thread_by_id, key,
        (uint32_t)history->threads.count);
    thread->history = history;
    thread->user = user;
    thread->id = pool_copy(history->pool, id, strlen(id));
    thread->is_named = !is_drawn(id);
    thread->states = thread->kept =
        pool_take(history->pool, sizeof *thread->states);
    thread->state_count = thread->kept_count = 1;
    return thread;
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

void model_note_content(struct thread *thread, uint64_t content)
{
    struct drop *drops = thread->history->drops.at;
    for (size_t i = 0; i < thread->history->drops.count; i++)
        drops[i].taken |= content != 0 && content != thread->content &&
                          drops[i].facts.content == thread->content;
    thread->content = content;
}

static void note_deed(struct thread *thread, const struct operation *operation)
{
    if (operation->verb < VERB_DROP || operation->verb == VERB_LOSS)
        return;
    thread->hand_at = operation->begun;
    thread->hand_time = operation->began_at;
    if (operation->facts.content != 0)
        model_note_content(thread, operation->facts.content);
}

static void add_events(
    struct pool_list *events, const struct operation *operation, enum role role)
{
    for (int end = 0; end < 2; end++) {
        struct event *event =
            pool_append(operation->history->words, events, sizeof *event);
        *event = (struct event){end ? operation->ended : operation->begun,
            operation, role, end != 0};
        if (event->when == 0)
            event->when = UINT64_MAX;
    }
}

static struct pool_list gather(struct thread *thread)
{
    struct history *history = thread->history;
    struct pool_list events = {0};
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        enum role role = steps_role(thread, operation);
        if (role == ROLE_NONE)
            continue;
        thread->is_disguised |= history_disguises(operation);
        note_deed(thread, operation);
        add_events(&events, operation, role);
        if (steps_may_have_written(thread, operation))
            add_events(&events, operation, ROLE_MAYBE);
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

static void walk(struct thread *thread)
{
    struct pool_list events = gather(thread);
    const struct event *event = events.at;
    for (size_t i = 0; i < events.count && !thread->lost; i++) {
        if (event[i].operation->verb == VERB_LOSS) {
            if (event[i].is_end)
                search_lose_power();
        } else if (event[i].is_end) {
            search_end(event[i].operation);
        } else {
            search_begin(event[i].operation, event[i].role);
        }
    }
}

void model_follow(struct thread *thread, struct complaints *complaints)
{
    search_start(thread, complaints);
    learn_of_drops(thread);
    if (history_is_spoilt(thread->history, thread->user, thread->id))
        thread->lost = true;
    if (!thread->lost)
        walk(thread);
}

/* --- A look at the tree --------------------------------------------------- */

static const struct tree_mark *find_mark(
    const struct thread *thread, const struct pool_list *list)
{
    return tree_find_mark(list, thread->user, thread->id);
}

static void learn_aside(struct thread *thread, const struct tree *tree)
{
    const struct tree_mark *mark = find_mark(thread, &tree->asides);
    thread->aside =
        mark == NULL
            ? DECLARED_NOTHING
            : task_facts_of(thread->history->pool, mark->object).declared;
}

static void learn_verdict(struct thread *thread, const struct tree *tree)
{
    const struct tree_mark *mark = find_mark(thread, &tree->verdicts);
    learn_aside(thread, tree);
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
    struct state seen[SEEN_MAX];
    size_t count = steps_seen(thread, tree, seen);
    for (size_t i = 0; i < count; i++)
        seen[i].born = thread->is_named || seen[i].place != PLACE_NONE;
    search_set(thread, seen, count);
    search_keep(false);
    thread->lost = false;
    learn_verdict(thread, tree);
}

bool model_remove(struct thread *thread)
{
    const struct state state = {.born = thread->is_named};
    if (thread->state_count != 1 || thread->states->waiting != 0 ||
        thread->states->place != PLACE_PENDING)
        return false;
    search_set(thread, &state, 1);
    search_keep(false);
    thread->hand_at = ++thread->history->events;
    thread->hand_time = kernel_realtime();
    return true;
}

/* A poll that failed may have taken any task, and have given it back. */
static bool may_have_been_taken(const struct thread *thread)
{
    const struct history *history = thread->history;
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        if (operation->verb == VERB_POLL &&
            steps_role(thread, operation) == ROLE_MAYBE)
            return true;
    }
    return false;
}

bool model_is_idle(const struct thread *thread, const struct tree *tree)
{
    if (thread->is_met || thread->lost || thread->has_verdict ||
        thread->drop_count > 0 || thread->state_count != 1 ||
        may_have_been_taken(thread) ||
        find_mark(thread, &tree->verdicts) != NULL ||
        find_mark(thread, &tree->asides) != NULL)
        return false;
    struct state both;
    struct state seen[SEEN_MAX];
    return steps_seen(thread, tree, seen) == 1 &&
           seen[0].place <= PLACE_PENDING &&
           steps_match(&thread->states[0], &seen[0], &both) &&
           memcmp(&both, &thread->states[0], sizeof both) == 0;
}

void model_compare(struct thread *thread, const struct tree *tree)
{
    struct state seen[SEEN_MAX];
    size_t count = steps_seen(thread, tree, seen);
    if (!thread->lost) {
        search_close(kernel_realtime());
        search_settle(seen, count);
    }
    if (thread->lost) {
        model_set(thread, tree);
        thread->adrift = !thread->history->lossy;
        thread->moved = (uint16_t)((1U << thread->drop_count) - 1);
        return;
    }
    thread->adrift &= !thread->history->lossy;
    search_keep(!thread->history->lossy);
    learn_verdict(thread, tree);
}
