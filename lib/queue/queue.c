/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include "queue_ids.h"
#include "stamp.h"

#include <string.h>

static const int rescans_most = 8;

/* How much longer a poll leaves making the index anew to what runs after the
 * answers before it does it itself. */
static const int64_t recheck_grace = 45 * clock_second;

/* Drops the names that are in memory. */
static void forget(struct queue *queue)
{
    name_list_free(&queue->names);
    queue_lines_free(&queue->lines);
    queue->next_name = 0;
    queue->current[0] = '\0';
    queue->missed = 0;
}

/* A stretch that cannot be noted is read again. */
static void note_stretch(struct queue *queue)
{
    queue_lines_end_stretch(&queue->lines, &queue->index, &queue->filter);
    if (queue->lines.stretch_noted) {
        enum error error = queue_index_save(&queue->index);
        (void)error;
    }
    queue->lines.stretch_noted = false;
}

/* Closes the index and gives the lock back. */
static void leave(struct queue *queue)
{
    if (queue->indexed)
        note_stretch(queue);
    queue->indexed = false;
    queue_index_close(&queue->index);
}

static enum error start_reading_index(struct queue *queue)
{
    queue->indexed = true;
    queue->folder.pause_possible = true; /* the index does not tell */
    queue_lines_begin(&queue->lines, &queue->index);
    return queue_lines_arrivals(&queue->lines, &queue->index, &queue->names);
}

/* Goes on with the names in memory. */
static void drop_index(struct queue *queue)
{
    queue_index_remove(&queue->index);
    if (queue->index.lock >= 0)
        queue_ids_remove(queue->account);
    leave(queue);
}

/* Whether the folder was read while it bore the mark, so that any change since
 * shows; else its own mtime must be old enough for that. */
static bool shows_changes(
    const struct queue_folder *folder, bool marked, struct timespec mark)
{
    return !folder->racy || (marked && folder->changed.tv_sec == mark.tv_sec &&
                                folder->changed.tv_nsec == mark.tv_nsec);
}

/* Whether an index may be trusted that is made of this reading. Where it would
 * not have a task that was moved back by hand, a look for its ID reads the
 * folder, as each poll does. */
static bool is_indexable(
    const struct queue_folder *folder, bool marked, struct timespec mark)
{
    return folder->deep && !folder->moved &&
           shows_changes(folder, marked, mark);
}

/* Reads the folder; a deep one gets an index and the lock is kept, a small
 * one needs neither. Called with the lock, if there are locks here. */
static enum error scan(struct queue *queue)
{
    struct timespec mark = {0, 0};
    struct queue_folder *folder = &queue->folder;
    bool locked = queue->index.lock >= 0;
    bool marked = locked && queue_index_mark(queue->account, &mark);
    enum error error = queue_folder_read(folder, queue->account, &queue->names);
    if (error != ERROR_NONE)
        return error;
    queue->refresh_due = false;
    if (!locked || !is_indexable(folder, marked, mark)) {
        drop_index(queue);
        return ERROR_NONE;
    }
    error = queue_index_build(
        &queue->index, &queue->names, folder->changed, folder->recheck);
    if (error != ERROR_NONE) {
        leave(queue); /* no room for it: the names in memory will do */
        return ERROR_NONE;
    }
    queue_ids_build(&queue->index, &queue->names);
    forget(queue);
    return start_reading_index(queue);
}

/* Whether the moment to read the folder again was noted before the clock was
 * set back: nobody knows when it is, so it is now. */
static bool is_recheck_astray(const struct queue *queue, int64_t now)
{
    int64_t ahead = queue_index_believed / clock_second;
    int64_t settle = queue->account->config->settle;
    return stamp_is_astray(
        queue->index.recheck, now, settle > ahead ? settle : ahead);
}

/* Whether the index may be used as it is. */
static bool is_current(struct queue *queue)
{
    const struct queue_index *index = &queue->index;
    if (!queue_index_agrees(index))
        return false;
    if (index->end - index->sorted_end > QUEUE_FOLDER_BIG)
        return false;
    int64_t now = clock_now();
    if (is_recheck_astray(queue, now))
        return false;
    if (now < index->recheck)
        return true;
    queue->refresh_due = true;
    return queue->account->config->background &&
           now < index->recheck + recheck_grace;
}

static enum error use_index(struct queue *queue)
{
    if (!queue_index_lock(&queue->index) ||
        queue_index_open(&queue->index) != ERROR_NONE || !is_current(queue))
        return scan(queue);
    enum error error = start_reading_index(queue);
    if (error != ERROR_SYNTAX)
        return error;
    queue->indexed = false;
    forget(queue);
    return scan(queue);
}

static enum error look(struct queue *queue)
{
    if (queue_index_exists(queue->account))
        return use_index(queue);
    enum error error =
        queue_folder_read_small(&queue->folder, queue->account, &queue->names);
    if (!queue->folder.deep)
        return error;
    /* Deep for the first time: start over under the lock, so that what other
     * programs of ours do meanwhile reaches the index. */
    forget(queue);
    queue_index_lock(&queue->index);
    return scan(queue);
}

/* Starts over from the folder, because the index has proved wrong or all that
 * was met had gone. False if that was done often enough, or failed. */
static bool rescan(struct queue *queue)
{
    if (queue->rescans_left == 0)
        return false;
    queue->rescans_left--;
    leave(queue);
    forget(queue);
    if (queue_index_exists(queue->account))
        queue_index_lock(&queue->index);
    return scan(queue) == ERROR_NONE;
}

enum error queue_open(struct queue *queue, const struct account *account)
{
    memset(queue, 0, sizeof *queue);
    queue->account = account;
    queue->rescans_left = rescans_most;
    queue_index_init(&queue->index, account);
    queue_filter_init(&queue->filter, clock_now());
    enum error error = look(queue);
    if (error != ERROR_NONE)
        queue_close(queue);
    return error;
}

void queue_close(struct queue *queue)
{
    leave(queue);
    forget(queue);
}

/* Steps to the next candidate among the names in memory. */
static bool pass_names(struct queue *queue)
{
    for (; queue->next_name < queue->names.count; queue->next_name++) {
        struct name_slice name = name_list_get(&queue->names, queue->next_name);
        if (queue_filter_ask(&queue->filter, name.text, name.length) ==
            FILTER_CANDIDATE)
            return true;
    }
    return false;
}

static const char *take_from_names(struct queue *queue)
{
    struct name_slice name = name_list_get(&queue->names, queue->next_name++);
    memcpy(queue->current, name.text, name.length);
    queue->current[name.length] = '\0';
    queue->current_sorted = false;
    return queue->current;
}

static const char *take_from_lines(struct queue *queue)
{
    memcpy(queue->current, queue->lines.name, sizeof queue->current);
    queue->current_sorted = true;
    return queue->current;
}

/* Steps over the sorted line handed out last, which was skipped. */
static void step_over_current(struct queue *queue)
{
    if (queue->current[0] != '\0' && queue->current_sorted)
        queue_lines_skip(&queue->lines, &queue->index, &queue->filter,
            queue->current_held_back);
    queue->current[0] = '\0';
    queue->current_held_back = false;
}

static bool line_comes_first(const struct queue *queue)
{
    const char *line = queue->lines.name;
    if (line[0] == '\0' || queue->next_name == queue->names.count)
        return line[0] != '\0';
    struct name_slice name = name_list_get(&queue->names, queue->next_name);
    return strncmp(line, name.text, name.length) < 0;
}

static const char *next_indexed(struct queue *queue)
{
    if (queue_lines_next(&queue->lines, &queue->index, &queue->filter) !=
        ERROR_NONE)
        return rescan(queue) ? queue_next(queue) : NULL;
    bool more = pass_names(queue);
    if (line_comes_first(queue))
        return take_from_lines(queue);
    return more ? take_from_names(queue) : NULL;
}

static const char *next_direct(struct queue *queue)
{
    if (pass_names(queue))
        return take_from_names(queue);
    /* All that were met have gone to other polls; there may be more. */
    if (queue->missed > 0 && rescan(queue))
        return queue_next(queue);
    return NULL;
}

const char *queue_next(struct queue *queue)
{
    step_over_current(queue);
    return queue->indexed ? next_indexed(queue) : next_direct(queue);
}

void queue_hold_back(struct queue *queue, const char *action)
{
    queue->current_held_back = queue_filter_hold_back(&queue->filter, action);
}

void queue_begin(struct queue *queue)
{
    if (queue->indexed && !queue_index_expect(&queue->index))
        queue->refresh_due = true;
}

static enum error use_current(struct queue *queue)
{
    return queue->current_sorted ? queue_lines_use(&queue->lines, &queue->index)
                                 : queue_lines_use_arrival(&queue->lines,
                                       &queue->index, queue->current);
}

/* Takes the current name out of the index. */
static void cover_current(struct queue *queue)
{
    queue_lines_end_stretch(&queue->lines, &queue->index, &queue->filter);
    if (use_current(queue) != ERROR_NONE)
        return;
    queue->index.live--;
    queue_index_cover(&queue->index);
    queue->lines.stretch_noted = false; /* the header has it */
}

void queue_took(struct queue *queue)
{
    if (queue->indexed)
        cover_current(queue);
    queue->current[0] = '\0';
}

void queue_missed(struct queue *queue)
{
    queue->missed++;
    if (!queue->indexed)
        return;
    /* Nobody changed the folder, yet the name is not there: the index lies.
     * Without it the next call reads the folder. */
    drop_index(queue);
    forget(queue);
    queue->missed = 1;
}

enum error queue_refresh(const struct account *account)
{
    struct queue queue;
    struct config now = *account->config;
    struct account patient = {account->spool, &now, account->user};
    now.background = false; /* this is the background: do it here */
    enum error error = queue_open(&queue, &patient);
    if (error == ERROR_NONE)
        queue_close(&queue);
    return error;
}
