/* SPDX-License-Identifier: MIT */
#include "verdict_clear.h"

#include "file.h"
#include "find.h"
#include "last_failure.h"
#include "name.h"
#include "past_lease.h"
#include "queue_index.h"

#include <string.h>

static bool is_pending(struct path entry)
{
    const char *pending = spool_directory_name(SPOOL_PENDING);
    return strncmp(entry.text, pending, strlen(pending)) == 0;
}

/* A task that came back by itself has a note of its past leases, and perhaps of
 * why it was put off. */
static void forget_notes(const struct account *account, struct path entry)
{
    struct lease_name lease;
    const char *name = strrchr(entry.text, '/') + 1;
    enum error error = is_pending(entry) ? name_parse_queued(name, &lease.task)
                                         : name_parse_executing(name, &lease);
    if (error != ERROR_NONE)
        return;
    past_lease_forget(account, &lease.task);
    last_failure_forget(account, &lease.task);
}

enum error verdict_clear_safe(const struct account *account, struct path entry)
{
    struct queue_index index;
    bool pending = is_pending(entry);
    if (pending)
        queue_index_begin(&index, account);
    enum error error = file_remove(account->spool->directory, entry.text);
    if (pending)
        queue_index_commit(&index, NULL);
    if (error == ERROR_NONE)
        forget_notes(account, entry);
    return error;
}

enum {
    MISSES_MOST = 2 /* of what was found, and then could not be removed */
};

/* Removes the entries that `find` finds. One that is not there any more was
 * cleared by another, or is being moved; or a network file system says so for a
 * moment, and it would stay beside the next try: so it is looked for again.
 *
 * A task that is done no more has been queued again since, and what is found of
 * it now is no debris. This is asked between finding an entry and removing it:
 * no two tries have the same name. */
static enum error remove_found(const struct account *account, const char *id,
    enum error (*find)(const struct account *account, const char *id,
        struct task_place *place))
{
    struct task_place place;
    for (int missed = 0; missed < MISSES_MOST;) {
        enum error error = find(account, id, &place);
        if (error != ERROR_NONE)
            return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
        error = find_undone(account, id, WORD_DECLARED);
        if (error != ERROR_EXISTS)
            return error;
        error = verdict_clear_safe(account, place.path);
        missed += error == ERROR_NOT_FOUND;
        account_fault(account, "verdict", place.path, error);
        if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
            return error;
    }
    return ERROR_NONE;
}

enum error verdict_clear_entries(const struct account *account, const char *id)
{
    enum error executing = remove_found(account, id, find_executing);
    enum error pending = remove_found(account, id, find_pending);
    return executing != ERROR_NONE ? executing : pending;
}

enum error verdict_clear_entry(const struct account *account, struct path entry)
{
    enum error error = account_sync_folder(account, SPOOL_DONE);
    return error == ERROR_NONE ? verdict_clear_safe(account, entry) : error;
}

enum error verdict_clear_done(
    const struct account *account, const char *id, struct path entry)
{
    enum error error = find_undone(account, id, WORD_DECLARED);
    if (error != ERROR_EXISTS)
        return error;
    error = verdict_clear_entry(account, entry);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_EXISTS
                                                           : error;
}
