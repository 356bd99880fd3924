/* SPDX-License-Identifier: MIT */
/* What each system call may fail with. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>

struct row {
    const char *name;
    const int *errors;         /* NULL: none */
    const int *network_errors; /* these too, on a network */
    const int *late_errors;    /* on a network, although it was done */
};

static const int look[] = {EIO, EACCES, ENOMEM, 0};
static const int look_far[] = {EIO, EACCES, ESTALE, ENOENT, 0};
/* A server that is asked what a folder holds has no word for "there is no such
 * name": it has been given a handle. And readdir(3) takes that for the end. */
static const int listing_far[] = {EIO, EACCES, ESTALE, 0};
static const int opening[] = {EIO, EMFILE, ENFILE, ENOMEM, EACCES, 0};
static const int opening_far[] = {EIO, EMFILE, ESTALE, ENOENT, EACCES, 0};
static const int making[] = {
    ENOSPC, EDQUOT, EROFS, EIO, EMFILE, ENFILE, ENOMEM, EACCES, 0};
static const int making_far[] = {
    ENOSPC, EDQUOT, EROFS, EIO, EMFILE, ESTALE, ENOENT, EACCES, 0};
static const int change[] = {EIO, ENOSPC, EDQUOT, EROFS, EACCES, EPERM, 0};
static const int change_far[] = {
    EIO, ENOSPC, EDQUOT, EROFS, EACCES, ESTALE, ENOENT, 0};
static const int removal[] = {EIO, EROFS, EACCES, EPERM, 0};
static const int removal_far[] = {EIO, EROFS, EACCES, ESTALE, ENOENT, 0};
static const int reading[] = {EIO, 0};
static const int reading_far[] = {EIO, ESTALE, 0};
static const int writing[] = {ENOSPC, EIO, EDQUOT, 0};
static const int writing_far[] = {ENOSPC, EIO, EDQUOT, ESTALE, 0};
static const int piping[] = {EPIPE, EIO, 0};
static const int receiving[] = {EIO, EINTR, 0};
static const int locking[] = {ENOLCK, EIO, 0};
static const int waiting[] = {EINTR, 0};
static const int watching[] = {ENOSPC, ENOMEM, EACCES, 0};
static const int notifying[] = {EMFILE, ENOMEM, 0};
static const int asking[] = {EACCES, 0};
static const int forking[] = {EAGAIN, ENOMEM, 0};
static const int drawing[] = {EINTR, ENOSYS, 0};
static const int unclear[] = {EIO, 0};
static const int twice_made[] = {EEXIST, EIO, 0};
static const int twice_gone[] = {ENOENT, EIO, 0};
static const int none[] = {0};

static const struct row rows[CALL_KINDS] = {
    [CALL_OPEN] = {"open", opening, opening_far, NULL},
    [CALL_CLOSE] = {"close", reading, writing_far, NULL},
    [CALL_READ] = {"read", reading, reading_far, NULL},
    [CALL_WRITE] = {"write", writing, writing_far, unclear},
    [CALL_PREAD] = {"pread", reading, reading_far, NULL},
    [CALL_PWRITE] = {"pwrite", writing, writing_far, unclear},
    [CALL_STAT] = {"stat", look, look_far, NULL},
    [CALL_FSTAT] = {"fstat", reading, reading_far, NULL},
    [CALL_FSYNC] = {"fsync", writing, writing_far, unclear},
    [CALL_CHMOD] = {"chmod", removal, removal_far, unclear},
    [CALL_MKDIR] = {"mkdir", change, change_far, twice_made},
    [CALL_LINK] = {"link", change, change_far, twice_made},
    [CALL_RENAME] = {"rename", change, change_far, twice_gone},
    [CALL_UNLINK] = {"unlink", removal, removal_far, twice_gone},
    [CALL_UTIMES] = {"utimensat", removal, removal_far, unclear},
    [CALL_READDIR] = {"readdir", look, listing_far, NULL},
    [CALL_LOCK] = {"fcntl", locking, locking, NULL},
    [CALL_POLL] = {"poll", waiting, waiting, NULL},
    [CALL_SLEEP] = {"nanosleep", waiting, waiting, NULL},
    [CALL_INOTIFY_INIT] = {"inotify_init", notifying, notifying, NULL},
    [CALL_INOTIFY_WATCH] = {"inotify_add_watch", watching, watching, NULL},
    [CALL_STATVFS] = {"statvfs", reading, reading_far, NULL},
    [CALL_READLINK] = {"readlink", asking, asking, NULL},
    [CALL_RANDOM] = {"getrandom", drawing, drawing, NULL},
    [CALL_FORK] = {"fork", forking, forking, NULL},
};

const char *call_name(enum call_kind kind)
{
    return rows[kind].name;
}

/* Of one that has closed its own, any file may bear their numbers. */
static bool is_standard(const struct call *call)
{
    return call->descriptor <= 2 && call->path[0] == '<';
}

const int *call_errors(const struct call *call, const struct profile *profile)
{
    bool far = profile->network;
    if (call->kind == CALL_OPEN && (call->flags & O_CREAT) != 0)
        return far ? making_far : making;
    if (call->kind == CALL_WRITE && is_standard(call))
        return piping;
    if (call->kind == CALL_READ && is_standard(call))
        return receiving;
    return far ? rows[call->kind].network_errors : rows[call->kind].errors;
}

const int *call_late_errors(
    const struct call *call, const struct profile *profile)
{
    int new_only = O_CREAT | O_EXCL;
    if (!profile->network)
        return none;
    if (call->kind == CALL_OPEN && (call->flags & new_only) == new_only)
        return twice_made;
    if (call->kind == CALL_WRITE && is_standard(call))
        return none;
    const int *errors = rows[call->kind].late_errors;
    return errors == NULL ? none : errors;
}
