/* SPDX-License-Identifier: MIT */
#include "remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void remove_tree(int folder, const char *name)
{
    if (unlinkat(folder, name, 0) == 0)
        return;
    int inside = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *directory = inside < 0 ? NULL : fdopendir(inside);
    if (directory == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_tree(inside, entry->d_name);
    }
    closedir(directory);
    unlinkat(folder, name, AT_REMOVEDIR);
}
