/* SPDX-License-Identifier: MIT */
/* What a tree shows of a task, and whether it may be so. */
#include "kernel.h"
#include "state.h"
#include "value.h"

#include <string.h>

/* Whether a later one has come under its name. */
static bool is_covered(const struct thread *thread, size_t i)
{
    const struct drop *drops = thread->history->drops.at;
    for (size_t k = i + 1; k < thread->drop_count; k++) {
        if (strcmp(drops[thread->drops[i]].path,
                drops[thread->drops[k]].path) == 0)
            return true;
    }
    return false;
}

/* Whether a drop has come under that name. */
static bool is_known(const struct thread *thread, const char *path)
{
    for (size_t i = 0; i < thread->drop_count; i++) {
        if (strcmp(thread_drop(thread, i)->path, path) == 0)
            return true;
    }
    return false;
}

/* Whether that is where it lies, or, since it has gone back, may lie. */
static bool lies_there(const struct thread *thread, size_t i,
    const struct drop *drop, const struct tree_drop *there)
{
    if (strcmp(there->path, drop->path) == 0)
        return !is_covered(thread, i) && there->bytes == drop->bytes;
    return thread->history->struck && !is_known(thread, there->path) &&
           history_went_back(drop, there->path, there->bytes);
}

static uint16_t waiting_of(const struct thread *thread, const struct tree *tree)
{
    uint16_t waiting = 0;
    const struct drop *drops = thread->history->drops.at;
    const struct tree_drop *there = tree->drops.at;
    for (size_t i = 0; i < thread->drop_count; i++) {
        const struct drop *drop = &drops[thread->drops[i]];
        for (size_t k = 0; k < tree->drops.count; k++) {
            if (lies_there(thread, i, drop, &there[k]))
                waiting = (uint16_t)(waiting | (1U << i));
        }
    }
    return waiting;
}

static struct state see(const struct thread *thread, const struct tree *tree,
    const struct tree_task *task)
{
    struct state seen = {.waiting = waiting_of(thread, tree),
        .marked =
            tree_find_mark(&tree->marks, thread->user, thread->id) != NULL};
    if (task == NULL)
        return seen;
    seen.place = (uint8_t)task->place;
    seen.content = task->facts.content;
    seen.tries = (uint8_t)task->parts.generation;
    seen.vague = task->parts.generation > 0;
    if (task->place == PLACE_PENDING) {
        seen.delayed = task->parts.created > kernel_realtime();
    } else if (task->place == PLACE_EXECUTING) {
        seen.lease = digest_text(task->parts.lease);
        seen.fetched = 1;
        seen.deadline = task->parts.deadline;
    } else {
        seen.marked = 0;
        seen.tries = 0;
        seen.lease = LEASE_UNKNOWN;
        seen.declared = (uint8_t)task->facts.declared;
        seen.outcome = task->facts.outcome;
        seen.fetched = task->facts.started;
    }
    return seen;
}

size_t steps_seen(const struct thread *thread, const struct tree *tree,
    struct state seen[SEEN_MAX])
{
    const struct tree_task *task = tree_find(tree, thread->user, thread->id);
    size_t count = 1;
    seen[0] = see(thread, tree, task);
    for (; task != NULL && task->other != NULL && count < SEEN_MAX; count++) {
        task = task->other;
        seen[count] = see(thread, tree, task);
    }
    /* Whoever has claimed one is at work, and all are told so. */
    const struct tree_task *husk =
        tree_find_husk(tree, thread->user, thread->id);
    if (thread->unsafe && task == NULL && husk != NULL &&
        husk->place == PLACE_EXECUTING)
        seen[count++] = see(thread, tree, husk);
    return count;
}

static bool may_be(uint64_t known, uint64_t seen)
{
    return known == 0 || seen == 0 || known == seen;
}

static bool is_alike(const struct state *state, const struct state *seen)
{
    if (state->place != seen->place || state->waiting != seen->waiting)
        return false;
    if (state->place == PLACE_NONE)
        return true;
    if (!may_be(state->content, seen->content))
        return false;
    switch (state->place) {
    case PLACE_PENDING:
        return state->marked == 0 || seen->marked != 0;
    case PLACE_EXECUTING:
        return (state->marked == 0 || seen->marked != 0) &&
               (state->lease == LEASE_UNKNOWN || state->lease == seen->lease);
    default:
        return state->declared == seen->declared &&
               (state->declared != DECLARED_NOTHING ||
                   may_be(state->outcome, seen->outcome));
    }
}

bool steps_match(
    const struct state *state, const struct state *seen, struct state *both)
{
    if (!is_alike(state, seen))
        return false;
    *both = *state;
    both->finished = both->overdue = both->prior = 0;
    if (both->content == 0)
        both->content = seen->content;
    /* Also where its task is nowhere, or only dropped: what comes back to the
     * queue meets it. */
    if (state->marked < 2 || seen->marked == 0)
        both->marked = seen->marked;
    if (state->place == PLACE_NONE)
        return true;
    both->tries = seen->tries;
    both->delayed = seen->delayed;
    both->deadline = seen->deadline;
    if (state->place == PLACE_EXECUTING)
        both->lease = seen->lease;
    if (state->place == PLACE_PENDING)
        both->outcome = both->declared = 0;
    if (state->place >= PLACE_FAILED)
        both->outcome = seen->outcome;
    return true;
}

const char *steps_words(struct pool *pool, const struct state *state)
{
    return pool_print(pool, "%s%s%s%s%s%s",
        place_text((enum place)state->place),
        state->place == PLACE_FAILED ? " " : "",
        state->place == PLACE_FAILED
            ? declared_text((enum declared)state->declared)
            : "",
        state->marked != 0 ? ", its end asked for" : "",
        state->waiting != 0 ? ", a drop waits" : "",
        state->place == PLACE_EXECUTING && state->lease == LEASE_UNKNOWN
            ? ", and nobody was told"
            : "");
}
