/* SPDX-License-Identifier: MIT */
/* Open files, of the process in use. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>

struct file *descriptor_file(int descriptor)
{
    return descriptor < 0 || descriptor >= FILES_MAX
               ? NULL
               : world->current->files[descriptor];
}

int descriptor_folder(int descriptor, struct node **folder)
{
    if (descriptor == AT_FDCWD) {
        *folder = world->root;
        return 0;
    }
    const struct file *file = descriptor_file(descriptor);
    if (file == NULL)
        return -EBADF;
    if (file->node == NULL || !S_ISDIR(file->node->mode))
        return -ENOTDIR;
    *folder = file->node;
    return 0;
}

const char *descriptor_path(int descriptor)
{
    static const char *const standard[] = {"<stdin>", "<stdout>", "<stderr>"};
    const struct file *file = descriptor_file(descriptor);
    if (file == NULL)
        return "";
    if (file->path != NULL)
        return file->path;
    return descriptor <= 2 ? standard[descriptor] : "<inotify>";
}

static int free_descriptor(void)
{
    const struct tasklet *process = world->current;
    for (int i = 0; i < process->descriptors && i < FILES_MAX; i++) {
        if (process->files[i] == NULL)
            return i;
    }
    return -EMFILE;
}

static int add_file(struct file file)
{
    int descriptor = free_descriptor();
    if (descriptor < 0)
        return descriptor;
    struct file *added = region_take(sizeof *added);
    *added = file;
    world->current->files[descriptor] = added;
    return descriptor;
}

/* --- Opening -------------------------------------------------------------- */

static bool is_writing(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY;
}

static unsigned rights_of(int flags)
{
    if ((flags & O_ACCMODE) == O_RDWR)
        return RIGHT_READ | RIGHT_WRITE;
    return is_writing(flags) ? RIGHT_WRITE : RIGHT_READ;
}

static int check_kind(const struct node *node, int flags)
{
    if (S_ISLNK(node->mode))
        return -ELOOP;
    if ((flags & O_DIRECTORY) != 0 && !S_ISDIR(node->mode))
        return -ENOTDIR;
    if (S_ISDIR(node->mode) && (is_writing(flags) || (flags & O_CREAT) != 0))
        return -EISDIR;
    if (S_ISFIFO(node->mode) && is_writing(flags))
        return -ENXIO;
    return 0;
}

static int open_existing(struct node *node, int flags)
{
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
        return -EEXIST;
    int error = check_kind(node, flags);
    if (error == 0)
        error = path_may(node, rights_of(flags));
    if (error == 0 && (flags & O_TRUNC) != 0 && S_ISREG(node->mode))
        node_truncate(node);
    return error;
}

static int open_place(struct place *place, int flags, mode_t mode)
{
    if (place->node != NULL)
        return open_existing(place->node, flags);
    if ((flags & O_CREAT) == 0)
        return -ENOENT;
    mode_t given = S_IFREG | (mode & ~world->current->mask & 0777);
    return name_create(place, given, path_uid(), &place->node);
}

int descriptor_open(struct node *base, const char *path, int flags, mode_t mode,
    const char *whole)
{
    struct place place;
    int new_only = O_CREAT | O_EXCL;
    bool follow = (flags & O_NOFOLLOW) == 0 && (flags & new_only) != new_only;
    int error = free_descriptor();
    if (error >= 0)
        error = path_find(base, path, follow, &place);
    if (error == 0)
        error = open_place(&place, flags, mode);
    if (error != 0)
        return error;
    node_hold(place.node);
    return add_file((struct file){.kind = FILE_NODE,
        .flags = flags,
        .node = place.node,
        .path = region_text(whole, strlen(whole))});
}

int descriptor_notifier(void)
{
    int free = free_descriptor();
    if (!world->profile->inotify)
        return -ENOSYS;
    return free < 0 ? free
                    : add_file((struct file){
                          .kind = FILE_NOTIFIER, .notifier = notifier_make()});
}

/* --- Closing -------------------------------------------------------------- */

static void close_node(struct file *file)
{
    struct node *node = file->node;
    lock_release(node, world->current);
    if (is_writing(file->flags) && S_ISREG(node->mode) && node->home != NULL)
        watch_tell(node->home, IN_CLOSE_WRITE, "", 0);
    listing_free(file->listing);
    region_give_text(file->path);
    node_release(node);
}

int descriptor_close(int descriptor)
{
    struct file *file = descriptor_file(descriptor);
    if (file == NULL)
        return -EBADF;
    world->current->files[descriptor] = NULL;
    if (file->kind == FILE_NODE)
        close_node(file);
    if (file->kind == FILE_NOTIFIER)
        notifier_free(file->notifier);
    region_give(file, sizeof *file);
    return 0;
}

void descriptor_inherit(struct tasklet *to, const struct tasklet *from)
{
    for (int i = 0; i < FILES_MAX; i++) {
        const struct file *file = from->files[i];
        if (file == NULL || file->kind != FILE_NODE)
            continue;
        to->files[i] = region_take(sizeof *file);
        *to->files[i] = *file;
        to->files[i]->listing = NULL;
        to->files[i]->path = region_text(file->path, strlen(file->path));
        node_hold(file->node);
    }
}

/* --- Reading -------------------------------------------------------------- */

static int64_t read_at(
    const struct bytes *bytes, int64_t offset, char *to, size_t length)
{
    if (offset >= (int64_t)bytes->length)
        return 0;
    size_t left = bytes->length - (size_t)offset;
    size_t count = left < length ? left : length;
    if (count > 0)
        memcpy(to, bytes->at + offset, count);
    return (int64_t)count;
}

static int check_data(const struct file *file, bool writing)
{
    if (file == NULL || (writing ? !is_writing(file->flags)
                                 : (file->flags & O_ACCMODE) == O_WRONLY))
        return -EBADF;
    if (file->kind != FILE_NODE)
        return -ESPIPE;
    return S_ISDIR(file->node->mode) ? -EISDIR : 0;
}

static int64_t read_node(struct file *file, char *to, size_t length)
{
    int error = check_data(file, false);
    if (error != 0)
        return error;
    int64_t count = read_at(&file->node->data, file->position, to, length);
    file->position += count;
    return count;
}

int64_t descriptor_read(int descriptor, char *to, size_t length)
{
    struct file *file = descriptor_file(descriptor);
    if (file == NULL || file->kind == FILE_OUTPUT)
        return -EBADF;
    if (file->kind == FILE_NODE)
        return read_node(file, to, length);
    if (file->kind == FILE_NOTIFIER)
        return notifier_read(file->notifier, to, length);
    if (file->kind == FILE_VOID)
        return 0;
    int64_t count = read_at(&world->current->input, file->position, to, length);
    file->position += count;
    return count;
}

int64_t descriptor_pread(
    int descriptor, char *to, size_t length, int64_t offset)
{
    const struct file *file = descriptor_file(descriptor);
    int error = check_data(file, false);
    return error != 0 ? error : read_at(&file->node->data, offset, to, length);
}

/* --- Writing -------------------------------------------------------------- */

/* Up to the limit of the process; at it, not at all. */
static int64_t write_node(
    struct file *file, const char *from, size_t length, int64_t offset)
{
    int64_t limit = world->current->file_size;
    if (limit >= 0 && offset >= limit && length > 0)
        return -EFBIG;
    if (limit >= 0 && (int64_t)length > limit - offset)
        length = (size_t)(limit - offset);
    return node_write(file->node, offset, from, length);
}

static int64_t write_pipe(const char *from, size_t length)
{
    struct tasklet *process = world->current;
    if (process->output_closed)
        return -EPIPE;
    bytes_put(&process->output, process->output.length, from, length);
    return (int64_t)length;
}

int64_t descriptor_write(int descriptor, const char *from, size_t length)
{
    struct file *file = descriptor_file(descriptor);
    if (file != NULL && file->kind == FILE_OUTPUT)
        return write_pipe(from, length);
    if (file != NULL && file->kind == FILE_VOID)
        return (int64_t)length;
    int error = check_data(file, true);
    if (error != 0)
        return error;
    if ((file->flags & O_APPEND) != 0)
        file->position = (int64_t)file->node->data.length;
    int64_t count = write_node(file, from, length, file->position);
    if (count > 0)
        file->position += count;
    return count;
}

int64_t descriptor_pwrite(
    int descriptor, const char *from, size_t length, int64_t offset)
{
    struct file *file = descriptor_file(descriptor);
    int error = check_data(file, true);
    return error != 0 ? error : write_node(file, from, length, offset);
}
