/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include "file.h"
#include "json.h"
#include "json_write.h"

#include <stdio.h>
#include <string.h>

enum {
    TEXT_MAX = 8192 /* bytes of such a file, escapes and all */
};

/* The name of the file. */
struct hint_name {
    char text[ID_LENGTH_MAX + 8];
};

static struct hint_name hint_name(const char *id)
{
    struct hint_name name;
    snprintf(name.text, sizeof name.text, "%s.json", id);
    return name;
}

static void write_number(struct buffer *out, const char *key, int64_t number)
{
    if (number < 0)
        json_member_null(out, key);
    else
        json_member_integer(out, key, number);
}

void progress_write(struct buffer *out, const struct progress *progress)
{
    write_number(out, "done", progress->done);
    write_number(out, "total", progress->total);
    if (progress->message_length == 0)
        json_member_null(out, "message");
    else
        json_member_string(
            out, "message", progress->message, progress->message_length);
    json_member_moment(out, "at", progress->at);
}

enum error progress_store(const struct account *account,
    const struct lease_name *lease, const struct progress *progress)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_byte(&text, '{');
    json_member_text(&text, "lease", lease->lease);
    progress_write(&text, progress);
    buffer_append_text(&text, "}\n");
    struct hint_name name = hint_name(lease->task.id);
    enum error error =
        text.failed ? ERROR_MEMORY
                    : spool_replace_hint(account->spool,
                          account_path(account, SPOOL_PROGRESS, name.text),
                          SPOOL_PROGRESS, account->user, buffer_text(&text),
                          text.length);
    buffer_free(&text);
    return error;
}

static void read_message(struct json_value value, struct progress *progress)
{
    struct buffer text = BUFFER_EMPTY;
    if (json_string(value, &text) == ERROR_NONE && text.length > 0 &&
        text.length < sizeof progress->message) {
        memcpy(progress->message, text.data, text.length + 1);
        progress->message_length = text.length;
    }
    buffer_free(&text);
}

/* A moment is read as a person may have spoilt it: then nothing was said. */
static enum error read_hint(
    struct json_value object, const char *lease, struct progress *progress)
{
    *progress = (struct progress){.done = -1, .total = -1};
    if (!json_string_equals(json_member(object, "lease"), lease) ||
        json_moment(json_member(object, "at"), &progress->at) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    json_integer(json_member(object, "done"), &progress->done);
    json_integer(json_member(object, "total"), &progress->total);
    read_message(json_member(object, "message"), progress);
    return ERROR_NONE;
}

enum error progress_load(const struct account *account,
    const struct lease_name *lease, struct progress *progress)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    struct path path =
        account_path(account, SPOOL_PROGRESS, hint_name(lease->task.id).text);
    enum error error =
        file_read(account->spool->directory, path.text, TEXT_MAX, &text, NULL);
    if (error == ERROR_NONE)
        error = json_parse(&document, buffer_text(&text), text.length, &fault);
    if (error == ERROR_NONE) {
        error = read_hint(json_root(&document), lease->lease, progress);
        json_free(&document);
    }
    buffer_free(&text);
    return error == ERROR_NONE ? ERROR_NONE : ERROR_NOT_FOUND;
}

void progress_forget(const struct account *account, const char *id)
{
    struct path path =
        account_path(account, SPOOL_PROGRESS, hint_name(id).text);
    file_remove(account->spool->directory, path.text);
}
