/* SPDX-License-Identifier: MIT */
/* Loss of power: which of the changes that were not synced stand. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loss {
    kernel_draw *draw;
    void *context;
};

static uint32_t draw(const struct loss *loss, size_t below)
{
    return below < 2 ? 0 : loss->draw(loss->context, (uint32_t)below);
}

/* --- Which records stand -------------------------------------------------- */

/* The last change that the journal has; 0: none. */
static uint64_t draw_end(const struct loss *loss)
{
    if (world->oldest == NULL)
        return 0;
    uint64_t before = world->oldest->change - 1;
    return before + draw(loss, (size_t)(world->newest->change - before + 1));
}

static void keep_until(uint64_t end)
{
    for (struct record *at = world->oldest; at != NULL; at = at->next)
        at->kept = at->change <= end;
}

/* Where a log is replayed of which only one folder of a rename was fsynced, the
 * file has been seen under both names; rightly it is moved. Of a file's several
 * names fsync of the file has been seen to save one. */
static bool survives(const struct loss *loss, struct record *record)
{
    if (record->logged == LOGGED_SURELY)
        return true;
    if (record->logged == LOGGED_BY_FILE)
        return record->after->home == record->folder || draw(loss, 2) != 0;
    const struct record *other = disk_other_half(record);
    return other != NULL && other->logged != LOGGED_NOT &&
           (!world->profile->split_renames || draw(loss, 2) != 0);
}

static void keep_logged(const struct loss *loss)
{
    keep_until(draw_end(loss));
    for (struct record *at = world->oldest; at != NULL; at = at->next)
        at->kept = at->kept || survives(loss, at);
}

static bool is_of_name(const struct record *one, const struct record *other)
{
    return one->folder == other->folder && one->kind == other->kind &&
           one->length == other->length &&
           (one->name == NULL || strcmp(one->name, other->name) == 0);
}

/* The first of its name that has not been looked at, and the next of it. */
static struct record *next_of_name(const struct record *of, struct record *at)
{
    while (at != NULL && !is_of_name(of, at))
        at = at->next;
    return at;
}

/* Of each name, and of each node's rights and times, what was at some moment
 * since it was synced. */
static void keep_of_name(const struct loss *loss, struct record *first)
{
    size_t count = 0;
    for (struct record *at = first; at != NULL;
        at = next_of_name(first, at->next)) {
        at->looked_at = true;
        count++;
    }
    uint32_t kept = draw(loss, count + 1);
    for (struct record *at = first; at != NULL && kept > 0;
        at = next_of_name(first, at->next), kept--)
        at->kept = true;
}

/* A name stands as it was at one moment, with all that it was before. */
static void keep_before_of_name(const struct record *record)
{
    for (struct record *at = record->previous; at != NULL; at = at->previous)
        at->kept = at->kept || is_of_name(record, at);
}

/* What became of a file stands with all that it became before. */
static void keep_before(const struct record *record)
{
    const struct node *node = disk_moved(record);
    for (struct record *at = record->previous; at != NULL; at = at->previous)
        at->kept = at->kept || (node != NULL && disk_moved(at) == node);
}

/* Both names of a rename stand where one does. */
static void keep_moves(void)
{
    for (struct record *at = world->newest; at != NULL; at = at->previous) {
        struct record *other = disk_other_half(at);
        if (!at->kept && at->logged == LOGGED_NOT)
            continue;
        at->kept = true;
        if (other != NULL)
            other->kept = true;
        keep_before(at);
    }
}

/* A file has its old name, its new name or both, never neither: the old one's
 * end stands only where the new one does. Within one folder it has one of them.
 * The rename before it is looked at after it, so that what this keeps of the
 * past is looked at, too. */
static void keep_targets(void)
{
    for (struct record *at = world->newest; at != NULL; at = at->previous) {
        struct record *other = disk_other_half(at);
        at->kept = at->kept || at->logged == LOGGED_SURELY;
        if (!at->kept)
            continue;
        keep_before_of_name(at);
        if (other == NULL || other->kept ||
            (at->after != NULL && other->folder != at->folder))
            continue;
        other->kept = true;
        keep_before_of_name(other);
    }
}

static void keep_any(const struct loss *loss)
{
    for (struct record *at = world->oldest; at != NULL; at = at->next) {
        if (!at->looked_at)
            keep_of_name(loss, at);
    }
    for (struct record *at = world->oldest; at != NULL; at = at->next)
        at->looked_at = false;
    if (!world->profile->split_renames)
        keep_moves();
}

static void decide(const struct loss *loss)
{
    if (world->profile->order == JOURNAL_ORDERED)
        keep_until(draw_end(loss));
    else if (world->profile->order == JOURNAL_BY_FILE)
        keep_logged(loss);
    else
        keep_any(loss);
    if (world->profile->split_renames)
        keep_targets();
}

/* --- What follows from that ----------------------------------------------- */

/* The time of a folder tells which names it has: that of before the first
 * change of them that is missing, or, where one is missing and a later one is
 * not, one that it has never had. So whoever has noted it of other names, as
 * index/ does, sees that it is another. That is true wherever a folder's names
 * and its times reach the disk together: in one transaction of a journal (ext4,
 * XFS, JFS), tree (btrfs, ZFS) or log (f2fs), whose replay dates anew what it
 * puts into an older folder, and on a server that keeps all that it knows of
 * names in one (MooseFS; NFS as what it exports). It is not true of ext2 and
 * FAT, which write a folder's times and its names apart. These doc/operate.md
 * excludes, since they lose renames, too. */
static bool is_out_of_order(const struct record *record)
{
    for (struct record *at = record->next; at != NULL; at = at->next) {
        if (at->kept && at->folder == record->folder)
            return true;
    }
    return false;
}

static void restore_folder(const struct record *record)
{
    struct node *folder = record->folder;
    if (is_out_of_order(record))
        node_stamp(folder, true);
    else
        folder->times = record->folder_times;
    if (record->kind == RECORD_NAME)
        return;
    folder->mode = record->mode;
    folder->uid = record->uid;
}

static void restore_file(const struct record *record)
{
    struct node *moved = record->after == NULL ? record->before : record->after;
    if (record->kind == RECORD_NAME && moved != NULL)
        moved->times = record->times;
}

/* Without an order a file's times may also be those of now. */
static void lose_times(const struct loss *loss)
{
    bool ordered = world->profile->order == JOURNAL_ORDERED;
    for (struct record *at = world->newest; at != NULL; at = at->previous) {
        if (at->kept)
            continue;
        restore_folder(at);
        if (ordered || draw(loss, 2) == 0)
            restore_file(at);
    }
}

static void settle_name(struct record *first)
{
    struct node *node = first->before;
    for (struct record *at = first; at != NULL;
        at = next_of_name(first, at->next)) {
        at->looked_at = true;
        if (at->kept)
            node = at->after;
    }
    folder_put(first->folder, first->name, first->length, node);
}

static void lose_names(void)
{
    for (struct record *at = world->oldest; at != NULL; at = at->next) {
        if (at->kind == RECORD_NAME && !at->looked_at)
            settle_name(at);
    }
}

/* What is in a folder that has no name is gone with it. */
static void detach(struct node *folder)
{
    for (uint32_t i = 0; i < folder->count; i++) {
        struct node *node = folder->entries[i].node;
        if (S_ISDIR(node->mode) && node->links == 1)
            detach(node);
    }
    folder_clear(folder);
}

static void lose_folders(void)
{
    for (struct record *at = world->oldest; at != NULL; at = at->next) {
        struct node *parts[] = {at->folder, at->before, at->after};
        for (int i = 0; i < 3; i++) {
            if (parts[i] != NULL && parts[i]->links == 0)
                detach(parts[i]);
        }
    }
}

/* --- Data ----------------------------------------------------------------- */

enum lost {
    LOST_ALL,
    LOST_NOTHING,
    LOST_END,
    LOST_BEGINNING,
    LOST_TO_ZEROS,
    LOST_KINDS
};

static void put_back(struct node *node, size_t from, size_t to)
{
    if (to > node->durable.length)
        to = node->durable.length;
    if (to > from)
        bytes_put(&node->data, from, node->durable.at + from, to - from);
}

static void lose_end(struct node *node, size_t cut)
{
    bytes_resize(&node->data, cut);
    put_back(node, cut, node->durable.length);
}

/* What was there before is longer than what is missing now. */
static void lose_beginning(struct node *node, size_t cut)
{
    size_t length = node->data.length;
    if (node->durable.length >= cut)
        put_back(node, 0, cut);
    else
        lose_end(node, length / 2);
}

static void lose_data(const struct loss *loss, struct node *node)
{
    size_t kinds = world->profile->zeros ? LOST_KINDS : LOST_TO_ZEROS;
    enum lost lost = (enum lost)draw(loss, kinds);
    size_t cut = lost <= LOST_NOTHING ? 0 : draw(loss, node->data.length + 1);
    if (lost == LOST_ALL)
        bytes_copy(&node->data, &node->durable);
    else if (lost == LOST_END)
        lose_end(node, cut);
    else if (lost == LOST_BEGINNING)
        lose_beginning(node, cut);
    else if (lost == LOST_TO_ZEROS && node->data.length > cut)
        memset(node->data.at + cut, 0, node->data.length - cut);
    bytes_free(&node->durable);
    node->dirty = false;
}

static void visit_dirty(const struct loss *loss, struct node *node)
{
    if (node->dirty && loss != NULL) {
        lose_data(loss, node);
    } else if (node->dirty) {
        bytes_free(&node->durable);
        node->dirty = false;
    }
    for (uint32_t i = 0; i < node->count; i++)
        visit_dirty(loss, node->entries[i].node);
}

/* -------------------------------------------------------------------------- */

void kernel_sync(void)
{
    visit_dirty(NULL, world->root);
    disk_write_back();
}

void kernel_power_loss(kernel_draw *function, void *context)
{
    static const int64_t boot = 5 * INT64_C(1000000000);
    const struct loss loss = {function, context};
    if (world->processes != NULL) {
        fputs("simulate: the power goes while a process lives\n", stderr);
        abort();
    }
    kernel_process_end_resting();
    kernel_pass(boot);
    decide(&loss);
    lose_times(&loss);
    lose_names();
    lose_folders();
    visit_dirty(&loss, world->root);
    kernel_sync();
}
