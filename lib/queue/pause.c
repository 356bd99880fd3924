/* SPDX-License-Identifier: MIT */
#include "pause.h"

#include "clock.h"
#include "file.h"
#include "json_write.h"
#include "queue_index.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
    TEXT_MAX = 4096 /* bytes of a file that is read for its reason */
};

const char pause_name[] = "PAUSED";

static const char by_hand[] = "paused by hand";

static struct path pause_path(const struct account *account)
{
    return account_path(account, SPOOL_PENDING, pause_name);
}

/* A link, which of two programs lets the first have its way, or a rename over
 * what is there; not a file written in place: the reason is there with the
 * name, and at no moment there is none. */
static enum error put_in_place(const struct account *account,
    struct path temporary,
    enum error (*put)(int directory, const char *from, const char *to))
{
    struct queue_index index;
    queue_index_begin(&index, account);
    enum error error = put(
        account->spool->directory, temporary.text, pause_path(account).text);
    if (error == ERROR_NONE)
        queue_index_commit(&index, NULL);
    else
        queue_index_doubt(&index);
    if (error != ERROR_NONE && error != ERROR_EXISTS)
        return error;
    return account_sync_folder(account, SPOOL_PENDING);
}

static enum error put_reason(const struct account *account, const char *reason,
    enum error (*put)(int directory, const char *from, const char *to))
{
    struct buffer text = BUFFER_EMPTY;
    struct path temporary;
    if (reason[0] != '\0')
        buffer_append_format(&text, "%s\n", reason);
    enum error error = text.failed
                           ? ERROR_MEMORY
                           : account_make_folder(account, SPOOL_PENDING);
    if (error == ERROR_NONE) {
        error = spool_write_temporary(
            account->spool, buffer_text(&text), text.length, &temporary);
    }
    buffer_free(&text);
    if (error != ERROR_NONE)
        return error;
    error = put_in_place(account, temporary, put);
    file_remove(account->spool->directory, temporary.text);
    return error;
}

enum error pause_set(const struct account *account, const char *reason)
{
    return put_reason(account, reason, file_link);
}

enum error pause_replace(const struct account *account, const char *reason)
{
    return put_reason(account, reason, file_rename);
}

/* What a person may have put there in its place is removed, too, but for a
 * folder. */
enum error pause_end(const struct account *account)
{
    struct queue_index index;
    queue_index_begin(&index, account);
    enum error error =
        file_remove(account->spool->directory, pause_path(account).text);
    queue_index_commit(&index, NULL);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error != ERROR_NONE)
        return error;
    return account_sync_folder(account, SPOOL_PENDING);
}

/* The first line, cut between two characters where it is too long. */
static void copy_reason(struct pause *pause, const char *text)
{
    size_t length = strcspn(text, "\r\n");
    size_t at = 0;
    while (at < length) {
        size_t used = 1;
        if (!utf8_character(text + at, length - at, &used))
            used = 1;
        if (at + used >= sizeof pause->reason)
            break;
        at += used;
    }
    memcpy(pause->reason, text, at);
    pause->reason[at] = '\0';
}

enum error pause_read(const struct account *account, struct pause *pause)
{
    struct stat status;
    struct buffer text = BUFFER_EMPTY;
    struct path path = pause_path(account);
    if (fstatat(account->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return error_from_errno(errno);
    enum error error =
        file_read(account->spool->directory, path.text, TEXT_MAX, &text, NULL);
    if (error != ERROR_NOT_FOUND) {
        pause->since = clock_from_timespec(status.st_mtim);
        copy_reason(pause,
            buffer_text(&text) + utf8_mark(buffer_text(&text), text.length));
        if (pause->reason[0] == '\0')
            memcpy(pause->reason, by_hand, sizeof by_hand);
        error = ERROR_NONE;
    }
    buffer_free(&text);
    return error;
}

void pause_write(struct buffer *out, const struct pause *pause)
{
    if (pause == NULL) {
        json_member_null(out, "paused");
        return;
    }
    json_member_key(out, "paused");
    buffer_append_byte(out, '{');
    json_member_moment(out, "since", pause->since);
    json_member_text(out, "reason", pause->reason);
    buffer_append_byte(out, '}');
}
