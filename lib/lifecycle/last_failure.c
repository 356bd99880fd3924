/* SPDX-License-Identifier: MIT */
#include "last_failure.h"

#include "clock.h"
#include "file.h"
#include "json.h"
#include "json_write.h"
#include "record.h"
#include "utf8.h"

#include <stdio.h>

enum {
    NOTE_MAX = 8192 /* bytes of such a file, escapes and all */
};

static const char error_key[] = "last_error";
static const char moment_key[] = "last_error_at";

/* The name of the file. */
struct note_name {
    char text[ID_LENGTH_MAX + sizeof ".failure"];
};

static struct note_name note_name(const char *id)
{
    struct note_name name;
    snprintf(name.text, sizeof name.text, "%s.failure", id);
    return name;
}

static void write_note(
    struct buffer *out, const char *text, size_t length, int64_t at)
{
    struct buffer cut = BUFFER_EMPTY;
    utf8_append_cut(&cut, text, length, RECORD_ERROR_MAX);
    json_member_string(out, error_key, buffer_text(&cut), cut.length);
    json_member_moment(out, moment_key, at);
    out->failed = out->failed || cut.failed;
    buffer_free(&cut);
}

void last_failure_note(const struct account *account, const char *id,
    const char *text, size_t length)
{
    struct buffer note = BUFFER_EMPTY;
    buffer_append_byte(&note, '{');
    write_note(&note, text, length, clock_now());
    buffer_append_text(&note, "}\n");
    if (!note.failed)
        spool_replace_hint(account->spool,
            account_path(account, SPOOL_PROGRESS, note_name(id).text),
            SPOOL_PROGRESS, account->user, buffer_text(&note), note.length);
    buffer_free(&note);
}

/* It is read as a person, or a loss of power, may have spoilt it. */
static void copy_note(struct buffer *out, struct json_value note)
{
    int64_t at;
    struct buffer text = BUFFER_EMPTY;
    if (json_string(json_member(note, error_key), &text) == ERROR_NONE &&
        json_moment(json_member(note, moment_key), &at) == ERROR_NONE)
        write_note(out, buffer_text(&text), text.length, at);
    buffer_free(&text);
}

void last_failure_write(struct buffer *out, const struct account *account,
    const struct task_name *name)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    struct path path =
        account_path(account, SPOOL_PROGRESS, note_name(name->id).text);
    if (name->generation == 0)
        return;
    if (file_read(account->spool->directory, path.text, NOTE_MAX, &text,
            NULL) == ERROR_NONE &&
        json_parse(&document, buffer_text(&text), text.length, &fault) ==
            ERROR_NONE) {
        copy_note(out, json_root(&document));
        json_free(&document);
    }
    buffer_free(&text);
}

void last_failure_forget(
    const struct account *account, const struct task_name *name)
{
    struct path path =
        account_path(account, SPOOL_PROGRESS, note_name(name->id).text);
    if (name->generation > 0)
        file_remove(account->spool->directory, path.text);
}
