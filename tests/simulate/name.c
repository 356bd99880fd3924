/* SPDX-License-Identifier: MIT */
/* Changes of names, and of what a name tells: rights and times. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>

static const mode_t rights_mask = 07777;

/* One name of one change. */
static void change_name(const struct place *place, struct node *node)
{
    disk_note_name(
        place->folder, place->name, place->length, place->node, node);
    if (node != NULL)
        node_stamp(node, false);
    if (place->node != NULL)
        node_stamp(place->node, false);
    node_stamp(place->folder, true);
    folder_put(place->folder, place->name, place->length, node);
}

static void tell(const struct place *place, uint32_t event, bool folder)
{
    watch_tell(place->folder, folder ? event | IN_ISDIR : event, place->name,
        place->length);
}

static int check_new(const struct place *place)
{
    return place->node != NULL ? -EEXIST : path_may_add(place->folder);
}

int name_create(
    const struct place *place, mode_t mode, int uid, struct node **node)
{
    int error = check_new(place);
    if (error != 0)
        return error;
    if (place->is_folder && !S_ISDIR(mode))
        return -EISDIR;
    if (!disk_has_inode())
        return -ENOSPC;
    struct node *made = node_make(mode, uid);
    disk_begin();
    change_name(place, made);
    tell(place, IN_CREATE, S_ISDIR(mode));
    *node = made;
    return 0;
}

/* As Linux does where fs.protected_hardlinks is on, as everywhere. */
static int may_link(const struct node *node)
{
    if (S_ISDIR(node->mode) || node->immutable)
        return -EPERM;
    if (path_may_own(node) == 0)
        return 0;
    bool usable =
        S_ISREG(node->mode) && path_may(node, RIGHT_READ | RIGHT_WRITE) == 0;
    return usable ? 0 : -EPERM;
}

int name_link(struct node *node, const struct place *place)
{
    int error = check_new(place);
    if (error == 0)
        error = may_link(node);
    if (error == 0 && node->links == 0)
        error = -ENOENT;
    if (error != 0)
        return error;
    disk_begin();
    change_name(place, node);
    tell(place, IN_CREATE, false);
    return 0;
}

/* --- Rename --------------------------------------------------------------- */

static bool is_above(const struct node *folder, const struct node *below)
{
    while (below != NULL && below != folder)
        below = below->parent;
    return below == folder;
}

static int check_victim(const struct place *from, const struct place *to)
{
    bool folder = S_ISDIR(from->node->mode);
    if (S_ISDIR(to->node->mode) != folder)
        return folder ? -ENOTDIR : -EISDIR;
    if (folder && to->node->count > 0)
        return -ENOTEMPTY;
    return path_may_remove(to->folder, to->node);
}

static int check_rename(const struct place *from, const struct place *to)
{
    bool folder = S_ISDIR(from->node->mode);
    int error = path_may_remove(from->folder, from->node);
    if (error == 0)
        error = path_may_add(to->folder);
    if (error == 0 && to->is_folder && !folder)
        error = -ENOTDIR;
    if (error == 0 && folder && is_above(from->node, to->folder))
        error = -EINVAL;
    if (error == 0 && to->node != NULL)
        error = check_victim(from, to);
    return error;
}

int name_rename(const struct place *from, const struct place *to)
{
    if (from->node == NULL)
        return -ENOENT;
    if (from->node == to->node)
        return 0; /* two names of one file both stay */
    int error = check_rename(from, to);
    if (error != 0)
        return error;
    struct node *node = from->node;
    bool folder = S_ISDIR(node->mode);
    node_hold(node);
    disk_begin();
    change_name(to, node);
    change_name(from, NULL);
    tell(from, IN_MOVED_FROM, folder);
    tell(to, IN_MOVED_TO, folder);
    if (folder)
        node->parent = to->folder;
    node_release(node);
    return 0;
}

int name_unlink(const struct place *place, bool folder)
{
    if (place->node == NULL)
        return -ENOENT;
    bool is_folder = S_ISDIR(place->node->mode);
    if (is_folder != folder)
        return folder ? -ENOTDIR : -EISDIR;
    int error = path_may_remove(place->folder, place->node);
    if (error == 0 && place->node->count > 0)
        error = -ENOTEMPTY;
    if (error != 0)
        return error;
    disk_begin();
    change_name(place, NULL);
    tell(place, IN_DELETE, is_folder);
    return 0;
}

/* --- Rights and times ----------------------------------------------------- */

/* Told to who watches the node, and to who watches its folder; the latter by
 * no name, since nobody here reads it. */
static void tell_attributes(struct node *node)
{
    uint32_t event = S_ISDIR(node->mode) ? IN_ATTRIB | IN_ISDIR : IN_ATTRIB;
    watch_tell(node, event, "", 0);
    if (node->home != NULL)
        watch_tell(node->home, event, "", 0);
}

int name_set_mode(struct node *node, mode_t mode)
{
    int error = path_may_own(node);
    if (error != 0)
        return error;
    disk_begin();
    disk_note_attributes(node);
    node->mode = (node->mode & ~rights_mask) | (mode & rights_mask);
    node_stamp(node, false);
    tell_attributes(node);
    return 0;
}

/* Marks that the file system does not keep exactly are cut. */
static int64_t chosen(struct timespec time, int64_t before)
{
    if (time.tv_nsec == UTIME_OMIT)
        return before;
    if (time.tv_nsec == UTIME_NOW)
        return node_now();
    int64_t exact = ((int64_t)time.tv_sec * 1000000000) + time.tv_nsec;
    int64_t step = world->profile->granularity;
    return world->profile->exact_marks
               ? exact
               : exact - (((exact % step) + step) % step);
}

static bool is_now(const struct timespec times[2])
{
    return times == NULL ||
           (times[0].tv_nsec == UTIME_NOW && times[1].tv_nsec == UTIME_NOW);
}

int name_set_times(struct node *node, const struct timespec times[2])
{
    static const struct timespec now[2] = {
        {.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    int error = path_may_own(node);
    if (error != 0 && is_now(times) && !node->immutable)
        error = path_may(node, RIGHT_WRITE);
    if (error != 0)
        return error;
    if (times == NULL)
        times = now;
    disk_begin();
    disk_note_attributes(node);
    node->times.access = chosen(times[0], node->times.access);
    node->times.modification = chosen(times[1], node->times.modification);
    node->times.change = node_now();
    tell_attributes(node);
    return 0;
}
