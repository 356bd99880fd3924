/* SPDX-License-Identifier: MIT */
/*
 * Makes this machine slow at starting programs, while a command runs:
 *
 *     build/slow MS COMMAND [ARG...]
 *
 * Some machines take ten times as long as others for a fork, an exec and the
 * first touch of a program's pages. Here each exec on this file system burns MS
 * milliseconds of processor time, and as much again for each MiB of the
 * program's file, up to nine; a dynamic program does so twice, since its loader
 * is opened likewise. Needs root; see fanotify(7), FAN_OPEN_EXEC_PERM.
 *
 * Exit status: the command's, 100 wrong usage, 111 it cannot be done here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fanotify.h> /* FAN_… */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    WORKERS = 32
};

static const double mib = 1 << 20;
static const double mib_max = 9;

static int events;
static double unit; /* ms */

static double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return ((double)now.tv_sec * 1e3) + ((double)now.tv_nsec / 1e6);
}

static double price(int program)
{
    struct stat status;
    double size = 0;
    if (fstat(program, &status) == 0) {
        size = (double)status.st_size / mib;
    }
    return unit * (1 + (size < mib_max ? size : mib_max));
}

/* Burns what a program costs, and then lets it start. */
static void admit(int program)
{
    double end = processor_time() + price(program);
    while (processor_time() < end) {
    }
    struct fanotify_response answer = {.fd = program, .response = FAN_ALLOW};
    if (write(events, &answer, sizeof(answer)) != sizeof(answer)) {
        perror("slow: cannot answer");
    }
    close(program);
}

static void *work(void *unused)
{
    struct fanotify_event_metadata event;
    for (;;) {
        ssize_t length = read(events, &event, sizeof(event));
        if (length == sizeof(event)) {
            admit(event.fd);
        } else if (length >= 0 || errno != EINTR) {
            return unused;
        }
    }
}

static int open_events(void)
{
    events = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
    if (events == -1) {
        return -1;
    }
    return fanotify_mark(events, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
        FAN_OPEN_EXEC_PERM, AT_FDCWD, "/");
}

static int run(char **command)
{
    pid_t process = fork();
    if (process == 0) {
        execvp(command[0], command);
        perror(command[0]);
        _exit(111);
    }
    int status = 0;
    if (process == -1 || waitpid(process, &status, 0) != process) {
        perror("slow");
        return 111;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    unit = argc < 3 ? 0 : strtod(argv[1], NULL);
    if (unit <= 0) {
        fputs("usage: slow MS COMMAND [ARG...]\n", stderr);
        return 100;
    }
    if (open_events() == -1) {
        perror("slow: no exec can be held up here");
        return 111;
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_t worker;
        if (pthread_create(&worker, NULL, work, NULL) != 0) {
            fputs("slow: cannot make a thread\n", stderr);
            return 111;
        }
    }
    return run(argv + 2);
}
