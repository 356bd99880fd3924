/* SPDX-License-Identifier: MIT */
#include "figures.h"

#include "buffer.h"
#include "clock.h"
#include "file.h"
#include "number.h"
#include "stamp.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    FILE_MOST = (FIGURES_MOST + 2) * (NUMBER_LENGTH_MAX + 1) /* bytes */
};

static uint64_t mix(uint64_t sum, int64_t number)
{
    return (sum ^ (uint64_t)number) * UINT64_C(1099511628211);
}

/* Shows what was written in part, or over something longer. */
static int64_t sum_of(const int64_t *figures, size_t count, int64_t counted)
{
    uint64_t sum = mix(UINT64_C(14695981039346656037), counted);
    for (size_t i = 0; i < count; i++)
        sum = mix(sum, figures[i]);
    return (int64_t)(sum >> 1);
}

/* The next number of a text in which a blank follows each. */
static bool take_number(const char **text, int64_t *number)
{
    size_t length = strcspn(*text, " ");
    if (number_parse(*text, length, number) != ERROR_NONE)
        return false;
    *text += length + ((*text)[length] == ' ');
    return true;
}

static bool parse(
    const char *text, int64_t *figures, size_t count, int64_t *counted)
{
    int64_t sum;
    if (!take_number(&text, counted))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!take_number(&text, &figures[i]))
            return false;
    }
    return take_number(&text, &sum) && sum == sum_of(figures, count, *counted);
}

enum figures_age figures_read(const struct spool *spool, struct path path,
    int64_t *figures, size_t count, int64_t *counted)
{
    struct buffer text = BUFFER_EMPTY;
    int64_t now = clock_now();
    bool whole = file_read(spool->directory, path.text, FILE_MOST, &text,
                     NULL) == ERROR_NONE &&
                 parse(buffer_text(&text), figures, count, counted);
    buffer_free(&text);
    if (!whole || stamp_is_due(*counted, now, FIGURES_KEPT))
        return FIGURES_NONE;
    return stamp_is_due(*counted, now, FIGURES_FRESH) ? FIGURES_OLD
                                                      : FIGURES_YOUNG;
}

/* Nothing is truncated: who reads meanwhile finds the old ones, or the new. */
void figures_write(const struct spool *spool, struct path path,
    const int64_t *figures, size_t count, int64_t counted)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_format(&text, "%" PRId64 " ", counted);
    for (size_t i = 0; i < count; i++)
        buffer_append_format(&text, "%" PRId64 " ", figures[i]);
    buffer_append_format(
        &text, "%" PRId64 " ", sum_of(figures, count, counted));
    int descriptor = text.failed ? -1
                                 : spool_open_file(spool, path, SPOOL_INDEX,
                                       O_WRONLY | O_NONBLOCK);
    if (descriptor >= 0) {
        ssize_t written = write(descriptor, text.data, text.length);
        (void)written; /* in part: that shows */
        close(descriptor);
    }
    buffer_free(&text);
}
