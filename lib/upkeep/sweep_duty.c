/* SPDX-License-Identifier: MIT */
#include "sweep_duty.h"

#include "clock.h"
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

bool sweep_is_over(const struct sweep *sweep)
{
    return clock_steady() >= sweep->until;
}

struct sweep_walk {
    const struct sweep *sweep;
    account_function *function;
    void *context;
};

static enum error visit_account(void *context, const struct account *account)
{
    const struct sweep_walk *walk = context;
    return sweep_is_over(walk->sweep) ? ERROR_BUSY
                                      : walk->function(walk->context, account);
}

void sweep_each(struct sweep *sweep, enum spool_directory directory,
    account_function *function, void *context)
{
    struct sweep_walk walk = {sweep, function, context};
    sweep_met(sweep, account_each(sweep->spool, sweep->config, directory,
                         visit_account, &walk));
}

/* A file that is too large for this host is its own fault. */
void sweep_met(struct sweep *sweep, enum error error)
{
    if (error == ERROR_MEMORY || error == ERROR_DESCRIPTORS ||
        error == ERROR_FULL || error == ERROR_READ_ONLY)
        sweep->unfinished = error;
}

enum error sweep_each_name(struct sweep *sweep, struct path folder,
    spool_name_function *function, void *context)
{
    enum error error = spool_each_name(sweep->spool, folder, function, context);
    sweep_met(sweep, error);
    return error;
}

void sweep_line(struct sweep *sweep, const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_append_format(
        &sweep->lines, "%s%s\n", sweep->dry_run ? "would have " : "", line);
}

void sweep_tell_count(struct sweep *sweep, const char *verb, unsigned count,
    const char *noun, const char *rest)
{
    if (count > 0) {
        sweep_line(sweep, "%s %u %s%s%s", verb, count, noun,
            sweep_plural(count), rest);
    }
}

const char *sweep_plural(unsigned count)
{
    return count == 1 ? "" : "s";
}
