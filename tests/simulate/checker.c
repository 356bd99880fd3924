/* SPDX-License-Identifier: MIT */
#include "checker.h"

#include "agreement.h"
#include "catalogue.h"
#include "history.h"
#include "invariants.h"
#include "kernel.h"
#include "ledger.h"
#include "model.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_excused(const void *context, int64_t user, const char *id)
{
    return history_is_spoilt(context, user, id);
}

/* A drop whose mode may not be changed, as one that another account has
 * uploaded, is queued as it is (file_secure): also where that was made to fail.
 */
static bool may_keep_mode(const void *context, uint64_t bytes)
{
    const struct history *history = context;
    const struct drop *drops = history->drops.at;
    for (size_t i = 0; history->struck && i < history->drops.count; i++) {
        if (drops[i].bytes == bytes)
            return true;
    }
    return false;
}

static bool may_be_twice(const void *context, int64_t user, const char *id)
{
    const struct history *history = context;
    return history->lossy || tree_find_mark(&history->twice, user, id) != NULL;
}

/* What of a task came back with the power may stay until somebody meets it. */
static void note_twice(struct history *history, const struct tree *tree)
{
    const struct tree_mark *twice = tree->twice.at;
    for (size_t i = 0; history->lossy && i < tree->twice.count; i++) {
        struct tree_mark *mark =
            pool_append(history->pool, &history->twice, sizeof *mark);
        mark->user = twice[i].user;
        mark->id = pool_copy(history->pool, twice[i].id, strlen(twice[i].id));
    }
}

static struct tree read_tree(struct history *history, struct complaints *faults,
    struct complaints *debris)
{
    struct tree tree = {.pool = history->words,
        .faults = faults,
        .debris = debris,
        .is_excused = is_excused,
        .may_keep_mode = may_keep_mode,
        .may_be_twice = may_be_twice,
        .context = history,
        .lossy = history->ever_lossy,
        .clock_set = history->clock_ever_set,
        .has_spoilt = history->spoilt.count > 0};
    tree_read(&tree);
    return tree;
}

static void reset(struct history *history)
{
    struct pool *pool = history->pool;
    struct pool *words = history->words;
    pool_clear(pool);
    pool_clear(words);
    *history = (struct history){.pool = pool, .words = words};
    history->early = &history->early_memory;
    history->early_memory =
        complaints_into(history->early_text, sizeof history->early_text);
    history->started_at = kernel_realtime();
    history->clock_offset = kernel_realtime() - kernel_monotonic();
    size_t length;
    const char *text = kernel_read("/root/etc/stoflow.ini", &length);
    if (text != NULL)
        history->settings = pool_copy(pool, text, length);
}

void history_start(struct history *history)
{
    struct complaints none = complaints_into(NULL, 0);
    reset(history);
    struct tree tree = read_tree(history, &none, &none);
    const struct tree_task *tasks = tree.tasks.at;
    for (size_t i = 0; i < tree.tasks.count; i++) {
        history_learn(history, &tasks[i].facts, true)->of_setup = true;
        struct thread *thread =
            model_thread(history, tasks[i].user, tasks[i].id);
        model_set(thread, &tree);
        history->keys_before |= history_is_of_key(tasks[i].id);
    }
}

/* --- A look --------------------------------------------------------------- */

static void meet(
    struct history *history, int64_t user, const char *id, bool is_named)
{
    if (user > 0 && id != NULL && grammar_is_id(id))
        model_thread(history, user, id)->is_met |= is_named;
}

/* A person had spoilt the drop which that was, and no ID was known of it. */
static bool is_closed(const struct tree_task *task)
{
    struct stat status;
    char path[400];
    snprintf(path, sizeof path, "/root/spool/%s", task->path);
    return kernel_stat(path, &status) == 0 &&
           (status.st_uid == 0 || (status.st_mode & S_IRUSR) == 0);
}

/* Whose task it is, was not said. */
static void meet_any(struct history *history, const char *id)
{
    for (size_t i = 0; id != NULL && i < history->threads.count; i++)
        model_nth(history, i)->is_met |=
            strcmp(model_nth(history, i)->id, id) == 0;
}

/* A program that may write small files only refuses what others would take. */
static void excuse_refused(struct history *history, const struct tree *tree)
{
    static const char limit[] = "This host lets no file become";
    const struct tree_drop *rejected = tree->rejected.at;
    struct drop *drops = history->drops.at;
    for (size_t i = 0; i < tree->rejected.count; i++) {
        const char *why = kernel_read(
            pool_print(history->words, "/root/spool/%s.why", rejected[i].path),
            NULL);
        if (why == NULL || strstr(why, limit) == NULL)
            continue;
        for (size_t k = 0; k < history->drops.count; k++)
            drops[k].refused |= drops[k].bytes == rejected[i].bytes;
    }
}

/* A thread for each ID that anybody has named since, or that is there. */
static void meet_all(struct history *history, const struct tree *tree)
{
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        const struct listed *listed = operation->listed.at;
        meet(history, operation->user, operation->id, true);
        if (operation->user == 0)
            meet_any(history, operation->id);
        for (size_t k = 0; k < operation->listed.count; k++)
            meet(history, operation->user, listed[k].id, true);
    }
    const struct tree_task *tasks = tree->tasks.at;
    for (size_t i = 0; i < tree->tasks.count; i++) {
        meet(history, tasks[i].user, tasks[i].id, false);
        if (history->closed && is_closed(&tasks[i]))
            history_spoil(history, tasks[i].user, tasks[i].id);
        history_learn(history, &tasks[i].facts, true);
    }
}

static bool has_success(const struct thread *thread)
{
    const struct history *history = thread->history;
    for (size_t i = 0; i < history->operations.count; i++) {
        if (history_operation(history, i)->verb == VERB_RESULT &&
            history_operation(history, i)->success &&
            history_operation(history, i)->status == 200 &&
            steps_role(thread, history_operation(history, i)) == ROLE_WRITE)
            return true;
    }
    return false;
}

static void follow(struct history *history, struct thread *thread,
    struct tree *tree, struct complaints *complaints)
{
    thread->is_husk |= tree_find_husk(tree, thread->user, thread->id) != NULL;
    model_follow(thread, complaints);
    model_compare(thread, tree);
    const struct tree_task *task = tree_find(tree, thread->user, thread->id);
    if (task != NULL && task->facts.content != 0)
        model_note_content(thread, task->facts.content);
    else if (task == NULL && history->lossy)
        thread->content = 0; /* its very beginning was lost */
    /* Without locks one may write over what another has just taken in. */
    if (task != NULL && task->place == PLACE_COMPLETED && has_success(thread) &&
        kernel_profile()->locks)
        catalogue_check_task(tree, task);
}

enum {
    IDLE_MAX = 40
};

/* Of those that only wait, as nearly all of a deep queue do, some are enough to
 * see that no poll passes over what waits. */
static void follow_all(
    struct history *history, struct tree *tree, struct complaints *complaints)
{
    size_t idle = 0;
    for (size_t i = 0; i < history->threads.count; i++) {
        struct thread *thread = model_nth(history, i);
        if (!model_is_idle(thread, tree) || idle++ < IDLE_MAX)
            follow(history, thread, tree, complaints);
        thread->is_met = false;
    }
}

/* A poll that could not give back what it took may take another one. */
static bool was_struck(const struct history *history, const char *lease)
{
    for (size_t i = 0; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        if (operation->verb == VERB_POLL && operation->struck &&
            operation->lease_text != NULL &&
            strcmp(operation->lease_text, lease) == 0)
            return true;
    }
    return false;
}

/* A lease of a poll: drawn, or its receive_id. */
static bool is_leased(const struct tree_task *task)
{
    return task->place == PLACE_EXECUTING && strlen(task->parts.lease) >= 8;
}

/* Two tasks under one receive_id, where there are locks to prevent it and
 * nobody has deleted them; and no loss of power has brought back the entry of
 * one that was given back, requeued or done, after which its plugin asks for
 * the next. */
static void check_leases(const struct history *history, const struct tree *tree,
    struct complaints *complaints)
{
    const struct tree_task *tasks = tree->tasks.at;
    for (size_t i = 0; i < tree->tasks.count; i++) {
        for (size_t k = 0; k < i && is_leased(&tasks[i]); k++) {
            if (is_leased(&tasks[k]) && tasks[i].user == tasks[k].user &&
                strcmp(tasks[i].parts.lease, tasks[k].parts.lease) == 0 &&
                !was_struck(history, tasks[i].parts.lease))
                complain(complaints, "%s: one lease with %s", tasks[i].path,
                    tasks[k].path);
        }
    }
}

static void take_over(const struct complaints *from, struct complaints *to)
{
    for (const char *at = from->text; from->count > 0 && *at != '\0';) {
        int length = (int)strcspn(at, "\n");
        complain(to, "%.*s", length, at);
        at += length + (at[length] == '\n');
    }
}

static void look(
    struct history *history, bool after_sweep, struct complaints *complaints)
{
    struct complaints none = complaints_into(NULL, 0);
    struct tree tree =
        read_tree(history, complaints, after_sweep ? complaints : &none);
    note_twice(history, &tree);
    excuse_refused(history, &tree);
    meet_all(history, &tree);
    follow_all(history, &tree, complaints);
    ledger_check(history, &tree, complaints);
    if (kernel_profile()->locks && !history->unlocked && !history->ever_lossy)
        check_leases(history, &tree, complaints);
    if (!history->ever_lossy && !history->clock_ever_set)
        agreement_check(&tree, 42, complaints);
}

size_t checker_look(
    struct history *history, bool after_sweep, char *complaints, size_t size)
{
    struct complaints all = complaints_into(complaints, size);
    take_over(history->early, &all);
    pool_clear(history->words);
    look(history, after_sweep, &all);
    history->early_memory =
        complaints_into(history->early_text, sizeof history->early_text);
    history->looked = history->operations.count;
    if (history->clock_set)
        history->clock_seen = kernel_realtime();
    history->clock_set = history->lossy = false;
    return all.count;
}
