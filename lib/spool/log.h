/* SPDX-License-Identifier: MIT */
/* spool/log: events.log, what went wrong or was out of the ordinary, and the
 * lines of access.log (program.c). */
#ifndef STOFLOW_LOG_H
#define STOFLOW_LOG_H

#include "spool.h"

#include <stddef.h>

/* Appends one line "TIME WHAT TEXT". `what` is one word. What a
 * terminal would obey (utf8.h), and bytes that are no UTF-8, are shown as '?',
 * more than LOG_LINE_MAX bytes are cut with "...". A line that cannot be
 * written is dropped on purpose: the log must never be the reason why work
 * fails. The caller keeps secrets out of the text. */
void log_event(const struct spool *spool, const char *what, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Appends a line to log/NAME, in one write, so that lines of several programs
 * do not mix. `line` has no newline and holds no control characters; NAME is
 * one of log_names. Dropped like an event where it cannot be written. */
void log_line(const struct spool *spool, const char *name, const char *line);

/* The logs there are, and how many. */
extern const char *const log_names[];
extern const size_t log_name_count;

enum log_sizes {
    LOG_LINE_MAX = 1000
};

#endif
