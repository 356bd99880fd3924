/* SPDX-License-Identifier: MIT */
#include "line_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    WINDOW = 65536 /* bytes read at a time */
};

enum error line_reader_piece(
    int descriptor, int64_t at, size_t most, struct buffer *out)
{
    char *to = buffer_reserve(out, most);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t count;
    do {
        count = pread(descriptor, to, most, (off_t)at);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return error_from_errno(errno);
    to[count] = '\0';
    out->length += (size_t)count;
    return ERROR_NONE;
}

void line_reader_go(struct line_reader *reader, int64_t at)
{
    buffer_clear(&reader->window);
    reader->window_at = at;
    reader->next = 0;
}

/* Forgets what was handed out and reads on. ERROR_NOT_FOUND at the end. */
static enum error read_on(struct line_reader *reader)
{
    struct buffer *window = &reader->window;
    size_t kept = window->length - reader->next;
    if (reader->next > 0 && kept > 0)
        memmove(window->data, window->data + reader->next, kept);
    window->length = kept;
    reader->window_at += (int64_t)reader->next;
    reader->next = 0;
    enum error error = line_reader_piece(
        reader->descriptor, reader->window_at + (int64_t)kept, WINDOW, window);
    if (error != ERROR_NONE)
        return error;
    return window->length > kept ? ERROR_NONE : ERROR_NOT_FOUND;
}

/* Passes over the rest of a line that is too long to be a product. */
static enum error pass_over(struct line_reader *reader)
{
    const char *newline;
    do {
        reader->next = reader->window.length;
        enum error error = read_on(reader);
        if (error != ERROR_NONE)
            return error;
        newline = memchr(reader->window.data, '\n', reader->window.length);
    } while (newline == NULL);
    reader->next = (size_t)(newline - reader->window.data) + 1;
    return ERROR_NONE;
}

enum error line_reader_next(
    struct line_reader *reader, const char **text, size_t *length)
{
    size_t searched = reader->next;
    for (;;) {
        const char *line = buffer_text(&reader->window) + reader->next;
        size_t have = reader->window.length - reader->next;
        size_t known = searched - reader->next;
        const char *newline =
            have == known ? NULL : memchr(line + known, '\n', have - known);
        if (newline != NULL) {
            *text = line;
            *length = (size_t)(newline - line);
            reader->next += *length + 1;
            return ERROR_NONE;
        }
        enum error error =
            have > LINE_MAX_LENGTH ? pass_over(reader) : read_on(reader);
        searched = have > LINE_MAX_LENGTH ? reader->next : have;
        if (error == ERROR_NOT_FOUND && reader->next < reader->window.length) {
            *text = buffer_text(&reader->window) + reader->next;
            *length = reader->window.length - reader->next;
            reader->next = reader->window.length;
            return ERROR_NONE;
        }
        if (error != ERROR_NONE)
            return error;
    }
}
