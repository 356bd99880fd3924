/* SPDX-License-Identifier: MIT */
#include "queue_lines.h"

#include "queue_sum.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    RANK_LENGTH = 3,
    BLOCK_LEAST = 512,    /* bytes: most polls want the first line alone */
    BLOCK_MOST = 1 << 16, /* where the growing ends */
    STRETCH_LEAST = 4096  /* bytes below which reading on is as fast */
};

static enum error load(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, size_t size)
{
    buffer_clear(&lines->block);
    char *to = buffer_reserve(&lines->block, size);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t count = pread(index->descriptor, to, size, (off_t)offset);
    if (count < 0)
        return error_from_errno(errno);
    lines->start = offset;
    lines->block.length = (size_t)count;
    return ERROR_NONE;
}

/* Whether a whole line begins at `offset` in the block. */
static bool find_line(
    const struct queue_lines *lines, int64_t offset, struct name_slice *line)
{
    if (offset < lines->start ||
        offset - lines->start >= (int64_t)lines->block.length)
        return false;
    size_t at = (size_t)(offset - lines->start);
    size_t most = lines->block.length - at;
    if (most > NAME_LENGTH_MAX)
        most = NAME_LENGTH_MAX;
    line->text = lines->block.data + at;
    const char *newline = memchr(line->text, '\n', most);
    if (newline == NULL)
        return false;
    line->length = (size_t)(newline - line->text);
    return true;
}

enum error queue_lines_read(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, struct name_slice *line)
{
    if (find_line(lines, offset, line))
        return ERROR_NONE;
    if (lines->size == 0)
        lines->size = BLOCK_LEAST;
    enum error error = load(lines, index, offset, lines->size);
    if (error != ERROR_NONE)
        return error;
    if (lines->size < BLOCK_MOST)
        lines->size *= 4;
    return find_line(lines, offset, line) ? ERROR_NONE : ERROR_SYNTAX;
}

/* The first line that begins behind `offset`, which may lie within one. */
static enum error read_after(struct queue_lines *lines,
    const struct queue_index *index, int64_t *offset, struct name_slice *line)
{
    enum error error = load(lines, index, *offset, BLOCK_LEAST);
    if (error != ERROR_NONE)
        return error;
    if (!find_line(lines, *offset, line))
        return ERROR_SYNTAX;
    *offset += (int64_t)line->length + 1;
    return find_line(lines, *offset, line) ? ERROR_NONE : ERROR_SYNTAX;
}

static bool has_rank(struct name_slice line, const char rank[RANK_LENGTH])
{
    return line.length >= RANK_LENGTH &&
           memcmp(line.text, rank, RANK_LENGTH) == 0;
}

/* Halves what lies between a line of the rank at *low and *high, where the
 * rank is over, until reading on line by line is as fast. */
static enum error close_in(struct queue_lines *lines,
    const struct queue_index *index, const char rank[RANK_LENGTH], int64_t *low,
    int64_t *high)
{
    while (*high - *low > (int64_t)4 * BLOCK_LEAST) {
        struct name_slice line;
        int64_t middle = *low + ((*high - *low) / 2);
        enum error error = read_after(lines, index, &middle, &line);
        if (error != ERROR_NONE)
            return error;
        *(has_rank(line, rank) ? low : high) = middle;
    }
    return ERROR_NONE;
}

enum error queue_lines_next_rank(struct queue_lines *lines,
    const struct queue_index *index, int64_t offset, int64_t *found)
{
    char rank[RANK_LENGTH];
    struct name_slice line;
    int64_t high = index->sorted_end;
    enum error error = queue_lines_read(lines, index, offset, &line);
    if (error == ERROR_NONE && line.length < RANK_LENGTH)
        error = ERROR_SYNTAX;
    if (error != ERROR_NONE)
        return error;
    memcpy(rank, line.text, RANK_LENGTH);
    error = close_in(lines, index, rank, &offset, &high);
    while (error == ERROR_NONE && offset < high) {
        error = queue_lines_read(lines, index, offset, &line);
        if (error != ERROR_NONE || !has_rank(line, rank))
            break;
        offset += (int64_t)line.length + 1;
    }
    *found = offset;
    return error;
}

/* Whether the line comes before a text of that length; marked or not. */
static bool is_before(struct name_slice line, const char *text, size_t length)
{
    if (line.length < length || length <= QUEUE_MARK_AT)
        return line.length < length;
    int order = memcmp(line.text, text, QUEUE_MARK_AT);
    if (order == 0)
        order = memcmp(line.text + QUEUE_MARK_AT + 1, text + QUEUE_MARK_AT + 1,
            length - QUEUE_MARK_AT - 1);
    return order < 0;
}

enum error queue_lines_seek(struct queue_lines *lines,
    const struct queue_index *index, const char *text, size_t length,
    int64_t *offset)
{
    int64_t high = index->sorted_end;
    while (length > 0 && high - *offset > (int64_t)4 * BLOCK_LEAST) {
        struct name_slice line;
        int64_t middle = *offset + ((high - *offset) / 2);
        enum error error = read_after(lines, index, &middle, &line);
        if (error != ERROR_NONE)
            return error;
        *(is_before(line, text, length) ? offset : &high) = middle;
    }
    return ERROR_NONE;
}

/* Whether the noted stretch holds the next line, and its actions are those that
 * are held back now. */
static bool is_in_stretch(const struct queue_lines *lines,
    const struct queue_stretch *noted, const struct queue_filter *filter)
{
    return lines->next >= noted->start && lines->next < noted->end &&
           noted->actions == filter->held_back_sum;
}

/* Steps over the next line, which is held back, or over all of the stretch that
 * it lies in. */
static void pass_stretch(struct queue_lines *lines,
    const struct queue_index *index, const struct queue_filter *filter)
{
    const struct queue_stretch *noted = &index->stretch;
    bool known = is_in_stretch(lines, noted, filter);
    if (known && noted->start < lines->stretch_start)
        lines->stretch_start = noted->start;
    if (lines->stretch_start == 0)
        lines->stretch_start = known ? noted->start : lines->next;
    lines->next = known ? noted->end : lines->after;
}

void queue_lines_end_stretch(struct queue_lines *lines,
    struct queue_index *index, const struct queue_filter *filter)
{
    struct queue_stretch *noted = &index->stretch;
    struct queue_stretch found = {
        lines->stretch_start, lines->next, filter->held_back_sum};
    lines->stretch_start = 0;
    if (found.start == 0 || found.end - found.start < STRETCH_LEAST)
        return;
    if (found.actions != noted->actions ||
        found.end - found.start > noted->end - noted->start) {
        *noted = found;
        lines->stretch_noted = true;
    }
}

void queue_lines_begin(
    struct queue_lines *lines, const struct queue_index *index)
{
    lines->next = index->head;
    lines->name[0] = '\0';
}

/* Steps over a line that was claimed or had to be skipped. */
static void step_over_used(struct queue_lines *lines, struct queue_index *index)
{
    if (lines->next == index->head)
        index->head = lines->after;
    lines->next = lines->after;
}

static enum error keep_name(struct queue_lines *lines, struct name_slice line)
{
    struct task_name parsed;
    memcpy(lines->name, line.text, line.length);
    lines->name[line.length] = '\0';
    return name_parse_queued(lines->name, &parsed);
}

static enum error pass_line(struct queue_lines *lines,
    struct queue_index *index, struct queue_filter *filter,
    struct name_slice line)
{
    lines->after = lines->next + (int64_t)line.length + 1;
    if (lines->after > index->sorted_end)
        return ERROR_SYNTAX; /* it would be one of the arrivals, too */
    if (queue_index_is_used(line.text, line.length)) {
        step_over_used(lines, index);
        return ERROR_NONE;
    }
    switch (queue_filter_ask(filter, line.text, line.length)) {
    case FILTER_LATER:
        queue_lines_end_stretch(lines, index, filter);
        return queue_lines_next_rank(lines, index, lines->next, &lines->next);
    case FILTER_HELD_BACK:
        pass_stretch(lines, index, filter);
        return ERROR_NONE;
    case FILTER_CANDIDATE:
        break;
    }
    return keep_name(lines, line);
}

enum error queue_lines_next(struct queue_lines *lines,
    struct queue_index *index, struct queue_filter *filter)
{
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE && lines->name[0] == '\0' &&
           lines->next < index->sorted_end) {
        struct name_slice line;
        error = queue_lines_read(lines, index, lines->next, &line);
        if (error == ERROR_NONE)
            error = pass_line(lines, index, filter, line);
    }
    return error;
}

void queue_lines_skip(struct queue_lines *lines, struct queue_index *index,
    const struct queue_filter *filter, bool held_back)
{
    lines->name[0] = '\0';
    if (held_back) {
        pass_stretch(lines, index, filter);
    } else {
        queue_lines_end_stretch(lines, index, filter);
        lines->next = lines->after;
    }
}

enum error queue_lines_use(struct queue_lines *lines, struct queue_index *index)
{
    int64_t offset = lines->next;
    lines->name[0] = '\0';
    lines->next = lines->after;
    if (offset != index->head)
        return queue_index_use(index, offset);
    index->head = lines->after;
    return ERROR_NONE;
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

/* They stand in order of coming. */
enum error queue_lines_arrivals(struct queue_lines *lines,
    const struct queue_index *index, struct name_list *names)
{
    buffer_clear(&lines->arrivals);
    enum error error = queue_index_read_arrivals(index, &lines->arrivals);
    const char *line = buffer_text(&lines->arrivals);
    while (error == ERROR_NONE && *line != '\0') {
        size_t length = strcspn(line, "\n");
        if (!queue_index_is_used(line, length))
            error = append_arrival(names, line, length);
        line += length + (line[length] == '\n');
    }
    return error == ERROR_NONE ? name_list_sort(names) : error;
}

enum error queue_lines_use_arrival(const struct queue_lines *lines,
    const struct queue_index *index, const char *name)
{
    const char *text = buffer_text(&lines->arrivals);
    const char *line = strstr(text, name);
    if (line == NULL)
        return ERROR_SYNTAX;
    return queue_index_use(index, index->sorted_end + (line - text));
}

void queue_lines_free(struct queue_lines *lines)
{
    buffer_free(&lines->block);
    buffer_free(&lines->arrivals);
    *lines = (struct queue_lines){0};
}
