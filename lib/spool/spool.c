/* SPDX-License-Identifier: MIT */
#include "spool.h"

#include "buffer.h"
#include "clock.h"
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum error spool_prepare(const struct spool *spool)
{
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        const char *name = spool_directory_name((enum spool_directory)i);
        enum error error = directory_make(spool->directory, name);
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_NONE;
}

enum error spool_make(const struct spool *spool, enum spool_directory directory)
{
    return file_exists(spool->directory, spool_directory_name(directory))
               ? ERROR_NONE
               : spool_prepare(spool);
}

enum error spool_open_existing(struct spool *spool, const char *root)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_text(&path, root);
    buffer_append_text(&path, "/spool");
    if (path.failed)
        return ERROR_MEMORY;
    spool->root = root;
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
    enum error error = directory_make(base, "spool");
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
    enum error error = directory_make(spool->directory, path.text);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = spool_make(spool, directory);
    if (error != ERROR_NONE)
        return error;
    return directory_make(spool->directory, path.text);
}

int spool_open_file(const struct spool *spool, struct path path,
    enum spool_directory directory, int flags)
{
    int all = flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    int descriptor = openat(spool->directory, path.text, all, 0600);
    if (descriptor < 0 && errno == ENOENT &&
        spool_make(spool, directory) == ERROR_NONE)
        descriptor = openat(spool->directory, path.text, all, 0600);
    return descriptor;
}

enum error spool_each_name(const struct spool *spool, struct path path,
    spool_name_function *function, void *context)
{
    DIR *directory;
    enum error error = directory_list(spool->directory, path.text, &directory);
    if (error != ERROR_NONE)
        return error;
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

/* Time and process make the name unique on one host; two hosts on one shared
 * disk are kept apart by O_EXCL, which then simply draws the next name. */
static struct path temporary_path(unsigned attempt)
{
    char name[64];
    snprintf(name, sizeof name, "%" PRId64 ".%ld.%u", clock_now(),
        (long)getpid(), attempt);
    return path_in(SPOOL_TMP, name);
}

/* `descriptor` is of file_create_open alone. */
typedef enum error create_function(int directory, const char *path,
    const char *bytes, size_t length, int *descriptor);

static enum error create_safe(int directory, const char *path,
    const char *bytes, size_t length, int *descriptor)
{
    (void)descriptor;
    return file_create(directory, path, bytes, length);
}

static enum error create_hint(int directory, const char *path,
    const char *bytes, size_t length, int *descriptor)
{
    (void)descriptor;
    return file_create_hint(directory, path, bytes, length);
}

static enum error write_temporary(const struct spool *spool,
    create_function *create, const char *bytes, size_t length,
    struct path *path, int *descriptor)
{
    enum error error = ERROR_EXISTS;
    for (unsigned attempt = 0; attempt < 8; attempt++) {
        *path = temporary_path(attempt);
        error = create(spool->directory, path->text, bytes, length, descriptor);
        if (error == ERROR_NOT_FOUND)
            error = spool_make(spool, SPOOL_TMP);
        else if (error != ERROR_EXISTS)
            return error;
    }
    if (error == ERROR_EXISTS)
        return ERROR_BUSY;
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? ERROR_SYSTEM
                                                           : error;
}

enum error spool_write_temporary(const struct spool *spool, const char *bytes,
    size_t length, struct path *path)
{
    return write_temporary(spool, create_safe, bytes, length, path, NULL);
}

enum error spool_open_temporary(const struct spool *spool, const char *bytes,
    size_t length, struct path *path, int *descriptor)
{
    return write_temporary(
        spool, file_create_open, bytes, length, path, descriptor);
}

/* Gives the temporary file its place in `directory`, or in the user's folder
 * of it (0: none), which is made where missing. */
static enum error put_in_place(const struct spool *spool, struct path temporary,
    struct path path, enum spool_directory directory, int64_t user)
{
    enum error error = file_rename(spool->directory, temporary.text, path.text);
    if (error == ERROR_NOT_FOUND) {
        error = user == 0 ? spool_make(spool, directory)
                          : spool_make_user(spool, directory, user);
        if (error == ERROR_NONE)
            error = file_rename(spool->directory, temporary.text, path.text);
    }
    if (error != ERROR_NONE)
        file_remove(spool->directory, temporary.text);
    return error;
}

enum error spool_replace_hint(const struct spool *spool, struct path path,
    enum spool_directory directory, int64_t user, const char *bytes,
    size_t length)
{
    struct path temporary;
    enum error error =
        write_temporary(spool, create_hint, bytes, length, &temporary, NULL);
    if (error != ERROR_NONE)
        return error;
    return put_in_place(spool, temporary, path, directory, user);
}

enum error spool_replace(const struct spool *spool, struct path path,
    enum spool_directory directory, const char *bytes, size_t length)
{
    struct path temporary;
    enum error error = spool_write_temporary(spool, bytes, length, &temporary);
    if (error == ERROR_NONE)
        error = put_in_place(spool, temporary, path, directory, 0);
    if (error != ERROR_NONE)
        return error;
    return directory_sync(spool->directory, spool_directory_name(directory));
}
