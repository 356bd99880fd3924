/* SPDX-License-Identifier: MIT */
/* System calls that name files. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

/* --- open ----------------------------------------------------------------- */

/* Of which a late error leaves nothing open. */
static int leave_open(struct visit *visit, int descriptor)
{
    int result = (int)calls_leave(visit, descriptor);
    if (result < 0 && descriptor >= 0)
        descriptor_close(descriptor);
    return result;
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    struct visit visit;
    struct node *folder;
    calls_begin(&visit, CALL_OPEN);
    calls_name(&visit, directory, path);
    visit.call.flags = flags;
    int result = calls_enter(&visit);
    if (result == 0)
        result = descriptor_folder(directory, &folder);
    if (result == 0)
        result = descriptor_open(folder, path, flags, mode, visit.call.path);
    return leave_open(&visit, result);
}

int __wrap_openat64(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) == 0 ? 0 : va_arg(arguments, mode_t);
    va_end(arguments);
    return kernel_process() == NULL
               ? __real_openat64(directory, path, flags, mode)
               : open_at(directory, path, flags, mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) == 0 ? 0 : va_arg(arguments, mode_t);
    va_end(arguments);
    return kernel_process() == NULL ? __real_open64(path, flags, mode)
                                    : open_at(AT_FDCWD, path, flags, mode);
}

/* --- Changes -------------------------------------------------------------- */

static int find(
    int directory, const char *path, bool follow, struct place *place)
{
    struct node *folder;
    int error = descriptor_folder(directory, &folder);
    return error != 0 ? error : path_find(folder, path, follow, place);
}

static int look(int directory, const char *path, int flags, struct node **node)
{
    struct node *folder;
    bool follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    int error = descriptor_folder(directory, &folder);
    return error != 0 ? error : path_look(folder, path, follow, node);
}

int __wrap_mkdirat(int directory, const char *path, mode_t mode)
{
    struct visit visit;
    struct place place;
    if (kernel_process() == NULL)
        return __real_mkdirat(directory, path, mode);
    calls_begin(&visit, CALL_MKDIR);
    calls_name(&visit, directory, path);
    int error = calls_enter(&visit);
    if (error == 0)
        error = find(directory, path, false, &place);
    if (error == 0)
        error = name_create(&place,
            S_IFDIR | (mode & 01777 & ~kernel_process()->mask), path_uid(),
            &place.node);
    return (int)calls_leave(&visit, error);
}

int __wrap_linkat(int from_directory, const char *from, int to_directory,
    const char *to, int flags)
{
    struct visit visit;
    struct node *node;
    struct place place;
    if (kernel_process() == NULL)
        return __real_linkat(from_directory, from, to_directory, to, flags);
    calls_begin(&visit, CALL_LINK);
    calls_name(&visit, from_directory, from);
    calls_target(&visit, to_directory, to);
    int error = calls_enter(&visit);
    if (error == 0)
        error = look(from_directory, from,
            (flags & AT_SYMLINK_FOLLOW) == 0 ? AT_SYMLINK_NOFOLLOW : 0, &node);
    if (error == 0)
        error = find(to_directory, to, false, &place);
    if (error == 0)
        error = name_link(node, &place);
    return (int)calls_leave(&visit, error);
}

int __wrap_renameat(
    int from_directory, const char *from, int to_directory, const char *to)
{
    struct visit visit;
    struct place source;
    struct place target;
    if (kernel_process() == NULL)
        return __real_renameat(from_directory, from, to_directory, to);
    calls_begin(&visit, CALL_RENAME);
    calls_name(&visit, from_directory, from);
    calls_target(&visit, to_directory, to);
    int error = calls_enter(&visit);
    if (error == 0)
        error = find(from_directory, from, false, &source);
    if (error == 0)
        error = find(to_directory, to, false, &target);
    if (error == 0)
        error = name_rename(&source, &target);
    return (int)calls_leave(&visit, error);
}

int __wrap_unlinkat(int directory, const char *path, int flags)
{
    struct visit visit;
    struct place place;
    if (kernel_process() == NULL)
        return __real_unlinkat(directory, path, flags);
    calls_begin(&visit, CALL_UNLINK);
    calls_name(&visit, directory, path);
    visit.call.flags = flags;
    int error = calls_enter(&visit);
    if (error == 0)
        error = find(directory, path, false, &place);
    if (error == 0)
        error = name_unlink(&place, (flags & AT_REMOVEDIR) != 0);
    return (int)calls_leave(&visit, error);
}

/* --- What a name tells ---------------------------------------------------- */

static int stat_at(
    int directory, const char *path, struct stat *status, int flags)
{
    struct visit visit;
    struct node *node;
    calls_begin(&visit, CALL_STAT);
    calls_name(&visit, directory, path);
    int error = calls_enter(&visit);
    if (error == 0)
        error = look(directory, path, flags, &node);
    if (error == 0)
        node_tell(node, status);
    return (int)calls_leave(&visit, error);
}

int __wrap_fstatat64(
    int directory, const char *path, struct stat *status, int flags)
{
    return kernel_process() == NULL
               ? __real_fstatat64(directory, path, status, flags)
               : stat_at(directory, path, status, flags);
}

/* Whether the program, by its own user, has rights to what a name names. */
int __wrap_faccessat(int directory, const char *path, int rights, int flags)
{
    struct visit visit;
    struct node *node;
    if (kernel_process() == NULL)
        return __real_faccessat(directory, path, rights, flags);
    calls_begin(&visit, CALL_STAT);
    calls_name(&visit, directory, path);
    int error = calls_enter(&visit);
    if (error == 0)
        error = look(directory, path, 0, &node);
    if (error == 0)
        error = path_may(node, (unsigned)rights); /* R_OK and so on */
    return (int)calls_leave(&visit, error);
}

int __wrap_stat64(const char *path, struct stat *status)
{
    return kernel_process() == NULL ? __real_stat64(path, status)
                                    : stat_at(AT_FDCWD, path, status, 0);
}

int __wrap_fchmodat(int directory, const char *path, mode_t mode, int flags)
{
    struct visit visit;
    struct node *node;
    if (kernel_process() == NULL)
        return __real_fchmodat(directory, path, mode, flags);
    calls_begin(&visit, CALL_CHMOD);
    calls_name(&visit, directory, path);
    visit.call.flags = (int)mode;
    int error = calls_enter(&visit);
    if (error == 0)
        error = look(directory, path, flags, &node);
    if (error == 0)
        error = name_set_mode(node, mode);
    return (int)calls_leave(&visit, error);
}

int __wrap_utimensat(
    int directory, const char *path, const struct timespec times[2], int flags)
{
    struct visit visit;
    struct node *node;
    if (kernel_process() == NULL)
        return __real_utimensat(directory, path, times, flags);
    calls_begin(&visit, CALL_UTIMES);
    calls_name(&visit, directory, path);
    int error = calls_enter(&visit);
    if (error == 0)
        error = look(directory, path, flags, &node);
    if (error == 0)
        error = name_set_times(node, times);
    return (int)calls_leave(&visit, error);
}

/* Of the program itself only. */
static int64_t read_link(const char *path, char *to, size_t size)
{
    const char *executable = kernel_process()->executable;
    if (strcmp(path, "/proc/self/exe") != 0 || executable == NULL)
        return -ENOENT;
    size_t length = strlen(executable);
    if (length > size)
        length = size;
    memcpy(to, executable, length);
    return (int64_t)length;
}

ssize_t __wrap_readlink(const char *path, char *to, size_t size)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_readlink(path, to, size);
    calls_begin(&visit, CALL_READLINK);
    calls_name(&visit, AT_FDCWD, path);
    int64_t result = calls_enter(&visit);
    if (result == 0)
        result = read_link(path, to, size);
    return (ssize_t)calls_leave(&visit, result);
}
