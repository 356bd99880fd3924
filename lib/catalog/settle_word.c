/* SPDX-License-Identifier: MIT */
#include "settle_word.h"

#include "locate.h"
#include "record.h"
#include "task.h"
#include "verdict.h"
#include "verdict_step.h"

#include <inttypes.h>
#include <string.h>

/* The leases stay: the word of whoever held one still takes its place. So does
 * who was signed in, by which it is known whose product it is. */
static enum error give(const struct account *account, const struct task *task,
    const struct settle_word *word)
{
    struct json_value root = json_root(&task->document);
    struct json_value leases = json_member(root, "leases");
    struct json_value signed_in = json_member(root, "account");
    struct verdict verdict = {.completed = word->found,
        .settled = true,
        .result = word->result.length > 0 ? word->result.data : NULL,
        .result_length = word->result.length,
        .error = word->found ? NULL : word->why,
        .error_length = strlen(word->why),
        .account = word->account.length > 0 ? word->account.data : NULL,
        .account_length = word->account.length,
        .execution_time_ms = -1};
    if (!record_is_unknown(root))
        return ERROR_CONFLICT;
    if (json_is_given(leases))
        verdict.leases = json_raw(leases, &verdict.leases_length);
    if (verdict.account == NULL && json_is_given(signed_in))
        verdict.account = json_raw(signed_in, &verdict.account_length);
    return verdict_give(account, task, NULL, &verdict);
}

enum error settle_speak(const struct account *account, const char *id,
    const struct path *entry, const struct settle_word *word)
{
    struct task task;
    struct path place = verdict_step_place(account, id, false);
    if (word->result.failed || word->account.failed)
        return ERROR_MEMORY;
    enum error error = entry == NULL
                           ? ERROR_NONE
                           : verdict_step_look(account->spool, *entry, place);
    if (error == ERROR_EXISTS)
        return ERROR_NOT_FOUND;
    if (error == ERROR_NONE)
        error = record_load_task(account, place, id, &task);
    if (error != ERROR_NONE)
        return error;
    error = give(account, &task, word);
    task_free(&task);
    return error;
}

enum error settle_by_word(
    const struct account *account, const char *id, bool found, uint64_t item)
{
    struct task_place place;
    struct settle_word word = {.found = found,
        .result = BUFFER_EMPTY,
        .account = BUFFER_EMPTY,
        .why = "not found: the seller says that it is not on Vinted"};
    enum error error = locate_task(account, id, &place);
    if (error != ERROR_NONE)
        return error;
    if (place.state == TASK_PENDING || place.state == TASK_EXECUTING)
        return ERROR_EXISTS;
    if (place.state == TASK_COMPLETED)
        return ERROR_CONFLICT;
    if (item != 0)
        buffer_append_format(
            &word.result, "{\"item\":{\"id\":%" PRIu64 "}}", item);
    error = settle_speak(account, id, NULL, &word);
    buffer_free(&word.result);
    /* Another word has just taken the place of that failure. */
    return error == ERROR_EXISTS ? ERROR_CONFLICT : error;
}
