/* SPDX-License-Identifier: MIT */
/* System calls on open files. */
#include "calls.h"

#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>

/* A call on `descriptor` of so many bytes. */
static int64_t begin(
    struct visit *visit, enum call_kind kind, int descriptor, size_t length)
{
    calls_begin(visit, kind);
    calls_descriptor(visit, descriptor);
    visit->call.length = (int64_t)length;
    return calls_enter(visit);
}

/* The scheduler may have made it less. */
static size_t asked(const struct visit *visit)
{
    return (size_t)visit->call.length;
}

/* It is closed even where that fails. */
int __wrap_close(int descriptor)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_close(descriptor);
    int64_t failed = begin(&visit, CALL_CLOSE, descriptor, 0);
    int result = descriptor_close(descriptor);
    return (int)calls_leave(&visit, failed != 0 ? failed : result);
}

/* --- Bytes ---------------------------------------------------------------- */

ssize_t __wrap_read(int descriptor, void *to, size_t length)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_read(descriptor, to, length);
    int64_t result = begin(&visit, CALL_READ, descriptor, length);
    if (result == 0)
        result = descriptor_read(descriptor, to, asked(&visit));
    return (ssize_t)calls_leave(&visit, result);
}

ssize_t __wrap_pread64(int descriptor, void *to, size_t length, off_t offset)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_pread64(descriptor, to, length, offset);
    int64_t result = begin(&visit, CALL_PREAD, descriptor, length);
    if (result == 0)
        result = descriptor_pread(descriptor, to, asked(&visit), offset);
    return (ssize_t)calls_leave(&visit, result);
}

/* Who does not ignore the signal of a file that is too large dies of it. */
static int64_t leave_write(struct visit *visit, int64_t result)
{
    if (result == -EFBIG && !kernel_process()->ignores_size)
        scheduler_exit("SIGXFSZ");
    return calls_leave(visit, result);
}

ssize_t __wrap_write(int descriptor, const void *from, size_t length)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_write(descriptor, from, length);
    int64_t result = begin(&visit, CALL_WRITE, descriptor, length);
    if (result == 0)
        result = descriptor_write(descriptor, from, asked(&visit));
    return (ssize_t)leave_write(&visit, result);
}

ssize_t __wrap_pwrite64(
    int descriptor, const void *from, size_t length, off_t offset)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_pwrite64(descriptor, from, length, offset);
    int64_t result = begin(&visit, CALL_PWRITE, descriptor, length);
    if (result == 0)
        result = descriptor_pwrite(descriptor, from, asked(&visit), offset);
    return (ssize_t)leave_write(&visit, result);
}

/* --- What an open file tells, and what is changed of it ------------------- */

/* NULL, and *error is set, unless the call is to be carried out on a node. */
static struct node *node_of(int descriptor, int64_t *error)
{
    if (*error != 0)
        return NULL;
    const struct file *file = descriptor_file(descriptor);
    if (file == NULL || file->node == NULL)
        *error = file == NULL ? -EBADF : -EINVAL;
    return file == NULL ? NULL : file->node;
}

int __wrap_fstat64(int descriptor, struct stat *status)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_fstat64(descriptor, status);
    int64_t error = begin(&visit, CALL_FSTAT, descriptor, 0);
    struct node *node = node_of(descriptor, &error);
    if (node != NULL)
        node_tell(node, status);
    return (int)calls_leave(&visit, error);
}

int __wrap_fsync(int descriptor)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_fsync(descriptor);
    int64_t error = begin(&visit, CALL_FSYNC, descriptor, 0);
    struct node *node = node_of(descriptor, &error);
    if (node != NULL)
        disk_sync(node);
    return (int)calls_leave(&visit, error);
}

int __wrap_fchmod(int descriptor, mode_t mode)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_fchmod(descriptor, mode);
    int64_t error = begin(&visit, CALL_CHMOD, descriptor, 0);
    struct node *node = node_of(descriptor, &error);
    if (node != NULL)
        error = name_set_mode(node, mode);
    return (int)calls_leave(&visit, error);
}

int __wrap_futimens(int descriptor, const struct timespec times[2])
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_futimens(descriptor, times);
    int64_t error = begin(&visit, CALL_UTIMES, descriptor, 0);
    struct node *node = node_of(descriptor, &error);
    if (node != NULL)
        error = name_set_times(node, times);
    return (int)calls_leave(&visit, error);
}

/* As much as there is, or what kernel_space has left. */
static void fill_statvfs(struct statvfs *status)
{
    const fsblkcnt_t total = 1u << 28;
    int64_t bytes = world->bytes_left;
    int64_t inodes = world->inodes_left;
    *status = (struct statvfs){.f_bsize = 4096,
        .f_frsize = 4096,
        .f_blocks = total,
        .f_files = total,
        .f_namemax = NAME_MAX};
    status->f_bfree = bytes < 0 ? total / 2 : (fsblkcnt_t)bytes / 4096;
    status->f_bavail = status->f_bfree;
    status->f_ffree = inodes < 0 ? total / 2 : (fsfilcnt_t)inodes;
    status->f_favail = status->f_ffree;
}

int __wrap_fstatvfs64(int descriptor, struct statvfs *status)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_fstatvfs64(descriptor, status);
    int64_t error = begin(&visit, CALL_STATVFS, descriptor, 0);
    if (node_of(descriptor, &error) != NULL)
        fill_statvfs(status);
    return (int)calls_leave(&visit, error);
}

/* Where a network is between, there may be other machines. */
int __wrap_fstatfs64(int descriptor, struct statfs *status)
{
    static const int nfs = 0x6969;
    static const int ext4 = 0xef53;
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_fstatfs64(descriptor, status);
    int64_t error = begin(&visit, CALL_STATVFS, descriptor, 0);
    if (node_of(descriptor, &error) != NULL)
        *status =
            (struct statfs){.f_type = kernel_profile()->network ? nfs : ext4};
    return (int)calls_leave(&visit, error);
}

/* --- Locks ---------------------------------------------------------------- */

struct claim {
    const struct node *node;
    const struct tasklet *process;
};

static bool is_to_be_had(void *context)
{
    const struct claim *claim = context;
    return lock_is_free(claim->node, claim->process);
}

static int64_t take_lock(struct node *node, bool wait)
{
    struct claim claim = {node, kernel_process()};
    int error = lock_try(node, wait);
    while (wait && error == -EAGAIN) {
        scheduler_wait_until(is_to_be_had, &claim, -1);
        error = lock_try(node, wait);
    }
    return error;
}

static int set_lock(int descriptor, int command, const struct flock *lock)
{
    struct visit visit;
    calls_begin(&visit, CALL_LOCK);
    calls_descriptor(&visit, descriptor);
    visit.call.flags = command;
    int64_t error = calls_enter(&visit);
    struct node *node = node_of(descriptor, &error);
    /* Of what else fcntl can do nothing is needed, and nothing is here. */
    if ((command != F_SETLK && command != F_SETLKW) ||
        lock->l_type != F_WRLCK || lock->l_start != 0 || lock->l_len != 0)
        abort();
    if (node != NULL)
        error = take_lock(node, command == F_SETLKW);
    return (int)calls_leave(&visit, error);
}

int __wrap_fcntl64(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return kernel_process() == NULL
               ? __real_fcntl64(descriptor, command, argument)
               : set_lock(descriptor, command, argument);
}

/* --- Folders -------------------------------------------------------------- */

static struct listing *listing_of(DIR *directory)
{
    void *listing = directory;
    return listing;
}

DIR *__wrap_fdopendir(int descriptor)
{
    if (kernel_process() == NULL)
        return __real_fdopendir(descriptor);
    void *directory = listing_open(descriptor);
    if (directory == NULL)
        errno = ENOTDIR;
    return directory;
}

struct dirent *__wrap_readdir64(DIR *directory)
{
    struct visit visit;
    struct listing *listing = listing_of(directory);
    if (kernel_process() == NULL)
        return __real_readdir64(directory);
    struct dirent *entry = listing_next(listing);
    if (entry != NULL)
        return entry;
    int64_t result =
        begin(&visit, CALL_READDIR, listing_descriptor(listing), 0);
    if (result == 0)
        result = listing_read(listing);
    return calls_leave(&visit, result) <= 0 ? NULL : listing_next(listing);
}

int __wrap_closedir(DIR *directory)
{
    return kernel_process() == NULL
               ? __real_closedir(directory)
               : __wrap_close(listing_descriptor(listing_of(directory)));
}

/* These ask the kernel for nothing: a position is what readdir(3) has told, and
 * the next call of that begins there. */
long __wrap_telldir(DIR *directory)
{
    return kernel_process() == NULL ? __real_telldir(directory)
                                    : (long)listing_tell(listing_of(directory));
}

void __wrap_seekdir(DIR *directory, long position)
{
    if (kernel_process() == NULL)
        __real_seekdir(directory, position);
    else
        listing_seek(listing_of(directory), position);
}
