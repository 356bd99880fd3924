/* SPDX-License-Identifier: MIT */
#include "queue_change.h"

#include "error.h"
#include "file.h"
#include "path.h"
#include "queue_index.h"
#include "spool.h"
#include "spool_lock.h"

#include <stddef.h>
#include <stdint.h>

void queue_change_begin(
    struct queue_change *change, const struct account *account)
{
    change->account = account;
    change->lock = queue_index_exists(account) ? queue_index_lock(account) : -1;
    if (change->lock < 0)
        return;
    if (queue_index_open(account, &change->index) == ERROR_NONE) {
        if (queue_index_agrees(account, &change->index))
            return;
        queue_index_close(&change->index);
    }
    /* Stale or torn already: leave it so, the next poll will see. */
    spool_unlock(change->lock);
    change->lock = -1;
}

void queue_change_end(struct queue_change *change, const char *added)
{
    if (change->lock < 0)
        return;
    enum error error = ERROR_NONE;
    if (added != NULL)
        error = queue_index_append(&change->index, added);
    if (error == ERROR_NONE)
        queue_index_note_change(change->account, &change->index);
    queue_index_close(&change->index);
    spool_unlock(change->lock);
    change->lock = -1;
}

enum error queue_change_rename(const struct account *account, struct path from,
    struct path to, const char *added)
{
    struct queue_change change;
    queue_change_begin(&change, account);
    enum error error =
        file_rename(account->spool->directory, from.text, to.text);
    queue_change_end(&change, error == ERROR_NONE ? added : NULL);
    return error;
}
