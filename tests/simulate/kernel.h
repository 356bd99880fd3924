/* SPDX-License-Identifier: MIT */
/* A kernel in memory: files, folders, links, times, locks, inotify, limits and
 * the disk below, for programs that are coroutines of one thread.
 *
 * What is declared here acts at once: it does not ask the scheduler, costs no
 * time and fails of nothing but what a kernel would. The system calls of the
 * library are the __wrap_* functions of calls*.c, named in calls.list; each of
 * them asks the scheduler first (scheduler.h). Where no tasklet is in use they
 * are those of the real kernel.
 *
 * All paths are absolute. The world is one block of memory at a fixed place:
 * saving and restoring it is a copy, after which every pointer into it, a
 * tasklet's among them, points at what it did when it was saved. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* --- System calls, as the scheduler sees them ----------------------------- */

enum call_kind {
    CALL_OPEN, /* flags: O_* */
    CALL_CLOSE,
    CALL_READ,  /* length */
    CALL_WRITE, /* length */
    CALL_PREAD,
    CALL_PWRITE,
    CALL_STAT,
    CALL_FSTAT,
    CALL_FSYNC,
    CALL_CHMOD, /* fchmod, fchmodat */
    CALL_MKDIR,
    CALL_LINK,
    CALL_RENAME,
    CALL_UNLINK,
    CALL_UTIMES,  /* utimensat, futimens */
    CALL_READDIR, /* getdents64: some names at once */
    CALL_LOCK,    /* fcntl; flags: F_SETLK or F_SETLKW */
    CALL_POLL,
    CALL_SLEEP,
    CALL_INOTIFY_INIT,
    CALL_INOTIFY_WATCH,
    CALL_STATVFS,
    CALL_READLINK,
    CALL_RANDOM,
    CALL_FORK,
    CALL_KINDS
};

/* As a manual names it: "open", "rename", … */
const char *call_name(enum call_kind kind);

enum {
    CALL_PATH_MAX = 512
};

struct call {
    enum call_kind kind;
    /* From "/" on; for a descriptor the path that it was opened by. Empty where
     * the call names nothing. `target`: the second path of link and rename. */
    char path[CALL_PATH_MAX], target[CALL_PATH_MAX];
    int descriptor; /* -1: none */
    /* Bytes asked for. scheduler_enter may make it smaller, down to 1: then
     * less is read or written. */
    int64_t length;
    int flags;
    /* Set before scheduler_leave: what the call returns, and its errno if that
     * is -1. scheduler_leave may set `error` and return -1: the call was done
     * and yet reports that, `late`. */
    int64_t result;
    int error;
    bool late;
};

struct profile;

/* The errors that a call may be made to fail with instead of being done: what
 * scheduler_enter may return. Ends with a 0. */
const int *call_errors(const struct call *call, const struct profile *profile);

/* The errors that a call may report although it was done: what scheduler_leave
 * may set. Ends with a 0; begins with it on a disk of the host's own. */
const int *call_late_errors(
    const struct call *call, const struct profile *profile);

/* --- File systems --------------------------------------------------------- */

/* What may be missing after a loss of power. */
enum order {
    JOURNAL_ORDERED, /* a prefix of all changes of names stands; fsync keeps
                        every change up to the last one of that file */
    JOURNAL_BY_FILE, /* a prefix, and on top of it what fsync was asked for, by
                        itself, with the known faults of btrfs' log */
    ANY_ORDER        /* each name for itself, until its folder is fsynced */
};

struct profile {
    const char *name;
    int64_t granularity; /* of file times, in ns */
    bool exact_marks;    /* utimensat keeps what it is given, else it is cut to
                            the granularity */
    bool inotify;        /* else inotify_init1 and _add_watch fail */
    bool locks;          /* else fcntl fails with ENOLCK */
    bool network;        /* late errors, ESTALE, ENOENT for a moment */
    int64_t memory;      /* ns for which each of two machines goes on to tell
                            the times of a folder that it has told; but for
                            changes of its own */
    bool moving_names;   /* a listing misses and repeats names that move while
                            it is read; else it is that of one moment */
    bool zeros;          /* unsynced data may be zeros of the right length */
    bool split_renames;  /* of one over two folders both names may stand. Else
                            it stands as one, with what became of that file
                            before */
    enum order order;
};

extern const struct profile profiles[];
extern const size_t profiles_count;

/* NULL: there is none of that name. */
const struct profile *profile_find(const char *name);

/* --- The world ------------------------------------------------------------ */

/* An empty world but for "/root" (mode 0700, uid 0, all of it on the disk), on
 * 2026-01-01T00:00:00Z. `seed` decides what a kernel leaves open: the order of
 * listings, how many names one call of readdir brings, random numbers. */
void kernel_reset(const struct profile *profile, uint64_t seed);

/* Draws all that anew, for a schedule that begins with a restored world. The
 * order of listings stays that of the reset. */
void kernel_reseed(uint64_t seed);

/* The profile may be changed in a world that stands. */
void kernel_use_profile(const struct profile *profile);
const struct profile *kernel_profile(void);

/* A copy of the world, to be freed by kernel_forget. */
struct image *kernel_save(void);
void kernel_restore(const struct image *image);
void kernel_forget(struct image *image);

/* A number that differs, but for chance, where names, kinds or contents below
 * "/" do. Times and modes do not count. */
uint64_t kernel_digest(void);

/* --- Time ----------------------------------------------------------------- */

int64_t kernel_monotonic(void);              /* ns; only ever grows */
int64_t kernel_realtime(void);               /* ns since 1970 */
void kernel_clock_step(int64_t nanoseconds); /* the realtime clock only */
void kernel_pass(int64_t nanoseconds);

/* --- Processes ------------------------------------------------------------ */

/* What the kernel knows of a process: descriptors, locks, limits. */
struct tasklet;

/* With an empty input and an output that is kept. The umask is 0077. */
struct tasklet *kernel_process_begin(int uid);

/* As fork(2): has the files and folders that `parent` has open, each with a
 * position of its own, and its limits; none of its locks, and no input and
 * output, which a process that tidies up behind an answer closes first. */
struct tasklet *kernel_process_fork(const struct tasklet *parent);

/* Of one that has answered and stays for the next request, as by FastCGI: it is
 * no process that runs, until it is taken up again. It keeps what it has open
 * and locked; what was asked and answered goes. Returns how many files it keeps
 * open besides the first three. The power takes it. */
size_t kernel_process_rest(struct tasklet *process);

/* The one that has rested for the shortest time; NULL: none rests. */
struct tasklet *kernel_process_resume(void);

/* As exit or SIGKILL do: closes everything and gives the locks back. What was
 * written to descriptor 1 must have been read before. */
void kernel_process_end(struct tasklet *process);

/* Whose calls follow; NULL: nobody's, and the __wrap_* functions are those of
 * the real kernel. */
void kernel_process_use(struct tasklet *process);
struct tasklet *kernel_process(void);

int kernel_process_id(const struct tasklet *process);

/* What readlink says of /proc/self/exe: not there until this was called. */
void kernel_process_executable(struct tasklet *process, const char *path);

/* What descriptor 0 gives, and then its end. The bytes are copied. */
void kernel_stdin(struct tasklet *process, const char *bytes, size_t length);

/* What has been written to descriptor 1; valid until more is. */
const char *kernel_stdout(const struct tasklet *process, size_t *length);

/* Who reads descriptor 1 has gone: writing fails with EPIPE. */
void kernel_stdout_close(struct tasklet *process);

/* -1: none. Beyond it a write fails with EFBIG where SIGXFSZ is
 * ignored, else it ends the process by scheduler_exit. */
void kernel_limit_file_size(struct tasklet *process, int64_t bytes);
void kernel_limit_descriptors(struct tasklet *process, int count);

/* Locks that are held: to see that none is left. */
size_t kernel_locks_held(void);

/* --- A person at a shell, and the checker --------------------------------- */

/* All as root, and on the disk at once but for contents. 0, or an errno. */

/* Creates the file whole, or writes over it as `cp` does. `mode` and `uid` go
 * to a new file only. */
int kernel_write(
    const char *path, const char *bytes, size_t length, int mode, int uid);
int kernel_append(const char *path, const char *bytes, size_t length);
int kernel_rename(const char *from, const char *to);
int kernel_link(const char *from, const char *to);
int kernel_symlink(const char *to, const char *path);
int kernel_unlink(const char *path); /* an empty folder, too */
int kernel_mkdir(const char *path, int mode, int uid);
int kernel_mkfifo(const char *path, int mode, int uid);
int kernel_chmod(const char *path, int mode);
int kernel_chown(const char *path, int uid);
/* As `touch -d`: both times, ns since 1970. */
int kernel_touch(const char *path, int64_t realtime);
/* As `chattr +i`: not even root may change, move or remove it, or what is
 * directly in it. */
int kernel_immutable(const char *path, bool immutable);

/* NULL: there is no such regular file. Valid until the world changes; a NUL
 * follows the bytes. `length` may be NULL. */
const char *kernel_read(const char *path, size_t *length);

/* Of the name itself, if it is a symbolic link. */
int kernel_stat(const char *path, struct stat *status);

/* Visits what is in a folder, in the order of strcmp, "." and ".." left out.
 * `visit` must not change that folder. 0, or an errno. */
typedef void kernel_visit(
    void *context, const char *name, const struct stat *status);
int kernel_each(const char *folder, kernel_visit *visit, void *context);

/* --- The disk ------------------------------------------------------------- */

/* What is left of it. -1: as much as anybody needs, which is how it begins. A
 * write or a new file beyond that fails with ENOSPC. */
void kernel_space(int64_t bytes, int64_t inodes);

/* As sync(1): all that is, stays. */
void kernel_sync(void);

/* The power goes, for some seconds: what was not synced stays, goes or stays in
 * part, as the profile allows and `function` decides, which returns a number
 * below `below`. Where it always returns 0, as much as may be is lost. No
 * tasklet may be left. Afterwards all that is there is on the disk. */
typedef uint32_t kernel_draw(void *context, uint32_t below);
void kernel_power_loss(kernel_draw *function, void *context);

#endif
