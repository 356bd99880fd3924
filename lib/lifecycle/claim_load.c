/* SPDX-License-Identifier: MIT */
#include "claim_load.h"

#include "buffer.h"
#include "notice.h"

enum {
    BESIDES_PARAMS = 1024 /* bytes of an answer that tells of a task */
};

static enum error try_to_tell(const struct task *task)
{
    struct buffer answer = BUFFER_EMPTY;
    size_t length;
    draft_params(&task->draft, &length);
    bool fits = buffer_reserve(&answer, length + BESIDES_PARAMS) != NULL;
    buffer_free(&answer);
    return fits ? ERROR_NONE : ERROR_MEMORY;
}

static void tell_of_limit(const struct account *account, const char *id)
{
    struct path told = account_file(account, SPOOL_INDEX, "memory");
    if (notice_is_due(account->spool, told))
        account_log(account, "memory", "task %s is left where it is: %s", id,
            error_text(ERROR_MEMORY));
}

enum error claim_load(const struct account *account, struct path from,
    const struct task_name *name, struct task *task, struct task_fault *fault)
{
    enum error error = task_load(account, from, name, task, fault);
    if (error == ERROR_NONE) {
        error = try_to_tell(task);
        if (error != ERROR_NONE)
            task_free(task);
    }
    if (error == ERROR_MEMORY && error_is_limit(error))
        tell_of_limit(account, name->id);
    return error;
}
