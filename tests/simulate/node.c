/* SPDX-License-Identifier: MIT */
/* Files, folders and symbolic links without their names. */
#include "world.h"

#include <errno.h>
#include <string.h>

enum {
    BLOCK = 4096
};

static const int64_t second = 1000000000;

struct node *node_make(mode_t mode, int uid)
{
    struct node *node = region_take(sizeof *node);
    node->number = ++world->nodes;
    node->mode = mode;
    node->uid = uid;
    int64_t now = node_now();
    node->times = (struct times){now, now, now};
    return node;
}

static int64_t blocks(size_t length)
{
    return (int64_t)(length + BLOCK - 1) / BLOCK * BLOCK;
}

static void give_back(const struct node *node)
{
    if (world->bytes_left >= 0)
        world->bytes_left += blocks(node->data.length);
    if (world->inodes_left >= 0)
        world->inodes_left++;
}

/* Once nothing names it and nobody knows it. */
static void free_unused(struct node *node)
{
    if (node->links > 0 || node->references > 0)
        return;
    give_back(node);
    folder_clear(node);
    bytes_free(&node->data);
    bytes_free(&node->durable);
    struct node *home = node->home;
    region_give(node, sizeof *node);
    if (home != NULL)
        node_release(home);
}

void node_hold(struct node *node)
{
    node->references++;
}

void node_release(struct node *node)
{
    node->references--;
    free_unused(node);
}

void node_link(struct node *node, struct node *home)
{
    node->links++;
    if (node->home == home)
        return;
    node_hold(home);
    if (node->home != NULL)
        node_release(node->home);
    node->home = home;
}

void node_unlink(struct node *node)
{
    node->links--;
    free_unused(node);
}

/* --- Contents ------------------------------------------------------------- */

/* The disk keeps what was there when it was synced last. */
static void begin_change(struct node *node)
{
    if (node->dirty)
        return;
    bytes_copy(&node->durable, &node->data);
    node->dirty = true;
}

/* How many of `length` bytes at `offset` there is room for. */
static size_t claim_room(const struct node *node, size_t offset, size_t length)
{
    size_t end = offset + length;
    int64_t grows =
        end > node->data.length ? blocks(end) - blocks(node->data.length) : 0;
    if (grows == 0 || disk_take(grows))
        return length;
    size_t room = (size_t)blocks(node->data.length);
    return room > offset ? room - offset : 0;
}

int64_t node_write(
    struct node *node, int64_t offset, const char *bytes, size_t length)
{
    if (length == 0)
        return 0;
    size_t fits = claim_room(node, (size_t)offset, length);
    if (fits == 0)
        return -ENOSPC;
    begin_change(node);
    bytes_put(&node->data, (size_t)offset, bytes, fits);
    node_stamp(node, true);
    return (int64_t)fits;
}

void node_truncate(struct node *node)
{
    if (world->bytes_left >= 0)
        world->bytes_left += blocks(node->data.length);
    begin_change(node);
    bytes_resize(&node->data, 0);
    node_stamp(node, true);
}

void node_set_data(struct node *node, const char *bytes, size_t length)
{
    begin_change(node);
    bytes_resize(&node->data, length);
    if (length > 0)
        memcpy(node->data.at, bytes, length);
}

/* --- What stat says ------------------------------------------------------- */

static struct timespec to_timespec(int64_t time)
{
    int64_t rest = ((time % second) + second) % second;
    return (struct timespec){
        .tv_sec = (time - rest) / second, .tv_nsec = (long)rest};
}

void node_status(const struct node *node, struct stat *status)
{
    bool folder = S_ISDIR(node->mode);
    *status = (struct stat){.st_dev = 1,
        .st_ino = node->number,
        .st_mode = node->mode,
        .st_nlink = folder && node->links > 0 ? 2 : node->links,
        .st_uid = (uid_t)node->uid,
        .st_gid = (gid_t)node->uid,
        .st_size = folder ? BLOCK : (off_t)node->data.length,
        .st_blksize = BLOCK,
        .st_blocks = blocks(node->data.length) / 512,
        .st_atim = to_timespec(node->times.access),
        .st_mtim = to_timespec(node->times.modification),
        .st_ctim = to_timespec(node->times.change)};
}

static struct told *told_here(struct node *node)
{
    return &node->told[kernel_process()->number % MACHINES];
}

void node_tell(struct node *node, struct stat *status)
{
    struct told *told = told_here(node);
    node_status(node, status);
    if (!S_ISDIR(node->mode) || world->profile->memory == 0)
        return;
    if (told->until <= world->monotonic) {
        told->until = world->monotonic + world->profile->memory;
        told->times = node->times;
    }
    status->st_atim = to_timespec(told->times.access);
    status->st_mtim = to_timespec(told->times.modification);
    status->st_ctim = to_timespec(told->times.change);
}

int64_t node_now(void)
{
    return world->realtime - (world->realtime % world->profile->granularity);
}

void node_stamp(struct node *node, bool modified)
{
    if (kernel_process() != NULL)
        told_here(node)->until = 0;
    node->times.change = node_now();
    if (modified)
        node->times.modification = node->times.change;
}
