/* SPDX-License-Identifier: MIT */
#include "file.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads as far as fstat(2) said. A file that is still growing is met again by
 * who waits for it; asking for its end would cost every other a system call. */
static enum error read_bytes(int descriptor, size_t length, struct buffer *out)
{
    while (length > 0) {
        ssize_t count = read(descriptor, out->data + out->length, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_from_errno(errno);
        if (count == 0)
            break; /* it has shrunk */
        out->length += (size_t)count;
        length -= (size_t)count;
    }
    out->data[out->length] = '\0';
    return ERROR_NONE;
}

static enum error read_regular(
    int descriptor, size_t limit, struct buffer *out, struct stat *status)
{
    if (fstat(descriptor, status) != 0)
        return error_from_errno(errno);
    if (!S_ISREG(status->st_mode))
        return ERROR_TYPE;
    if ((uintmax_t)status->st_size > limit)
        return ERROR_TOO_LARGE;
    if (buffer_reserve(out, (size_t)status->st_size) == NULL)
        return ERROR_MEMORY;
    return read_bytes(descriptor, (size_t)status->st_size, out);
}

enum error file_read(int directory, const char *path, size_t limit,
    struct buffer *out, struct stat *status)
{
    struct stat unwanted;
    size_t start = out->length;
    /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
    int descriptor =
        openat(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        bool is_odd = errno == ELOOP || errno == ENXIO || errno == ENODEV;
        return is_odd ? ERROR_TYPE : error_from_errno(errno);
    }
    enum error error = read_regular(
        descriptor, limit, out, status == NULL ? &unwanted : status);
    close(descriptor);
    if (error != ERROR_NONE && start == 0) {
        buffer_free(out);
    } else if (error != ERROR_NONE) {
        out->length = start;
        out->data[start] = '\0';
    }
    return error;
}

enum error file_read_lasting(
    int directory, const char *path, size_t limit, struct buffer *out)
{
    enum error error = file_read(directory, path, limit, out, NULL);
    return error == ERROR_NOT_FOUND
               ? file_read(directory, path, limit, out, NULL)
               : error;
}

static enum error write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(descriptor, bytes, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_from_errno(errno);
        bytes += count;
        length -= (size_t)count;
    }
    return ERROR_NONE;
}

/* A new file of ours, or < 0 and errno. A umask may have taken our own rights
 * away. */
static int open_new(int directory, const char *path)
{
    int descriptor = openat(directory, path,
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0 || fchmod(descriptor, 0600) == 0)
        return descriptor;
    int why = errno;
    close(descriptor);
    unlinkat(directory, path, 0);
    errno = why;
    return -1;
}

static enum error write_and_close(
    int descriptor, const char *bytes, size_t length, bool sync)
{
    enum error error = write_all(descriptor, bytes, length);
    if (error == ERROR_NONE && sync && fsync(descriptor) != 0)
        error = error_from_errno(errno);
    if (close(descriptor) != 0 && error == ERROR_NONE)
        error = error_from_errno(errno);
    return error;
}

static enum error create(int directory, const char *path, const char *bytes,
    size_t length, bool sync)
{
    int descriptor = open_new(directory, path);
    if (descriptor < 0)
        return error_from_errno(errno);
    enum error error = write_and_close(descriptor, bytes, length, sync);
    if (error != ERROR_NONE)
        unlinkat(directory, path, 0); /* ours: O_EXCL made it */
    return error;
}

enum error file_create(
    int directory, const char *path, const char *bytes, size_t length)
{
    return create(directory, path, bytes, length, true);
}

enum error file_create_hint(
    int directory, const char *path, const char *bytes, size_t length)
{
    return create(directory, path, bytes, length, false);
}

/* Over a network others read what was written, and a lack of space shows, once
 * the descriptor is closed that wrote. Another, which was open before, meets
 * every failure to write it back, though somebody else be told of it first. */
enum error file_create_open(int directory, const char *path, const char *bytes,
    size_t length, int *descriptor)
{
    int writer = open_new(directory, path);
    if (writer < 0)
        return error_from_errno(errno);
    *descriptor = openat(directory, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    enum error error = *descriptor < 0 ? error_from_errno(errno) : ERROR_NONE;
    if (error == ERROR_NONE)
        error = write_and_close(writer, bytes, length, false);
    else
        close(writer);
    if (error == ERROR_NONE)
        return error;
    if (*descriptor >= 0)
        close(*descriptor);
    unlinkat(directory, path, 0);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

enum error file_sync(int descriptor)
{
    return fsync(descriptor) == 0 ? ERROR_NONE : error_from_errno(errno);
}

enum {
    MODES = 07777,
    MODE_SAFE = 0700,
    MODE_UNSAFE = 01700 /* of a folder whose own name may still be lost; with
                         * S_ISVTX, which POSIX has under XSI only */
};

static struct path parent_of(const char *path)
{
    struct path parent = {"."};
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        snprintf(
            parent.text, sizeof parent.text, "%.*s", (int)(slash - path), path);
    else if (strcmp(path, ".") == 0)
        snprintf(parent.text, sizeof parent.text, "..");
    return parent;
}

/* The sticky bit says no more that the name of the folder may be lost. */
static enum error secure_name(int directory, const char *path)
{
    enum error error = directory_sync(directory, parent_of(path).text);
    /* A umask may have taken our own rights away. */
    if (error == ERROR_NONE && fchmodat(directory, path, MODE_SAFE, 0) != 0)
        error = error_from_errno(errno);
    return error;
}

/* That a folder of somebody else's should bear this mode would be chance. */
static bool is_unsafe(const struct stat *status)
{
    return (status->st_mode & MODES) == MODE_UNSAFE;
}

int directory_open(int directory, const char *path)
{
    static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    struct stat status;
    int descriptor = openat(directory, path, flags);
    if (descriptor >= 0 || errno != ENOENT ||
        fstatat(directory, path, &status, 0) != 0)
        return descriptor;
    descriptor = openat(directory, path, flags); /* or it has just been made */
    if (descriptor < 0 && errno == ENOENT)
        errno = ESTALE;
    return descriptor;
}

enum error directory_list(int directory, const char *path, DIR **list)
{
    int descriptor = directory_open(directory, path);
    if (descriptor < 0)
        return error_from_errno(errno);
    *list = fdopendir(descriptor);
    if (*list != NULL)
        return ERROR_NONE;
    close(descriptor);
    return ERROR_MEMORY;
}

enum error directory_sync(int directory, const char *path)
{
    struct stat status = {.st_mode = 0};
    int descriptor = directory_open(directory, path);
    if (descriptor < 0)
        return error_from_errno(errno);
    enum error error = fsync(descriptor) == 0 && fstat(descriptor, &status) == 0
                           ? ERROR_NONE
                           : error_from_errno(errno);
    close(descriptor);
    return error == ERROR_NONE && is_unsafe(&status)
               ? secure_name(directory, path)
               : error;
}

static bool is_safe(int directory, const char *path)
{
    struct stat status;
    return fstatat(directory, path, &status, 0) == 0 && !is_unsafe(&status);
}

/* Mostly it is there, and a look costs no more than a mkdir(2) in vain. One
 * that comes in between is another's, or ours and the network has lost the
 * answer. */
enum error directory_make(int directory, const char *path)
{
    if (is_safe(directory, path))
        return ERROR_NONE;
    if (mkdirat(directory, path, MODE_UNSAFE) == 0)
        return secure_name(directory, path);
    if (errno != EEXIST)
        return error_from_errno(errno);
    return is_safe(directory, path) ? ERROR_NONE : secure_name(directory, path);
}

enum error directory_look(int directory, const char *path, struct stat *status)
{
    if (fstatat(directory, path, status, 0) != 0)
        return error_from_errno(errno);
    return is_unsafe(status) ? secure_name(directory, path) : ERROR_NONE;
}

enum error file_secure(int directory, const char *path)
{
    int descriptor =
        openat(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return error_from_errno(errno);
    struct stat status;
    enum error error = ERROR_NONE;
    /* Only where it must: a change of its mode would make a file that stays
     * where it is one that came a moment ago, again and again. One uploaded by
     * another account keeps the mode it has. */
    if (fstat(descriptor, &status) != 0 ||
        ((status.st_mode & MODES) != 0600 && fchmod(descriptor, 0600) != 0 &&
            errno != EPERM))
        error = error_from_errno(errno);
    if (fsync(descriptor) != 0 && error == ERROR_NONE)
        error = error_from_errno(errno);
    close(descriptor);
    return error;
}

enum error file_touch(int directory, const char *path)
{
    int descriptor = openat(directory, path,
        O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return error_from_errno(errno);
    enum error error =
        futimens(descriptor, NULL) == 0 ? ERROR_NONE : error_from_errno(errno);
    close(descriptor);
    return error;
}

static enum error set_times(
    int directory, const char *path, const struct timespec times[2])
{
    if (utimensat(directory, path, times, AT_SYMLINK_NOFOLLOW) == 0)
        return ERROR_NONE;
    return error_from_errno(errno);
}

enum error file_set_times(
    int directory, const char *path, const struct timespec times[2])
{
    enum error error = set_times(directory, path, times);
    if (error == ERROR_DENIED && file_remove(directory, path) == ERROR_NONE)
        error = ERROR_NOT_FOUND;
    if (error == ERROR_NOT_FOUND)
        error = file_touch(directory, path);
    else
        return error;
    return error == ERROR_NONE ? set_times(directory, path, times) : error;
}

/* Whether both names are of one and the same file. Where that cannot be told,
 * they are not. */
static bool is_linked(int directory, const char *one, const char *other)
{
    struct stat a;
    struct stat b;
    return fstatat(directory, one, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(directory, other, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
           file_is_same(&a, &b);
}

/* A network file system may make a link, lose the answer, and report that; or
 * ask again, and then report that the name is taken: by ourselves. */
enum error file_link(int directory, const char *from, const char *to)
{
    if (linkat(directory, from, directory, to, 0) == 0)
        return ERROR_NONE;
    enum error error = error_from_errno(errno);
    return is_linked(directory, from, to) ? ERROR_NONE : error;
}

enum error file_rename(int directory, const char *from, const char *to)
{
    if (renameat(directory, from, directory, to) == 0)
        return ERROR_NONE;
    return error_from_errno(errno);
}

/* A network file system may rename, lose the answer, ask again, and then report
 * that the file is not there; or it reports any other error. */
enum error file_rename_ours(int directory, const char *from, const char *to)
{
    enum error error = file_rename(directory, from, to);
    return error != ERROR_NONE && file_exists(directory, to) ? ERROR_NONE
                                                             : error;
}

enum error file_remove(int directory, const char *path)
{
    if (unlinkat(directory, path, 0) == 0)
        return ERROR_NONE;
    return error_from_errno(errno);
}

enum error file_look(int directory, const char *path)
{
    struct stat status;
    if (fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return ERROR_NONE;
    return error_from_errno(errno);
}

bool file_exists(int directory, const char *path)
{
    return file_look(directory, path) == ERROR_NONE;
}

bool file_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool file_is_unchanged(const struct stat *a, const struct stat *b)
{
    if (a->st_nlink == 0 || b->st_nlink == 0)
        return a->st_nlink == b->st_nlink;
    return file_is_same(a, b) && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}
