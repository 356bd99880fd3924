/* SPDX-License-Identifier: MIT */
/* A seller's account: the spool it is in, the rules it is under, and whose it
 * is. Opened once per request; whatever is done to the account's tasks and
 * products takes it, and asks it for its folders. */
#ifndef STOFLOW_ACCOUNT_H
#define STOFLOW_ACCOUNT_H

#include "config.h"
#include "error.h"
#include "path.h"
#include "spool.h"

#include <stdint.h>

struct account {
    const struct spool *spool;
    const struct config *config;
    int64_t user;
};

/* The account's folder in `directory`, a file in that folder, and the one file
 * of a kind that the account has in a directory without folders: "pending/42",
 * "pending/42/NAME", "index/42.KIND". */
struct path account_folder(
    const struct account *account, enum spool_directory directory);
struct path account_path(const struct account *account,
    enum spool_directory directory, const char *name);
struct path account_file(const struct account *account,
    enum spool_directory directory, const char *kind);

/* Makes the account's folder where missing, durably. ERROR_* of
 * directory_make. */
enum error account_make_folder(
    const struct account *account, enum spool_directory directory);

/* Makes what was renamed, linked or removed in the account's folder safe from
 * power loss. ERROR_* of directory_sync. */
enum error account_sync_folder(
    const struct account *account, enum spool_directory directory);

/* Waits for a lock of the account: spool_lock_user. The other does not wait. */
int account_lock(const struct account *account, const char *kind);
int account_lock_try(const struct account *account, const char *kind);

/* log_event of what concerns the account: "user 42: TEXT"; only the text where
 * it is not known yet whose it is (0). */
void account_log(const struct account *account, const char *what,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* stuck_note of what concerns the account and may have come a moment ago, under
 * its `settle`. */
void account_stuck(
    const struct account *account, struct path path, enum error error);

/* Tells of an error that `path` met, but for ERROR_NONE and ERROR_NOT_FOUND: by
 * stuck_note, whatever its age, where it is of that kind; else by account_log,
 * each time. */
void account_fault(const struct account *account, const char *what,
    struct path path, enum error error);

/* Tells, once in a while, that what lies at `path` is left there because this
 * host gives a program too little memory for it; of no other error. */
void account_tell_of_memory(
    const struct account *account, struct path path, enum error error);

/* Calls `function` for each account that has a folder in `directory`, in no
 * order; for none where there is no such directory. Stops at the first error
 * other than ERROR_NONE and returns it. */
typedef enum error account_function(
    void *context, const struct account *account);
enum error account_each(const struct spool *spool, const struct config *config,
    enum spool_directory directory, account_function *function, void *context);

#endif
