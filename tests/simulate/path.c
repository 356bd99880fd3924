/* SPDX-License-Identifier: MIT */
/* What a path names, and who may do what with it. */
#include "world.h"

#include <errno.h>
#include <string.h>

enum {
    LEADS_MAX = 40 /* symbolic links in one path, as Linux has it */
};

/* --- Rights --------------------------------------------------------------- */

int path_uid(void)
{
    return world->current == NULL ? 0 : world->current->uid;
}

int path_may(const struct node *node, unsigned rights)
{
    int uid = path_uid();
    if ((rights & RIGHT_WRITE) != 0 && node->immutable)
        return -EPERM;
    if (uid == 0)
        return 0;
    unsigned given = uid == node->uid ? node->mode >> 6 : node->mode;
    return (given & rights) == rights ? 0 : -EACCES;
}

int path_may_add(const struct node *folder)
{
    int error = path_may(folder, RIGHT_WRITE | RIGHT_PASS);
    return error == 0 && folder->links == 0 ? -ENOENT : error;
}

int path_may_remove(const struct node *folder, const struct node *node)
{
    int uid = path_uid();
    int error = path_may(folder, RIGHT_WRITE | RIGHT_PASS);
    if (error != 0)
        return error;
    bool sticky = (folder->mode & S_ISVTX) != 0 && uid != 0 &&
                  uid != node->uid && uid != folder->uid;
    return sticky || node->immutable ? -EPERM : 0;
}

int path_may_own(const struct node *node)
{
    int uid = path_uid();
    return (uid != 0 && uid != node->uid) || node->immutable ? -EPERM : 0;
}

/* --- Walking -------------------------------------------------------------- */

struct walk {
    struct node *folder;
    int leads; /* symbolic links passed */
};

static size_t skip_slashes(const char *path)
{
    return strspn(path, "/");
}

/* "." and ".." have no entries. */
static struct node *step(struct node *folder, const char *name, size_t length)
{
    if (length == 1 && name[0] == '.')
        return folder;
    if (length == 2 && name[0] == '.' && name[1] == '.')
        return folder->parent == NULL ? folder : folder->parent;
    return folder_find(folder, name, length);
}

static int walk_path(
    struct walk *walk, const char *path, bool follow, struct place *place);

static int follow_link(
    struct walk *walk, const struct node *link, struct place *place)
{
    if (++walk->leads > LEADS_MAX)
        return -ELOOP;
    return walk_path(walk, link->data.at, true, place);
}

/* Looks the next name of `path` up in walk->folder. */
static int take_name(struct walk *walk, const char *name, size_t length,
    bool last, struct place *place)
{
    if (length > NAME_MAX)
        return -ENAMETOOLONG;
    if (!S_ISDIR(walk->folder->mode))
        return -ENOTDIR;
    int error = path_may(walk->folder, RIGHT_PASS);
    if (error != 0)
        return error;
    *place = (struct place){.folder = walk->folder,
        .name = name,
        .length = length,
        .node = step(walk->folder, name, length),
        .is_folder =
            name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))};
    return place->node == NULL && !last ? -ENOENT : 0;
}

static int walk_path(
    struct walk *walk, const char *path, bool follow, struct place *place)
{
    if (path[0] == '/')
        walk->folder = world->root;
    path += skip_slashes(path);
    *place = (struct place){walk->folder, ".", 1, walk->folder, true};
    while (path[0] != '\0') {
        size_t length = strcspn(path, "/");
        const char *rest = path + length + skip_slashes(path + length);
        bool last = rest[0] == '\0';
        bool slash = path[length] == '/';
        int error = take_name(walk, path, length, last, place);
        if (error == 0 && place->node != NULL && S_ISLNK(place->node->mode) &&
            (!last || follow || slash))
            error = follow_link(walk, place->node, place);
        if (error != 0)
            return error;
        if (!last && place->node == NULL)
            return -ENOENT;
        place->is_folder = place->is_folder || (last && slash);
        walk->folder = place->node;
        path = rest;
    }
    return 0;
}

int path_find(
    struct node *base, const char *path, bool follow, struct place *place)
{
    struct walk walk = {base, 0};
    if (path[0] == '\0')
        return -ENOENT;
    int error = walk_path(&walk, path, follow, place);
    if (error == 0 && place->is_folder && place->node != NULL &&
        !S_ISDIR(place->node->mode))
        error = -ENOTDIR;
    return error;
}

int path_look(
    struct node *base, const char *path, bool follow, struct node **node)
{
    struct place place;
    int error = path_find(base, path, follow, &place);
    if (error == 0 && place.node == NULL)
        error = -ENOENT;
    *node = error == 0 ? place.node : NULL;
    return error;
}
