/* SPDX-License-Identifier: MIT */
/* What one user's records take of the disk (`user_space`): a plugin's token,
 * which lies about in a browser, must not fill it for all others. */
#ifndef STOFLOW_SHARE_H
#define STOFLOW_SHARE_H

#include "account.h"
#include "error.h"

/* ERROR_FULL: the finished tasks of the account take as much as they may, each
 * at least SHARE_LEAST bytes. It looks at each of them, until that is certain:
 * for what is done seldom. Errors of space_read and spool_each_name. */
enum error share_check(const struct account *account);

enum share_limits {
    SHARE_LEAST = 4096 /* what a file takes of a disk, however short it is */
};

#endif
