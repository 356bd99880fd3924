/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <errno.h>
#include <stddef.h>

struct error_row {
    enum error error;
    bool temporary;
    const char *text;
};

static const struct error_row rows[] = {
    {ERROR_NONE, false, "no error"},
    {ERROR_MEMORY, true, "out of memory"},
    {ERROR_IO, true, "input/output error"},
    {ERROR_FULL, true, "no space left on the disk"},
    {ERROR_READ_ONLY, true, "the file system is read-only"},
    {ERROR_DENIED, true, "permission denied"},
    {ERROR_NOT_FOUND, false, "not found"},
    {ERROR_EXISTS, false, "already exists"},
    {ERROR_SYNTAX, false, "not well-formed"},
    {ERROR_TYPE, false, "wrong type"},
    {ERROR_RANGE, false, "out of range"},
    {ERROR_TOO_LARGE, false, "too large"},
    {ERROR_INCOMPLETE, false, "incomplete"},
    {ERROR_CONFLICT, false, "contradicts what is recorded"},
    {ERROR_BUSY, true, "another program is at it"},
    {ERROR_SYSTEM, true, "the system refused"},
};

enum error error_from_errno(int number)
{
    switch (number) {
    case 0:
        return ERROR_NONE;
    case ENOMEM:
        return ERROR_MEMORY;
    case EIO:
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
    case EEXIST:
    case ENOTEMPTY:
        return ERROR_EXISTS;
    case ENAMETOOLONG:
    case EFBIG:
        return ERROR_TOO_LARGE;
    case EWOULDBLOCK:
        return ERROR_BUSY;
    default:
        return ERROR_SYSTEM;
    }
}

static const struct error_row *row_of(enum error error)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error)
            return &rows[i];
    }
    return &rows[(sizeof rows / sizeof rows[0]) - 1];
}

bool error_is_temporary(enum error error)
{
    return row_of(error)->temporary;
}

const char *error_text(enum error error)
{
    return row_of(error)->text;
}
