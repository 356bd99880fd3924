/* SPDX-License-Identifier: MIT */
#include "error.h"

#include "limit.h"

#include <errno.h>
#include <stddef.h>

enum kind {
    FINAL,     /* the request's own fault, or what it met */
    TEMPORARY, /* of a disk, of memory, of another program */
    LIMIT      /* of what this host lets a program have */
};

struct error_row {
    enum error error;
    enum kind kind;
    const char *text;
};

static const struct error_row rows[] = {
    {ERROR_NONE, FINAL, "no error"},
    {ERROR_MEMORY, TEMPORARY, "out of memory"},
    {ERROR_IO, TEMPORARY, "input/output error"},
    {ERROR_FULL, TEMPORARY, "no space left on the disk"},
    {ERROR_READ_ONLY, TEMPORARY, "the file system is read-only"},
    {ERROR_DENIED, TEMPORARY, "permission denied"},
    {ERROR_NOT_FOUND, FINAL, "not found"},
    {ERROR_EXISTS, FINAL, "already exists"},
    {ERROR_SYNTAX, FINAL, "not well-formed"},
    {ERROR_TYPE, FINAL, "wrong type"},
    {ERROR_RANGE, FINAL, "out of range"},
    {ERROR_TOO_LARGE, FINAL, "too large"},
    {ERROR_FILE_LIMIT, LIMIT,
        "this host lets no file become that large (ulimit -f)"},
    {ERROR_DESCRIPTORS, LIMIT,
        "this host lets a program open too few files (ulimit -n)"},
    {ERROR_INCOMPLETE, FINAL, "incomplete"},
    {ERROR_CONFLICT, FINAL, "contradicts what is recorded"},
    {ERROR_BUSY, TEMPORARY, "another program is at it"},
    {ERROR_ELSEWHERE, TEMPORARY, "it is on another file system"},
    {ERROR_SYSTEM, TEMPORARY, "the system refused"},
};

enum error error_from_errno(int number)
{
    switch (number) {
    case 0:
        return ERROR_NONE;
    case ENOMEM:
        return ERROR_MEMORY;
    case EIO:
    case EBADMSG: /* ext4's and XFS's way to say that a checksum is wrong */
    case EUCLEAN: /* and that what they read makes no sense */
        return ERROR_IO;
    case ENOSPC:
    case EDQUOT:
        return ERROR_FULL;
    case EROFS:
        return ERROR_READ_ONLY;
    case EACCES:
    case EPERM:
        return ERROR_DENIED;
    case ENOENT:
        return ERROR_NOT_FOUND;
    case EISDIR:
        return ERROR_TYPE;
    case EEXIST:
    case ENOTEMPTY:
        return ERROR_EXISTS;
    case ENAMETOOLONG:
        return ERROR_TOO_LARGE;
    case EFBIG:
        return ERROR_FILE_LIMIT;
    case EMFILE:
        return ERROR_DESCRIPTORS;
    case EWOULDBLOCK:
        return ERROR_BUSY;
    case EXDEV:
        return ERROR_ELSEWHERE;
    default:
        return ERROR_SYSTEM;
    }
}

/* What ERROR_MEMORY is where more of it was asked for than the host lets a
 * program have. */
static const struct error_row memory_limit = {ERROR_MEMORY, LIMIT,
    "this host gives a program too little memory (ulimit -v)"};

static const struct error_row *row_of(enum error error)
{
    if (error == ERROR_MEMORY && limit_memory_was_reached())
        return &memory_limit;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error)
            return &rows[i];
    }
    return &rows[(sizeof rows / sizeof rows[0]) - 1];
}

bool error_is_temporary(enum error error)
{
    return row_of(error)->kind == TEMPORARY;
}

bool error_is_limit(enum error error)
{
    return row_of(error)->kind == LIMIT;
}

const char *error_text(enum error error)
{
    return row_of(error)->text;
}
