/* SPDX-License-Identifier: MIT */
#include "queue_look.h"

#include "buffer.h"
#include "clock.h"
#include "error.h"
#include "file.h"
#include "name.h"
#include "name_list.h"
#include "path.h"
#include "queue.h"
#include "queue_index.h"
#include "queue_lines.h"
#include "queue_scan.h"
#include "queue_stretch.h"
#include "spool_lock.h"
#include "stamp.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

/* How much longer a poll leaves that reading to what runs after the answers
 * before it does it itself. */
static const int64_t recheck_grace = 45 * clock_second;

void queue_forget(struct queue *queue)
{
    name_list_free(&queue->names);
    buffer_free(&queue->arrivals);
    queue_lines_free(&queue->lines);
    queue->next_name = 0;
    queue->line[0] = '\0';
    queue->current[0] = '\0';
    queue->missed = 0;
}

/* A stretch that cannot be noted is read again. */
static void note_stretch(struct queue *queue)
{
    queue_stretch_end(queue);
    if (queue->stretch_noted) {
        enum error error = queue_index_save(&queue->index);
        (void)error;
    }
    queue->stretch_noted = false;
}

void queue_leave(struct queue *queue)
{
    if (queue->indexed) {
        note_stretch(queue);
        queue_index_close(&queue->index);
    }
    spool_unlock(queue->lock);
    queue->lock = -1;
    queue->indexed = false;
}

static enum error append_arrival(
    struct name_list *names, const char *line, size_t length)
{
    char name[NAME_LENGTH_MAX];
    struct task_name parsed;
    if (length >= sizeof name)
        return ERROR_SYNTAX;
    memcpy(name, line, length);
    name[length] = '\0';
    if (name_parse_queued(name, &parsed) != ERROR_NONE)
        return ERROR_SYNTAX;
    return name_list_append(names, line, length);
}

/* Puts the arrivals, which stand in order of coming, in order of dispatch. */
static enum error load_arrivals(struct queue *queue)
{
    enum error error = queue_index_arrivals(&queue->index, &queue->arrivals);
    const char *line = buffer_text(&queue->arrivals);
    while (error == ERROR_NONE && *line != '\0') {
        size_t length = strcspn(line, "\n");
        if (!queue_index_is_used(line, length))
            error = append_arrival(&queue->names, line, length);
        line += length + (line[length] == '\n');
    }
    return error == ERROR_NONE ? name_list_sort(&queue->names) : error;
}

static enum error start_reading_index(struct queue *queue)
{
    queue->indexed = true;
    queue->pause_possible = true; /* the index does not tell */
    queue->next_line = queue->index.head;
    return load_arrivals(queue);
}

/* Goes on with the names in memory. Removing needs the lock: without it the
 * index may be one that another program has just built. */
static void drop_index(struct queue *queue)
{
    if (queue->lock >= 0)
        file_remove(queue->account->spool->directory,
            queue_index_path(queue->account).text);
    queue_leave(queue);
}

static enum error read_folder(
    struct queue *queue, size_t most, struct queue_scan *found)
{
    enum error error =
        queue_scan_folder(queue->account, most, &queue->names, found);
    queue->drops.routed += found->drops.routed;
    queue->drops.rejected += found->drops.rejected;
    queue->drops.waiting = found->drops.waiting;
    queue->pause_possible = found->paused;
    queue->deep = error == ERROR_TOO_LARGE || queue->names.count > QUEUE_DEEP ||
                  found->folder_size > QUEUE_FOLDER_BIG;
    return error;
}

static enum error build_index(
    struct queue *queue, const struct queue_scan *found)
{
    int64_t recheck = found->recheck;
    if (recheck == 0 && found->racy)
        recheck = clock_now() + queue_recheck_after;
    return queue_index_build(
        queue->account, &queue->names, found->changed, recheck, &queue->index);
}

/* Reads the folder; a deep one gets an index and the lock is kept, a small
 * one needs neither. Called with the lock, if there are locks here. */
static enum error scan(struct queue *queue)
{
    struct queue_scan found;
    struct timespec mark;
    bool marked = queue->lock >= 0 && queue_index_mark(queue->account, &mark);
    enum error error = read_folder(queue, SIZE_MAX, &found);
    if (error != ERROR_NONE)
        return error;
    if (marked && found.changed.tv_sec == mark.tv_sec &&
        found.changed.tv_nsec == mark.tv_nsec)
        found.racy = false;
    queue->refresh_due = false;
    if (!queue->deep || queue->lock < 0) {
        drop_index(queue);
        return ERROR_NONE;
    }
    error = build_index(queue, &found);
    if (error != ERROR_NONE) {
        queue_leave(queue); /* no room for it: the names in memory will do */
        return ERROR_NONE;
    }
    queue_forget(queue);
    return start_reading_index(queue);
}

/* Whether the index may be used as it is. */
static bool index_is_current(struct queue *queue)
{
    if (!queue_index_agrees(queue->account, &queue->index))
        return false;
    if (queue->index.end - queue->index.sorted_end > QUEUE_FOLDER_BIG)
        return false;
    int64_t recheck = queue->index.recheck;
    int64_t now = clock_now();
    if (recheck == 0 || now < recheck)
        return true;
    queue->refresh_due = true;
    return queue->account->config->background && now < recheck + recheck_grace;
}

static enum error use_index(struct queue *queue)
{
    queue->lock = queue_index_lock(queue->account);
    if (queue->lock < 0)
        return scan(queue);
    if (queue_index_open(queue->account, &queue->index) != ERROR_NONE)
        return scan(queue);
    if (index_is_current(queue)) {
        enum error error = start_reading_index(queue);
        if (error != ERROR_SYNTAX)
            return error;
        queue_forget(queue);
        queue->indexed = false;
    }
    queue_index_close(&queue->index);
    return scan(queue);
}

/* Reads a folder that has no index. One with nothing in it that could become a
 * task, and no pause to tell of, is stamped, so that idle polls need not even
 * read it. */
static enum error read_small(struct queue *queue)
{
    struct queue_scan found;
    struct stamp stamp;
    struct path folder = account_folder(queue->account, SPOOL_PENDING);
    struct path seen = account_file(queue->account, SPOOL_INDEX, "pending");
    enum error error = stamp_look(queue->account->spool, folder, seen, &stamp);
    if (error == ERROR_NOT_FOUND || error == ERROR_EXISTS)
        return ERROR_NONE;
    if (error == ERROR_NONE)
        error = read_folder(queue, QUEUE_DEEP, &found);
    if (error == ERROR_NONE && !queue->deep && queue->names.count == 0 &&
        queue->drops.waiting == 0 && !queue->pause_possible)
        stamp_set(queue->account->spool, &stamp);
    return error;
}

enum error queue_look(struct queue *queue)
{
    if (queue_index_exists(queue->account))
        return use_index(queue);
    enum error error = read_small(queue);
    if (!queue->deep)
        return error;
    /* Deep for the first time: start over under the lock, so that what other
     * programs of ours do meanwhile reaches the index. */
    queue_forget(queue);
    queue->lock = queue_index_lock(queue->account);
    return scan(queue);
}

/* Starts over, without the index that has proved wrong. */
bool queue_rescan(struct queue *queue)
{
    if (queue->rescans_left == 0)
        return false;
    queue->rescans_left--;
    queue_leave(queue);
    queue_forget(queue);
    queue->lock = queue_index_exists(queue->account)
                      ? queue_index_lock(queue->account)
                      : -1;
    return scan(queue) == ERROR_NONE;
}
