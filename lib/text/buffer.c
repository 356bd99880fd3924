/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include "limit.h"
#include "number.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t smallest_capacity = 256;

/* The first small texts of a program lie in static memory: a poll needs no
 * more, and the first malloc(3) of a process costs it a tenth of its time in
 * system calls and page faults. A piece comes back when it is the last one, and
 * the others when none is out any more, as after each request. Sanitizers watch
 * malloc's pieces only, so under them there is no pool. */
#ifdef __SANITIZE_ADDRESS__
enum {
    POOL_SIZE = 1
};
#else
enum {
    POOL_SIZE = 16384
};
#endif
static char pool[POOL_SIZE];
static size_t pool_used;
static size_t pool_pieces; /* that are out */

static bool is_pooled(const char *data)
{
    return data >= pool && data < pool + sizeof pool;
}

static char *take_memory(size_t capacity)
{
    if (capacity > sizeof pool - pool_used)
        return malloc(capacity);
    char *piece = pool + pool_used;
    pool_used += capacity;
    pool_pieces++;
    return piece;
}

static void give_memory(char *data, size_t capacity)
{
    if (!is_pooled(data)) {
        free(data);
        return;
    }
    pool_pieces--;
    if (pool_pieces == 0)
        pool_used = 0;
    else if (data + capacity == pool + pool_used)
        pool_used -= capacity;
}

/* realloc(3) for both kinds of memory. */
static char *resize_memory(
    char *data, size_t length, size_t old_capacity, size_t capacity)
{
    if (data != NULL && !is_pooled(data))
        return realloc(data, capacity);
    char *piece = take_memory(capacity);
    if (piece != NULL && data != NULL) {
        memcpy(piece, data, length + 1);
        give_memory(data, old_capacity);
    }
    return piece;
}

static bool grow(struct buffer *buffer, size_t needed)
{
    size_t capacity =
        buffer->capacity == 0 ? smallest_capacity : buffer->capacity;
    while (capacity < needed) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    char *data =
        resize_memory(buffer->data, buffer->length, buffer->capacity, capacity);
    if (data == NULL) {
        limit_memory_refused(capacity);
        return false;
    }
    data[buffer->length] = '\0';
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

char *buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->failed)
        return NULL;
    if (more > SIZE_MAX - 1 - buffer->length) {
        buffer->failed = true;
        return NULL;
    }
    size_t needed = buffer->length + more + 1;
    if (needed > buffer->capacity && !grow(buffer, needed)) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->data + buffer->length;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    char *end = buffer_reserve(buffer, length);
    if (end == NULL)
        return;
    if (length > 0)
        memcpy(end, bytes, length);
    end[length] = '\0';
    buffer->length += length;
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_byte(struct buffer *buffer, char byte)
{
    buffer_append(buffer, &byte, 1);
}

void buffer_append_integer(struct buffer *buffer, int64_t number)
{
    char text[NUMBER_LENGTH_MAX];
    size_t length = number_format(text, number);
    buffer_append(buffer, text, length);
}

/* Most texts are short: those are formatted once. */
void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    if ((size_t)length < sizeof text) {
        buffer_append(buffer, text, (size_t)length);
        return;
    }
    char *end = buffer_reserve(buffer, (size_t)length);
    if (end == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(end, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data == NULL ? "" : buffer->data;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

void buffer_free(struct buffer *buffer)
{
    if (buffer->data != NULL)
        give_memory(buffer->data, buffer->capacity);
    *buffer = (struct buffer)BUFFER_EMPTY;
}
