/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "file.h"
#include "name.h"
#include "name_list.h"
#include "queue_filter.h"
#include "queue_index.h"
#include "queue_lines.h"
#include "queue_look.h"
#include "queue_stretch.h"
#include "spool.h"

#include <stdint.h>
#include <string.h>

static const int rescans_most = 8;

enum error queue_open(struct queue *queue, const struct account *account)
{
    memset(queue, 0, sizeof *queue);
    queue->account = account;
    queue->lock = -1;
    queue->rescans_left = rescans_most;
    queue_filter_init(&queue->filter, clock_now());
    enum error error = queue_look(queue);
    if (error != ERROR_NONE)
        queue_close(queue);
    return error;
}

void queue_close(struct queue *queue)
{
    queue_leave(queue);
    queue_forget(queue);
}

/* Steps over a line that was claimed or had to be skipped. */
static void step_over_used(struct queue *queue)
{
    if (queue->next_line == queue->index.head)
        queue->index.head = queue->line_after;
    queue->next_line = queue->line_after;
}

static bool keep_line(struct queue *queue, struct name_slice line)
{
    struct task_name parsed;
    memcpy(queue->line, line.text, line.length);
    queue->line[line.length] = '\0';
    return name_parse_queued(queue->line, &parsed) == ERROR_NONE;
}

/* False if the index is torn. */
static bool pass_line(struct queue *queue, struct name_slice line)
{
    queue->line_after = queue->next_line + (int64_t)line.length + 1;
    if (queue_index_is_used(line.text, line.length)) {
        step_over_used(queue);
        return true;
    }
    switch (queue_filter_ask(&queue->filter, line.text, line.length)) {
    case FILTER_LATER:
        queue_stretch_end(queue);
        return queue_lines_next_rank(&queue->lines, &queue->index,
                   queue->next_line, &queue->next_line) == ERROR_NONE;
    case FILTER_HELD_BACK:
        queue_stretch_pass(queue);
        return true;
    case FILTER_CANDIDATE:
        break;
    }
    return keep_line(queue, line);
}

/* Fills queue->line with the next sorted candidate. False if the index is
 * torn. */
static bool read_line(struct queue *queue)
{
    bool good = true;
    while (good && queue->line[0] == '\0' &&
           queue->next_line < queue->index.sorted_end) {
        struct name_slice line;
        good = queue_lines_read(&queue->lines, &queue->index, queue->next_line,
                   &line) == ERROR_NONE &&
               pass_line(queue, line);
    }
    return good;
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

static void take_from_names(struct queue *queue)
{
    struct name_slice name = name_list_get(&queue->names, queue->next_name++);
    memcpy(queue->current, name.text, name.length);
    queue->current[name.length] = '\0';
    queue->current_sorted = false;
}

static void take_from_lines(struct queue *queue)
{
    memcpy(queue->current, queue->line, sizeof queue->current);
    queue->line[0] = '\0';
    queue->current_sorted = true;
}

/* Steps over the sorted line handed out last, which was skipped. */
static void step_over_current(struct queue *queue)
{
    if (queue->current[0] != '\0' && queue->current_sorted) {
        if (queue->current_held_back) {
            queue_stretch_pass(queue);
        } else {
            queue_stretch_end(queue);
            queue->next_line = queue->line_after;
        }
    }
    queue->current[0] = '\0';
    queue->current_held_back = false;
}

static bool line_comes_first(struct queue *queue)
{
    if (!pass_names(queue) || queue->line[0] == '\0')
        return queue->line[0] != '\0';
    struct name_slice name = name_list_get(&queue->names, queue->next_name);
    int order = strncmp(queue->line, name.text, name.length);
    return order < 0;
}

static const char *next_indexed(struct queue *queue)
{
    if (!read_line(queue))
        return queue_rescan(queue) ? queue_next(queue) : NULL;
    if (line_comes_first(queue)) {
        take_from_lines(queue);
        return queue->current;
    }
    if (queue->next_name < queue->names.count) {
        take_from_names(queue);
        return queue->current;
    }
    return NULL;
}

static const char *next_direct(struct queue *queue)
{
    if (pass_names(queue)) {
        take_from_names(queue);
        return queue->current;
    }
    /* All that were met have gone to other polls; there may be more. */
    if (queue->missed > 0 && queue_rescan(queue))
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

/* Takes the current name out of the index. */
static enum error use_current(struct queue *queue)
{
    if (queue->current_sorted) {
        int64_t offset = queue->next_line;
        queue->next_line = queue->line_after;
        if (offset != queue->index.head)
            return queue_index_use(&queue->index, offset);
        queue->index.head = queue->line_after;
        return ERROR_NONE;
    }
    const char *line = strstr(buffer_text(&queue->arrivals), queue->current);
    if (line == NULL)
        return ERROR_SYNTAX;
    return queue_index_use(
        &queue->index, queue->index.sorted_end + (line - queue->arrivals.data));
}

void queue_took(struct queue *queue)
{
    if (queue->indexed)
        queue_stretch_end(queue);
    if (queue->indexed && use_current(queue) == ERROR_NONE) {
        queue->index.live--;
        queue_index_note_change(queue->account, &queue->index);
        queue->stretch_noted = false; /* the header has it */
    }
    queue->current[0] = '\0';
}

void queue_missed(struct queue *queue)
{
    queue->missed++;
    if (!queue->indexed)
        return;
    /* Nobody changed the folder, yet the name is not there: the index lies.
     * Without it the next call reads the folder. */
    file_remove(queue->account->spool->directory,
        queue_index_path(queue->account).text);
    queue_leave(queue);
    queue_forget(queue);
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
