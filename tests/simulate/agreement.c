/* SPDX-License-Identifier: MIT */
/* The index of a deep queue, where it agrees with its folder: no poll reads the
 * folder then, and no create finds a task there that the index has not. */
#include "agreement.h"

#include "complaints.h"
#include "kernel.h"
#include "tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PATH_SIZE = 64
};

/* What stands behind a word of the index's first line; 0: it has no such. */
static int64_t read_number(const char *index, const char *word)
{
    const char *at = strstr(index, word);
    return at == NULL ? 0 : strtoll(at + strlen(word), NULL, 10);
}

/* "known=SECONDS.NANOSECONDS" */
static bool agrees(const char *index, int64_t user)
{
    char path[PATH_SIZE];
    char known[PATH_SIZE];
    struct stat folder;
    snprintf(path, sizeof path, "/root/spool/pending/%" PRId64, user);
    if (kernel_stat(path, &folder) != 0)
        return false;
    snprintf(known, sizeof known, " known=%" PRId64 ".%09ld ",
        (int64_t)folder.st_mtim.tv_sec, folder.st_mtim.tv_nsec);
    return strstr(index, known) != NULL;
}

static int64_t count_pending(const struct tree *tree, int64_t user)
{
    const struct tree_task *tasks = tree->tasks.at;
    int64_t count = 0;
    for (size_t i = 0; i < tree->tasks.count; i++)
        count += tasks[i].user == user && tasks[i].place == PLACE_PENDING;
    return count;
}

void agreement_check(
    const struct tree *tree, int64_t user, struct complaints *complaints)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/root/spool/index/%" PRId64 ".queue", user);
    const char *index = kernel_read(path, NULL);
    if (index == NULL || !agrees(index, user))
        return;
    int64_t known = read_number(index, " live=");
    int64_t pending = count_pending(tree, user);
    if (known < pending)
        complain(complaints,
            "index/%" PRId64 ".queue agrees with its folder, and has %" PRId64
            " tasks of %" PRId64,
            user, known, pending);
}
