/* SPDX-License-Identifier: MIT */
#include "declare.h"

#include "buffer.h"
#include "name.h"
#include "past_lease.h"
#include "record.h"
#include "verdict.h"

#include <string.h>

/* A JSON array; nothing is appended where it cannot be told. */
static void list_leases(
    const struct account *account, struct path entry, struct buffer *out)
{
    struct lease_name lease;
    const char *name = strrchr(entry.text, '/') + 1;
    if (name_parse_executing(name, &lease) != ERROR_NONE)
        return;
    buffer_append_byte(out, '[');
    if (!past_lease_list(account, &lease.task, out)) {
        buffer_clear(out);
        return;
    }
    if (!lease_is_withdrawal(lease.lease))
        buffer_append_format(out, "\"%s\",", lease.lease);
    if (out->length > 1)
        out->length--; /* the last comma */
    buffer_append_byte(out, ']');
}

enum error declare_failure(const struct account *account,
    const struct task *task, struct path entry, const char *word,
    const char *text, bool unknown)
{
    struct buffer leases = BUFFER_EMPTY;
    list_leases(account, entry, &leases);
    struct verdict verdict = {.error = text,
        .error_length = strlen(text),
        .execution_time_ms = -1,
        .declared = word,
        .unknown = unknown,
        .leases = leases.failed || leases.length == 0 ? NULL : leases.data,
        .leases_length = leases.length};
    enum error error = verdict_give(account, task, &entry, &verdict);
    buffer_free(&leases);
    return error;
}
