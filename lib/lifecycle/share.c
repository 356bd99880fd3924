/* SPDX-License-Identifier: MIT */
#include "share.h"

#include "config.h"
#include "space.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

struct share_walk {
    const struct account *account;
    uint64_t left; /* bytes */
};

static enum error visit(void *context, const char *name)
{
    struct share_walk *walk = context;
    struct stat status;
    struct path path = account_path(walk->account, SPOOL_DONE, name);
    if (fstatat(walk->account->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return ERROR_NONE; /* it has gone */
    uint64_t takes = (uint64_t)status.st_size;
    if (takes < SHARE_LEAST)
        takes = SHARE_LEAST;
    if (takes > walk->left)
        return ERROR_FULL;
    walk->left -= takes;
    return ERROR_NONE;
}

/* *most: bytes; 0: any number. */
static enum error find_limit(const struct account *account, uint64_t *most)
{
    struct space space = {0};
    *most = account->config->user_space;
    if (*most != config_half)
        return ERROR_NONE;
    enum error error = space_read(account->spool, &space);
    *most = space.bytes_free;
    return error;
}

enum error share_check(const struct account *account)
{
    struct share_walk walk = {account, 0};
    enum error error = find_limit(account, &walk.left);
    if (error != ERROR_NONE || walk.left == 0)
        return error;
    error = spool_each_name(
        account->spool, account_folder(account, SPOOL_DONE), visit, &walk);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}
