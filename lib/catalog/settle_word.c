/* SPDX-License-Identifier: MIT */
#include "settle_word.h"

#include "locate.h"
#include "record.h"
#include "task.h"
#include "verdict.h"
#include "verdict_step.h"

#include <inttypes.h>
#include <string.h>

/* The leases stay: the word of whoever held one still takes its place. */
static enum error give(const struct account *account, const struct task *task,
    bool found, const struct buffer *result, const char *why)
{
    struct json_value root = json_root(&task->document);
    struct json_value leases = json_member(root, "leases");
    struct verdict verdict = {.completed = found,
        .settled = true,
        .result = result->length > 0 ? result->data : NULL,
        .result_length = result->length,
        .error = found ? NULL : why,
        .error_length = strlen(why),
        .execution_time_ms = -1};
    if (!record_is_unknown(root))
        return ERROR_CONFLICT;
    if (json_is_given(leases))
        verdict.leases = json_raw(leases, &verdict.leases_length);
    return verdict_give(account, task, NULL, &verdict);
}

enum error settle_speak(const struct account *account, const char *id,
    const struct path *entry, bool found, const struct buffer *result,
    const char *why)
{
    struct task task;
    struct path place = verdict_step_place(account, id, false);
    if (result->failed)
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
    error = give(account, &task, found, result, why);
    task_free(&task);
    return error;
}

enum error settle_by_word(
    const struct account *account, const char *id, bool found, uint64_t item)
{
    struct task_place place;
    struct buffer result = BUFFER_EMPTY;
    enum error error = locate_task(account, id, &place);
    if (error != ERROR_NONE)
        return error;
    if (place.state == TASK_PENDING || place.state == TASK_EXECUTING)
        return ERROR_EXISTS;
    if (place.state == TASK_COMPLETED)
        return ERROR_CONFLICT;
    if (item != 0)
        buffer_append_format(&result, "{\"item\":{\"id\":%" PRIu64 "}}", item);
    error = settle_speak(account, id, NULL, found, &result,
        "not found: the seller says that it is not on Vinted");
    buffer_free(&result);
    /* Another word has just taken the place of that failure. */
    return error == ERROR_EXISTS ? ERROR_CONFLICT : error;
}
