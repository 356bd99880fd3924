/* SPDX-License-Identifier: MIT */
/* Where a long text goes that is never held in memory whole: first nowhere, to
 * learn its length, then to a descriptor, or to what stands for one. */
#ifndef STOFLOW_SINK_H
#define STOFLOW_SINK_H

#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sink;

/* As write(2): takes some of the bytes and returns how many, or < 0. One that
 * wants no more bytes sets sink->write to NULL, and the rest is counted. */
typedef ssize_t sink_write(struct sink *sink, const char *bytes, size_t length);

struct sink {
    sink_write *write;     /* NULL: the bytes are only counted */
    int descriptor;        /* for that of sink_open */
    void *context;         /* for that of sink_open_by */
    int64_t length;        /* bytes taken so far */
    int64_t most;          /* bytes taken at the most; the rest is dropped */
    struct buffer waiting; /* taken, but not written yet */
    enum error error;      /* the first; nothing more is written after it */
};

/* A sink that counts. */
void sink_count(struct sink *sink);

/* A sink that writes at most `most` bytes to the descriptor, in large pieces.
 */
void sink_open(struct sink *sink, int descriptor, int64_t most);

/* The same with another way to write, which finds `context` in the sink. */
void sink_open_by(
    struct sink *sink, sink_write *write, void *context, int64_t most);

void sink_put(struct sink *sink, const char *bytes, size_t length);

/* Counts so many bytes without having been given them. False, and nothing is
 * done, where they are more than counted. */
bool sink_skip(struct sink *sink, int64_t length);

/* Writes what waits and frees it; returns the first error. */
enum error sink_close(struct sink *sink);

#endif
