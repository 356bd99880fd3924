/* SPDX-License-Identifier: MIT */
#include "log.h"

#include "clock.h"
#include "utf8.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char events[] = "events.log";

const char *const log_names[] = {events, "access.log"};
const size_t log_name_count = sizeof log_names / sizeof log_names[0];

void log_line(const struct spool *spool, const char *name, const char *line)
{
    char text[LOG_LINE_MAX + 8];
    int length = snprintf(text, sizeof text, "%s\n", line);
    if (length < 0 || (size_t)length >= sizeof text)
        return;
    /* O_NONBLOCK: a FIFO that nobody reads must keep no request waiting. */
    int descriptor = spool_open_file(spool, path_in(SPOOL_LOG, name), SPOOL_LOG,
        O_WRONLY | O_APPEND | O_NONBLOCK);
    if (descriptor < 0)
        return;
    /* One write: lines of several programs do not mix under O_APPEND. */
    ssize_t written = write(descriptor, text, (size_t)length);
    (void)written; /* a lost log line is no reason to fail */
    close(descriptor);
}

void log_event(
    const struct spool *spool, const char *what, const char *format, ...)
{
    char line[LOG_LINE_MAX + 8];
    char now[CLOCK_ISO_LENGTH + 1];
    clock_format_iso(now, clock_now());
    int head = snprintf(line, LOG_LINE_MAX, "%s %s ", now, what);
    if (head < 0 || head >= LOG_LINE_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    int text = vsnprintf(
        line + head, (size_t)(LOG_LINE_MAX - head), format, arguments);
    va_end(arguments);
    size_t length = strlen(line);
    utf8_hide(line, length, '?');
    if (text >= LOG_LINE_MAX - head)
        memcpy(line + length - 3, "...", 3);
    log_line(spool, events, line);
}
