/* SPDX-License-Identifier: MIT */
#include "stranger.h"

#include "name.h"
#include "path.h"
#include "pause.h"
#include "spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A user's folder; in pending/ itself the name means nothing, and whoever put
 * it there should be told. */
static bool is_pause(struct path folder, const char *name)
{
    return strcmp(name, pause_name) == 0 &&
           strcmp(folder.text, path_of(SPOOL_PENDING).text) != 0;
}

bool stranger_is_old(
    const struct spool *spool, struct path folder, const char *name)
{
    struct path path;
    struct stat status;
    if (name_is_json(name) || is_pause(folder, name))
        return false;
    int length =
        snprintf(path.text, sizeof path.text, "%s/%s", folder.text, name);
    if (length < 0 || (size_t)length >= sizeof path.text)
        return false;
    return fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           S_ISREG(status.st_mode) &&
           status.st_mtim.tv_sec < time(NULL) - STRANGER_AGE;
}
