/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include "kernel.h"
#include "model.h"

#include <string.h>

/* How many tasks of that content there are or have been. */
static size_t count_tasks(const struct history *history, uint64_t content)
{
    size_t count = 0;
    for (size_t i = 0; i < history->threads.count; i++)
        count += model_nth(history, i)->content == content;
    return count;
}

static size_t count_files(
    const struct pool_list *files, const struct drop *drop)
{
    size_t count = 0;
    const struct tree_drop *file = files->at;
    for (size_t i = 0; i < files->count; i++)
        count += file[i].bytes == drop->bytes;
    return count;
}

static bool is_same_create(
    const struct operation *one, const struct operation *two)
{
    if (one->id_is_given || two->id_is_given)
        return one->id_is_given && two->id_is_given &&
               strcmp(one->id, two->id) == 0;
    return one->key != NULL && two->key != NULL &&
           strcmp(one->key, two->key) == 0;
}

/* Requests that may each have made a task of that content: those that repeat
 * another by its ID or key count once. */
static size_t count_creates(const struct history *history, uint64_t content)
{
    size_t count = 0;
    for (size_t i = 0; i < history->operations.count; i++) {
        if (history_operation(history, i)->verb != VERB_CREATE ||
            history_operation(history, i)->facts.content != content)
            continue;
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++)
            is_new = history_operation(history, k)->verb != VERB_CREATE ||
                     history_operation(history, k)->facts.content != content ||
                     !is_same_create(history_operation(history, k),
                         history_operation(history, i));
        count += is_new;
    }
    return count;
}

static bool is_cancel_of(const struct operation *operation, uint64_t content)
{
    const struct history *history = operation->history;
    if (operation->verb != VERB_CANCEL || operation->status != 200)
        return false;
    for (size_t i = 0; i < history->threads.count; i++) {
        const struct thread *thread = model_nth(history, i);
        if (thread->content == content &&
            strcmp(thread->id, operation->id) == 0)
            return true;
    }
    return false;
}

/* Handed out, or cancelled, and then the power was lost. */
static bool was_made_safe(const struct history *history, uint64_t content)
{
    bool has_been = false;
    for (size_t i = 0; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        if (operation->verb == VERB_LOSS && has_been)
            return true;
        has_been |= (operation->verb == VERB_POLL && operation->status == 200 &&
                        operation->facts.content == content) ||
                    is_cancel_of(operation, content);
    }
    return false;
}

/* Where power loss gives a drop its old name back, one that may be repeated may
 * have been carried out meanwhile, and is taken in once more. So is any other
 * that no plugin has had and nobody has cancelled, which makes that safe: of
 * pending/USER, or of pending/ where its program was killed. */
static bool may_come_twice(
    const struct history *history, const struct drop *drop)
{
    if (drop->id != NULL || !history->ever_lossy ||
        kernel_profile()->order == JOURNAL_ORDERED)
        return false;
    bool is_synced = history_is_of_top(drop) && !history->interrupted;
    return history_is_repeatable(drop->facts.action) == 1 ||
           (!is_synced && !was_made_safe(history, drop->facts.content));
}

static size_t count_drops(const struct history *history, uint64_t content)
{
    size_t count = 0;
    const struct drop *drops = history->drops.at;
    for (size_t i = 0; i < history->drops.count; i++) {
        if (drops[i].fit && drops[i].facts.content == content)
            count += 1 + may_come_twice(history, &drops[i]);
    }
    return count;
}

/* Whether all of that content was there before anybody gave it. */
static bool is_of_setup(const struct history *history, uint64_t content)
{
    const struct known *known = history_known(history, content);
    return known != NULL && known->of_setup;
}

static void check_content(const struct history *history, uint64_t content,
    const char *what, struct complaints *complaints)
{
    size_t given = count_creates(history, content) +
                   count_drops(history, content) +
                   (size_t)is_of_setup(history, content);
    size_t tasks = count_tasks(history, content);
    if (tasks > given)
        complain(complaints, "%s has become %zu tasks", what, tasks);
}

static void check_drop(const struct history *history, const struct drop *drop,
    const struct tree *tree, struct complaints *complaints)
{
    if (!drop->fit || drop->id != NULL)
        return;
    check_content(history, drop->facts.content, drop->path, complaints);
    size_t there = count_files(&tree->drops, drop) +
                   count_files(&tree->rejected, drop) +
                   count_tasks(history, drop->facts.content);
    if (there == 0 && !drop->taken)
        complain(complaints, "the drop %s is lost", drop->path);
}

void ledger_check(struct history *history, const struct tree *tree,
    struct complaints *complaints)
{
    const struct drop *drops = history->drops.at;
    for (size_t i = 0; i < history->drops.count; i++)
        check_drop(history, &drops[i], tree, complaints);
    for (size_t i = history->looked; i < history->operations.count; i++) {
        const struct operation *operation = history_operation(history, i);
        if (operation->verb == VERB_CREATE && operation->facts.content != 0)
            check_content(history, operation->facts.content,
                history_words(history->words, operation), complaints);
    }
}
