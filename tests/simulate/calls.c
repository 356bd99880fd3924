/* SPDX-License-Identifier: MIT */
/* How a system call goes: the scheduler is asked, time passes, it is carried
 * out, and the scheduler learns what came of it. */
#include "calls.h"

#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum {
    CALL_TIME = 20000,   /* ns, at the most */
    SYNC_TIME = 8000000, /* a flush of the disk */
    SYNC_LEAST = 100000
};

void calls_begin(struct visit *visit, enum call_kind kind)
{
    visit->before = errno;
    visit->call.kind = kind;
    visit->call.path[0] = '\0';
    visit->call.target[0] = '\0';
    visit->call.descriptor = -1;
    visit->call.length = 0;
    visit->call.flags = 0;
    visit->call.result = 0;
    visit->call.error = 0;
    visit->call.late = false;
}

static size_t append(char *to, size_t at, const char *text)
{
    size_t length = strlen(text);
    if (length >= CALL_PATH_MAX - at)
        length = CALL_PATH_MAX - at - 1;
    memcpy(to + at, text, length);
    to[at + length] = '\0';
    return at + length;
}

static void write_path(char *to, int directory, const char *path)
{
    size_t length = 0;
    if (path[0] != '/' && directory != AT_FDCWD) {
        length = append(to, length, descriptor_path(directory));
        length = append(to, length, "/");
    }
    append(to, length, path);
}

void calls_name(struct visit *visit, int directory, const char *path)
{
    write_path(visit->call.path, directory, path);
}

void calls_target(struct visit *visit, int directory, const char *path)
{
    write_path(visit->call.target, directory, path);
}

void calls_descriptor(struct visit *visit, int descriptor)
{
    visit->call.descriptor = descriptor;
    append(visit->call.path, 0, descriptor_path(descriptor));
}

static int64_t duration(enum call_kind kind)
{
    if (kind == CALL_FSYNC)
        return SYNC_LEAST + draw_below(&world->draw, SYNC_TIME);
    return 1 + draw_below(&world->draw, CALL_TIME);
}

int calls_enter(struct visit *visit)
{
    int error = scheduler_enter(&visit->call);
    kernel_pass(duration(visit->call.kind));
    return -error;
}

int64_t calls_leave(struct visit *visit, int64_t result)
{
    struct call *call = &visit->call;
    call->result = result < 0 ? -1 : result;
    call->error = result < 0 ? (int)-result : 0;
    result = scheduler_leave(call, call->result);
    errno = result < 0 ? call->error : visit->before;
    return result;
}
