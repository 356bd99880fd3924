/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include "buffer.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>

enum {
    MOST = 400 /* calls of one kind in a piece of work */
};

static enum fault_call failing;
static unsigned left; /* calls up to the one that fails; 0: none does */
static int failing_number;
static bool has_failed;
static bool is_late; /* what fails is done all the same */
static bool is_lasting;
static fault_work *other_work; /* instead of a failure; NULL: none */
static void *other_context;

static enum fault_call watched;
static fault_meanwhile *meanwhile; /* NULL: none is watched */
static void *meanwhile_context;

void fault_set(enum fault_call call, unsigned which, int number)
{
    failing = call;
    left = which;
    failing_number = number;
    has_failed = false;
    is_late = false;
    is_lasting = call == FAULT_ALL;
    other_work = NULL;
}

void fault_set_lasting(enum fault_call call, unsigned which, int number)
{
    fault_set(call, which, number);
    is_lasting = true;
}

void fault_set_late(enum fault_call call, unsigned which, int number)
{
    fault_set(call, which, number);
    is_late = true;
}

void fault_meet(
    enum fault_call call, unsigned which, fault_work *work, void *context)
{
    fault_set(call, which, 0);
    is_lasting = false;
    other_work = work;
    other_context = context;
}

void fault_set_meanwhile(
    enum fault_call call, fault_meanwhile *function, void *context)
{
    watched = call;
    meanwhile = function;
    meanwhile_context = context;
}

bool fault_clear(void)
{
    left = 0;
    return has_failed;
}

/* Lets others act where they are to. */
static void let_others(enum fault_call call)
{
    fault_meanwhile *function = meanwhile;
    if (function == NULL || (call != watched && watched != FAULT_ALL))
        return;
    unsigned saved = left;
    meanwhile = NULL;
    left = 0;
    function(meanwhile_context);
    left = saved;
    meanwhile = function;
}

/* Whether the others, whose turn it is, have set what is to fail. */
static bool has_set_fault(void)
{
    other_work(other_context);
    return other_work == NULL;
}

static bool is_noting;

/* Whether this is a call that fails. Those of the notes themselves never do,
 * nor does anybody come in between: that would be noted, too. */
static bool fails(enum fault_call call)
{
    if (is_noting)
        return false;
    let_others(call);
    if (left == 0 || (call != failing && failing != FAULT_ALL))
        return false;
    if (left > 1) {
        left--;
        return false;
    }
    if (!is_lasting)
        left = 0;
    has_failed = true;
    if (other_work != NULL)
        return has_set_fault() && fails(call);
    errno = failing_number;
    return true;
}

static int failure(void)
{
    errno = failing_number;
    return failing_number == 0 ? 0 : -1;
}

static struct buffer *steps; /* NULL: nobody wants to know */

void fault_watch(struct buffer *out)
{
    steps = out;
}

static const char *from_spool(const char *path)
{
    const char *found = strstr(path, "/spool/");
    return found == NULL ? path : found + strlen("/spool/");
}

/* `target`: the second path, or NULL. */
static void note(const char *verb, const char *path, const char *target)
{
    char line[1000];
    if (steps == NULL)
        return;
    int length = snprintf(line, sizeof line, "%s %s%s%s\n", verb,
        from_spool(path), target == NULL ? "" : " ",
        target == NULL ? "" : from_spool(target));
    size_t size = (size_t)length;
    is_noting = true;
    if (steps->length < size ||
        memcmp(steps->data + steps->length - size, line, size) != 0)
        buffer_append_text(steps, line);
    is_noting = false;
}

ssize_t __real_readlink(const char *path, char *out, size_t size);

static void note_descriptor(const char *verb, int descriptor)
{
    char path[60];
    char name[600] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    if (steps != NULL && __real_readlink(path, name, sizeof name - 1) > 0)
        note(verb, name, NULL);
}

/* What says how a task ended is left out: who asks whether it has looks at
 * both names. */
static void note_look(const char *path)
{
    static const char *const endings[] = {
        ".completed.json", ".failed.json", ".json", ".cancel", ".verdict"};
    char name[600];
    snprintf(name, sizeof name, "%s", path);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char *ending = strstr(name, endings[i]);
        if (ending == NULL)
            continue;
        if (i < 2)
            *ending = '\0';
        note("look", name, NULL);
        return;
    }
}

/* The linker hands the calls of lib/ to __wrap_NAME, and to us NAME as
 * __real_NAME. */
#define WRAPPED(call, type, failed, name, parameters, arguments)               \
    type __real_##name parameters;                                             \
    type __wrap_##name parameters;                                             \
    type __wrap_##name parameters                                              \
    {                                                                          \
        return fails(call) ? (failed) : __real_##name arguments;               \
    }
#define WRAPPED_INTEGER(call, type, name, parameters, arguments)               \
    type __real_##name parameters;                                             \
    type __wrap_##name parameters;                                             \
    type __wrap_##name parameters                                              \
    {                                                                          \
        bool failed = fails(call);                                             \
        if (failed && !is_late)                                                \
            return failure();                                                  \
        type result = __real_##name arguments;                                 \
        return failed && result >= 0 ? failure() : result;                     \
    }
/* `noted` is done once the call has been. */
#define WRAPPED_STEP(call, name, parameters, arguments, noted)                 \
    int __real_##name parameters;                                              \
    int __wrap_##name parameters;                                              \
    int __wrap_##name parameters                                               \
    {                                                                          \
        bool failed = fails(call);                                             \
        if (failed && !is_late)                                                \
            return failure();                                                  \
        int result = __real_##name arguments;                                  \
        if (result >= 0)                                                       \
            (noted);                                                           \
        return failed && result >= 0 ? failure() : result;                     \
    }

WRAPPED(FAULT_MEMORY, void *, NULL, malloc, (size_t size), (size))
WRAPPED(FAULT_MEMORY, void *, NULL, calloc, (size_t count, size_t size),
    (count, size))
WRAPPED(FAULT_MEMORY, void *, NULL, realloc, (void *memory, size_t size),
    (memory, size))
WRAPPED(FAULT_MEMORY, char *, NULL, strdup, (const char *text), (text))
WRAPPED(FAULT_MEMORY, DIR *, NULL, fdopendir, (int descriptor),
    ((note_descriptor("list", descriptor), descriptor)))
WRAPPED_STEP(FAULT_OPEN, openat64,
    (int folder, const char *path, int flags, mode_t mode),
    (folder, path, flags, mode),
    (flags & O_EXCL) == 0 ? (void)0 : note("make", path, NULL))
WRAPPED_INTEGER(FAULT_READ, ssize_t, read,
    (int descriptor, void *bytes, size_t length), (descriptor, bytes, length))
WRAPPED_INTEGER(FAULT_READ, ssize_t, pread64,
    (int descriptor, void *bytes, size_t length, off_t offset),
    (descriptor, bytes, length, offset))
WRAPPED_INTEGER(FAULT_WRITE, ssize_t, write,
    (int descriptor, const void *bytes, size_t length),
    (descriptor, bytes, length))
WRAPPED_INTEGER(FAULT_WRITE, ssize_t, pwrite64,
    (int descriptor, const void *bytes, size_t length, off_t offset),
    (descriptor, bytes, length, offset))
WRAPPED_STEP(FAULT_SYNC, fsync, (int descriptor), (descriptor),
    note_descriptor("fsync", descriptor))
WRAPPED_INTEGER(FAULT_STATUS, int, fstat64,
    (int descriptor, struct stat *status), (descriptor, status))
WRAPPED_INTEGER(FAULT_STATUS, int, fstatat64,
    (int folder, const char *path, struct stat *status, int flags),
    (folder, path, (note_look(path), status), flags))
WRAPPED_INTEGER(FAULT_STATUS, int, fstatvfs64,
    (int descriptor, struct statvfs *status), (descriptor, status))

static bool is_shared;

void fault_share(bool shared)
{
    is_shared = shared;
}

static int set_kind(struct statfs *status)
{
    static const int nfs = 0x6969;
    static const int tmpfs = 0x01021994;
    status->f_type = is_shared ? nfs : tmpfs;
    return 0;
}

/* Asked of a file system of any kind. */
WRAPPED_INTEGER(FAULT_STATUS, int, fstatfs64,
    (int descriptor, struct statfs *status),
    (descriptor, status) == 0 ? set_kind(status) : -1)
WRAPPED_INTEGER(
    FAULT_MODE, int, fchmod, (int descriptor, mode_t mode), (descriptor, mode))
WRAPPED_INTEGER(FAULT_MODE, int, fchmodat,
    (int folder, const char *path, mode_t mode, int flags),
    (folder, path, mode, flags))
WRAPPED_INTEGER(FAULT_TIMES, int, futimens,
    (int descriptor, const struct timespec times[2]), (descriptor, times))
WRAPPED_STEP(FAULT_TIMES, utimensat,
    (int folder, const char *path, const struct timespec times[2], int flags),
    (folder, path, times, flags),
    strncmp(path, "index/", 6) == 0 ? (void)0 : note("touch", path, NULL))
WRAPPED_STEP(FAULT_NAMES, renameat,
    (int from_folder, const char *from, int to_folder, const char *to),
    (from_folder, from, to_folder, to), note("rename", from, to))
WRAPPED_STEP(FAULT_NAMES, unlinkat, (int folder, const char *path, int flags),
    (folder, path, flags), note("remove", path, NULL))
WRAPPED_STEP(FAULT_NAMES, mkdirat, (int folder, const char *path, mode_t mode),
    (folder, path, mode), note("make", path, NULL))
WRAPPED_INTEGER(FAULT_ACCESS, int, faccessat,
    (int folder, const char *path, int mode, int flags),
    (folder, path, mode, flags))
WRAPPED_STEP(FAULT_LOCK, fcntl64,
    (int descriptor, int command, struct flock *lock),
    (descriptor, command, lock), note_descriptor("lock", descriptor))
WRAPPED_INTEGER(FAULT_RANDOM, ssize_t, getrandom,
    (void *bytes, size_t length, unsigned flags), (bytes, length, flags))
WRAPPED_INTEGER(FAULT_LINK, ssize_t, readlink,
    (const char *path, char *out, size_t size), (path, out, size))

static int64_t clock_ahead;

void fault_set_clock(int64_t seconds)
{
    clock_ahead = seconds;
}

long __real_syscall(long number, clockid_t clock, struct timespec *time);
long __wrap_syscall(long number, clockid_t clock, struct timespec *time);

/* SYS_clock_gettime: lib/ makes no other call in this way. */
long __wrap_syscall(long number, clockid_t clock, struct timespec *time)
{
    long result = __real_syscall(number, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME)
        time->tv_sec += (time_t)clock_ahead;
    return result;
}

int __real_linkat(int from_folder, const char *from, int to_folder,
    const char *to, int flags);
int __wrap_linkat(int from_folder, const char *from, int to_folder,
    const char *to, int flags);

/* That a name was there, or was not, is a step, too. */
int __wrap_linkat(
    int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    bool failed = fails(FAULT_NAMES);
    if (failed && !is_late)
        return failure();
    int result = __real_linkat(from_folder, from, to_folder, to, flags);
    int number = errno;
    note(result == 0 ? "link" : "cannot link", from, to);
    errno = number;
    return failed && result >= 0 ? failure() : result;
}

int __real_close(int descriptor);
int __wrap_close(int descriptor);

/* After EINTR and EIO the descriptor is closed, on Linux. */
int __wrap_close(int descriptor)
{
    int result = __real_close(descriptor);
    return fails(FAULT_CLOSE) ? failure() : result;
}

int fault_lowest_free(void)
{
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    __real_close(descriptor);
    return descriptor;
}

struct buffer fault_take_pool(void)
{
    struct buffer pool = BUFFER_EMPTY;
    fault_set(FAULT_MEMORY, 0, 0);
    buffer_reserve(&pool, 16383);
    return pool;
}

unsigned fault_each_call(fault_work *work, void *context, enum fault_call call,
    int number, enum error *results, unsigned most)
{
    for (unsigned which = 1;; which++) {
        int before = fault_lowest_free();
        struct buffer pool = fault_take_pool();
        assert_true(which <= MOST);
        fault_set(call, which, number);
        enum error error = work(context);
        bool has_come = fault_clear();
        buffer_free(&pool);
        if (!has_come) {
            assert_int_equal(error, ERROR_NONE);
            return which - 1;
        }
        assert_int_equal(fault_lowest_free(), before);
        assert_int_equal(work(context), ERROR_NONE);
        if (which <= most)
            results[which - 1] = error;
    }
}

/* Calls whose failure nobody may pass over. */
static bool matters(enum fault_call call)
{
    return call == FAULT_READ || call == FAULT_WRITE || call == FAULT_SYNC ||
           call == FAULT_MEMORY || call == FAULT_RANDOM;
}

void fault_each(const char *name, fault_work *work, void *context)
{
    static enum error results[MOST];
    print_message("# %s\n", name);
    assert_int_equal(work(context), ERROR_NONE);
    for (int i = 0; i < FAULT_CALLS; i++) {
        enum fault_call call = (enum fault_call)i;
        int number = call == FAULT_MEMORY ? ENOMEM : EIO;
        unsigned count =
            fault_each_call(work, context, call, number, results, MOST);
        for (unsigned at = 0; at < count; at++) {
            if (matters(call) && results[at] == ERROR_NONE)
                fail_msg("%s: call %u of kind %d failed, and nobody was told",
                    name, at + 1, i);
        }
        if (call != FAULT_ALL) /* which would interrupt it for ever */
            fault_each_call(work, context, call, EINTR, results, 0);
    }
}
