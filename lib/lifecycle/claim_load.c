/* SPDX-License-Identifier: MIT */
#include "claim_load.h"

#include "buffer.h"

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

enum error claim_load(const struct account *account, struct path from,
    const struct task_name *name, struct task *task, struct task_fault *fault)
{
    enum error error = task_load(account, from, name, task, fault);
    if (error == ERROR_NONE) {
        error = try_to_tell(task);
        if (error != ERROR_NONE)
            task_free(task);
    }
    account_tell_of_memory(account, from, error);
    return error;
}
