/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share. Each target is a file fuzz_NAME.c with one
 * function, fuzz_one, which is called with input after input: by libFuzzer
 * (entry.c), which changes what it finds to reach new code, or by steps.c,
 * which counts how many steps an input takes. */
#ifndef STOFLOW_FUZZ_H
#define STOFLOW_FUZZ_H

#include "account.h"
#include "buffer.h"
#include "config.h"
#include "spool.h"

#include <stdbool.h>
#include <stddef.h>

/* Tries text[0..length), behind which no byte may be read. What does not hold
 * ends the process. */
void fuzz_one(const char *text, size_t length);

/* Ends the process unless the condition holds. */
#define fuzz_require(condition)                                                \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* A part of an input. */
struct fuzz_part {
    const char *text;
    size_t length;
};

/* Takes the first line off *rest, without its newline. */
struct fuzz_part fuzz_take_line(struct fuzz_part *rest);

/* A copy as a C string of exactly that length, or up to the first NUL byte; to
 * be freed. */
char *fuzz_string(struct fuzz_part part);

bool fuzz_same(const struct buffer *a, const struct buffer *b);

/* A root of the process's own, in memory if there is such a place, that is gone
 * when it ends; made at the first call. */
struct fuzz_root {
    char path[64];
    struct spool spool;
    struct config config;
    struct account account; /* user 42 */
};
const struct fuzz_root *fuzz_root(void);

/* Makes the file of the root, whose folder must be there, hold these bytes. */
void fuzz_put(const char *path, struct fuzz_part bytes);

/* Appends the whole of such a file; false if there is none. */
bool fuzz_get(const char *path, struct buffer *out);

/* Removes what lies in spool/, and makes its folders anew. */
void fuzz_clear_spool(void);

#endif
