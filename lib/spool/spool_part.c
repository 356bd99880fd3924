/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* for seekdir(3), telldir(3) */

#include "spool_part.h"

#include "buffer.h"
#include "file.h"
#include "number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Gives the next name. ERROR_NOT_FOUND: that was the last. */
static enum error read_name(DIR *directory, const char **name)
{
    errno = 0;
    struct dirent *entry = readdir(directory);
    if (entry == NULL)
        return errno == 0 ? ERROR_NOT_FOUND : error_from_errno(errno);
    *name = entry->d_name;
    return ERROR_NONE;
}

static enum error read_part(DIR *directory, struct spool_part *part,
    spool_name_function *function, void *context)
{
    const char *name = "";
    for (size_t i = 0; i < part->most; i++) {
        long position = telldir(directory);
        enum error error = read_name(directory, &name);
        if (error == ERROR_NOT_FOUND) {
            part->position = 0;
            return ERROR_NONE;
        }
        if (error == ERROR_NONE && name[0] != '.')
            error = function(context, name);
        if (error != ERROR_NONE) {
            part->position = position;
            return error;
        }
    }
    part->position = telldir(directory);
    return ERROR_NONE;
}

enum error spool_part_each_name(const struct spool *spool, struct path path,
    struct spool_part *part, spool_name_function *function, void *context)
{
    DIR *directory;
    enum error error = directory_list(spool->directory, path.text, &directory);
    if (error != ERROR_NONE)
        return error;
    if (part->position != 0)
        seekdir(directory, (long)part->position);
    error = read_part(directory, part, function, context);
    closedir(directory);
    return error;
}

enum {
    POSITION_SIZE = 24 /* digits of a number, and a NUL */
};

int64_t spool_part_read(const struct spool *spool, struct path path)
{
    int64_t position;
    struct buffer text = BUFFER_EMPTY;
    if (file_read(spool->directory, path.text, POSITION_SIZE, &text, NULL) !=
            ERROR_NONE ||
        number_parse(buffer_text(&text), text.length, &position) != ERROR_NONE)
        position = 0;
    buffer_free(&text);
    return position;
}

/* Two that write at once leave either, or both mixed up. */
void spool_part_write(
    const struct spool *spool, struct path path, int64_t position)
{
    char text[POSITION_SIZE];
    if (position == 0) {
        file_remove(spool->directory, path.text);
        return;
    }
    int descriptor = spool_open_file(
        spool, path, SPOOL_INDEX, O_WRONLY | O_TRUNC | O_NONBLOCK);
    if (descriptor < 0)
        return;
    int length = snprintf(text, sizeof text, "%" PRId64, position);
    ssize_t count = write(descriptor, text, (size_t)length);
    (void)count; /* torn: as good as any */
    close(descriptor);
}
