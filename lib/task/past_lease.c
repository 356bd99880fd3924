/* SPDX-License-Identifier: MIT */
#include "past_lease.h"

#include "file.h"
#include "path.h"

#include <stdio.h>
#include <string.h>

enum {
    NOTE_MAX = (GENERATION_MAX + 1) * (LEASE_LENGTH_MAX + 1) /* bytes */
};

static const char json_suffix[] = ".json";
static const char note_suffix[] = ".leases";

static struct path note_path(
    const struct account *account, const struct task_name *name)
{
    char file[NAME_LENGTH_MAX + sizeof note_suffix];
    struct name queued = name_format_queued(name);
    size_t length = strlen(queued.text) - (sizeof json_suffix - 1);
    snprintf(
        file, sizeof file, "%.*s%s", (int)length, queued.text, note_suffix);
    return account_path(account, SPOOL_PROGRESS, file);
}

enum error past_lease_parse(const char *name, struct task_name *task)
{
    char queued[NAME_LENGTH_MAX];
    size_t suffix = sizeof note_suffix - 1;
    size_t length = strlen(name);
    if (length <= suffix || strcmp(name + length - suffix, note_suffix) != 0)
        return ERROR_SYNTAX;
    int written = snprintf(queued, sizeof queued, "%.*s%s",
        (int)(length - suffix), name, json_suffix);
    return written < (int)sizeof queued ? name_parse_queued(queued, task)
                                        : ERROR_SYNTAX;
}

/* Steps over the lease at `at`, with its line's end. False where there is none.
 */
static bool next_lease(
    const char **at, const char *end, const char **lease, size_t *length)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    *lease = *at;
    *length = newline == NULL ? 0 : (size_t)(newline - *at);
    if (!lease_is_valid(*lease, *length))
        return false;
    *at = newline + 1;
    return true;
}

/* Power loss may leave a file of any length, and zeros in it. */
static bool is_whole(const struct buffer *text)
{
    const char *lease;
    size_t length;
    const char *at = buffer_text(text);
    const char *end = at + text->length;
    while (next_lease(&at, end, &lease, &length))
        continue;
    return text->length > 0 && at == end;
}

/* True: `text` holds the note, and is to be freed. */
static bool read_note(const struct account *account,
    const struct task_name *name, struct buffer *text)
{
    *text = (struct buffer)BUFFER_EMPTY;
    enum error error = file_read(account->spool->directory,
        note_path(account, name).text, NOTE_MAX, text, NULL);
    if (error == ERROR_NONE && is_whole(text))
        return true;
    buffer_free(text);
    return false;
}

/* With O_EXCL: whoever takes the same task back at this moment notes the same,
 * and what stands there is never shortened under a reader's eyes. Who died
 * between making the file and writing it has left an empty one, which tells
 * nothing. */
static enum error write_note(const struct account *account,
    const struct task_name *next, const struct buffer *text)
{
    struct path path = note_path(account, next);
    int directory = account->spool->directory;
    enum error error =
        file_create_hint(directory, path.text, text->data, text->length);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = account_make_folder(account, SPOOL_PROGRESS);
    return error == ERROR_NONE ? file_create_hint(directory, path.text,
                                     text->data, text->length)
                               : error;
}

/* A note of other leases was left by a power loss that has undone its rename,
 * and the hand-out before that. */
void past_lease_note(const struct account *account,
    const struct lease_name *taken, const struct task_name *next)
{
    struct buffer text = BUFFER_EMPTY;
    if (taken->task.generation > 0 && !read_note(account, &taken->task, &text))
        return; /* a part would be taken for the whole */
    if (!lease_is_withdrawal(taken->lease)) {
        buffer_append_text(&text, taken->lease);
        buffer_append_byte(&text, '\n');
    }
    if (!text.failed && text.length > 0 &&
        write_note(account, next, &text) == ERROR_EXISTS &&
        past_lease_is_foreign(account, next, taken->lease))
        past_lease_forget(account, next);
    buffer_free(&text);
}

void past_lease_note_moved(const struct account *account, const char *from,
    const struct task_name *next)
{
    struct lease_name taken;
    if (next->generation > 0 &&
        name_parse_executing(from, &taken) == ERROR_NONE)
        past_lease_note(account, &taken, next);
}

bool past_lease_list(const struct account *account,
    const struct task_name *name, struct buffer *out)
{
    struct buffer text;
    const char *past;
    size_t length;
    if (name->generation == 0)
        return true;
    if (!read_note(account, name, &text))
        return false;
    const char *at = text.data;
    const char *end = at + text.length;
    while (next_lease(&at, end, &past, &length))
        buffer_append_format(out, "\"%.*s\",", (int)length, past);
    buffer_free(&text);
    return true;
}

bool past_lease_is_foreign(const struct account *account,
    const struct task_name *name, const char *lease)
{
    struct buffer list = BUFFER_EMPTY;
    char sought[LEASE_LENGTH_MAX + 4];
    snprintf(sought, sizeof sought, "\"%s\",", lease);
    bool foreign = past_lease_list(account, name, &list) && !list.failed &&
                   strstr(buffer_text(&list), sought) == NULL;
    buffer_free(&list);
    return foreign;
}

void past_lease_forget(
    const struct account *account, const struct task_name *name)
{
    if (name->generation > 0)
        file_remove(account->spool->directory, note_path(account, name).text);
}
