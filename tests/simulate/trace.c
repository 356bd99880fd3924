/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* for strerrorname_np */
#include "trace.h"

#include "kernel.h"
#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static FILE *output;

FILE *trace_to(FILE *out)
{
    FILE *before = output;
    output = out;
    return before;
}

bool trace_is_on(void)
{
    return output != NULL;
}

/* The step, the seconds since the world began, and who. */
static void put_head(const char *who)
{
    fprintf(output, "%6" PRIu64 " %12.6f  %-22s ", scheduler_step(),
        (double)kernel_monotonic() / 1e9, who);
}

void trace_line(const char *who, const char *format, ...)
{
    va_list values;
    if (output == NULL)
        return;
    put_head(who);
    va_start(values, format);
    vfprintf(output, format, values);
    va_end(values);
    fputc('\n', output);
}

/* "/root/spool/pending" is "pending". */
static const char *shorten(const char *path)
{
    static const char spool[] = "/root/spool/";
    size_t length = sizeof spool - 1;
    return strncmp(path, spool, length) == 0 ? path + length : path;
}

static const char *open_words(int flags)
{
    if ((flags & O_CREAT) != 0)
        return (flags & O_EXCL) != 0 ? " new" : " or make";
    return (flags & O_DIRECTORY) != 0 ? " folder" : "";
}

static void put_arguments(const struct call *call)
{
    if (call->path[0] != '\0')
        fprintf(output, " %s", shorten(call->path));
    if (call->target[0] != '\0')
        fprintf(output, " -> %s", shorten(call->target));
    if (call->kind == CALL_OPEN)
        fputs(open_words(call->flags), output);
    if (call->length > 0)
        fprintf(output, " %" PRId64 " bytes", call->length);
}

void trace_call(
    const char *who, const struct call *call, int64_t result, bool injected)
{
    if (output == NULL)
        return;
    put_head(who);
    fputs(call_name(call->kind), output);
    put_arguments(call);
    if (result >= 0)
        fprintf(output, " = %" PRId64, result);
    else
        fprintf(output, " = %s", strerrorname_np(call->error));
    if (injected)
        fputs("   <- made to fail", output);
    if (call->late)
        fputs("   <- done, and yet", output);
    fputc('\n', output);
}
