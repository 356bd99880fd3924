/* SPDX-License-Identifier: MIT */
/* The spool: where each kind of file lies. All paths of the project are built
 * here, from parts whose grammar was checked before. */
#ifndef STOFLOW_SPOOL_H
#define STOFLOW_SPOOL_H

#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

/* A user (a seller) is an int64_t from 1 to 2^63-1, written in decimal
 * without leading zeros. */

enum spool_lock_failure {
    SPOOL_LOCK_HELD = -1,
    SPOOL_LOCK_NONE = -2
};

enum spool_sizes {
    SPOOL_NAME_MAX = 255,                /* NAME_MAX of every local system */
    SPOOL_PATH_MAX = SPOOL_NAME_MAX + 64 /* directory, user, name, NUL */
};

/* The directories of the spool, one row each; spool_directory_name gives the
 * name. Those with `per user` folders hold one folder for each user. */
enum spool_directory {
    SPOOL_PENDING,   /* per user, and drops at the top */
    SPOOL_EXECUTING, /* per user */
    SPOOL_DONE,      /* per user */
    SPOOL_INGEST,    /* per user: hard links of records in done/ that the
                      * catalogue has yet to take in */
    SPOOL_PROGRESS,  /* per user: what plugins say of the tasks they are at, and
                      * that such a task is to be cancelled */
    SPOOL_REJECTED,
    SPOOL_PRODUCTS,
    SPOOL_USERS,
    SPOOL_PACE, /* per user: an empty file for each action, whose mtime is
                 * the moment from which its next task may go */
    SPOOL_PHOTOS,
    SPOOL_INDEX, /* caches, stamps and locks: all may be deleted */
    SPOOL_TMP,
    SPOOL_LOG,
    SPOOL_DIRECTORIES /* how many there are */
};

struct spool {
    int directory; /* descriptor of spool/; every path is relative to it */
};

/* A path below the spool. */
struct path {
    char text[SPOOL_PATH_MAX];
};

/* Opens root/spool, making it and its directories (0700) where there is none.
 * Errors of mkdir(2) and open(2); nothing needs closing after one. */
enum error spool_open(struct spool *spool, const char *root);

/* Makes every directory that is missing. Who needs one makes it anyway; this
 * is for a person who wants to see them. */
enum error spool_prepare(const struct spool *spool);

/* The same for a reader that must leave no trace: ERROR_NOT_FOUND if there is
 * no spool. */
enum error spool_open_existing(struct spool *spool, const char *root);
void spool_close(struct spool *spool);

const char *spool_directory_name(enum spool_directory directory);

/* "pending", "pending/42", "pending/42/NAME" and "pending/NAME". `name` is
 * at most SPOOL_NAME_MAX bytes and holds no slash: the caller has checked its
 * grammar or has it from readdir(3). */
struct path path_of(enum spool_directory directory);
struct path path_of_user(enum spool_directory directory, int64_t user);
struct path path_in_user(
    enum spool_directory directory, int64_t user, const char *name);
struct path path_in(enum spool_directory directory, const char *name);

/* Makes the user's folder in `directory` where missing, durably. */
enum error spool_make_user(
    const struct spool *spool, enum spool_directory directory, int64_t user);

/* Calls `function` for each user folder of `directory`, in no order. Stops at
 * the first error other than ERROR_NONE and returns it. */
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

/* Reads a user id: decimal, no sign, no leading zero, 1 to 2^63-1, the whole
 * of text. ERROR_SYNTAX or ERROR_RANGE; *user is then unchanged. */
enum error user_parse(const char *text, int64_t *user);

/* Writes bytes to a new file of its own in tmp/, fsynced, and gives its path,
 * for a link or rename to where it belongs. ERROR_* of file_create. */
enum error spool_write_temporary(const struct spool *spool, const char *bytes,
    size_t length, struct path *path);

/* Makes the file `path` (in products/ or users/) hold the bytes, durably: a
 * reader sees the old or the new text, never a part, also after power loss.
 * The caller holds the lock that keeps other writers of `path` away. */
enum error spool_replace(const struct spool *spool, struct path path,
    enum spool_directory directory, const char *bytes, size_t length);

/* The same for a hint, NAME in the user's folder of `directory`, which is made
 * where missing: a reader sees the old or the new text, but the text is not
 * fsynced, and power loss may take both. No lock is needed. */
enum error spool_replace_hint(const struct spool *spool,
    enum spool_directory directory, int64_t user, const char *name,
    const char *bytes, size_t length);

/* Takes a lock that dies with its holder on index/NAME, waiting if `wait`.
 * Returns a descriptor to close for release, or SPOOL_LOCK_HELD: another has
 * it (only when not waiting), or SPOOL_LOCK_NONE: no locks are to be had here.
 * A lock only saves work and lost updates of caches and catalogues; no task's
 * safety rests on it. */
int spool_lock(const struct spool *spool, const char *name, bool wait);

#endif
