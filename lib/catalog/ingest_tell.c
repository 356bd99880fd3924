/* SPDX-License-Identifier: MIT */
#include "ingest_tell.h"

#include "buffer.h"
#include "catalog.h"
#include "stuck.h"

void ingest_say(struct name_list *said, const struct account *account,
    const char *name, const char *why, const char *lost)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_append_format(&line, "%s: %s%s", name, why, lost);
    if (!line.failed && !stuck_is_noted(account->spool,
                            account_path(account, SPOOL_INGEST, name)))
        name_list_append(said, line.data, line.length);
    buffer_free(&line);
}

void ingest_tell_said(
    const struct account *account, const struct name_list *said)
{
    for (size_t i = 0; i < said->count; i++) {
        struct name_slice line = name_list_get(said, i);
        account_log(account, "ingest", "%.*s", (int)line.length, line.text);
    }
}

void ingest_tell_stuck(
    const struct account *account, struct path path, enum error error)
{
    if (stuck_is_kind(error))
        account_fault(account, "ingest", path, error);
}

void ingest_tell(const struct account *account, enum error error)
{
    if (error != ERROR_NONE && error != ERROR_FILE_LIMIT &&
        !stuck_is_kind(error))
        account_log(account, "ingest", "%s", error_text(error));
}

void ingest_tell_limit(const struct account *account, enum error error)
{
    if (error == ERROR_FILE_LIMIT)
        account_fault(
            account, "ingest", account_folder(account, SPOOL_INGEST), error);
}

void ingest_tell_doubted(const struct account *account, unsigned count)
{
    if (count > 0)
        account_log(account, "ingest",
            "%s: %u products bore moments to come, as written while the clock "
            "was ahead; they give way to what was observed now",
            catalog_path(account).text, count);
}
