/* SPDX-License-Identifier: MIT */
#include "cancel_mark.h"

#include "error.h"
#include "file.h"
#include "name.h"
#include "path.h"
#include "spool.h"

#include <stdint.h>
#include <stdio.h>

static struct path mark_path(int64_t user, const char *id)
{
    char name[ID_LENGTH_MAX + 16];
    snprintf(name, sizeof name, "%s.cancel", id);
    return path_in_user(SPOOL_PROGRESS, user, name);
}

enum error cancel_mark_make(
    const struct spool *spool, int64_t user, const char *id)
{
    struct path mark = mark_path(user, id);
    enum error error = spool_make_user(spool, SPOOL_PROGRESS, user);
    if (error == ERROR_NONE)
        error = file_create(spool->directory, mark.text, "", 0);
    /* Who made it may have died before it was safe. */
    if (error == ERROR_EXISTS)
        error = file_secure(spool->directory, mark.text);
    if (error != ERROR_NONE)
        return error;
    return directory_sync(
        spool->directory, path_of_user(SPOOL_PROGRESS, user).text);
}

enum error cancel_mark_look(
    const struct spool *spool, int64_t user, const char *id)
{
    return file_look(spool->directory, mark_path(user, id).text);
}

enum error cancel_mark_remove(
    const struct spool *spool, int64_t user, const char *id)
{
    enum error error = file_remove(spool->directory, mark_path(user, id).text);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    return directory_sync(
        spool->directory, path_of_user(SPOOL_PROGRESS, user).text);
}
