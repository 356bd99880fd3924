/* SPDX-License-Identifier: MIT */
#include "catalog_save.h"

#include "clock.h"
#include "file.h"
#include "json_check.h"
#include "log.h"
#include "sink.h"
#include "spool_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    JOINS_MOST = 16 /* rounds lost to other programs before giving up */
};

/* --- What is no product -------------------------------------------------- */

static enum error save_aside(
    struct catalog *catalog, const struct account *account)
{
    static const char why[] =
        "These lines of the catalogue are not products, or are second lines"
        " for the same product.\nMend them and put them back, or remove"
        " them.\n";
    char stamp[CLOCK_STAMP_LENGTH + 1];
    char name[96];
    clock_format_stamp(stamp, clock_now());
    snprintf(
        name, sizeof name, "%" PRId64 ".ndjson-%s.why", account->user, stamp);
    enum error error = spool_replace(account->spool,
        path_in(SPOOL_REJECTED, name), SPOOL_REJECTED, why, sizeof why - 1);
    if (error != ERROR_NONE)
        return error;
    name[strlen(name) - strlen(".why")] = '\0';
    error = spool_replace(account->spool, path_in(SPOOL_REJECTED, name),
        SPOOL_REJECTED, catalog->set_aside.data, catalog->set_aside.length);
    if (error == ERROR_NONE) {
        log_event(account->spool, "ingest",
            "%s: lines that are not products were set aside as rejected/%s",
            catalog_path(account).text, name);
        buffer_clear(&catalog->set_aside);
    }
    return error;
}

/* --- Temporary files ----------------------------------------------------- */

/* Of the rows those that are to stand beside the file, or all. */
static enum error write_rows(const struct catalog *catalog,
    const struct account *account, bool all, struct path *temporary)
{
    struct buffer text = BUFFER_EMPTY;
    size_t total = 0;
    const struct catalog_row *rows = catalog->rows.at;
    for (size_t i = 0; i < catalog->rows.count; i++)
        total += all || rows[i].changed ? rows[i].length + 1 : 0;
    buffer_reserve(&text, total);
    for (size_t i = 0; i < catalog->rows.count; i++) {
        if (!all && !rows[i].changed)
            continue;
        buffer_append(&text, rows[i].text, rows[i].length);
        buffer_append_byte(&text, '\n');
    }
    enum error error = ERROR_MEMORY;
    if (!text.failed)
        error = spool_write_temporary(
            account->spool, text.data, text.length, temporary);
    buffer_free(&text);
    return error;
}

static void put_line(struct sink *sink, const char *text, size_t length)
{
    sink_put(sink, text, length);
    sink_put(sink, "\n", 1);
}

/* The rows from *next on whose id is below `id`; whether there is one of it. */
static bool put_rows(
    struct catalog *catalog, uint64_t id, size_t *next, struct sink *sink)
{
    const struct catalog_rows *rows = &catalog->rows;
    for (; *next < rows->count && rows->at[*next].id < id; ++*next)
        put_line(sink, rows->at[*next].text, rows->at[*next].length);
    return *next < rows->count && rows->at[*next].id == id;
}

/* The lines of the file and the rows, as one, in order of id. */
static enum error put_merged(struct catalog *catalog, struct sink *sink)
{
    struct catalog_line line;
    size_t next = 0;
    enum error error = catalog_base_seek(&catalog->base, 0);
    while (error == ERROR_NONE) {
        size_t values;
        struct json_fault fault;
        error = catalog_base_next(&catalog->base, &line);
        if (error != ERROR_NONE || put_rows(catalog, line.id, &next, sink))
            continue;
        if (json_check(line.text, line.length, &values, &fault) == ERROR_NONE)
            put_line(sink, line.text, line.length);
        else
            catalog_put_aside(catalog, line.text, line.length);
    }
    put_rows(catalog, UINT64_MAX, &next, sink);
    for (; next < catalog->rows.count; next++) /* of the largest id */
        put_line(
            sink, catalog->rows.at[next].text, catalog->rows.at[next].length);
    if (catalog->set_aside.failed)
        return ERROR_MEMORY;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* Writes them into the temporary file, which is there, and fsyncs it. */
static enum error fill(struct catalog *catalog, int descriptor)
{
    struct sink sink;
    sink_open(&sink, descriptor, INT64_MAX);
    enum error error = put_merged(catalog, &sink);
    enum error written = sink_close(&sink);
    if (error == ERROR_NONE)
        error = written;
    if (error == ERROR_NONE && fsync(descriptor) != 0)
        error = error_from_errno(errno);
    return error;
}

/* The whole of a catalogue of which only a part is in memory. */
static enum error write_merged(struct catalog *catalog,
    const struct account *account, struct path *temporary)
{
    int directory = account->spool->directory;
    enum error error = spool_write_temporary(account->spool, "", 0, temporary);
    if (error != ERROR_NONE)
        return error;
    int descriptor =
        openat(directory, temporary->text, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    error =
        descriptor < 0 ? error_from_errno(errno) : fill(catalog, descriptor);
    if (descriptor >= 0 && close(descriptor) != 0 && error == ERROR_NONE)
        error = error_from_errno(errno);
    if (error != ERROR_NONE)
        file_remove(directory, temporary->text);
    return error;
}

/* --- Replacing ----------------------------------------------------------- */

/* Whether the file still is the one that was read, or still is none. */
static bool is_same(
    const struct account *account, struct path path, const struct stat *read)
{
    struct stat now = {.st_nlink = 0};
    return (fstatat(account->spool->directory, path.text, &now,
                AT_SYMLINK_NOFOLLOW) == 0 ||
               errno == ENOENT) &&
           file_is_unchanged(&now, read);
}

static bool is_current(
    const struct catalog *catalog, const struct account *account)
{
    return is_same(account, catalog_path(account), &catalog->base.status) &&
           is_same(account, catalog_since_path(account), &catalog->beside);
}

/* Whoever replaces one of the files must hold the lock on the sorted one, not
 * on one in index/, which may be removed at any time: so of two programs that
 * have read the same catalogue the second finds it replaced. Where there are no
 * locks, that is only very likely. */
static enum error replace_file(struct catalog *catalog,
    const struct account *account, struct path temporary, struct path path)
{
    if (catalog->base.reader.descriptor >= 0)
        spool_lock_file(catalog->base.reader.descriptor);
    if (!is_current(catalog, account))
        return ERROR_CONFLICT;
    return file_rename(account->spool->directory, temporary.text, path.text);
}

/* The first catalogue of a user: link(2) replaces nothing. */
static enum error create_file(
    const struct account *account, struct path temporary)
{
    enum error error = spool_make(account->spool, SPOOL_PRODUCTS);
    if (error == ERROR_NONE) {
        error = file_link(account->spool->directory, temporary.text,
            catalog_path(account).text);
    }
    if (error == ERROR_NONE)
        file_remove(account->spool->directory, temporary.text);
    return error == ERROR_EXISTS ? ERROR_CONFLICT : error;
}

static enum error sync_folder(const struct account *account)
{
    return directory_sync(
        account->spool->directory, spool_directory_name(SPOOL_PRODUCTS));
}

/* Puts what has changed beside the file. */
static enum error save_beside(
    struct catalog *catalog, const struct account *account)
{
    struct path temporary;
    struct path path = catalog_since_path(account);
    int directory = account->spool->directory;
    enum error error = write_rows(catalog, account, false, &temporary);
    if (error != ERROR_NONE)
        return error;
    error = replace_file(catalog, account, temporary, path);
    if (error != ERROR_NONE) {
        file_remove(directory, temporary.text);
        return error;
    }
    if (fstatat(directory, path.text, &catalog->beside, AT_SYMLINK_NOFOLLOW) !=
        0)
        return error_from_errno(errno);
    return sync_folder(account);
}

static enum error remove_beside(const struct account *account)
{
    enum error error = file_remove(
        account->spool->directory, catalog_since_path(account).text);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* Gives the temporary file the name of the sorted one, and then removes what
 * stood beside that. Nobody puts anything else there in between: for that the
 * new file must be locked. */
static enum error put_in_place(struct catalog *catalog,
    const struct account *account, struct path temporary)
{
    int directory = account->spool->directory;
    bool beside = catalog->beside.st_nlink > 0;
    int lock = beside ? openat(directory, temporary.text,
                            O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
                      : -1;
    enum error error = ERROR_NONE;
    if (lock >= 0)
        spool_lock_file(lock);
    if (catalog->base.status.st_nlink > 0)
        error =
            replace_file(catalog, account, temporary, catalog_path(account));
    else
        error = create_file(account, temporary);
    if (error == ERROR_NONE)
        error = sync_folder(account);
    else
        file_remove(directory, temporary.text);
    if (error == ERROR_NONE && beside)
        error = remove_beside(account);
    if (lock >= 0)
        close(lock);
    return error;
}

/* Writes the sorted file anew. */
static enum error save_all(
    struct catalog *catalog, const struct account *account)
{
    struct path temporary;
    enum error error = catalog->whole
                           ? write_rows(catalog, account, true, &temporary)
                           : write_merged(catalog, account, &temporary);
    if (error != ERROR_NONE)
        return error;
    if (catalog->set_aside.length > 0)
        error = save_aside(catalog, account);
    if (error == ERROR_NONE)
        return put_in_place(catalog, account, temporary);
    file_remove(account->spool->directory, temporary.text);
    return error;
}

/* --- Saving -------------------------------------------------------------- */

/* A program killed between its rename and its fsync leaves a file that says
 * everything already, but whose name power loss could still take back. */
static enum error sync_unchanged(
    const struct catalog *catalog, const struct account *account)
{
    return catalog->base.status.st_nlink == 0 && catalog->beside.st_nlink == 0
               ? ERROR_NONE
               : sync_folder(account);
}

/* Whether what has changed may stand beside the file. */
static bool may_stand_beside(const struct catalog *catalog)
{
    int64_t size = catalog->base.status.st_size;
    int64_t changed = 0;
    for (size_t i = 0; i < catalog->rows.count; i++) {
        if (catalog->rows.at[i].changed)
            changed += (int64_t)catalog->rows.at[i].length + 1;
    }
    return !catalog->whole && changed <= CATALOG_BESIDE &&
           changed <= size / CATALOG_SHARE;
}

/* Where something stands beside the file already, all that has changed is put
 * there first, which says everything. Were the file written first and a crash
 * came then, the older lines that stand beside it would stand for its own. */
enum error catalog_save(struct catalog *catalog, const struct account *account)
{
    enum error error = ERROR_NONE;
    if (!catalog->changed)
        return sync_unchanged(catalog, account);
    if (catalog->set_aside.length > 0)
        error = save_aside(catalog, account);
    if (error != ERROR_NONE)
        return error;
    catalog_rows_sort(&catalog->rows);
    bool beside = may_stand_beside(catalog);
    bool said = beside || catalog->beside.st_nlink > 0;
    error = said ? save_beside(catalog, account) : save_all(catalog, account);
    if (error != ERROR_NONE)
        return error;
    catalog->changed = false;
    if (said && !beside)
        save_all(catalog, account); /* if not now, with the next change */
    return ERROR_NONE;
}

static enum error join_once(const struct account *account)
{
    struct catalog catalog;
    enum error error = catalog_open(&catalog, account, true);
    if (error != ERROR_NONE)
        return error;
    catalog_rows_sort(&catalog.rows);
    if (catalog.beside.st_nlink > 0)
        error = save_all(&catalog, account);
    catalog_free(&catalog);
    return error;
}

enum error catalog_join(const struct account *account)
{
    enum error error = ERROR_CONFLICT;
    if (!file_exists(
            account->spool->directory, catalog_since_path(account).text))
        return ERROR_NONE;
    for (int i = 0; i < JOINS_MOST && error == ERROR_CONFLICT; i++)
        error = join_once(account);
    return error == ERROR_CONFLICT ? ERROR_BUSY : error;
}
