/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "clock.h"
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void sweep_met(struct sweep *sweep, enum error error)
{
    if (error == ERROR_MEMORY || error == ERROR_DESCRIPTORS ||
        error == ERROR_FILE_LIMIT || error == ERROR_FULL ||
        error == ERROR_READ_ONLY)
        sweep->unfinished = error;
}

void sweep_line(struct sweep *sweep, const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_append_format(
        &sweep->lines, "%s%s\n", sweep->dry_run ? "would have " : "", line);
}

void sweep_tell_count(struct sweep *sweep, const char *verb, unsigned count,
    const char *noun, const char *rest)
{
    if (count > 0) {
        sweep_line(sweep, "%s %u %s%s%s", verb, count, noun,
            sweep_plural(count), rest);
    }
}

const char *sweep_plural(unsigned count)
{
    return count == 1 ? "" : "s";
}
