/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* for setgroups(2) */

#include "spool_owner.h"

#include "buffer.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* False where there is neither: whoever opens the spool says so. */
static bool look_at(const char *root, struct stat *status)
{
    struct buffer spool = BUFFER_EMPTY;
    buffer_append_format(&spool, "%s/spool", root);
    bool there = stat(buffer_text(&spool), status) == 0;
    buffer_free(&spool);
    return there || stat(root, status) == 0;
}

enum error spool_owner_become(const char *root, uid_t *owner)
{
    struct stat status;
    *owner = geteuid();
    if (*owner != 0 || !look_at(root, &status) || status.st_uid == 0)
        return ERROR_NONE;
    *owner = status.st_uid;
    /* The user last: it is what allows the others. */
    if (setgroups(0, NULL) != 0 || setgid(status.st_gid) != 0 ||
        setuid(status.st_uid) != 0)
        return error_from_errno(errno);
    return ERROR_NONE;
}
