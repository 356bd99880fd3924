/* SPDX-License-Identifier: MIT */
/* The small members of a record in done/, without the result behind them,
 * which may be megabytes. */
#ifndef STOFLOW_RECORD_HEAD_H
#define STOFLOW_RECORD_HEAD_H

#include "buffer.h"
#include "error.h"
#include "spool.h"

/* Appends the members that stand before "result" as one JSON object; no more
 * of the file is read than that takes, and a little. Ours all have it last;
 * where a person has put other members behind it, those are missing, and where
 * the file is no JSON object, so is this. ERROR_NOT_FOUND, ERROR_TYPE (no
 * regular file), ERROR_MEMORY, ERROR_IO. */
enum error record_head_read(
    const struct spool *spool, struct path path, struct buffer *out);

#endif
