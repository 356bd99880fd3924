/* SPDX-License-Identifier: MIT */
#include "spool.h"

#include "clock.h"
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const names[SPOOL_DIRECTORIES] = {
    "pending",   /* SPOOL_PENDING */
    "executing", /* SPOOL_EXECUTING */
    "done",      /* SPOOL_DONE */
    "ingest",    /* SPOOL_INGEST */
    "progress",  /* SPOOL_PROGRESS */
    "rejected",  /* SPOOL_REJECTED */
    "products",  /* SPOOL_PRODUCTS */
    "users",     /* SPOOL_USERS */
    "pace",      /* SPOOL_PACE */
    "photos",    /* SPOOL_PHOTOS */
    "index",     /* SPOOL_INDEX */
    "tmp",       /* SPOOL_TMP */
    "log",       /* SPOOL_LOG */
};

const char *spool_directory_name(enum spool_directory directory)
{
    return names[directory];
}

/* Paths are built for every system call, so by hand: snprintf(3) takes many
 * times as long. Every path fits by construction (SPOOL_PATH_MAX), so one that
 * does not would be a fault of ours; it stays empty, which no system call
 * accepts, and `length` beyond its end. */
struct path_text {
    struct path path;
    size_t length;
};

static void append(struct path_text *out, const char *text, size_t length)
{
    if (length >= sizeof out->path.text - out->length) {
        out->length = sizeof out->path.text;
        out->path.text[0] = '\0';
        return;
    }
    memcpy(out->path.text + out->length, text, length);
    out->length += length;
    out->path.text[out->length] = '\0';
}

static void append_text(struct path_text *out, const char *text)
{
    append(out, text, strlen(text));
}

static void append_user(struct path_text *out, int64_t user)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + user % 10);
        user /= 10;
    } while (user > 0);
    append(out, "/", 1);
    append(out, digits + at, sizeof digits - at);
}

static void append_name(struct path_text *out, const char *name)
{
    append(out, "/", 1);
    append_text(out, name);
}

struct path path_of(enum spool_directory directory)
{
    struct path_text out;
    out.length = 0;
    append_text(&out, names[directory]);
    return out.path;
}

struct path path_of_user(enum spool_directory directory, int64_t user)
{
    struct path_text out;
    out.length = 0;
    append_text(&out, names[directory]);
    append_user(&out, user);
    return out.path;
}

struct path path_in_user(
    enum spool_directory directory, int64_t user, const char *name)
{
    struct path_text out;
    out.length = 0;
    append_text(&out, names[directory]);
    append_user(&out, user);
    append_name(&out, name);
    return out.path;
}

struct path path_in(enum spool_directory directory, const char *name)
{
    struct path_text out;
    out.length = 0;
    append_text(&out, names[directory]);
    append_name(&out, name);
    return out.path;
}

enum error spool_prepare(const struct spool *spool)
{
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        enum error error = directory_make(spool->directory, names[i], ".");
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_NONE;
}

enum error spool_open_existing(struct spool *spool, const char *root)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_format(&path, "%s/spool", root);
    if (path.failed)
        return ERROR_MEMORY;
    spool->directory =
        openat(AT_FDCWD, path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum error error =
        spool->directory < 0 ? error_from_errno(errno) : ERROR_NONE;
    buffer_free(&path);
    return error;
}

static enum error make_spool(const char *root)
{
    int base = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return error_from_errno(errno);
    enum error error = directory_make(base, "spool", ".");
    close(base);
    return error;
}

enum error spool_open(struct spool *spool, const char *root)
{
    enum error error = spool_open_existing(spool, root);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = make_spool(root);
    if (error == ERROR_NONE)
        error = spool_open_existing(spool, root);
    if (error != ERROR_NONE)
        return error;
    error = spool_prepare(spool);
    if (error != ERROR_NONE)
        spool_close(spool);
    return error;
}

void spool_close(struct spool *spool)
{
    close(spool->directory);
    spool->directory = -1;
}

enum error spool_make_user(
    const struct spool *spool, enum spool_directory directory, int64_t user)
{
    struct path path = path_of_user(directory, user);
    enum error error =
        directory_make(spool->directory, path.text, names[directory]);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = directory_make(spool->directory, names[directory], ".");
    if (error != ERROR_NONE)
        return error;
    return directory_make(spool->directory, path.text, names[directory]);
}

enum error spool_each_name(const struct spool *spool, struct path path,
    spool_name_function *function, void *context)
{
    int descriptor =
        openat(spool->directory, path.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return error_from_errno(errno);
    DIR *directory = fdopendir(descriptor);
    if (directory == NULL) {
        close(descriptor);
        return ERROR_MEMORY;
    }
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            error = error_from_errno(errno);
            break;
        }
        if (entry->d_name[0] != '.')
            error = function(context, entry->d_name);
    }
    closedir(directory);
    return error;
}

struct user_walk {
    spool_user_function *function;
    void *context;
};

static enum error visit_user(void *context, const char *name)
{
    const struct user_walk *walk = context;
    int64_t user;
    if (user_parse(name, &user) != ERROR_NONE)
        return ERROR_NONE;
    return walk->function(walk->context, user);
}

enum error spool_each_user(const struct spool *spool,
    enum spool_directory directory, spool_user_function *function,
    void *context)
{
    struct user_walk walk = {function, context};
    enum error error =
        spool_each_name(spool, path_of(directory), visit_user, &walk);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

enum error user_parse(const char *text, int64_t *user)
{
    int64_t number = 0;
    if (text[0] == '\0' || text[0] == '0')
        return ERROR_SYNTAX;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return ERROR_SYNTAX;
        if (number > (INT64_MAX - (*c - '0')) / 10)
            return ERROR_RANGE;
        number = number * 10 + (*c - '0');
    }
    *user = number;
    return ERROR_NONE;
}

/* Time and process make the name unique on one host; two hosts on one shared
 * disk are kept apart by O_EXCL, which then simply draws the next name. */
static struct path temporary_path(unsigned attempt)
{
    char name[64];
    snprintf(name, sizeof name, "%" PRId64 ".%ld.%u", clock_now(),
        (long)getpid(), attempt);
    return path_in(SPOOL_TMP, name);
}

typedef enum error create_function(
    int directory, const char *path, const char *bytes, size_t length);

static enum error write_temporary(const struct spool *spool,
    create_function *create, const char *bytes, size_t length,
    struct path *path)
{
    enum error error = ERROR_EXISTS;
    for (unsigned attempt = 0; attempt < 8; attempt++) {
        *path = temporary_path(attempt);
        error = create(spool->directory, path->text, bytes, length);
        if (error == ERROR_NOT_FOUND)
            error = directory_make(spool->directory, names[SPOOL_TMP], ".");
        else if (error != ERROR_EXISTS)
            return error;
    }
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

enum error spool_write_temporary(const struct spool *spool, const char *bytes,
    size_t length, struct path *path)
{
    return write_temporary(spool, file_create, bytes, length, path);
}

enum error spool_replace_hint(const struct spool *spool,
    enum spool_directory directory, int64_t user, const char *name,
    const char *bytes, size_t length)
{
    struct path temporary;
    struct path path = path_in_user(directory, user, name);
    enum error error =
        write_temporary(spool, file_create_hint, bytes, length, &temporary);
    if (error != ERROR_NONE)
        return error;
    error = file_rename(spool->directory, temporary.text, path.text);
    if (error == ERROR_NOT_FOUND) {
        error = spool_make_user(spool, directory, user);
        if (error == ERROR_NONE)
            error = file_rename(spool->directory, temporary.text, path.text);
    }
    if (error != ERROR_NONE)
        file_remove(spool->directory, temporary.text);
    return error;
}

enum error spool_replace(const struct spool *spool, struct path path,
    enum spool_directory directory, const char *bytes, size_t length)
{
    struct path temporary;
    enum error error = spool_write_temporary(spool, bytes, length, &temporary);
    if (error != ERROR_NONE)
        return error;
    error = file_rename(spool->directory, temporary.text, path.text);
    if (error == ERROR_NOT_FOUND) {
        error = directory_make(spool->directory, names[directory], ".");
        if (error == ERROR_NONE)
            error = file_rename(spool->directory, temporary.text, path.text);
    }
    if (error != ERROR_NONE) {
        file_remove(spool->directory, temporary.text);
        return error;
    }
    return directory_sync(spool->directory, names[directory]);
}

static int open_lock(const struct spool *spool, const char *name)
{
    struct path path = path_in(SPOOL_INDEX, name);
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    int descriptor = openat(spool->directory, path.text, flags, 0600);
    if (descriptor < 0 && errno == ENOENT) {
        mkdirat(spool->directory, names[SPOOL_INDEX], 0700);
        descriptor = openat(spool->directory, path.text, flags, 0600);
    }
    return descriptor;
}

int spool_lock(const struct spool *spool, const char *name, bool wait)
{
    int descriptor = open_lock(spool, name);
    if (descriptor < 0)
        return SPOOL_LOCK_NONE;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int taken;
    do {
        taken = fcntl(descriptor, wait ? F_SETLKW : F_SETLK, &lock);
    } while (taken != 0 && errno == EINTR);
    if (taken == 0)
        return descriptor;
    bool held = errno == EAGAIN || errno == EACCES;
    close(descriptor);
    return held ? SPOOL_LOCK_HELD : SPOOL_LOCK_NONE;
}
