/* SPDX-License-Identifier: MIT */
#include "seller_other.h"

#include "clock.h"
#include "file.h"
#include "json_write.h"
#include "pause.h"
#include "task.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    NOTE_MAX = 1 << 12,      /* bytes read: none of ours comes near */
    LOGIN_MAX = NOTE_MAX / 8 /* bytes of a login, as JSON */
};

static const char reason_start[] = "another Vinted account (";

static struct path note_path(const struct account *account)
{
    return account_file(account, SPOOL_USERS, "other");
}

bool seller_other_is_reason(const char *reason)
{
    return strncmp(reason, reason_start, sizeof reason_start - 1) == 0;
}

/* In both languages, for whoever reads the file; an answer has the first line.
 */
static enum error pause_queue(
    const struct account *account, uint64_t number, uint64_t expected)
{
    char found[24];
    char own[24];
    char reason[400];
    snprintf(found, sizeof found, "%" PRIu64, number);
    snprintf(own, sizeof own, "%" PRIu64, expected);
    snprintf(reason, sizeof reason,
        "another Vinted account (%s) is signed in, not %s; sign in as that one "
        "or change the account, then resume\n"
        "un autre compte Vinted (%s) est connect\xC3\xA9, pas %s ; "
        "connectez-vous avec celui-ci ou changez de compte, puis reprenez",
        found, own, found, own);
    return pause_set(account, reason);
}

static enum error note(const struct account *account, const char *id,
    uint64_t number, struct json_value login)
{
    struct buffer text = BUFFER_EMPTY;
    size_t length;
    const char *json = json_raw(login, &length);
    buffer_append_format(&text, "{\"id\":%" PRIu64, number);
    if (json_is(login, JSON_STRING) && length <= LOGIN_MAX)
        json_member_raw(&text, "login", json, length);
    else
        json_member_null(&text, "login");
    json_member_moment(&text, "seen_at", clock_now());
    json_member_text(&text, "task_id", id);
    buffer_append_text(&text, "}\n");
    enum error error =
        text.failed ? ERROR_MEMORY : spool_make(account->spool, SPOOL_USERS);
    if (error == ERROR_NONE) {
        error = spool_replace(account->spool, note_path(account), SPOOL_USERS,
            text.data, text.length);
    }
    buffer_free(&text);
    return error;
}

/* ERROR_NOT_FOUND: there is none, or none that can be understood. Only after
 * ERROR_NONE both are to be freed. */
static enum error open_note(const struct account *account, struct buffer *text,
    struct json_document *document)
{
    struct json_fault fault;
    enum error error = file_read(account->spool->directory,
        note_path(account).text, NOTE_MAX, text, NULL);
    if (error == ERROR_NONE)
        error = json_parse(document, buffer_text(text), text->length, &fault);
    if (error != ERROR_NONE)
        buffer_free(text);
    return task_is_spoilt(error) ? ERROR_NOT_FOUND : error;
}

static bool is_noted(const struct account *account, const char *id)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    if (open_note(account, &text, &document) != ERROR_NONE)
        return false;
    bool noted =
        json_string_equals(json_member(json_root(&document), "task_id"), id);
    json_free(&document);
    buffer_free(&text);
    return noted;
}

/* The pause comes first: without the note it is made again. */
void seller_other_heed(const struct account *account, const char *id,
    uint64_t number, struct json_value login, uint64_t expected)
{
    if (is_noted(account, id))
        return;
    enum error error = pause_queue(account, number, expected);
    if (error == ERROR_NONE)
        error = note(account, id, number, login);
    account_log(account, "account",
        "task %s: account %" PRIu64 " was signed in at Vinted, and not %" PRIu64
        "; nothing is taken in from there%s%s",
        id, number, expected,
        error == ERROR_NONE ? "" : "; but pausing did not work: ",
        error == ERROR_NONE ? "" : error_text(error));
}

void seller_other_forget(const struct account *account)
{
    file_remove(account->spool->directory, note_path(account).text);
}

enum error seller_other_write(const struct account *account, struct buffer *out)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    static const char *const members[] = {"id", "login", "seen_at"};
    enum error error = open_note(account, &text, &document);
    if (error == ERROR_NOT_FOUND)
        json_member_null(out, "other_account");
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    json_member_key(out, "other_account");
    buffer_append_byte(out, '{');
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        size_t length;
        const char *json =
            json_raw(json_member(json_root(&document), members[i]), &length);
        if (length > 0)
            json_member_raw(out, members[i], json, length);
        else
            json_member_null(out, members[i]);
    }
    buffer_append_byte(out, '}');
    json_free(&document);
    buffer_free(&text);
    return ERROR_NONE;
}
