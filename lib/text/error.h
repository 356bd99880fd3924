/* SPDX-License-Identifier: MIT */
/* The one list of what can go wrong, and the one place that says whether
 * trying again can help. */
#ifndef STOFLOW_ERROR_H
#define STOFLOW_ERROR_H

#include <stdbool.h>

enum error {
    ERROR_NONE = 0,  /* it worked */
    ERROR_MEMORY,    /* malloc(3) found none */
    ERROR_IO,        /* the medium failed: EIO, a failed fsync(2) or close(2) */
    ERROR_FULL,      /* no space, inode or quota left: ENOSPC, EDQUOT */
    ERROR_READ_ONLY, /* EROFS */
    ERROR_DENIED,    /* EACCES, EPERM: wrong owner or mode */
    ERROR_NOT_FOUND, /* there is no such thing (any more) */
    ERROR_EXISTS,    /* the name is taken */
    ERROR_SYNTAX,    /* text that its grammar does not allow */
    ERROR_TYPE,      /* well-formed, but a value of the wrong type */
    ERROR_RANGE,     /* right type, outside the allowed range */
    ERROR_TOO_LARGE, /* longer than the limit for it */
    ERROR_FILE_LIMIT,  /* EFBIG: over RLIMIT_FSIZE, or the file system's most */
    ERROR_DESCRIPTORS, /* EMFILE: over RLIMIT_NOFILE */
    ERROR_INCOMPLETE,  /* the input stopped short of what was announced */
    ERROR_CONFLICT,    /* contradicts what is already recorded */
    ERROR_BUSY,        /* another program is at it at this moment */
    ERROR_ELSEWHERE,   /* EXDEV: one of two places is on another file system */
    ERROR_SYSTEM       /* any other errno */
};

/* Maps an errno value to its error; 0 maps to ERROR_NONE, unknown values to
 * ERROR_SYSTEM. */
enum error error_from_errno(int number);

/* Whether the same request may succeed later without anybody changing it:
 * true for what a disk, memory or another program causes, false for what the
 * request itself causes, or a limit that this host sets to every program. */
bool error_is_temporary(enum error error);

/* Whether such a limit is the cause: the same fails again, until the limit is
 * raised. ERROR_MEMORY is one of these if limit_memory_refused has seen so. */
bool error_is_limit(enum error error);

/* A short English phrase without a full stop; static storage. */
const char *error_text(enum error error);

#endif
