/* SPDX-License-Identifier: MIT */
/* What a person does at a shell, as root, and what the checker sees.
 *
 * The kernel would write it back within a minute, and nobody is promised
 * anything before that. Here names, rights and times are on the disk at once,
 * and with them all that was before, as is older: what power loss undoes is the
 * work of programs since then. Contents are not: who takes a file in has to see
 * to that. */
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

/* Rights are those of root meanwhile. */
static struct tasklet *become_root(void)
{
    struct tasklet *before = world->current;
    world->current = NULL;
    return before;
}

/* Gives back what 0 or a negative errno is to the caller. */
static int leave(struct tasklet *before, int error)
{
    world->current = before;
    return -error;
}

static int find(const char *path, bool follow, struct place *place)
{
    return path_find(world->root, path, follow, place);
}

static int create(
    const struct place *place, mode_t mode, int uid, struct node **node)
{
    int error = name_create(place, mode, uid, node);
    if (error == 0)
        disk_write_back();
    return error;
}

/* --- Files ---------------------------------------------------------------- */

static int put(struct node *node, const char *bytes, size_t length)
{
    int error = path_may(node, RIGHT_WRITE);
    if (error != 0)
        return error;
    int64_t count = node_write(node, (int64_t)node->data.length, bytes, length);
    if (node->home != NULL)
        watch_tell(node->home, IN_CLOSE_WRITE, "", 0);
    return count == (int64_t)length ? 0 : -ENOSPC;
}

/* As open with O_CREAT and O_TRUNC. */
static int open_whole(
    const char *path, mode_t mode, int uid, struct node **node)
{
    struct place place;
    int error = find(path, true, &place);
    if (error != 0)
        return error;
    *node = place.node;
    if (*node == NULL)
        return create(&place, S_IFREG | mode, uid, node);
    if (S_ISDIR((*node)->mode))
        return -EISDIR;
    error = path_may(*node, RIGHT_WRITE);
    if (error == 0 && (*node)->data.length > 0)
        node_truncate(*node);
    return error;
}

int kernel_write(
    const char *path, const char *bytes, size_t length, int mode, int uid)
{
    struct node *node = NULL;
    struct tasklet *before = become_root();
    int error = open_whole(path, (mode_t)mode, uid, &node);
    if (error == 0)
        error = put(node, bytes, length);
    return leave(before, error);
}

int kernel_append(const char *path, const char *bytes, size_t length)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, true, &node);
    if (error == 0)
        error = put(node, bytes, length);
    return leave(before, error);
}

/* --- Names ---------------------------------------------------------------- */

static int move(const struct place *from, const struct place *to)
{
    int error = name_rename(from, to);
    if (error == 0)
        disk_write_back();
    return error;
}

int kernel_rename(const char *from, const char *to)
{
    struct place source;
    struct place target;
    struct tasklet *before = become_root();
    int error = find(from, false, &source);
    if (error == 0)
        error = find(to, false, &target);
    if (error == 0)
        error = move(&source, &target);
    return leave(before, error);
}

int kernel_link(const char *from, const char *to)
{
    struct node *node;
    struct place target;
    struct tasklet *before = become_root();
    int error = path_look(world->root, from, false, &node);
    if (error == 0)
        error = find(to, false, &target);
    if (error == 0)
        error = name_link(node, &target);
    if (error == 0)
        disk_write_back();
    return leave(before, error);
}

int kernel_unlink(const char *path)
{
    struct place place;
    struct tasklet *before = become_root();
    int error = find(path, false, &place);
    if (error == 0)
        error = name_unlink(
            &place, place.node != NULL && S_ISDIR(place.node->mode));
    if (error == 0)
        disk_write_back();
    return leave(before, error);
}

static int make(const char *path, mode_t mode, int uid, struct node **node)
{
    struct place place;
    struct tasklet *before = become_root();
    int error = find(path, false, &place);
    if (error == 0)
        error = create(&place, mode, uid, node);
    return leave(before, error);
}

int kernel_symlink(const char *to, const char *path)
{
    struct node *node;
    int error = make(path, S_IFLNK | 0777, 0, &node);
    if (error == 0)
        node_set_data(node, to, strlen(to));
    return error;
}

int kernel_mkdir(const char *path, int mode, int uid)
{
    struct node *node;
    return make(path, S_IFDIR | (mode_t)mode, uid, &node);
}

int kernel_mkfifo(const char *path, int mode, int uid)
{
    struct node *node;
    return make(path, S_IFIFO | (mode_t)mode, uid, &node);
}

/* --- Rights and times ----------------------------------------------------- */

int kernel_chmod(const char *path, int mode)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, true, &node);
    if (error == 0)
        error = name_set_mode(node, (mode_t)mode);
    if (error == 0)
        disk_write_back();
    return leave(before, error);
}

int kernel_chown(const char *path, int uid)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, true, &node);
    if (error == 0)
        error = name_set_mode(node, node->mode);
    if (error == 0) {
        node->uid = uid;
        disk_write_back();
    }
    return leave(before, error);
}

int kernel_touch(const char *path, int64_t realtime)
{
    struct node *node;
    struct timespec time = {.tv_sec = realtime / 1000000000,
        .tv_nsec = (long)(realtime % 1000000000)};
    const struct timespec times[2] = {time, time};
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, true, &node);
    if (error == 0)
        error = name_set_times(node, times);
    if (error == 0)
        disk_write_back();
    return leave(before, error);
}

int kernel_immutable(const char *path, bool immutable)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, false, &node);
    if (error == 0)
        node->immutable = immutable;
    return leave(before, error);
}

/* --- Looking -------------------------------------------------------------- */

const char *kernel_read(const char *path, size_t *length)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, true, &node);
    leave(before, 0);
    if (error != 0 || !S_ISREG(node->mode))
        return NULL;
    if (length != NULL)
        *length = node->data.length;
    return node->data.length == 0 ? "" : node->data.at;
}

int kernel_stat(const char *path, struct stat *status)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, path, false, &node);
    if (error == 0)
        node_status(node, status);
    return leave(before, error);
}

static int compare_names(const void *one, const void *other)
{
    const struct entry *left = one;
    const struct entry *right = other;
    return strcmp(left->name, right->name);
}

static int visit_all(
    const struct node *folder, kernel_visit *visit, void *context)
{
    uint32_t count = folder->count;
    struct entry *sorted = calloc(count + 1, sizeof *sorted);
    if (sorted == NULL)
        return ENOMEM;
    if (count > 0)
        memcpy(sorted, folder->entries, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_names);
    for (uint32_t i = 0; i < count; i++) {
        struct stat status;
        node_status(sorted[i].node, &status);
        visit(context, sorted[i].name, &status);
    }
    free(sorted);
    return 0;
}

int kernel_each(const char *folder, kernel_visit *visit, void *context)
{
    struct node *node;
    struct tasklet *before = become_root();
    int error = path_look(world->root, folder, true, &node);
    if (error == 0 && !S_ISDIR(node->mode))
        error = -ENOTDIR;
    leave(before, 0);
    return error != 0 ? -error : visit_all(node, visit, context);
}
