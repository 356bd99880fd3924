/* SPDX-License-Identifier: MIT */
/* readdir(3): some names at once, at one moment; the next come later. */
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

struct listing {
    int descriptor;
    bool begun;
    uint32_t piece; /* names at once */
    uint64_t hash;  /* of the last name that was read, and that name */
    char last[NAME_MAX + 1];
    struct bytes names; /* read and not yet given: where to go on behind it,
                         * kind, name, NUL each */
    size_t given;
    uint64_t told; /* where to go on behind the last that was given */
    struct dirent entry;
};

struct listing *listing_open(int descriptor)
{
    struct file *file = descriptor_file(descriptor);
    if (file == NULL || file->node == NULL || !S_ISDIR(file->node->mode))
        return NULL;
    struct listing *listing = region_take(sizeof *listing);
    listing->descriptor = descriptor;
    file->listing = listing;
    return listing;
}

void listing_free(struct listing *listing)
{
    if (listing == NULL)
        return;
    bytes_free(&listing->names);
    region_give(listing, sizeof *listing);
}

int listing_descriptor(const struct listing *listing)
{
    return listing->descriptor;
}

static unsigned char kind_of(const struct node *node)
{
    return (unsigned char)((node->mode & S_IFMT) >> 12);
}

struct dirent *listing_next(struct listing *listing)
{
    if (listing->given >= listing->names.length)
        return NULL;
    const char *at = listing->names.at + listing->given;
    memcpy(&listing->told, at, sizeof listing->told);
    at += sizeof listing->told;
    size_t length = strlen(at + 1);
    listing->entry.d_type = (unsigned char)at[0];
    listing->entry.d_ino = 1;
    memcpy(listing->entry.d_name, at + 1, length + 1);
    listing->given += sizeof listing->told + length + 2;
    return &listing->entry;
}

int64_t listing_tell(const struct listing *listing)
{
    return (int64_t)listing->told;
}

static void take(struct listing *listing, uint64_t behind,
    const struct node *node, const char *name)
{
    char kind = (char)kind_of(node);
    struct bytes *names = &listing->names;
    bytes_put(names, names->length, (const char *)&behind, sizeof behind);
    bytes_put(names, names->length, &kind, 1);
    bytes_put(names, names->length, name, strlen(name) + 1);
}

/* Where the profile says so, all names come at once and none is missed. */
static void choose_piece(struct listing *listing, const struct node *folder)
{
    listing->begun = true;
    listing->piece = world->profile->moving_names
                         ? (folder->count / world->pieces) + 1
                         : folder->count + 1;
}

static void begin(struct listing *listing, const struct node *folder)
{
    choose_piece(listing, folder);
    take(listing, 0, folder, ".");
    take(listing, 0, folder, "..");
}

/* The first whose hash is no smaller. */
void listing_seek(struct listing *listing, int64_t position)
{
    choose_piece(listing, descriptor_file(listing->descriptor)->node);
    bytes_resize(&listing->names, 0);
    listing->given = 0;
    listing->hash = listing->told = (uint64_t)position;
    listing->last[0] = '\0';
}

int listing_read(struct listing *listing)
{
    const struct node *folder = descriptor_file(listing->descriptor)->node;
    bytes_resize(&listing->names, 0);
    listing->given = 0;
    if (folder->links == 0)
        return 0; /* removed meanwhile */
    if (!listing->begun)
        begin(listing, folder);
    uint32_t at = folder_seek(
        folder, listing->hash, listing->last, strlen(listing->last));
    if (at < folder->count && folder->entries[at].hash == listing->hash &&
        strcmp(folder->entries[at].name, listing->last) == 0)
        at++;
    for (uint32_t i = 0; i < listing->piece && at < folder->count; i++, at++) {
        const struct entry *entry = &folder->entries[at];
        take(listing, entry->hash + 1, entry->node, entry->name);
        listing->hash = entry->hash;
        memcpy(listing->last, entry->name, strlen(entry->name) + 1);
    }
    return listing->names.length > 0;
}
