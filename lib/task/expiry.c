/* SPDX-License-Identifier: MIT */
#include "expiry.h"

#include "clock.h"
#include "config.h"
#include "name.h"
#include "task.h"

#include <stdint.h>

static int64_t moment_after(const struct task_name *name, int seconds)
{
    return seconds > 0 ? name->created + (seconds * clock_second) : INT64_MAX;
}

int64_t expiry_by_rule(
    const struct config *config, const struct task_name *name)
{
    return moment_after(name, config_rules(config, name->action).expire);
}

int64_t expiry_of_task(const struct config *config, const struct task *task)
{
    int64_t rule = expiry_by_rule(config, &task->name);
    int64_t own = moment_after(&task->name, task->draft.expires_in);
    return own < rule ? own : rule;
}
