/* SPDX-License-Identifier: MIT */
/* The names in a folder: an array in the order of a hash of them, which is the
 * order in which they are listed, as ext4 and others do. A name that is made
 * while somebody lists the folder is therefore met or not, as it falls. */
#include "world.h"

#include <string.h>

uint64_t folder_hash(const char *name, size_t length)
{
    uint64_t hash = world->order;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3;
    hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
    return hash == 0 ? 1 : hash; /* 0 is before all */
}

/* As strcmp, of `name` cut to `length`. */
static int compare(
    const struct entry *entry, uint64_t hash, const char *name, size_t length)
{
    if (entry->hash != hash)
        return entry->hash < hash ? -1 : 1;
    int order = strncmp(entry->name, name, length);
    return order == 0 && entry->name[length] != '\0' ? 1 : order;
}

uint32_t folder_seek(
    const struct node *folder, uint64_t hash, const char *name, size_t length)
{
    uint32_t low = 0;
    uint32_t high = folder->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (compare(&folder->entries[middle], hash, name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *find(const struct node *folder, uint64_t hash,
    const char *name, size_t length, uint32_t *at)
{
    *at = folder_seek(folder, hash, name, length);
    struct entry *entry = folder->entries + *at;
    return *at < folder->count && compare(entry, hash, name, length) == 0
               ? entry
               : NULL;
}

struct node *folder_find(
    const struct node *folder, const char *name, size_t length)
{
    uint32_t at;
    const struct entry *entry =
        find(folder, folder_hash(name, length), name, length, &at);
    return entry == NULL ? NULL : entry->node;
}

static void grow(struct node *folder)
{
    uint32_t size = folder->size == 0 ? 8 : folder->size * 2;
    struct entry *larger = region_take(size * sizeof *larger);
    if (folder->count > 0)
        memcpy(larger, folder->entries, folder->count * sizeof *larger);
    region_give(folder->entries, folder->size * sizeof *larger);
    folder->entries = larger;
    folder->size = size;
}

static void insert(struct node *folder, uint32_t at, struct entry entry)
{
    if (folder->count == folder->size)
        grow(folder);
    struct entry *place = folder->entries + at;
    memmove(place + 1, place, (folder->count - at) * sizeof *place);
    *place = entry;
    folder->count++;
}

static void remove_at(struct node *folder, uint32_t at)
{
    struct entry *place = folder->entries + at;
    region_give_text(place->name);
    folder->count--;
    memmove(place, place + 1, (folder->count - at) * sizeof *place);
}

void folder_put(
    struct node *folder, const char *name, size_t length, struct node *node)
{
    uint32_t at;
    uint64_t hash = folder_hash(name, length);
    struct entry *entry = find(folder, hash, name, length, &at);
    struct node *before = entry == NULL ? NULL : entry->node;
    if (node != NULL) {
        node_link(node, folder);
        if (S_ISDIR(node->mode))
            node->parent = folder;
    }
    if (entry != NULL && node != NULL)
        entry->node = node;
    else if (entry != NULL)
        remove_at(folder, at);
    else if (node != NULL)
        insert(
            folder, at, (struct entry){hash, node, region_text(name, length)});
    if (before != NULL)
        node_unlink(before);
}

void folder_clear(struct node *folder)
{
    while (folder->count > 0) {
        struct node *node = folder->entries[folder->count - 1].node;
        remove_at(folder, folder->count - 1);
        node_unlink(node);
    }
    region_give(folder->entries, folder->size * sizeof *folder->entries);
    folder->entries = NULL;
    folder->size = 0;
}
