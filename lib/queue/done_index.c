/* SPDX-License-Identifier: MIT */
#include "done_index.h"

#include "buffer.h"
#include "clock.h"
#include "done_base.h"
#include "file.h"
#include "name_list.h"
#include "queue_sum.h"
#include "random.h"
#include "spool_shared.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SINCE_HEAD = 4 * DONE_NUMBER, /* its sum, the number of 42.done, the
                                   * folder's mtime */
    SINCE_MOST = 1 << 20,         /* bytes */
    CHANGES_MOST = 500 /* records that came or went since 42.done was made; with
                        * more it is made anew */
};

static struct path since_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "done.since");
}

void done_index_forget(const struct account *account)
{
    file_remove(account->spool->directory, done_base_path(account).text);
}

static bool offer(
    const struct done_visitor *visitor, const char *text, size_t length)
{
    char key[DONE_KEY_SIZE];
    memcpy(key, text, length);
    key[length] = '\0';
    key[DONE_DASH_AT] = '-';
    return visitor->offer(visitor->context, key, key + DONE_DASH_AT + 1);
}

static bool bears(const struct account *account, const struct timespec *changed)
{
    struct stat now;
    return fstatat(account->spool->directory,
               account_folder(account, SPOOL_DONE).text, &now, 0) == 0 &&
           now.st_mtim.tv_sec == changed->tv_sec &&
           now.st_mtim.tv_nsec == changed->tv_nsec;
}

/* --- Reading the folder --------------------------------------------------- */

struct walk {
    const struct account *account;
    const struct done_visitor *visitor;
    struct timespec changed; /* the folder's mtime before it was read */
    bool racy;
    struct done_base base;
    struct name_list fresh; /* keys that the base does not have */
    size_t count;           /* records in the folder */
    bool full;              /* not all that is fresh is kept */
};

static enum error look_at(struct walk *walk, const char *name)
{
    struct stat status;
    char key[DONE_KEY_SIZE];
    const struct done_visitor *visitor = walk->visitor;
    struct path path = account_path(walk->account, SPOOL_DONE, name);
    if (fstatat(walk->account->spool->directory, path.text, &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return visitor->leave_out(
            visitor->context, path, error_from_errno(errno));
    done_key_format(key, &status, name);
    visitor->offer(visitor->context, key, name);
    char *known = done_base_find(&walk->base, name);
    if (known != NULL && memcmp(known, key, DONE_DASH_AT) == 0)
        done_base_meet(&walk->base, known);
    else if (walk->fresh.count == DONE_INDEX_MOST ||
             name_list_append(&walk->fresh, key, strlen(key)) != ERROR_NONE)
        walk->full = true;
    return ERROR_NONE;
}

static enum error visit(void *context, const char *name)
{
    struct walk *walk = context;
    char id[ID_LENGTH_MAX + 1];
    bool completed;
    if (name_parse_done(name, id, &completed) != ERROR_NONE)
        return ERROR_NONE;
    walk->count++;
    char *known = completed ? done_base_find(&walk->base, name) : NULL;
    if (known == NULL)
        return look_at(walk, name);
    done_base_meet(&walk->base, known);
    offer(walk->visitor, known, DONE_DASH_AT + 1 + strlen(name));
    return ERROR_NONE;
}

/* A record that was met and taken away since, and whose going was told before
 * the new base stood in its place, would stay in that under its old key: but
 * then the folder has changed. */
static enum error write_base(struct walk *walk)
{
    int64_t number = 0;
    enum error error = done_base_list(&walk->base, &walk->fresh);
    if (error == ERROR_NONE)
        error = name_list_sort(&walk->fresh);
    if (error == ERROR_NONE)
        error = random_number(INT64_MAX - 1, &number);
    if (error == ERROR_NONE)
        error = done_base_write(walk->account, &walk->fresh, (uint64_t)number);
    if (error == ERROR_NONE && !bears(walk->account, &walk->changed)) {
        done_index_forget(walk->account);
        error = ERROR_BUSY;
    }
    walk->base.number = (uint64_t)number;
    name_list_free(&walk->fresh);
    return error;
}

/* Its numbers, but for the sum, and its keys. */
static void format_since(const struct walk *walk, struct buffer *out)
{
    const struct timespec *changed = &walk->changed;
    done_number_append(out, walk->base.number);
    done_number_append(out, walk->racy ? 0 : (uint64_t)changed->tv_sec);
    done_number_append(out, walk->racy ? 0 : (uint64_t)changed->tv_nsec);
    if (walk->fresh.count > 0)
        buffer_append(out, walk->fresh.text.data, walk->fresh.text.length);
}

static enum error write_since(const struct walk *walk)
{
    struct buffer behind = BUFFER_EMPTY;
    struct buffer text = BUFFER_EMPTY;
    enum error error = ERROR_MEMORY;
    format_since(walk, &behind);
    if (!behind.failed)
        done_number_append(&text, queue_sum_bytes(behind.data, behind.length));
    buffer_append(&text, buffer_text(&behind), behind.length);
    if (!behind.failed && !text.failed)
        error = spool_replace_hint(walk->account->spool,
            since_path(walk->account), SPOOL_INDEX, 0, text.data, text.length);
    buffer_free(&behind);
    buffer_free(&text);
    return error;
}

/* Where it cannot be, an older one must not be taken for this. */
static void note(struct walk *walk)
{
    enum error error = ERROR_NONE;
    size_t gone = walk->base.count - walk->base.met;
    if (walk->full || walk->count < DONE_INDEX_LEAST ||
        walk->count > DONE_INDEX_MOST || spool_is_shared(walk->account->spool))
        return;
    if (walk->base.count == 0 || walk->fresh.count + gone > CHANGES_MOST)
        error = write_base(walk);
    if (error == ERROR_NONE)
        error = write_since(walk);
    if (error != ERROR_NONE)
        file_remove(
            walk->account->spool->directory, since_path(walk->account).text);
}

static enum error read_folder(
    const struct account *account, const struct done_visitor *visitor)
{
    struct stat status;
    struct path path = account_folder(account, SPOOL_DONE);
    struct walk walk = {
        .account = account, .visitor = visitor, .fresh = NAME_LIST_EMPTY};
    int64_t now = clock_now();
    if (fstatat(account->spool->directory, path.text, &status, 0) != 0)
        return error_from_errno(errno);
    walk.changed = status.st_mtim;
    walk.racy = clock_is_racy(status.st_mtim, now);
    done_base_load(account, &walk.base);
    enum error error = spool_each_name(account->spool, path, visit, &walk);
    if (error == ERROR_NONE)
        note(&walk);
    done_base_free(&walk.base);
    name_list_free(&walk.fresh);
    return error;
}

/* --- Listing by what was noted -------------------------------------------- */

struct noted {
    const struct account *account;
    struct buffer since;
    uint64_t number;
    int descriptor; /* of 42.done */
    int64_t blocks;
};

/* ERROR_BUSY: it is torn, or not what there is now. */
static enum error check_since(
    struct noted *noted, const struct stat *status, bool begins)
{
    uint64_t head[4];
    const char *text = buffer_text(&noted->since);
    if (noted->since.length < SINCE_HEAD || !done_numbers_read(text, head, 4) ||
        head[0] != queue_sum_bytes(
                       text + DONE_NUMBER, noted->since.length - DONE_NUMBER) ||
        stamp_is_due(
            clock_from_timespec(status->st_mtim), clock_now(), STAMP_BELIEVED))
        return ERROR_BUSY;
    struct timespec changed = {(time_t)head[2], (long)head[3]};
    noted->number = head[1];
    return begins && !bears(noted->account, &changed) ? ERROR_BUSY : ERROR_NONE;
}

static enum error noted_open(struct noted *noted, bool begins)
{
    struct stat status;
    int directory = noted->account->spool->directory;
    enum error error = file_read(directory, since_path(noted->account).text,
        SINCE_MOST, &noted->since, &status);
    if (error == ERROR_NONE)
        error = check_since(noted, &status, begins);
    if (error != ERROR_NONE || spool_is_shared(noted->account->spool))
        return ERROR_BUSY;
    noted->descriptor = openat(directory, done_base_path(noted->account).text,
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (noted->descriptor < 0 || fstat(noted->descriptor, &status) != 0)
        return ERROR_BUSY;
    noted->blocks = status.st_size / DONE_BLOCK;
    return ERROR_NONE;
}

static void noted_close(struct noted *noted)
{
    buffer_free(&noted->since);
    if (noted->descriptor >= 0)
        close(noted->descriptor);
}

/* A task that failed, and failed anew under the same name. */
static bool is_superseded(const struct noted *noted, struct name_slice key)
{
    char needle[DONE_KEY_SIZE];
    size_t length = key.length - DONE_DASH_AT;
    memcpy(needle, key.text + DONE_DASH_AT, length + 1); /* its newline */
    needle[length + 1] = '\0';
    return strstr(needle, ".failed.") != NULL &&
           strstr(buffer_text(&noted->since), needle) != NULL;
}

/* Counts those off that were asked for. */
static void offer_block(const struct noted *noted,
    const struct done_visitor *visitor, const char *block, size_t *most)
{
    struct name_slice key;
    const char *at = done_block_keys(block);
    while (*most > 0 && done_key_next(block + DONE_BLOCK, &at, &key)) {
        if (!is_superseded(noted, key))
            *most -= offer(visitor, key.text, key.length);
    }
}

static void offer_since(
    const struct noted *noted, const struct done_visitor *visitor)
{
    struct name_slice key;
    const char *at = noted->since.data + SINCE_HEAD;
    const char *end = noted->since.data + noted->since.length;
    while (done_key_next(end, &at, &key))
        offer(visitor, key.text, key.length);
}

static enum error offer_noted(const struct noted *noted, const char *after,
    size_t most, const struct done_visitor *visitor)
{
    char block[DONE_BLOCK];
    int64_t at = 0;
    enum error error = done_block_seek(
        noted->descriptor, noted->number, noted->blocks, after, &at);
    for (; at < noted->blocks && most > 0 && error == ERROR_NONE; at++) {
        error = done_block_read(noted->descriptor, noted->number, at, block);
        if (error == ERROR_NONE)
            offer_block(noted, visitor, block, &most);
    }
    if (error == ERROR_NONE)
        offer_since(noted, visitor);
    return error;
}

enum error done_index_each(const struct account *account, const char *after,
    size_t most, const struct done_visitor *visitor)
{
    struct noted noted = {
        .account = account, .since = BUFFER_EMPTY, .descriptor = -1};
    enum error error = noted_open(&noted, after[0] == '\0');
    if (error == ERROR_NONE)
        error = offer_noted(&noted, after, most, visitor);
    noted_close(&noted);
    if (error == ERROR_BUSY)
        error = read_folder(account, visitor);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}
