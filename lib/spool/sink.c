/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include <errno.h>
#include <unistd.h>

enum {
    PIECE = 65536 /* bytes: as much as a pipe takes at once */
};

void sink_count(struct sink *sink)
{
    *sink = (struct sink){.most = INT64_MAX};
}

static ssize_t write_descriptor(
    struct sink *sink, const char *bytes, size_t length)
{
    ssize_t count;
    do {
        count = write(sink->descriptor, bytes, length);
    } while (count < 0 && errno == EINTR);
    return count;
}

void sink_open(struct sink *sink, int descriptor, int64_t most)
{
    *sink = (struct sink){
        .write = write_descriptor, .descriptor = descriptor, .most = most};
}

void sink_open_by(
    struct sink *sink, sink_write *write, void *context, int64_t most)
{
    *sink = (struct sink){.write = write, .context = context, .most = most};
}

static void write_bytes(struct sink *sink, const char *bytes, size_t length)
{
    while (length > 0 && sink->error == ERROR_NONE && sink->write != NULL) {
        ssize_t count = sink->write(sink, bytes, length);
        if (count < 0) {
            sink->error = ERROR_IO;
            return;
        }
        bytes += count;
        length -= (size_t)count;
    }
}

static void flush(struct sink *sink)
{
    write_bytes(sink, buffer_text(&sink->waiting), sink->waiting.length);
    buffer_clear(&sink->waiting);
}

/* What is long, or finds no memory to wait in, goes straight on. */
static void take(struct sink *sink, const char *bytes, size_t length)
{
    if (length < PIECE)
        buffer_append(&sink->waiting, bytes, length);
    if (length >= PIECE || sink->waiting.failed) {
        flush(sink);
        write_bytes(sink, bytes, length);
    } else if (sink->waiting.length >= PIECE) {
        flush(sink);
    }
}

void sink_put(struct sink *sink, const char *bytes, size_t length)
{
    if ((int64_t)length > sink->most - sink->length)
        length = (size_t)(sink->most - sink->length);
    sink->length += (int64_t)length;
    if (sink->write != NULL)
        take(sink, bytes, length);
}

bool sink_skip(struct sink *sink, int64_t length)
{
    if (sink->write != NULL)
        return false;
    if (length > sink->most - sink->length)
        length = sink->most - sink->length;
    sink->length += length;
    return true;
}

enum error sink_close(struct sink *sink)
{
    if (sink->write != NULL)
        flush(sink);
    buffer_free(&sink->waiting);
    return sink->error;
}
