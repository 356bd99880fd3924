/* SPDX-License-Identifier: MIT */
/* The spool: its directories are opened and made, their names gone through,
 * and files in them replaced. */
#ifndef STOFLOW_SPOOL_H
#define STOFLOW_SPOOL_H

#include "error.h"
#include "path.h"

#include <stddef.h>
#include <stdint.h>

struct spool {
    int directory;    /* descriptor of spool/; every path is relative to it */
    const char *root; /* path, for what a person is told; the opener's */
};

/* Opens root/spool, making it and its directories (0700) where there is none.
 * `root` must last as long as the spool is open. Errors of mkdir(2) and
 * open(2); nothing needs closing after one. */
enum error spool_open(struct spool *spool, const char *root);

/* The same for a reader that must leave no trace: ERROR_NOT_FOUND if there is
 * no spool. */
enum error spool_open_existing(struct spool *spool, const char *root);

/* For a spool that was opened; once. */
void spool_close(struct spool *spool);

/* Makes every directory that is missing. ERROR_* of directory_make. */
enum error spool_prepare(const struct spool *spool);

/* Does so where `directory` is missing: a person sees all of them from the
 * first request on, also in a spool that came with nothing but its README.md.
 */
enum error spool_make(
    const struct spool *spool, enum spool_directory directory);

/* Makes the user's folder in `directory` where missing, durably. ERROR_* of
 * directory_make. */
enum error spool_make_user(
    const struct spool *spool, enum spool_directory directory, int64_t user);

/* Opens `path`, which lies in `directory`, for writing, with the flags of
 * open(2) that are given; makes the file (0600) and the directory where
 * missing. A descriptor to close, or < 0. */
int spool_open_file(const struct spool *spool, struct path path,
    enum spool_directory directory, int flags);

/* Calls `function` for each user folder of `directory`, in no order; for none
 * where there is no such directory. Stops at the first error other than
 * ERROR_NONE and returns it. */
typedef enum error spool_user_function(void *context, int64_t user);
enum error spool_each_user(const struct spool *spool,
    enum spool_directory directory, spool_user_function *function,
    void *context);

/* Calls `function` with each name in the directory `path` but those starting
 * with a dot. Names that appear, move or vanish meanwhile may be missed or
 * repeated (readdir(3)): absence here proves nothing. ERROR_NOT_FOUND if
 * there is no such directory. Stops early when the function returns an
 * error, and returns it. */
typedef enum error spool_name_function(void *context, const char *name);
enum error spool_each_name(const struct spool *spool, struct path path,
    spool_name_function *function, void *context);

/* Writes bytes to a new file of its own in tmp/, fsynced, and gives its path,
 * for a link or rename to where it belongs. ERROR_* of file_create, but neither
 * ERROR_EXISTS nor ERROR_NOT_FOUND, which callers say of what they look for:
 * ERROR_BUSY where others have all names that were drawn, ERROR_SYSTEM where
 * tmp/ cannot be had. */
enum error spool_write_temporary(const struct spool *spool, const char *bytes,
    size_t length, struct path *path);

/* The same, but it is neither fsynced nor closed: the caller does so, by
 * file_sync and close(2), once the file has its name. Until then power loss may
 * leave that name without its content, whatever else is fsynced. */
enum error spool_open_temporary(const struct spool *spool, const char *bytes,
    size_t length, struct path *path, int *descriptor);

/* Makes the file `path` (in products/ or users/) hold the bytes, durably: a
 * reader sees the old or the new text, never a part, also after power loss.
 * The caller holds the lock that keeps other writers of `path` away. */
enum error spool_replace(const struct spool *spool, struct path path,
    enum spool_directory directory, const char *bytes, size_t length);

/* The same for a hint in `directory`, or in the user's folder of that (0: of
 * nobody's), which is made where missing: a reader sees the old or the new
 * text, but the text is not fsynced, and power loss may take both. No lock is
 * needed. */
enum error spool_replace_hint(const struct spool *spool, struct path path,
    enum spool_directory directory, int64_t user, const char *bytes,
    size_t length);

#endif
