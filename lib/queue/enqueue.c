/* SPDX-License-Identifier: MIT */
#include "enqueue.h"

#include "cancel_mark.h"
#include "clock.h"
#include "file.h"
#include "hold.h"
#include "husk.h"
#include "idempotency.h"
#include "queue_index.h"
#include "random.h"
#include "space.h"
#include "task.h"

#include <string.h>
#include <unistd.h>

enum {
    LOOKS_MOST = 5 /* at a task that moves meanwhile, by another's steps */
};

static enum error link_into_queue(const struct account *account,
    struct path temporary, const struct name *name)
{
    struct queue_index index;
    queue_index_begin(&index, account);
    enum error error = file_link(account->spool->directory, temporary.text,
        account_path(account, SPOOL_PENDING, name->text).text);
    if (error == ERROR_NONE)
        queue_index_commit(&index, name->text);
    else
        queue_index_doubt(&index);
    return error;
}

static void remove_queued(
    const struct account *account, const struct name *name)
{
    file_remove(account->spool->directory,
        account_path(account, SPOOL_PENDING, name->text).text);
}

/* A journal that is written for the file holds its name by now, so the folder
 * has nothing left to be written for. */
static enum error make_safe(const struct account *account, int descriptor)
{
    enum error error = file_sync(descriptor);
    return error == ERROR_NONE ? account_sync_folder(account, SPOOL_PENDING)
                               : error;
}

/* The link commits. Where it cannot be made safe the task must not stay: the
 * caller is told that it was not created. Nor where the link is said to have
 * failed and nobody can tell whether it is there: the name is nobody else's,
 * whose ID is held or has just been drawn. */
static enum error commit(const struct account *account, struct path temporary,
    int descriptor, const struct task_name *name)
{
    struct name queued = name_format_queued(name);
    enum error error = account_make_folder(account, SPOOL_PENDING);
    if (error != ERROR_NONE)
        return error;
    error = link_into_queue(account, temporary, &queued);
    /* Another with this ID and this moment, which nobody can tell of yet. */
    if (error == ERROR_EXISTS)
        return ERROR_BUSY;
    if (error == ERROR_NONE)
        error = make_safe(account, descriptor);
    if (error != ERROR_NONE)
        remove_queued(account, &queued);
    return error;
}

/* What could be queued, but never be recorded as done, is not taken. */
static enum error write_file(const struct account *account,
    const struct buffer *text, struct path *temporary, int *descriptor)
{
    enum error error =
        text->failed ? ERROR_MEMORY : task_check_length(text->length);
    if (error != ERROR_NONE)
        return error;
    return spool_open_temporary(
        account->spool, buffer_text(text), text->length, temporary, descriptor);
}

static enum error write_task(const struct account *account,
    const struct draft *draft, int timeout, const struct task_name *name)
{
    struct buffer text = BUFFER_EMPTY;
    struct path temporary;
    int descriptor;
    buffer_append_text(&text, "{\n");
    task_write_members(&text, account->user, name, draft, timeout);
    buffer_append_text(&text, "\n}\n");
    enum error error = write_file(account, &text, &temporary, &descriptor);
    buffer_free(&text);
    if (error != ERROR_NONE)
        return error;
    error = hold_is_outlived(draft->created, clock_now())
                ? ERROR_BUSY
                : commit(account, temporary, descriptor, name);
    file_remove(account->spool->directory, temporary.text);
    close(descriptor);
    return error;
}

/* What was asked of an earlier task of this ID is not asked of this one. */
static enum error write_new(const struct account *account,
    const struct draft *draft, int timeout, const struct task_name *name)
{
    enum error error = cancel_mark_remove(account, name->id);
    return error == ERROR_NONE ? write_task(account, draft, timeout, name)
                               : error;
}

/* Of a key that became the ID it is asked while that is held. */
static enum error look_at_key(
    const struct account *account, const struct draft *draft)
{
    enum idempotency_noted noted;
    return draft->key[0] != '\0' && strcmp(draft->key, draft->id) == 0
               ? idempotency_look(account, draft, draft->id, &noted)
               : ERROR_NONE;
}

/* Holding the ID keeps two requests with one ID from both finding it free.
 * Where it stays held, the task may exist all the same: its creator crashed
 * after the link. */
static enum error write_with_id(const struct account *account,
    const struct draft *draft, int timeout, const struct task_name *name,
    struct task_place *standing)
{
    struct hold hold;
    enum error busy = hold_take(account, name->id, true, &hold);
    if (busy != ERROR_NONE && busy != ERROR_BUSY)
        return busy;
    enum error error = look_at_key(account, draft);
    if (error == ERROR_NONE)
        error = husk_find_task(account, name->id, standing, busy == ERROR_NONE);
    if (error == ERROR_NONE)
        error = ERROR_EXISTS;
    else if (error == ERROR_NOT_FOUND)
        error = busy == ERROR_NONE ? write_new(account, draft, timeout, name)
                                   : ERROR_BUSY;
    if (busy == ERROR_NONE)
        hold_release(account->spool, &hold);
    return error;
}

/* What another request has noted counts while there is a task of that ID. */
static enum error note_key(const struct account *account,
    const struct draft *draft, enum idempotency_noted noted)
{
    struct task_place place;
    if (noted == IDEMPOTENCY_OWN)
        return ERROR_NONE;
    if (noted == IDEMPOTENCY_OTHER) {
        enum error error = husk_find_task(account, draft->id, &place, false);
        if (error != ERROR_NOT_FOUND)
            return error;
    }
    return idempotency_note(account, draft);
}

/* The key is held: it is noted for this ID, and free for it. A task that was
 * there before the key was is none of its. Nor is one that another request made
 * after this very one had noted the key, and had not come to make its own. */
static enum error write_noted(const struct account *account,
    const struct draft *draft, int timeout, const struct task_name *name,
    struct task_place *standing)
{
    enum idempotency_noted noted;
    enum error error = idempotency_look(account, draft, draft->id, &noted);
    if (error == ERROR_NONE)
        error = note_key(account, draft, noted);
    if (error != ERROR_NONE)
        return error;
    error = write_with_id(account, draft, timeout, name, standing);
    if (error != ERROR_NONE && noted == IDEMPOTENCY_FREE)
        idempotency_forget(account, draft);
    if (error != ERROR_EXISTS || noted != IDEMPOTENCY_OTHER)
        return error;
    error = idempotency_compare(account, draft, standing);
    return error == ERROR_NONE ? ERROR_EXISTS : error;
}

/* A key beside an ID of its own: of several requests with that key one after
 * the other looks. Where it stays held, the task may exist all the same. */
static enum error write_with_key(const struct account *account,
    const struct draft *draft, int timeout, const struct task_name *name,
    struct task_place *standing)
{
    struct hold hold;
    enum error error = hold_take(account, draft->key, true, &hold);
    if (error == ERROR_BUSY) {
        error = husk_find_task(account, draft->id, standing, false);
        if (error != ERROR_NONE)
            return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
        return ERROR_EXISTS;
    }
    if (error != ERROR_NONE)
        return error;
    error = write_noted(account, draft, timeout, name, standing);
    hold_release(account->spool, &hold);
    return error;
}

static enum error make_standing_safe(
    const struct account *account, const struct task_place *standing)
{
    static const enum spool_directory places[] = {
        SPOOL_PENDING,   /* TASK_PENDING */
        SPOOL_EXECUTING, /* TASK_EXECUTING */
        SPOOL_DONE,      /* TASK_COMPLETED */
        SPOOL_DONE,      /* TASK_FAILED */
    };
    enum spool_directory place = places[standing->state];
    enum error error =
        file_secure(account->spool->directory, standing->path.text);
    return error == ERROR_NONE ? account_sync_folder(account, place) : error;
}

enum error enqueue_make_safe(
    const struct account *account, const char *id, struct task_place *standing)
{
    enum error error = make_standing_safe(account, standing);
    for (int look = 0; look < LOOKS_MOST && error == ERROR_NOT_FOUND; look++) {
        error = husk_find_task(account, id, standing, false);
        if (error == ERROR_NOT_FOUND)
            break;
        if (error == ERROR_NONE)
            error = make_standing_safe(account, standing);
    }
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

enum error enqueue_task(const struct account *account,
    const struct draft *draft, struct task_name *name,
    struct task_place *standing)
{
    int timeout = draft->timeout > 0
                      ? draft->timeout
                      : config_rules(account->config, draft->action).timeout;
    struct draft dated = *draft;
    enum error error = space_check_create(account->spool);
    if (error != ERROR_NONE)
        return error;
    dated.created = clock_now();
    memset(name, 0, sizeof *name);
    name->priority = draft->priority;
    name->created = draft_due(draft, dated.created);
    memcpy(name->action, draft->action, sizeof name->action);
    memcpy(name->id, draft->id, sizeof name->id);
    if (name->id[0] != '\0')
        return draft->key[0] == '\0' || strcmp(draft->key, draft->id) == 0
                   ? write_with_id(account, &dated, timeout, name, standing)
                   : write_with_key(account, &dated, timeout, name, standing);
    error = random_uuid(name->id);
    return error == ERROR_NONE ? write_task(account, &dated, timeout, name)
                               : error;
}
