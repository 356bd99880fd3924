/* SPDX-License-Identifier: MIT */
/* Calls of the C library that fail where a test wants them to: every unit test
 * is linked so that lib/ makes these through here. */
#ifndef STOFLOW_FAULT_H
#define STOFLOW_FAULT_H

#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

/* Which calls are counted together. */
enum fault_call {
    FAULT_MEMORY, /* malloc, calloc, realloc, strdup, fdopendir */
    FAULT_OPEN,   /* openat */
    FAULT_READ,   /* read, pread */
    FAULT_WRITE,  /* write, pwrite */
    FAULT_SYNC,   /* fsync */
    FAULT_CLOSE,  /* close, which closes all the same */
    FAULT_STATUS, /* fstat, fstatat, fstatvfs, fstatfs */
    FAULT_MODE,   /* fchmod, fchmodat */
    FAULT_TIMES,  /* futimens, utimensat */
    FAULT_NAMES,  /* linkat, renameat, unlinkat, mkdirat */
    FAULT_LOCK,   /* fcntl */
    FAULT_RANDOM, /* getrandom */
    FAULT_LINK,   /* readlink */
    FAULT_ACCESS, /* faccessat */
    FAULT_ALL,    /* all of these; and all that come behind it fail as well */
    FAULT_CALLS   /* how many kinds there are */
};

/* Makes the `which`-th such call from now on, the next being 1, fail with this
 * errno. 0: it returns 0, as a read at the end of a file does. */
void fault_set(enum fault_call call, unsigned which, int number);

/* The same for that one and for all behind it. */
void fault_set_lasting(enum fault_call call, unsigned which, int number);

/* The same for one that is done, and yet reports it, as over a network; if it
 * does not fail by itself. */
void fault_set_late(enum fault_call call, unsigned which, int number);

/* Before each such call from now on `function` is called, for what others do at
 * that moment; calls of its own are not counted. NULL: no more. */
typedef void fault_meanwhile(void *context);
void fault_set_meanwhile(
    enum fault_call call, fault_meanwhile *function, void *context);

/* The clock of the host is that many seconds ahead, for lib/. */
void fault_set_clock(int64_t seconds);

/* Whether the file system is a network's, by fstatfs; it need not be. */
void fault_share(bool shared);

/* From now on none fails. Whether one has. */
bool fault_clear(void);

/* From now on each step that is taken is appended, a line each, with paths from
 * spool/ on: "link FROM TO", or "cannot link FROM TO", "rename FROM TO",
 * "remove PATH", "make PATH" (with O_EXCL, or a folder), "fsync PATH", "touch
 * PATH", "lock PATH", "list FOLDER", and, whatever is found, "look PATH" at a
 * task, a mark or a .verdict. One that is taken several times in a row is told
 * once. NULL: no more. */
void fault_watch(struct buffer *out);

/* Small texts lie in memory that is always to be had (buffer.c): until this is
 * freed they do not. */
struct buffer fault_take_pool(void);

/* The lowest descriptor that is free. */
int fault_lowest_free(void);

/* A piece of work of a test's, and what comes of it. */
typedef enum error fault_work(void *context);

/* Before the `which`-th such call from now on another program does its work:
 * a moment at which two meet. The call itself does not fail, unless the work
 * sets that it does, or that a later one does, as its last step; fault_clear
 * tells whether what was set has come. */
void fault_meet(
    enum fault_call call, unsigned which, fault_work *work, void *context);

/* Does the work again and again, each time with another of its calls failing:
 * with EINTR and EIO, and memory not to be had. Fails the test unless it tells
 * of an error or has done without that call; unless it works the next time; and
 * if it leaves a descriptor open. */
void fault_each(const char *name, fault_work *work, void *context);

/* The same for one kind of call. `number`: its errno. What came of the work in
 * which the `which`-th failed is put into results[which - 1], up to `most`;
 * how many there are to fail. */
unsigned fault_each_call(fault_work *work, void *context, enum fault_call call,
    int number, enum error *results, unsigned most);

#endif
