/* SPDX-License-Identifier: MIT */
#include "photo.h"

#include "base64.h"
#include "clock.h"
#include "digest.h"
#include "file.h"
#include "space.h"
#include "spool_lock.h"
#include "stamp.h"
#include "stuck.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Held while a stored photo is made young and while old ones are removed, so
 * that none goes that somebody was just told is there. */
static const char lock_name[] = "photos";

enum error photo_name(struct photo *photo, const void *bytes, size_t length)
{
    char digest[DIGEST_LENGTH + 1];
    *photo = (struct photo){
        .kind = photo_kind_of_bytes(bytes, length), .length = length};
    if (photo->kind == NULL)
        return ERROR_TYPE;
    digest_sha256(digest, bytes, length);
    snprintf(photo->name, sizeof photo->name, "%s.%s", digest,
        photo->kind->extension);
    return ERROR_NONE;
}

/* ERROR_NOT_FOUND: it is not stored. */
static enum error make_young(const struct spool *spool, struct path path)
{
    int lock = spool_lock(spool, lock_name);
    enum error error = ERROR_NONE;
    if (utimensat(spool->directory, path.text, NULL, AT_SYMLINK_NOFOLLOW) != 0)
        error = error_from_errno(errno);
    spool_unlock(lock);
    return error;
}

static enum error link_photo(
    const struct spool *spool, struct path temporary, struct path path)
{
    enum error error = file_link(spool->directory, temporary.text, path.text);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = spool_make(spool, SPOOL_PHOTOS);
    return error == ERROR_NONE
               ? file_link(spool->directory, temporary.text, path.text)
               : error;
}

static enum error write_photo(const struct spool *spool, const void *bytes,
    size_t length, struct path path)
{
    struct path temporary;
    enum error error = space_check_create(spool);
    if (error == ERROR_NONE)
        error = spool_write_temporary(spool, bytes, length, &temporary);
    if (error != ERROR_NONE)
        return error;
    error = link_photo(spool, temporary, path);
    file_remove(spool->directory, temporary.text);
    return error;
}

enum error photo_store(const struct spool *spool, const void *bytes,
    size_t length, struct photo *photo)
{
    photo->is_new = false;
    struct path path = path_in(SPOOL_PHOTOS, photo->name);
    enum error error = make_young(spool, path);
    if (error == ERROR_NOT_FOUND) {
        error = write_photo(spool, bytes, length, path);
        photo->is_new = error == ERROR_NONE;
    }
    if (error == ERROR_EXISTS)
        error = ERROR_NONE; /* another stored it at this moment */
    /* Also where it was there: who stored it may have died before this. */
    return error == ERROR_NONE ? directory_sync(spool->directory,
                                     spool_directory_name(SPOOL_PHOTOS))
                               : error;
}

enum error photo_read(
    const struct spool *spool, const char *name, struct buffer *out)
{
    return file_read(
        spool->directory, path_in(SPOOL_PHOTOS, name).text, INT_MAX, out, NULL);
}

enum error photo_look(const struct spool *spool, const char *name)
{
    return file_look(spool->directory, path_in(SPOOL_PHOTOS, name).text);
}

/* Skips "data:TYPE;base64," (RFC 2397). ERROR_SYNTAX: a URL without that. */
static enum error skip_url(const char **text, size_t *length)
{
    static const char scheme[] = "data:";
    static const char coding[] = ";base64";
    size_t shortest = sizeof scheme - 1 + sizeof coding - 1;
    if (*length < sizeof scheme - 1 ||
        strncasecmp(*text, scheme, sizeof scheme - 1) != 0)
        return ERROR_NONE;
    const char *comma = memchr(*text, ',', *length);
    if (comma == NULL || (size_t)(comma - *text) < shortest ||
        strncasecmp(comma - (sizeof coding - 1), coding, sizeof coding - 1) !=
            0)
        return ERROR_SYNTAX;
    *length -= (size_t)(comma + 1 - *text);
    *text = comma + 1;
    return ERROR_NONE;
}

enum error photo_decode(struct buffer *out, const char *text, size_t length)
{
    enum error error = skip_url(&text, &length);
    return error == ERROR_NONE ? base64_decode(out, text, length) : error;
}

struct prune {
    const struct spool *spool;
    int64_t now;
    int64_t before;
    unsigned count;
    bool dry;
    bool failed;
};

static bool is_old(const struct prune *prune, struct path path)
{
    struct stat status;
    return fstatat(prune->spool->directory, path.text, &status,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           stamp_written(&status, prune->now) < prune->before;
}

/* The lock is held for this one alone: uploads wait for it. */
static enum error remove_old(const struct prune *prune, struct path path)
{
    int lock = spool_lock(prune->spool, lock_name);
    enum error error = is_old(prune, path)
                           ? file_remove(prune->spool->directory, path.text)
                           : ERROR_NOT_FOUND;
    spool_unlock(lock);
    return error;
}

/* Only what we stored: anything else in the folder is somebody else's. */
static enum error prune_name(void *context, const char *name)
{
    struct prune *prune = context;
    struct path path = path_in(SPOOL_PHOTOS, name);
    if (photo_kind_of_name(name, strlen(name)) == NULL || !is_old(prune, path))
        return ERROR_NONE;
    enum error error = prune->dry ? ERROR_NONE : remove_old(prune, path);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    prune->count += error == ERROR_NONE;
    stuck_note(prune->spool, 0, path, error, 0);
    if (error != ERROR_NONE && !stuck_is_kind(error))
        prune->failed = true;
    return ERROR_NONE;
}

unsigned photo_prune(const struct spool *spool, int64_t before,
    struct spool_part *part, bool dry, bool *whole)
{
    struct prune prune = {spool, clock_now(), before, 0, dry, false};
    enum error error = spool_part_each_name(
        spool, path_of(SPOOL_PHOTOS), part, prune_name, &prune);
    if (error == ERROR_NOT_FOUND)
        part->position = 0;
    *whole = !prune.failed && (error == ERROR_NONE || error == ERROR_NOT_FOUND);
    return prune.count;
}
