/* SPDX-License-Identifier: MIT */
#include "account.h"

#include "file.h"
#include "log.h"
#include "notice.h"
#include "spool_lock.h"
#include "stuck.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct path account_folder(
    const struct account *account, enum spool_directory directory)
{
    return path_of_user(directory, account->user);
}

struct path account_path(const struct account *account,
    enum spool_directory directory, const char *name)
{
    return path_in_user(directory, account->user, name);
}

struct path account_file(const struct account *account,
    enum spool_directory directory, const char *kind)
{
    return path_for_user(directory, account->user, kind);
}

enum error account_make_folder(
    const struct account *account, enum spool_directory directory)
{
    return spool_make_user(account->spool, directory, account->user);
}

enum error account_sync_folder(
    const struct account *account, enum spool_directory directory)
{
    return directory_sync(
        account->spool->directory, path_of_user(directory, account->user).text);
}

int account_lock(const struct account *account, const char *kind)
{
    return spool_lock_user(account->spool, account->user, kind);
}

int account_lock_try(const struct account *account, const char *kind)
{
    return spool_lock_user_try(account->spool, account->user, kind);
}

void account_log(
    const struct account *account, const char *what, const char *format, ...)
{
    char text[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (account->user == 0)
        log_event(account->spool, what, "%s", text);
    else
        log_event(
            account->spool, what, "user %" PRId64 ": %s", account->user, text);
}

void account_stuck(
    const struct account *account, struct path path, enum error error)
{
    stuck_note(
        account->spool, account->user, path, error, account->config->settle);
}

void account_fault(const struct account *account, const char *what,
    struct path path, enum error error)
{
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND &&
        !stuck_note(account->spool, account->user, path, error, 0))
        account_log(account, what, "%s: %s", path.text, error_text(error));
}

void account_tell_of_memory(
    const struct account *account, struct path path, enum error error)
{
    if (error == ERROR_MEMORY && error_is_limit(error) &&
        notice_is_due(
            account->spool, account_file(account, SPOOL_INDEX, "memory")))
        account_log(account, "memory", "%s is left where it is: %s", path.text,
            error_text(error));
}

struct account_walk {
    const struct spool *spool;
    const struct config *config;
    account_function *function;
    void *context;
};

static enum error visit_user(void *context, int64_t user)
{
    const struct account_walk *walk = context;
    const struct account account = {walk->spool, walk->config, user};
    return walk->function(walk->context, &account);
}

enum error account_each(const struct spool *spool, const struct config *config,
    enum spool_directory directory, account_function *function, void *context)
{
    struct account_walk walk = {spool, config, function, context};
    return spool_each_user(spool, directory, visit_user, &walk);
}
