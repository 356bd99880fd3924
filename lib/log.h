/* SPDX-License-Identifier: MIT */
/* spool/log/events.log: what went wrong or was out of the ordinary. */
#ifndef STOFLOW_LOG_H
#define STOFLOW_LOG_H

#include "spool.h"

/* Appends one line "TIME WHAT TEXT". `what` is one word. Control characters in
 * the text are shown as '?', more than LOG_LINE_MAX bytes are cut with "...".
 * A line that cannot be written is dropped on purpose: the log must never be
 * the reason why work fails. The caller keeps secrets out of the text. */
void log_event(const struct spool *spool, const char *what, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

enum log_sizes {
    LOG_LINE_MAX = 1000
};

#endif
