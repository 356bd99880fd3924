/* SPDX-License-Identifier: MIT */
/* The file products/42.ndjson, read by its order of id from any id on, without
 * loading it.
 *
 * Ours are sorted, one product a line, "id" first. Whether a file is so, is
 * found out once for each version by a look through it; a stamp in index/
 * remembers (stamp.h). */
#ifndef STOFLOW_CATALOG_BASE_H
#define STOFLOW_CATALOG_BASE_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "line_reader.h"
#include "sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct catalog_base {
    struct line_reader reader; /* descriptor -1: there is no such file */
    struct stat status;        /* of it when it was opened; st_nlink 0: none */
    bool ordered;
    uint64_t last;       /* id of the line handed out last */
    struct buffer piece; /* scratch memory of a search */
};

struct catalog_line {
    uint64_t id;
    const char *text; /* not NUL-terminated; without the newline and blanks */
    size_t length;
};

/* products/42.ndjson */
struct path catalog_path(const struct account *account);

/* The id of a line that begins as ours do, with {"id":NUMBER, told without
 * taking the line apart: what follows may be anything. False if it does not. */
bool catalog_line_id(const char *line, size_t length, uint64_t *id);

/* The length of a line without the blanks at its end. */
size_t catalog_trim_line(const char *line, size_t length);

/* Opens the file, to be locked as well where `writing`, and finds out whether
 * it is in order. Where there is none it is empty and in order. ERROR_TYPE,
 * ERROR_MEMORY, ERROR_* of errno; only after ERROR_NONE there is something to
 * close. */
enum error catalog_base_open(
    struct catalog_base *base, const struct account *account, bool writing);
void catalog_base_close(struct catalog_base *base);

/* Of one that is in order: goes to the first line whose id is above `after` (0:
 * the first of all). ERROR_MEMORY, ERROR_IO. */
enum error catalog_base_seek(struct catalog_base *base, uint64_t after);

/* The next line that has an id above those before it; whether it is JSON
 * otherwise is not known. Valid until the next call. ERROR_NOT_FOUND at the
 * end; ERROR_MEMORY, ERROR_IO. */
enum error catalog_base_next(
    struct catalog_base *base, struct catalog_line *line);

/* Where the line of an id stands in one that is good: from its first byte up to
 * behind its newline; both where it would stand if there is none. ERROR_MEMORY,
 * ERROR_IO. */
enum error catalog_base_place(
    struct catalog_base *base, uint64_t id, int64_t *from, int64_t *to);

/* Whether each byte of one in order is of the lines that catalog_base_next
 * hands out, each JSON and with a newline behind it: found out once for each
 * version, as above. False where that cannot be told. */
bool catalog_base_is_good(
    struct catalog_base *base, const struct account *account);

/* Puts the file into the sink as it stands, from a byte up to another.
 * ERROR_MEMORY, ERROR_IO. */
enum error catalog_base_copy(
    struct catalog_base *base, int64_t from, int64_t to, struct sink *sink);

#endif
