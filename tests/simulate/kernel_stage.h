/* SPDX-License-Identifier: MIT */
/* What the tests of the kernel have in common; each of them includes it once.
 * There is no scheduler: whoever waits is a failure, unless the test says what
 * happens meanwhile. */
#ifndef KERNEL_STAGE_H
#define KERNEL_STAGE_H

#include "calls.h"
#include "scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t second = 1000000000;

/* --- No scheduler --------------------------------------------------------- */

static int error_to_report;     /* of the next call, instead of doing it */
static int late_error;          /* of the next call, after doing it */
static int64_t shorter;         /* what the next call is cut to; 0: nothing */
static void (*meanwhile)(void); /* while somebody waits */
static jmp_buf ended;
static const char *end; /* how a process ended itself */

int scheduler_enter(struct call *call)
{
    int error = error_to_report;
    error_to_report = 0;
    if (shorter > 0)
        call->length = shorter;
    shorter = 0;
    return error;
}

int64_t scheduler_leave(struct call *call, int64_t result)
{
    if (late_error == 0)
        return result;
    call->error = late_error;
    late_error = 0;
    return -1;
}

bool scheduler_wait_until(
    bool (*ready)(void *context), void *context, int64_t deadline)
{
    struct tasklet *waits = kernel_process();
    if (meanwhile != NULL)
        meanwhile();
    kernel_process_use(waits);
    if (ready != NULL && ready(context))
        return true;
    if (deadline < 0)
        fail_msg("nobody would ever go on");
    kernel_pass(deadline - kernel_monotonic());
    return false;
}

void scheduler_exit(const char *why)
{
    end = why;
    longjmp(ended, 1);
}

void scheduler_alarm(unsigned seconds)
{
    (void)seconds;
}

/* --- The world of a test -------------------------------------------------- */

static struct tasklet *me;
static int root; /* a descriptor of /root */

static inline void open_root(void)
{
    root = open("/root", O_RDONLY | O_DIRECTORY);
    if (root != 3)
        abort();
}

static inline void enter(const char *profile, int uid)
{
    kernel_process_use(NULL);
    kernel_reset(profile_find(profile), 7);
    kernel_chmod("/root", 0777);
    kernel_sync();
    me = kernel_process_begin(uid);
    kernel_process_use(me);
    open_root();
    meanwhile = NULL;
}

static inline struct tasklet *another(int uid)
{
    struct tasklet *process = kernel_process_begin(uid);
    kernel_process_use(process);
    open_root();
    return process;
}

static inline void file(const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "/root/%s", name);
    assert_int_equal(kernel_write(path, text, strlen(text), 0600, 1000), 0);
}

static inline void folder(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/root/%s", name);
    assert_int_equal(kernel_mkdir(path, 0700, 1000), 0);
}

static inline const char *text_of(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/root/%s", name);
    const char *text = kernel_read(path, NULL);
    return text == NULL ? "(none)" : text;
}

static inline bool is_there(const char *name)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "/root/%s", name);
    return kernel_stat(path, &status) == 0;
}

static inline void fill(unsigned count)
{
    folder("d");
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "d/%03u", i);
        file(name, "");
    }
}

static const int new_only = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/* Which must be possible. */
static inline int open_here(const char *name, int flags)
{
    int descriptor = openat(root, name, flags, 0600);
    if (descriptor < 0) {
        fail_msg("%s: %s", name, strerror(errno));
        abort();
    }
    return descriptor;
}

#define assert_fails(call, number)                                             \
    do {                                                                       \
        errno = 0;                                                             \
        assert_int_equal((call), -1);                                          \
        assert_int_equal(errno, number);                                       \
    } while (0)

#endif
