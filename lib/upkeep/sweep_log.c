/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "error.h"
#include "file.h"
#include "log.h"
#include "path.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static struct path log_path(const char *name, int number)
{
    char numbered[64];
    if (number == 0)
        return path_in(SPOOL_LOG, name);
    snprintf(numbered, sizeof numbered, "%s.%d", name, number);
    return path_in(SPOOL_LOG, numbered);
}

static bool is_too_large(const struct sweep *sweep, const char *name)
{
    struct stat status;
    return fstatat(sweep->spool->directory, log_path(name, 0).text, &status,
               AT_SYMLINK_NOFOLLOW) == 0 &&
           (size_t)status.st_size > sweep->config->log_size;
}

/* The oldest first, so that none is written over but the one that is to go. A
 * program that opened the log before goes on writing to it under its new name:
 * no line is lost. A crash in between leaves a gap in the numbers. */
static enum error put_by(const struct sweep *sweep, const char *name)
{
    int directory = sweep->spool->directory;
    if (sweep->config->log_keep == 0)
        return file_remove(directory, log_path(name, 0).text);
    for (int number = sweep->config->log_keep; number > 1; number--) {
        file_rename(directory, log_path(name, number - 1).text,
            log_path(name, number).text);
    }
    return file_rename(
        directory, log_path(name, 0).text, log_path(name, 1).text);
}

void sweep_logs(struct sweep *sweep)
{
    unsigned count = 0;
    for (size_t i = 0; i < log_name_count; i++) {
        if (is_too_large(sweep, log_names[i]) &&
            (sweep->dry_run || put_by(sweep, log_names[i]) == ERROR_NONE))
            count++;
    }
    sweep_tell_count(sweep, "put by", count, "log", "");
}
