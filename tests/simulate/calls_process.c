/* SPDX-License-Identifier: MIT */
/* System calls about time, waiting, and the process itself. Those that nobody
 * else can notice are no step of a schedule. */
#include "calls.h"

#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static const int64_t second = 1000000000;
static const int64_t millisecond = 1000000;

/* --- Clocks --------------------------------------------------------------- */

static int read_clock(clockid_t clock, struct timespec *now)
{
    kernel_pass(50 + draw_below(&world->draw, 2000));
    int64_t time = clock == CLOCK_REALTIME ? world->realtime : world->monotonic;
    now->tv_sec = time / second;
    now->tv_nsec = (long)(time % second);
    return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    return kernel_process() == NULL ? __real_clock_gettime(clock, now)
                                    : read_clock(clock, now);
}

long __wrap_syscall(long number, ...)
{
    va_list arguments;
    va_start(arguments, number);
    clockid_t clock = va_arg(arguments, clockid_t);
    struct timespec *now = va_arg(arguments, struct timespec *);
    va_end(arguments);
    if (number != SYS_clock_gettime)
        abort(); /* nothing else is needed */
    return __wrap_clock_gettime(clock, now);
}

time_t __wrap_time(time_t *now)
{
    struct timespec time;
    if (kernel_process() == NULL)
        return __real_time(now);
    read_clock(CLOCK_REALTIME, &time);
    if (now != NULL)
        *now = time.tv_sec;
    return time.tv_sec;
}

/* --- Waiting -------------------------------------------------------------- */

static bool never(void *context)
{
    (void)context;
    return false;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *rest)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_nanosleep(time, rest);
    calls_begin(&visit, CALL_SLEEP);
    visit.call.length = (time->tv_sec * second) + time->tv_nsec;
    int64_t asked = visit.call.length;
    int error = calls_enter(&visit);
    if (error == 0)
        scheduler_wait_until(never, NULL, world->monotonic + asked);
    else if (rest != NULL)
        *rest = *time;
    return (int)calls_leave(&visit, error);
}

struct watched {
    struct tasklet *process;
    struct pollfd *files;
    nfds_t count;
};

static short events_of(const struct tasklet *process, const struct pollfd *poll)
{
    if (poll->fd < 0)
        return 0;
    const struct file *file =
        poll->fd < FILES_MAX ? process->files[poll->fd] : NULL;
    if (file == NULL)
        return POLLNVAL;
    if (file->kind == FILE_NOTIFIER && !notifier_is_ready(file->notifier))
        return 0;
    return (short)(poll->events & (POLLIN | POLLOUT));
}

static bool is_ready(void *context)
{
    const struct watched *watched = context;
    for (nfds_t i = 0; i < watched->count; i++) {
        if (events_of(watched->process, &watched->files[i]) != 0)
            return true;
    }
    return false;
}

static int64_t count_ready(const struct watched *watched)
{
    int64_t ready = 0;
    for (nfds_t i = 0; i < watched->count; i++) {
        struct pollfd *file = &watched->files[i];
        file->revents = events_of(watched->process, file);
        if (file->revents != 0)
            ready++;
    }
    return ready;
}

static int64_t wait_for(struct watched *watched, int timeout)
{
    int64_t until =
        timeout < 0 ? -1 : world->monotonic + (timeout * millisecond);
    if (timeout != 0 && !is_ready(watched))
        scheduler_wait_until(is_ready, watched, until);
    return count_ready(watched);
}

int __wrap_poll(struct pollfd *files, nfds_t count, int timeout)
{
    struct visit visit;
    struct watched watched = {kernel_process(), files, count};
    if (watched.process == NULL)
        return __real_poll(files, count, timeout);
    calls_begin(&visit, CALL_POLL);
    if (count > 0 && files[0].fd >= 0)
        calls_descriptor(&visit, files[0].fd);
    visit.call.length = timeout * millisecond;
    int64_t result = calls_enter(&visit);
    if (result == 0)
        result = wait_for(&watched, timeout);
    return (int)calls_leave(&visit, result);
}

/* --- inotify -------------------------------------------------------------- */

int __wrap_inotify_init1(int flags)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_inotify_init1(flags);
    calls_begin(&visit, CALL_INOTIFY_INIT);
    int result = calls_enter(&visit);
    if (result == 0)
        result = descriptor_notifier();
    return (int)calls_leave(&visit, result);
}

static int add_watch(int descriptor, const char *path, uint32_t mask)
{
    struct node *node;
    struct file *file = descriptor_file(descriptor);
    if (file == NULL || file->kind != FILE_NOTIFIER)
        return file == NULL ? -EBADF : -EINVAL;
    int error = path_look(world->root, path, true, &node);
    return error != 0 ? error : notifier_watch(file->notifier, node, mask);
}

int __wrap_inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_inotify_add_watch(descriptor, path, mask);
    calls_begin(&visit, CALL_INOTIFY_WATCH);
    calls_name(&visit, AT_FDCWD, path);
    visit.call.descriptor = descriptor;
    int result = calls_enter(&visit);
    if (result == 0)
        result = add_watch(descriptor, path, mask);
    return (int)calls_leave(&visit, result);
}

/* --- The process ---------------------------------------------------------- */

unsigned __wrap_alarm(unsigned seconds)
{
    if (kernel_process() == NULL)
        return __real_alarm(seconds);
    scheduler_alarm(seconds);
    return 0; /* of one before nobody asks */
}

uid_t __wrap_geteuid(void)
{
    return kernel_process() == NULL ? __real_geteuid()
                                    : (uid_t)kernel_process()->uid;
}

pid_t __wrap_getpid(void)
{
    return kernel_process() == NULL ? __real_getpid()
                                    : kernel_process()->number;
}

/* The parent's side alone. The child is there once the caller has it begun
 * (programs.c); elsewhere it does nothing, and is over at once. */
pid_t __wrap_fork(void)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_fork();
    calls_begin(&visit, CALL_FORK);
    int64_t result = calls_enter(&visit);
    if (result == 0)
        result = world->processes_begun + 1;
    return (pid_t)calls_leave(&visit, result);
}

pid_t __wrap_setsid(void)
{
    return kernel_process() == NULL ? __real_setsid()
                                    : kernel_process()->number;
}

mode_t __wrap_umask(mode_t mask)
{
    struct tasklet *process = kernel_process();
    if (process == NULL)
        return __real_umask(mask);
    mode_t before = process->mask;
    process->mask = mask & 0777;
    return before;
}

/* Of those that the library sets only this one makes a difference here: writing
 * to a pipe that nobody reads fails in any case. */
signal_handler __wrap___sysv_signal(int number, signal_handler handler)
{
    struct tasklet *process = kernel_process();
    if (process == NULL)
        return __real___sysv_signal(number, handler);
    if (number == SIGXFSZ)
        process->ignores_size = handler != SIG_DFL;
    return SIG_DFL;
}

static void draw_bytes(char *to, size_t length)
{
    for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
        uint64_t bits = draw_bits(&world->draw);
        size_t rest = length - i < sizeof bits ? length - i : sizeof bits;
        memcpy(to + i, &bits, rest);
    }
}

ssize_t __wrap_getrandom(void *to, size_t length, unsigned flags)
{
    struct visit visit;
    if (kernel_process() == NULL)
        return __real_getrandom(to, length, flags);
    calls_begin(&visit, CALL_RANDOM);
    int64_t result = calls_enter(&visit);
    if (result == 0) {
        draw_bytes(to, length);
        result = (int64_t)length;
    }
    return (ssize_t)calls_leave(&visit, result);
}
