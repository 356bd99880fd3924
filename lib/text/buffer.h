/* SPDX-License-Identifier: MIT */
/* A growable string of bytes. Every composed text of the project lives in one,
 * so that ownership is one sentence: who holds the buffer frees it. */
#ifndef STOFLOW_BUFFER_H
#define STOFLOW_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with BUFFER_EMPTY. `data` is NULL until the first append and is
 * always followed by a NUL byte after it. An append that finds no memory
 * leaves `data` and `length` as they were and sets `failed`; every later
 * append then does nothing, so that a composer looks once, at the end. */
struct buffer {
    char *data;
    size_t length;   /* bytes in use, without the NUL */
    size_t capacity; /* bytes allocated */
    bool failed;
};

#define BUFFER_EMPTY {NULL, 0, 0, false}

/* Makes room for `more` further bytes and returns where they go, or NULL
 * after setting `failed`. The length does not change. */
char *buffer_reserve(struct buffer *buffer, size_t more);

void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, char byte);
void buffer_append_integer(struct buffer *buffer, int64_t number);
void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text as a C string, "" while empty. Valid until the next append. */
const char *buffer_text(const struct buffer *buffer);

/* Forgets the bytes and the failure, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Gives the memory back; the buffer is then BUFFER_EMPTY again. */
void buffer_free(struct buffer *buffer);

#endif
