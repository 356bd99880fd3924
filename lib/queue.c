/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include "clock.h"
#include "file.h"
#include "queue_scan.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How long a change of ours may hide a change by hand that fell into the same
 * tick of the clock, before the folder is read again. */
static const int64_t recheck_after = 15 * clock_second;

/* How much longer a poll leaves that reading to what runs after the answers
 * before it does it itself. */
static const int64_t recheck_grace = 45 * clock_second;

static const int rescans_most = 8;

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static void forget_names(struct queue *queue)
{
    name_list_free(&queue->names);
    buffer_free(&queue->arrivals);
    queue->next_name = 0;
    queue->line[0] = '\0';
    queue->current[0] = '\0';
    queue->missed = 0;
}

static void leave_index(struct queue *queue)
{
    if (queue->indexed)
        queue_index_close(&queue->index);
    if (queue->lock >= 0)
        close(queue->lock);
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
        if (line[0] != '#')
            error = append_arrival(&queue->names, line, length);
        line += length + (line[length] == '\n');
    }
    return error == ERROR_NONE ? name_list_sort(&queue->names) : error;
}

static enum error start_reading_index(struct queue *queue)
{
    queue->indexed = true;
    queue->next_line = queue->index.head;
    return load_arrivals(queue);
}

/* Goes on with the names in memory. Removing needs the lock: without it the
 * index may be one that another program has just built. */
static void drop_index(struct queue *queue)
{
    if (queue->lock >= 0)
        file_remove(queue->spool->directory,
            queue_index_path(queue->user).text);
    leave_index(queue);
}

/* Reads the folder; a deep one gets an index and the lock is kept, a small
 * one needs neither. Called with the lock, if there are locks here. */
static enum error scan(struct queue *queue)
{
    struct queue_scan found;
    enum error error = queue_scan_folder(queue->spool, queue->config,
        queue->user, &queue->names, &found);
    queue->drops = found.drops;
    if (error != ERROR_NONE)
        return error;
    queue->refresh_due = false;
    queue->deep = queue->names.count > QUEUE_DEEP
        || found.folder_size > QUEUE_FOLDER_BIG;
    if (!queue->deep || queue->lock < 0) {
        drop_index(queue);
        return ERROR_NONE;
    }
    int64_t recheck = found.recheck;
    if (recheck == 0 && found.racy)
        recheck = clock_now() + recheck_after;
    error = queue_index_build(queue->spool, queue->user, &queue->names,
        found.changed, recheck, &queue->index);
    if (error != ERROR_NONE) {
        leave_index(queue); /* no room for it: the names in memory will do */
        return ERROR_NONE;
    }
    forget_names(queue);
    return start_reading_index(queue);
}

static bool index_exists(const struct spool *spool, int64_t user)
{
    return file_exists(spool->directory, queue_index_path(user).text);
}

static int take_lock(const struct spool *spool, int64_t user)
{
    char name[32];
    snprintf(name, sizeof name, "%" PRId64 ".lock", user);
    return spool_lock(spool, name, true);
}

/* Whether the index may be used as it is. */
static bool index_is_current(struct queue *queue)
{
    struct stat folder;
    struct path path = path_of_user(SPOOL_PENDING, queue->user);
    if (fstatat(queue->spool->directory, path.text, &folder, 0) != 0
        || !same_time(folder.st_mtim, queue->index.known))
        return false;
    if (queue->index.end - queue->index.sorted_end > QUEUE_FOLDER_BIG)
        return false;
    int64_t recheck = queue->index.recheck;
    int64_t now = clock_now();
    if (recheck == 0 || now < recheck)
        return true;
    queue->refresh_due = true;
    return queue->config->background && now < recheck + recheck_grace;
}

static enum error use_index(struct queue *queue)
{
    queue->lock = take_lock(queue->spool, queue->user);
    if (queue->lock < 0)
        return scan(queue);
    if (queue_index_open(queue->spool, queue->user, &queue->index)
        != ERROR_NONE)
        return scan(queue);
    if (index_is_current(queue)) {
        enum error error = start_reading_index(queue);
        if (error != ERROR_SYNTAX)
            return error;
        forget_names(queue);
        queue->indexed = false;
    }
    queue_index_close(&queue->index);
    return scan(queue);
}

static enum error look(struct queue *queue)
{
    if (index_exists(queue->spool, queue->user))
        return use_index(queue);
    enum error error = scan(queue);
    if (error != ERROR_NONE || !queue->deep)
        return error;
    /* Deep for the first time: read once more under the lock, so that what
     * other programs of ours do meanwhile reaches the index. */
    forget_names(queue);
    queue->lock = take_lock(queue->spool, queue->user);
    return scan(queue);
}

enum error queue_open(struct queue *queue, const struct spool *spool,
    const struct config *config, int64_t user)
{
    memset(queue, 0, sizeof *queue);
    queue->spool = spool;
    queue->config = config;
    queue->user = user;
    queue->lock = -1;
    queue->rescans_left = rescans_most;
    enum error error = look(queue);
    if (error != ERROR_NONE)
        queue_close(queue);
    return error;
}

void queue_close(struct queue *queue)
{
    leave_index(queue);
    forget_names(queue);
}

/* Starts over, without the index that has proved wrong. */
static bool rescan(struct queue *queue)
{
    if (queue->rescans_left == 0)
        return false;
    queue->rescans_left--;
    leave_index(queue);
    forget_names(queue);
    queue->lock = index_exists(queue->spool, queue->user)
        ? take_lock(queue->spool, queue->user)
        : -1;
    return scan(queue) == ERROR_NONE;
}

/* Fills queue->line with the next sorted name. False if the index is torn. */
static bool read_line(struct queue *queue)
{
    while (queue->line[0] == '\0'
        && queue->next_line < queue->index.sorted_end) {
        queue->line_after = queue->next_line;
        if (queue_index_line(&queue->index, &queue->line_after, queue->line)
            != ERROR_NONE)
            return false;
        if (queue->line[0] != '\0')
            return true;
        if (queue->next_line == queue->index.head)
            queue->index.head = queue->line_after;
        queue->next_line = queue->line_after;
    }
    return true;
}

static void take_from_names(struct queue *queue)
{
    struct name_slice name
        = name_list_get(&queue->names, queue->next_name++);
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
    if (queue->current[0] != '\0' && queue->current_sorted)
        queue->next_line = queue->line_after;
    queue->current[0] = '\0';
}

static bool line_comes_first(const struct queue *queue)
{
    if (queue->line[0] == '\0' || queue->next_name == queue->names.count)
        return queue->line[0] != '\0';
    struct name_slice name = name_list_get(&queue->names, queue->next_name);
    int order = strncmp(queue->line, name.text, name.length);
    return order < 0;
}

static const char *next_indexed(struct queue *queue)
{
    if (!read_line(queue))
        return rescan(queue) ? queue_next(queue) : NULL;
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
    if (queue->next_name < queue->names.count) {
        take_from_names(queue);
        return queue->current;
    }
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
    return queue_index_use(&queue->index,
        queue->index.sorted_end + (line - queue->arrivals.data));
}

/* Notes that the folder is as the index has it after a change of ours. Where
 * this fails the folder's mtime differs from `known`, and the next poll reads
 * the folder: slower, not wrong. */
static void save_index(
    const struct spool *spool, int64_t user, struct queue_index *index)
{
    struct stat folder;
    struct path path = path_of_user(SPOOL_PENDING, user);
    if (fstatat(spool->directory, path.text, &folder, 0) != 0)
        return;
    index->known = folder.st_mtim;
    if (index->recheck == 0)
        index->recheck = clock_now() + recheck_after;
    enum error error = queue_index_save(index);
    (void)error; /* as said above */
}

void queue_took(struct queue *queue)
{
    if (queue->indexed && use_current(queue) == ERROR_NONE) {
        queue->index.live--;
        save_index(queue->spool, queue->user, &queue->index);
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
    file_remove(
        queue->spool->directory, queue_index_path(queue->user).text);
    leave_index(queue);
    forget_names(queue);
    queue->missed = 1;
}

enum error queue_refresh(const struct spool *spool,
    const struct config *config, int64_t user)
{
    struct queue queue;
    struct config now = *config;
    now.background = false; /* this is the background: do it here */
    enum error error = queue_open(&queue, spool, &now, user);
    if (error == ERROR_NONE)
        queue_close(&queue);
    return error;
}

void queue_change_begin(
    struct queue_change *change, const struct spool *spool, int64_t user)
{
    struct stat folder;
    struct path path = path_of_user(SPOOL_PENDING, user);
    change->spool = spool;
    change->user = user;
    change->lock = index_exists(spool, user) ? take_lock(spool, user) : -1;
    if (change->lock < 0)
        return;
    if (queue_index_open(spool, user, &change->index) == ERROR_NONE) {
        if (fstatat(spool->directory, path.text, &folder, 0) == 0
            && same_time(folder.st_mtim, change->index.known))
            return;
        queue_index_close(&change->index);
    }
    /* Stale or torn already: leave it so, the next poll will see. */
    close(change->lock);
    change->lock = -1;
}

void queue_change_end(struct queue_change *change, const char *added)
{
    if (change->lock < 0)
        return;
    enum error error = ERROR_NONE;
    if (added != NULL)
        error = queue_index_append(&change->index, added);
    if (error == ERROR_NONE)
        save_index(change->spool, change->user, &change->index);
    queue_index_close(&change->index);
    close(change->lock);
    change->lock = -1;
}
