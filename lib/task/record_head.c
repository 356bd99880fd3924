/* SPDX-License-Identifier: MIT */
#include "record_head.h"

#include "buffer.h"
#include "error.h"
#include "path.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 4096 /* bytes read at a time: most records are shorter */
};

/* A walk through JSON text that knows no more than where strings, members of
 * the outermost object and their keys begin. */
struct walk {
    size_t at; /* in the text: up to here it was walked */
    size_t depth;
    bool in_string;
    bool escaped;
    size_t string; /* where the last string of the outermost object began */
    size_t comma;  /* where its last comma stands, or its brace */
};

static bool is_result(const char *text, const struct walk *walk)
{
    static const char key[] = "\"result\"";
    return walk->depth == 1 &&
           strncmp(text + walk->string, key, sizeof key - 1) == 0;
}

static void step_in_string(struct walk *walk, char byte)
{
    walk->in_string = walk->escaped || byte != '"';
    walk->escaped = !walk->escaped && byte == '\\';
}

/* Goes on to the end of the text. True if the key "result" was met; the
 * members before it end at walk->comma. */
static bool walk_on(struct walk *walk, const char *text, size_t length)
{
    for (; walk->at < length; walk->at++) {
        char byte = text[walk->at];
        if (walk->in_string) {
            step_in_string(walk, byte);
        } else if (byte == '"') {
            walk->in_string = true;
            if (walk->depth == 1)
                walk->string = walk->at;
        } else if (byte == '{' || byte == '[') {
            if (walk->depth++ == 0)
                walk->comma = walk->at;
        } else if (byte == '}' || byte == ']') {
            walk->depth--;
        } else if (byte == ':' && is_result(text, walk)) {
            return true;
        } else if (byte == ',' && walk->depth == 1) {
            walk->comma = walk->at;
        }
    }
    return false;
}

/* Reads on. ERROR_NOT_FOUND at the end of the file. */
static enum error read_piece(int descriptor, struct buffer *out)
{
    char *to = buffer_reserve(out, PIECE);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t count;
    do {
        count = read(descriptor, to, PIECE);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return error_from_errno(errno);
    to[count] = '\0';
    out->length += (size_t)count;
    return count > 0 ? ERROR_NONE : ERROR_NOT_FOUND;
}

static enum error read_head(int descriptor, struct buffer *out)
{
    struct walk walk = {.at = out->length, .comma = out->length};
    for (;;) {
        enum error error = read_piece(descriptor, out);
        if (error == ERROR_NOT_FOUND)
            return ERROR_NONE; /* the whole file is the head */
        if (error != ERROR_NONE)
            return error;
        if (!walk_on(&walk, out->data, out->length))
            continue;
        /* Where "result" is the first member, its brace stays. */
        out->length = walk.comma + (out->data[walk.comma] == '{');
        buffer_append_text(out, "\n}\n");
        return out->failed ? ERROR_MEMORY : ERROR_NONE;
    }
}

enum error record_head_read(
    const struct spool *spool, struct path path, struct buffer *out)
{
    struct stat status;
    int descriptor = openat(spool->directory, path.text,
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ELOOP ? ERROR_TYPE : error_from_errno(errno);
    enum error error = ERROR_NONE;
    if (fstat(descriptor, &status) != 0)
        error = error_from_errno(errno);
    else if (!S_ISREG(status.st_mode))
        error = ERROR_TYPE;
    if (error == ERROR_NONE)
        error = read_head(descriptor, out);
    close(descriptor);
    return error;
}
