/* SPDX-License-Identifier: MIT */
#include "space.h"

#include <errno.h>
#include <sys/statvfs.h>

static const uint64_t reserved_bytes_most = 64u << 20;
static const uint64_t reserved_inodes_most = 1000;
static const uint64_t reserved_share = 20;

enum error space_read(const struct spool *spool, struct space *space)
{
    struct statvfs status;
    if (fstatvfs(spool->directory, &status) != 0)
        return error_from_errno(errno);
    space->bytes_free = (uint64_t)status.f_bavail * status.f_frsize;
    space->bytes_total = (uint64_t)status.f_blocks * status.f_frsize;
    space->inodes_free = status.f_favail;
    space->inodes_total = status.f_files;
    return ERROR_NONE;
}

static uint64_t reserve(uint64_t total, uint64_t most)
{
    uint64_t share = total / reserved_share;
    return share < most ? share : most;
}

bool space_allows_create(const struct space *space)
{
    if (space->bytes_free < reserve(space->bytes_total, reserved_bytes_most))
        return false;
    return space->inodes_total == 0 ||
           space->inodes_free >=
               reserve(space->inodes_total, reserved_inodes_most);
}

enum error space_check_create(const struct spool *spool)
{
    struct space space = {0}; /* for compilers that cannot see it filled */
    enum error error = space_read(spool, &space);
    if (error == ERROR_NONE && !space_allows_create(&space))
        error = ERROR_FULL;
    return error;
}
