/* SPDX-License-Identifier: MIT */
/* The system calls that the library makes, as the linker wraps them. */
#ifndef CALLS_H
#define CALLS_H

#include "world.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>

/* --- How each of them goes (calls.c) -------------------------------------- */

/* A call on its way. What it names is filled in before calls_enter. */
struct visit {
    int before; /* errno as it came; a success leaves it alone */
    struct call call;
};

void calls_begin(struct visit *visit, enum call_kind kind);
void calls_name(struct visit *visit, int directory, const char *path);
void calls_target(struct visit *visit, int directory, const char *path);
void calls_descriptor(struct visit *visit, int descriptor);

/* 0: the call is to be carried out. Else a negative errno: it is not, and this
 * goes to calls_leave. */
int calls_enter(struct visit *visit);

/* `result` is what the call returns, or a negative errno. Sets errno. */
int64_t calls_leave(struct visit *visit, int64_t result);

/* --- Names ---------------------------------------------------------------- */

typedef void (*signal_handler)(int signal);

int __real_open64(const char *path, int flags, ...);
int __real_openat64(int directory, const char *path, int flags, ...);
int __real_mkdirat(int directory, const char *path, mode_t mode);
int __real_linkat(int from_directory, const char *from, int to_directory,
    const char *to, int flags);
int __real_renameat(
    int from_directory, const char *from, int to_directory, const char *to);
int __real_unlinkat(int directory, const char *path, int flags);
int __real_stat64(const char *path, struct stat *status);
int __real_faccessat(int directory, const char *path, int rights, int flags);
int __real_fstatat64(
    int directory, const char *path, struct stat *status, int flags);
int __real_fchmodat(int directory, const char *path, mode_t mode, int flags);
int __real_utimensat(
    int directory, const char *path, const struct timespec times[2], int flags);
ssize_t __real_readlink(const char *path, char *to, size_t size);

int __wrap_open64(const char *path, int flags, ...);
int __wrap_openat64(int directory, const char *path, int flags, ...);
int __wrap_mkdirat(int directory, const char *path, mode_t mode);
int __wrap_linkat(int from_directory, const char *from, int to_directory,
    const char *to, int flags);
int __wrap_renameat(
    int from_directory, const char *from, int to_directory, const char *to);
int __wrap_unlinkat(int directory, const char *path, int flags);
int __wrap_stat64(const char *path, struct stat *status);
int __wrap_faccessat(int directory, const char *path, int rights, int flags);
int __wrap_fstatat64(
    int directory, const char *path, struct stat *status, int flags);
int __wrap_fchmodat(int directory, const char *path, mode_t mode, int flags);
int __wrap_utimensat(
    int directory, const char *path, const struct timespec times[2], int flags);
ssize_t __wrap_readlink(const char *path, char *to, size_t size);

/* --- Open files ----------------------------------------------------------- */

int __real_close(int descriptor);
ssize_t __real_read(int descriptor, void *to, size_t length);
ssize_t __real_write(int descriptor, const void *from, size_t length);
ssize_t __real_pread64(int descriptor, void *to, size_t length, off_t offset);
ssize_t __real_pwrite64(
    int descriptor, const void *from, size_t length, off_t offset);
int __real_fstat64(int descriptor, struct stat *status);
int __real_fstatvfs64(int descriptor, struct statvfs *status);
int __real_fstatfs64(int descriptor, struct statfs *status);
int __real_fsync(int descriptor);
int __real_fchmod(int descriptor, mode_t mode);
int __real_futimens(int descriptor, const struct timespec times[2]);
int __real_fcntl64(int descriptor, int command, ...);
DIR *__real_fdopendir(int descriptor);
struct dirent *__real_readdir64(DIR *directory);
int __real_closedir(DIR *directory);
long __real_telldir(DIR *directory);
void __real_seekdir(DIR *directory, long position);

int __wrap_close(int descriptor);
ssize_t __wrap_read(int descriptor, void *to, size_t length);
ssize_t __wrap_write(int descriptor, const void *from, size_t length);
ssize_t __wrap_pread64(int descriptor, void *to, size_t length, off_t offset);
ssize_t __wrap_pwrite64(
    int descriptor, const void *from, size_t length, off_t offset);
int __wrap_fstat64(int descriptor, struct stat *status);
int __wrap_fstatvfs64(int descriptor, struct statvfs *status);
int __wrap_fstatfs64(int descriptor, struct statfs *status);
int __wrap_fsync(int descriptor);
int __wrap_fchmod(int descriptor, mode_t mode);
int __wrap_futimens(int descriptor, const struct timespec times[2]);
int __wrap_fcntl64(int descriptor, int command, ...);
DIR *__wrap_fdopendir(int descriptor);
struct dirent *__wrap_readdir64(DIR *directory);
int __wrap_closedir(DIR *directory);
long __wrap_telldir(DIR *directory);
void __wrap_seekdir(DIR *directory, long position);

/* --- Time, waiting, the process itself ------------------------------------ */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
time_t __real_time(time_t *now);
long __real_syscall(long number, ...);
int __real_nanosleep(const struct timespec *time, struct timespec *rest);
int __real_poll(struct pollfd *files, nfds_t count, int timeout);
int __real_inotify_init1(int flags);
int __real_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
unsigned __real_alarm(unsigned seconds);
pid_t __real_getpid(void);
uid_t __real_geteuid(void);
pid_t __real_fork(void);
pid_t __real_setsid(void);
mode_t __real_umask(mode_t mask);
signal_handler __real___sysv_signal(int number, signal_handler handler);
ssize_t __real_getrandom(void *to, size_t length, unsigned flags);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
time_t __wrap_time(time_t *now);
long __wrap_syscall(long number, ...);
int __wrap_nanosleep(const struct timespec *time, struct timespec *rest);
int __wrap_poll(struct pollfd *files, nfds_t count, int timeout);
int __wrap_inotify_init1(int flags);
int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask);
unsigned __wrap_alarm(unsigned seconds);
pid_t __wrap_getpid(void);
uid_t __wrap_geteuid(void);
pid_t __wrap_fork(void);
pid_t __wrap_setsid(void);
mode_t __wrap_umask(mode_t mask);
signal_handler __wrap___sysv_signal(int number, signal_handler handler);
ssize_t __wrap_getrandom(void *to, size_t length, unsigned flags);

#endif
