/* SPDX-License-Identifier: MIT */
/* What the disk may lack: a list of the changes that no fsync has made sure of.
 * The tree in memory has them all; power.c takes some back. */
#include "world.h"

#include <string.h>

void disk_begin(void)
{
    world->change++;
}

static struct record *note(enum record_kind kind, struct node *folder)
{
    struct record *record = region_take(sizeof *record);
    record->kind = kind;
    record->change = world->change;
    record->folder = folder;
    record->folder_times = folder->times;
    record->mode = folder->mode;
    record->uid = folder->uid;
    record->previous = world->newest;
    if (world->newest != NULL)
        world->newest->next = record;
    else
        world->oldest = record;
    world->newest = record;
    node_hold(folder);
    folder->touched = world->change;
    return record;
}

static void take_part(struct record *record, struct node *node)
{
    if (node == NULL)
        return;
    node_hold(node);
    node->touched = world->change;
    record->times = node->times;
}

void disk_note_name(struct node *folder, const char *name, size_t length,
    struct node *before, struct node *after)
{
    struct record *record = note(RECORD_NAME, folder);
    record->name = region_text(name, length);
    record->length = length;
    record->before = before;
    record->after = after;
    take_part(record, before);
    take_part(record, after);
}

void disk_note_attributes(struct node *node)
{
    note(RECORD_ATTRIBUTES, node);
}

void disk_drop(struct record *record)
{
    if (record->previous != NULL)
        record->previous->next = record->next;
    else
        world->oldest = record->next;
    if (record->next != NULL)
        record->next->previous = record->previous;
    else
        world->newest = record->previous;
    node_release(record->folder);
    if (record->before != NULL)
        node_release(record->before);
    if (record->after != NULL)
        node_release(record->after);
    region_give_text(record->name);
    region_give(record, sizeof *record);
}

/* --- fsync ---------------------------------------------------------------- */

static void sync_data(struct node *node)
{
    bytes_free(&node->durable);
    node->dirty = false;
}

/* The journal is written up to the last change that the file had part in. */
static void sync_journal(const struct node *node)
{
    while (world->oldest != NULL && world->oldest->change <= node->touched)
        disk_drop(world->oldest);
}

struct record *disk_other_half(const struct record *record)
{
    struct record *sides[] = {record->previous, record->next};
    for (int i = 0; i < 2; i++) {
        if (sides[i] != NULL && sides[i]->change == record->change)
            return sides[i];
    }
    return NULL;
}

const struct node *disk_moved(const struct record *record)
{
    return record->after == NULL ? record->before : record->after;
}

/* Both names of the rename, and all that became of the file before; where one
 * may stand without the other, only the new one with the old one's end. */
static void sync_move(const struct record *record)
{
    const struct node *node = disk_moved(record);
    struct record *other = disk_other_half(record);
    bool splits = world->profile->split_renames;
    if (other != NULL && (!splits || record->after == NULL))
        other->logged = LOGGED_SURELY;
    if (splits)
        return;
    for (struct record *at = record->previous; at != NULL; at = at->previous) {
        if (node != NULL && disk_moved(at) == node)
            at->logged = LOGGED_SURELY;
    }
}

/* A folder's names, a file's rights and times. */
static void sync_alone(const struct node *node)
{
    struct record *next;
    for (struct record *at = world->oldest; at != NULL; at = next) {
        next = at->next;
        if (at->folder != node)
            continue;
        sync_move(at);
        disk_drop(at);
    }
}

/* That something has been made, and the folders that it is in. */
static void log_making(const struct node *node)
{
    for (; node != NULL; node = node->parent) {
        for (struct record *at = world->oldest; at != NULL; at = at->next) {
            if (at->after == node)
                at->logged = LOGGED_SURELY;
        }
    }
}

/* The log of a folder holds its entries, that of a file its names, of which
 * power.c believes but one. */
static void sync_log(const struct node *node)
{
    bool folder = S_ISDIR(node->mode);
    for (struct record *at = world->oldest; at != NULL; at = at->next) {
        if (at->folder == node)
            at->logged = LOGGED_SURELY;
        else if (!folder && at->after == node && at->logged == LOGGED_NOT)
            at->logged = LOGGED_BY_FILE;
    }
    log_making(folder ? node : node->home);
}

void disk_write_back(void)
{
    while (world->oldest != NULL)
        disk_drop(world->oldest);
}

void disk_sync(struct node *node)
{
    sync_data(node);
    if (world->profile->order == JOURNAL_ORDERED)
        sync_journal(node);
    else if (world->profile->order == JOURNAL_BY_FILE)
        sync_log(node);
    else
        sync_alone(node);
}
