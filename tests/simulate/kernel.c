/* SPDX-License-Identifier: MIT */
/* The world as a whole, its clocks and its processes. */
#include "world.h"

#include <string.h>
#include <unistd.h>

static const int64_t new_year = 1767225600LL * 1000000000; /* 2026-01-01 */

void kernel_reseed(uint64_t seed)
{
    static const uint8_t pieces[] = {1, 1, 1, 2, 3, 7, 20};
    world->draw = draw_from(seed, 0x6b65726e);
    world->pieces = pieces[draw_below(&world->draw, sizeof pieces)];
}

static void make_root(void)
{
    world->root = node_make(S_IFDIR | 0755, 0);
    world->root->links = 1;
    node_hold(world->root);
    kernel_mkdir("/root", 0700, 0);
    kernel_sync();
}

void kernel_reset(const struct profile *profile, uint64_t seed)
{
    region_reset();
    world->profile = profile;
    world->realtime = new_year;
    world->monotonic = 1000000000;
    world->bytes_left = -1;
    world->inodes_left = -1;
    world->processes_begun = 1000;
    kernel_reseed(seed);
    world->order = draw_bits(&world->draw);
    make_root();
}

void kernel_use_profile(const struct profile *profile)
{
    world->profile = profile;
}

const struct profile *kernel_profile(void)
{
    return world->profile;
}

/* --- Digest --------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
    return (hash ^ (hash >> 31)) * 0x9e3779b97f4a7c15;
}

/* Sums, since the order of the entries means nothing. */
static uint64_t digest(const struct node *node)
{
    uint64_t sum = node->mode & S_IFMT;
    sum = mix(sum, node->data.at, node->data.length);
    for (uint32_t i = 0; i < node->count; i++) {
        const struct entry *entry = &node->entries[i];
        sum += mix(digest(entry->node), entry->name, strlen(entry->name));
    }
    return sum;
}

uint64_t kernel_digest(void)
{
    return digest(world->root);
}

/* --- Time ----------------------------------------------------------------- */

int64_t kernel_monotonic(void)
{
    return world->monotonic;
}

int64_t kernel_realtime(void)
{
    return world->realtime;
}

void kernel_clock_step(int64_t nanoseconds)
{
    world->realtime += nanoseconds;
}

void kernel_pass(int64_t nanoseconds)
{
    world->monotonic += nanoseconds;
    world->realtime += nanoseconds;
}

/* --- Processes ------------------------------------------------------------ */

static struct file *standard_file(enum file_kind kind)
{
    struct file *file = region_take(sizeof *file);
    file->kind = kind;
    file->flags = kind == FILE_INPUT ? 0 : 1;
    return file;
}

struct tasklet *kernel_process_begin(int uid)
{
    struct tasklet *process = region_take(sizeof *process);
    process->next = world->processes;
    process->number = ++world->processes_begun;
    process->uid = uid;
    process->mask = 0077;
    process->file_size = -1;
    process->descriptors = FILES_MAX;
    process->files[0] = standard_file(FILE_INPUT);
    process->files[1] = standard_file(FILE_OUTPUT);
    process->files[2] = standard_file(FILE_VOID);
    world->processes = process;
    return process;
}

struct tasklet *kernel_process_fork(const struct tasklet *parent)
{
    struct tasklet *process = region_take(sizeof *process);
    process->next = world->processes;
    process->number = ++world->processes_begun;
    process->uid = parent->uid;
    process->mask = parent->mask;
    process->ignores_size = parent->ignores_size;
    process->file_size = parent->file_size;
    process->descriptors = parent->descriptors;
    descriptor_inherit(process, parent);
    world->processes = process;
    return process;
}

static void close_all(struct tasklet *process)
{
    struct tasklet *before = world->current;
    world->current = process;
    for (int i = 0; i < FILES_MAX; i++) {
        if (process->files[i] != NULL)
            descriptor_close(i);
    }
    world->current = before == process ? NULL : before;
}

/* From those that run. */
static void take_out(const struct tasklet *process)
{
    struct tasklet **at = &world->processes;
    while (*at != NULL && *at != process)
        at = &(*at)->next;
    *at = process->next;
}

static size_t count_files(const struct tasklet *process)
{
    size_t count = 0;
    for (int i = STDERR_FILENO + 1; i < FILES_MAX; i++)
        count += process->files[i] != NULL;
    return count;
}

size_t kernel_process_rest(struct tasklet *process)
{
    take_out(process);
    process->next = world->resting;
    world->resting = process;
    bytes_free(&process->input);
    bytes_free(&process->output);
    process->files[STDIN_FILENO]->position = 0;
    return count_files(process);
}

struct tasklet *kernel_process_resume(void)
{
    struct tasklet *process = world->resting;
    if (process == NULL)
        return NULL;
    world->resting = process->next;
    process->next = world->processes;
    world->processes = process;
    return process;
}

void kernel_process_end_resting(void)
{
    struct tasklet *process;
    while ((process = kernel_process_resume()) != NULL)
        kernel_process_end(process);
}

void kernel_process_end(struct tasklet *process)
{
    close_all(process);
    for (struct tasklet *at = world->processes; at != NULL; at = at->next) {
        if (at->waits_for == process)
            at->waits_for = NULL;
    }
    take_out(process);
    bytes_free(&process->input);
    bytes_free(&process->output);
    region_give_text(process->executable);
    region_give(process, sizeof *process);
}

void kernel_process_use(struct tasklet *process)
{
    world->current = process;
}

struct tasklet *kernel_process(void)
{
    return world->current;
}

int kernel_process_id(const struct tasklet *process)
{
    return process->number;
}

void kernel_process_executable(struct tasklet *process, const char *path)
{
    region_give_text(process->executable);
    process->executable = region_text(path, strlen(path));
}

void kernel_stdin(struct tasklet *process, const char *bytes, size_t length)
{
    bytes_resize(&process->input, 0);
    bytes_put(&process->input, 0, bytes, length);
}

const char *kernel_stdout(const struct tasklet *process, size_t *length)
{
    *length = process->output.length;
    return process->output.length == 0 ? "" : process->output.at;
}

void kernel_stdout_close(struct tasklet *process)
{
    process->output_closed = true;
}

void kernel_limit_file_size(struct tasklet *process, int64_t bytes)
{
    process->file_size = bytes;
}

void kernel_limit_descriptors(struct tasklet *process, int count)
{
    process->descriptors = count < 0 ? FILES_MAX : count;
}

/* --- What is left of the disk --------------------------------------------- */

void kernel_space(int64_t bytes, int64_t inodes)
{
    world->bytes_left = bytes;
    world->inodes_left = inodes;
}

bool disk_has_inode(void)
{
    if (world->inodes_left == 0)
        return false;
    if (world->inodes_left > 0)
        world->inodes_left--;
    return true;
}

bool disk_take(int64_t bytes)
{
    if (world->bytes_left < 0)
        return true;
    if (world->bytes_left < bytes)
        return false;
    world->bytes_left -= bytes;
    return true;
}
