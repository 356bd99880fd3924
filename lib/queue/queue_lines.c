/* SPDX-License-Identifier: MIT */
#include "queue_lines.h"

#include "buffer.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "queue_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
    RANK_LENGTH = 3,
    BLOCK_LEAST = 512,   /* bytes: most polls want the first line alone */
    BLOCK_MOST = 1 << 16 /* where the growing ends */
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

void queue_lines_free(struct queue_lines *lines)
{
    buffer_free(&lines->block);
    lines->start = 0;
    lines->size = 0;
}
