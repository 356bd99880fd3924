/* SPDX-License-Identifier: MIT */
/* Times as the spool writes them: UTC, microseconds, sortable by ls. */
#ifndef STOFLOW_CLOCK_H
#define STOFLOW_CLOCK_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* A moment is an int64_t: microseconds since 1970-01-01T00:00:00Z. */
enum clock_sizes {
    CLOCK_STAMP_LENGTH = 23, /* 20241207T100015.123456Z, in file names */
    CLOCK_ISO_LENGTH = 27    /* 2024-12-07T10:00:15.123456Z, in JSON */
};

static const int64_t clock_second = 1000000;

/* The present moment (CLOCK_REALTIME): what stands in names, files and answers.
 * The clock may be set, back or forward, between two of them. */
int64_t clock_now(void);

/* What that told last in this process, which costs no system call: a moment
 * that has been, for who asks only whether something came after it. 0: it was
 * not asked yet. */
int64_t clock_last(void);

/* What to wait by: microseconds that pass whatever the clock is set to
 * (CLOCK_MONOTONIC). Good within one process only. */
int64_t clock_steady(void);

/* When, by that, the moment comes, unless the clock is set before. */
int64_t clock_steady_at(int64_t moment);

/* The moment of a file's time stamp (stat(2)), cut to microseconds. Anybody may
 * have set it: one that clock_format_* could not write, before year 0 or after
 * 9999, is brought to the nearest that they can. */
int64_t clock_from_timespec(struct timespec time);

/* The other way round, for a time stamp of ours. From 1970 on. */
struct timespec clock_to_timespec(int64_t moment);

/* Whether a change made from now on could leave a directory with the mtime
 * `changed` that it has already: file systems tick in up to 10 ms, old ones
 * in whole seconds. */
bool clock_is_racy(struct timespec changed, int64_t now);

/* Both write the text and a NUL byte. Moments from year 0 to 9999 only. */
void clock_format_stamp(char out[CLOCK_STAMP_LENGTH + 1], int64_t moment);
void clock_format_iso(char out[CLOCK_ISO_LENGTH + 1], int64_t moment);

/* Reads exactly CLOCK_STAMP_LENGTH characters. ERROR_SYNTAX for anything but
 * an existing UTC moment in that form; *moment is then unchanged. */
enum error clock_parse_stamp(const char *text, int64_t *moment);

/* Reads exactly CLOCK_ISO_LENGTH characters, the form clock_format_iso
 * writes. ERROR_SYNTAX otherwise; *moment is then unchanged. */
enum error clock_parse_iso(const char *text, size_t length, int64_t *moment);

/* Reads a date and time as people and their libraries write it (RFC 3339,
 * section 5.6): "2024-12-07T10:00:15Z", with a fraction of a second, with an
 * offset ("+01:00") in place of the Z. Digits beyond a microsecond are cut. A
 * leap second is not taken, nor a moment outside of the years 0 to 9999 in UTC.
 * ERROR_SYNTAX; *moment is then unchanged. */
enum error clock_parse_rfc3339(
    const char *text, size_t length, int64_t *moment);

#endif
