/* SPDX-License-Identifier: MIT */
#include "idempotency.h"

#include "digest.h"
#include "environment.h"
#include "file.h"
#include "husk.h"
#include "json_write.h"
#include "task.h"

#include <stdio.h>
#include <string.h>

enum {
    LOOKS_MOST = 5 /* at a task that moves meanwhile, by another's steps */
};

const char *idempotency_key(char *const *environment)
{
    return environment_get(environment, "HTTP_IDEMPOTENCY_KEY");
}

/* --- Keys and digests ---------------------------------------------------- */

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x20 || *text > 0x7e)
            return false;
    }
    return true;
}

/* Takes the quotes off (RFC 8941 section 3.3.3), so that a key is the same in
 * both forms. A bare one stays as it is. */
static enum error unquote(
    const char *key, char out[IDEMPOTENCY_KEY_MAX + 1], size_t *length)
{
    const char *end = key + strlen(key);
    bool quoted = key[0] == '"';
    *length = 0;
    for (key += quoted; key < end && !(quoted && *key == '"'); key++) {
        if (quoted && *key == '\\') {
            key++;
            if (*key != '"' && *key != '\\')
                return ERROR_SYNTAX;
        }
        out[(*length)++] = *key;
    }
    return key == end - quoted && *length > 0 ? ERROR_NONE : ERROR_SYNTAX;
}

/* 160 bits are as unique as 256, and kinder to who reads the names. */
static void write_digest(
    char *out, size_t size, const char *prefix, const struct buffer *of)
{
    char digest[DIGEST_LENGTH + 1];
    digest_sha256(digest, buffer_text(of), of->length);
    snprintf(out, size, "%s%.40s", prefix, digest);
}

/* All that the request asks for but the user, white space aside: whether a
 * member was given counts, and a photo as it came, since what becomes of them
 * depends on the settings and on the host of the day. */
static enum error digest_request(
    struct draft *draft, const char *key, size_t length)
{
    struct buffer text = BUFFER_EMPTY;
    size_t params_length;
    const char *params = draft_params(draft, &params_length);
    buffer_append(&text, key, length);
    buffer_append_format(&text, "\n%s %s %d %d %lld %d %d\n", draft->action,
        draft->id, draft->priority, draft->timeout,
        (long long)draft->not_before, draft->expires_in, draft->retries);
    json_write_compact(&text, params, params_length);
    if (!text.failed)
        write_digest(
            draft->request_digest, sizeof draft->request_digest, "", &text);
    enum error error = text.failed ? ERROR_MEMORY : ERROR_NONE;
    buffer_free(&text);
    return error;
}

enum error idempotency_set(struct draft *draft, const char *key)
{
    char bare[IDEMPOTENCY_KEY_MAX + 1];
    size_t length;
    if (strlen(key) > IDEMPOTENCY_KEY_MAX || !is_printable(key) ||
        unquote(key, bare, &length) != ERROR_NONE)
        return ERROR_SYNTAX;
    enum error error = digest_request(draft, bare, length);
    if (error != ERROR_NONE)
        return error;
    struct buffer text = BUFFER_EMPTY;
    buffer_append(&text, bare, length);
    write_digest(draft->key, sizeof draft->key, "key-", &text);
    error = text.failed ? ERROR_MEMORY : ERROR_NONE;
    buffer_free(&text);
    if (draft->id[0] == '\0')
        memcpy(draft->id, draft->key, sizeof draft->id);
    return error;
}

/* --- Comparing ----------------------------------------------------------- */

static bool is_of_draft(const struct draft *standing, const struct draft *draft)
{
    return strcmp(standing->request_digest, draft->request_digest) == 0 ||
           (standing->request_digest[0] == '\0' &&
               strcmp(draft->id, draft->key) == 0);
}

/* ERROR_NOT_FOUND: it has moved. */
static enum error compare(const struct spool *spool,
    const struct task_place *place, const struct draft *draft)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct draft standing;
    struct task_fault fault;
    enum error error = file_read(
        spool->directory, place->path.text, file_no_limit, &text, NULL);
    if (error == ERROR_NONE) {
        error = task_parse(&text, &document, &standing, &fault, NULL);
        if (error == ERROR_NONE) {
            error = is_of_draft(&standing, draft) ? ERROR_NONE : ERROR_CONFLICT;
            json_free(&document);
        } else if (error != ERROR_MEMORY) {
            error = ERROR_SYNTAX;
        }
    }
    buffer_free(&text);
    return error;
}

enum error idempotency_compare(const struct account *account,
    const struct draft *draft, struct task_place *place)
{
    for (int look = 0; look < LOOKS_MOST; look++) {
        enum error error = compare(account->spool, place, draft);
        if (error != ERROR_NOT_FOUND)
            return error;
        error = husk_find_task(account, draft->id, place, false);
        if (error == ERROR_NOT_FOUND)
            break;
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_BUSY;
}

/* --- Notes --------------------------------------------------------------- */

struct note {
    char id[ID_LENGTH_MAX + 1];
    char request_digest[DIGEST_LENGTH + 1]; /* "": one that had none yet */
};

enum {
    NOTE_MOST = ID_LENGTH_MAX + DIGEST_LENGTH + 2 /* bytes: two lines */
};

static void take_line(const char **text, char *out, size_t size)
{
    size_t length = strcspn(*text, "\n");
    snprintf(out, size, "%.*s", (int)length, *text);
    *text += length + ((*text)[length] == '\n');
}

/* ERROR_NOT_FOUND also where the note names no ID, which a person must have
 * done. */
static enum error read_note(
    const struct account *account, const char *name, struct note *note)
{
    struct buffer text = BUFFER_EMPTY;
    struct path path = account_path(account, SPOOL_KEYS, name);
    enum error error =
        file_read(account->spool->directory, path.text, NOTE_MOST, &text, NULL);
    const char *line = buffer_text(&text);
    if (error == ERROR_TOO_LARGE ||
        (error == ERROR_NONE && !id_is_valid(line, strcspn(line, "\n"))))
        error = ERROR_NOT_FOUND;
    if (error == ERROR_NONE) {
        take_line(&line, note->id, sizeof note->id);
        take_line(&line, note->request_digest, sizeof note->request_digest);
    }
    buffer_free(&text);
    return error;
}

/* ERROR_CONFLICT if there is a task with this ID. */
static enum error refuse_task(const struct account *account, const char *id)
{
    struct task_place place;
    enum error error = husk_find_task(account, id, &place, false);
    if (error == ERROR_NONE)
        return ERROR_CONFLICT;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum idempotency_noted judge_note(
    const struct note *note, const struct draft *draft, const char *id)
{
    if (strcmp(note->id, id) != 0)
        return IDEMPOTENCY_FREE;
    return strcmp(note->request_digest, draft->request_digest) == 0
               ? IDEMPOTENCY_OWN
               : IDEMPOTENCY_OTHER;
}

/* A note that is left of a task that is gone, or was never made, says nothing.
 */
enum error idempotency_look(const struct account *account,
    const struct draft *draft, const char *id, enum idempotency_noted *noted)
{
    struct note note;
    enum error error = read_note(account, draft->key, &note);
    *noted =
        error == ERROR_NONE ? judge_note(&note, draft, id) : IDEMPOTENCY_FREE;
    if (error == ERROR_NONE && *noted == IDEMPOTENCY_FREE)
        error = refuse_task(account, note.id);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    return strcmp(id, draft->key) == 0 ? ERROR_NONE
                                       : refuse_task(account, draft->key);
}

enum error idempotency_note(
    const struct account *account, const struct draft *draft)
{
    char text[NOTE_MOST + 1];
    struct path temporary;
    struct path note = account_path(account, SPOOL_KEYS, draft->key);
    int length = snprintf(
        text, sizeof text, "%s\n%s\n", draft->id, draft->request_digest);
    enum error error = account_make_folder(account, SPOOL_KEYS);
    if (error == ERROR_NONE)
        error = spool_write_temporary(
            account->spool, text, (size_t)length, &temporary);
    if (error != ERROR_NONE)
        return error;
    error = file_rename(account->spool->directory, temporary.text, note.text);
    if (error != ERROR_NONE) {
        file_remove(account->spool->directory, temporary.text);
        return error;
    }
    return account_sync_folder(account, SPOOL_KEYS);
}

void idempotency_forget(
    const struct account *account, const struct draft *draft)
{
    file_remove(account->spool->directory,
        account_path(account, SPOOL_KEYS, draft->key).text);
}

bool idempotency_is_outlived(const struct account *account, const char *name)
{
    struct note note;
    struct task_place place;
    enum error error = read_note(account, name, &note);
    if (error == ERROR_NONE)
        error = find_task(account, note.id, &place);
    return error == ERROR_NOT_FOUND;
}
