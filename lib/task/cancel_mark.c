/* SPDX-License-Identifier: MIT */
#include "cancel_mark.h"

#include "file.h"

#include <stdio.h>

static struct path mark_path(const struct account *account, const char *id)
{
    char name[ID_LENGTH_MAX + 16];
    snprintf(name, sizeof name, "%s.cancel", id);
    return account_path(account, SPOOL_PROGRESS, name);
}

enum error cancel_mark_make(const struct account *account, const char *id)
{
    struct path mark = mark_path(account, id);
    enum error error = account_make_folder(account, SPOOL_PROGRESS);
    if (error == ERROR_NONE)
        error = file_create(account->spool->directory, mark.text, "", 0);
    /* Who made it may have died before it was safe. */
    if (error == ERROR_EXISTS)
        error = file_secure(account->spool->directory, mark.text);
    if (error != ERROR_NONE)
        return error;
    return account_sync_folder(account, SPOOL_PROGRESS);
}

enum error cancel_mark_look(const struct account *account, const char *id)
{
    return file_look(account->spool->directory, mark_path(account, id).text);
}

enum error cancel_mark_remove(const struct account *account, const char *id)
{
    enum error error =
        file_remove(account->spool->directory, mark_path(account, id).text);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    return account_sync_folder(account, SPOOL_PROGRESS);
}
