/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include "buffer.h"
#include "clock.h"
#include "error.h"
#include "file.h"
#include "find.h"
#include "json.h"
#include "name.h"
#include "path.h"
#include "record.h"
#include "spool.h"
#include "task.h"
#include "verdict_carry.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum error read_head(
    const struct spool *spool, struct path path, struct record_head *head)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error =
        record_open(spool, path, file_no_limit, &text, &document);
    if (error != ERROR_NONE)
        return error;
    error = record_read_head(json_root(&document), head);
    json_free(&document);
    buffer_free(&text);
    return error;
}

enum error verdict_stands(
    const struct account *account, const char *id, bool own_word)
{
    struct task_place place;
    struct record_head head;
    enum error error = find_done(account, id, &place);
    if (error != ERROR_NONE || place.state == TASK_COMPLETED || !own_word)
        return error;
    error = read_head(account->spool, place.path, &head);
    if (error == ERROR_NONE && head.declared)
        return ERROR_NOT_FOUND;
    /* A record that somebody has spoilt by hand still says "done". */
    return error == ERROR_SYNTAX ? ERROR_NONE : error;
}

/* `own` is another link of the verdict at `path` that nobody else touches:
 * `path` itself may at any moment become somebody else's verdict. */
static enum error finish_own(
    struct account account, struct path path, struct path own)
{
    struct record_head head;
    bool clean = true;
    enum error error = read_head(account.spool, own, &head);
    if (error != ERROR_NONE)
        return error;
    account.user = head.user;
    error = verdict_stands(&account, head.id, !head.declared);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    struct name done = name_format_done(head.id, head.completed);
    struct path place = account_path(&account, SPOOL_DONE, done.text);
    /* Unless another verdict stood before this one was acknowledged. */
    if (error == ERROR_NOT_FOUND ||
        verdict_same_file(account.spool, own, place))
        error = verdict_carry_out(&account, own, &head, NULL, &clean);
    if (error == ERROR_EXISTS)
        error = ERROR_NONE; /* it gave way to another's word */
    if (error != ERROR_NONE || !clean)
        return error == ERROR_NONE ? ERROR_BUSY : error;
    if (verdict_same_file(account.spool, path, own))
        file_remove(account.spool->directory, path.text);
    return ERROR_NONE;
}

enum error verdict_finish(
    const struct spool *spool, const struct config *config, const char *name)
{
    char text[SPOOL_NAME_MAX];
    struct path path = path_in(SPOOL_TMP, name);
    snprintf(text, sizeof text, "%.200s.%ld.%" PRId64, name, (long)getpid(),
        clock_now());
    struct path own = path_in(SPOOL_TMP, text);
    enum error error = file_link(spool->directory, path.text, own.text);
    if (error != ERROR_NONE)
        return error;
    error = finish_own((struct account){spool, config, 0}, path, own);
    file_remove(spool->directory, own.text);
    return error;
}

enum error verdict_finish_other(const struct account *account, const char *id)
{
    struct path verdict = verdict_path(account, id);
    return verdict_finish(
        account->spool, account->config, strrchr(verdict.text, '/') + 1);
}

static struct record_head make_head(const struct task *task,
    const struct verdict *verdict, int64_t completed_at)
{
    struct record_head head = {.user = task->user,
        .completed = verdict->completed,
        .declared = verdict->declared != NULL,
        .completed_at = completed_at};
    memcpy(head.id, task->name.id, sizeof head.id);
    memcpy(head.action, task->name.action, sizeof head.action);
    return head;
}

/* Step 2 and what follows, with the record at `temporary`. */
static enum error speak(const struct account *account, struct path temporary,
    const struct record_head *head, const struct path *entry)
{
    struct path verdict = verdict_path(account, head->id);
    enum error error =
        file_link(account->spool->directory, temporary.text, verdict.text);
    if (error != ERROR_NONE)
        return error;
    bool clean = true;
    /* Whoever had the name before us may have finished in between. */
    error = verdict_stands(account, head->id, !head->declared);
    if (error == ERROR_NOT_FOUND)
        error = verdict_carry_out(account, temporary, head, entry, &clean);
    else if (error == ERROR_NONE)
        error = ERROR_EXISTS;
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        clean = verdict_withdraw(account, temporary, head);
    /* What could not be cleared now is the sweeper's, who goes by the name; and
     * whoever finished it for us may have made way for another's since. */
    if (clean && verdict_same_file(account->spool, verdict, temporary))
        file_remove(account->spool->directory, verdict.text);
    return error;
}

/* Another verdict was in the way: carried out, or being given at this moment,
 * or left by a crash. Finishes it, so that it stands or is out of the way. */
static enum error give_way(
    const struct account *account, const struct record_head *head)
{
    enum error error = verdict_finish_other(account, head->id);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return ERROR_BUSY;
    error = verdict_stands(account, head->id, !head->declared);
    if (error == ERROR_NONE)
        return ERROR_EXISTS;
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

enum error verdict_give(const struct account *account, const struct task *task,
    const struct path *entry, const struct verdict *verdict)
{
    struct buffer text = BUFFER_EMPTY;
    struct path temporary;
    int64_t now = clock_now();
    struct record_head head = make_head(task, verdict, now);
    enum error error = verdict_stands(account, head.id, !head.declared);
    if (error != ERROR_NOT_FOUND)
        return error == ERROR_NONE ? ERROR_EXISTS : error;
    record_write(&text, task, verdict, now);
    error = text.failed ? ERROR_MEMORY
                        : spool_write_temporary(account->spool,
                              buffer_text(&text), text.length, &temporary);
    buffer_free(&text);
    if (error != ERROR_NONE)
        return error;
    error = speak(account, temporary, &head, entry);
    if (error == ERROR_EXISTS)
        error = give_way(account, &head);
    file_remove(account->spool->directory, temporary.text);
    return error;
}
