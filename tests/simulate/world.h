/* SPDX-License-Identifier: MIT */
/* What the files of the kernel know of each other. Nobody else includes this.
 *
 * Functions that may fail return 0 or more, or a negative errno. */
#ifndef WORLD_H
#define WORLD_H

#define _DEFAULT_SOURCE /* for S_IFDIR, S_ISVTX and their like */

#include "draw.h"
#include "kernel.h"

#include <limits.h>

/* --- Memory (region.c) ---------------------------------------------------- */

struct bytes {
    char *at;
    size_t length, size;
};

void *region_take(size_t size); /* zeros */
void region_give(void *freed, size_t size);
char *region_text(const char *text, size_t length);
void region_give_text(char *text);
void region_reset(void);

/* Makes room for `length` bytes and a NUL; new ones are zeros. */
void bytes_resize(struct bytes *bytes, size_t length);
void bytes_put(
    struct bytes *bytes, size_t offset, const char *from, size_t length);
void bytes_copy(struct bytes *to, const struct bytes *from);
void bytes_free(struct bytes *bytes);

/* --- Nodes (node.c) ------------------------------------------------------- */

struct node;
struct tasklet;

struct entry {
    uint64_t hash; /* entries stand in this order, and so does a listing */
    struct node *node;
    char *name;
};

struct times {
    int64_t access, modification, change; /* ns since 1970 */
};

enum {
    MACHINES = 2 /* on which the processes run in turns */
};

/* What a machine has told of a folder, and tells up to a moment. */
struct told {
    int64_t until; /* monotonic */
    struct times times;
};

struct node {
    uint32_t number;
    mode_t mode;
    int uid;
    uint32_t links;
    uint32_t references; /* descriptors, records, watches, homes */
    struct times times;
    struct told told[MACHINES];
    bool immutable;

    struct bytes data;    /* of a file, or where a symbolic link leads */
    struct bytes durable; /* what the disk has of it, while `dirty` */
    bool dirty;
    uint64_t touched; /* the last change of names or times it had part in */

    struct entry *entries; /* of a folder */
    uint32_t count, size;
    struct node *parent;

    struct node *home;      /* the folder in which it got a name last */
    struct tasklet *holder; /* of its lock */
    struct watch *watches;
};

struct node *node_make(mode_t mode, int uid);
void node_hold(struct node *node);
void node_release(struct node *node);
void node_link(struct node *node, struct node *home);
void node_unlink(struct node *node);

/* -ENOSPC: nothing or less was written. */
int64_t node_write(
    struct node *node, int64_t offset, const char *bytes, size_t length);
void node_truncate(struct node *node);
void node_set_data(struct node *node, const char *bytes, size_t length);
void node_status(const struct node *node, struct stat *status);
/* As the machine of the process tells it. */
void node_tell(struct node *node, struct stat *status);
int64_t node_now(void); /* what a change made now is stamped with */
void node_stamp(struct node *node, bool modified);

/* --- Folders (folder.c) --------------------------------------------------- */

uint64_t folder_hash(const char *name, size_t length);
/* The position of the first entry that is not before. */
uint32_t folder_seek(
    const struct node *folder, uint64_t hash, const char *name, size_t length);
struct node *folder_find(
    const struct node *folder, const char *name, size_t length);

/* Sets, replaces or (NULL) removes; counts links. No times, no record. */
void folder_put(
    struct node *folder, const char *name, size_t length, struct node *node);
void folder_clear(struct node *folder);

/* --- Paths and rights (path.c) -------------------------------------------- */

struct place {
    struct node *folder;
    const char *name;
    size_t length;
    struct node *node; /* NULL: there is none of that name */
    bool is_folder;    /* a slash follows, or it is "." or ".." */
};

/* From the folder `base`. The name need not exist, its folder must. */
int path_find(
    struct node *base, const char *path, bool follow, struct place *place);
/* As path_find; the name must exist. */
int path_look(
    struct node *base, const char *path, bool follow, struct node **node);

enum right {
    RIGHT_READ = 4,
    RIGHT_WRITE = 2,
    RIGHT_PASS = 1
};

int path_uid(void); /* of who asks */
int path_may(const struct node *node, unsigned rights);
int path_may_add(const struct node *folder);
int path_may_remove(const struct node *folder, const struct node *node);
int path_may_own(const struct node *node); /* chmod, times */

/* --- Names (name.c) ------------------------------------------------------- */

int name_create(
    const struct place *place, mode_t mode, int uid, struct node **node);
int name_link(struct node *node, const struct place *place);
int name_rename(const struct place *from, const struct place *to);
int name_unlink(const struct place *place, bool folder);
int name_set_mode(struct node *node, mode_t mode);
int name_set_times(struct node *node, const struct timespec times[2]);

/* --- The disk (disk.c, power.c) ------------------------------------------- */

enum record_kind {
    RECORD_NAME,
    RECORD_ATTRIBUTES
};

/* Whether fsync has put it into the log of btrfs; elsewhere, whether it has
 * made sure of the other half of a rename. */
enum logged {
    LOGGED_NOT,
    LOGGED_BY_FILE, /* as one of the names of a file that was fsynced */
    LOGGED_SURELY
};

/* A change that the disk may lack, and what was before it. */
struct record {
    struct record *next, *previous;
    uint64_t change; /* a rename is one change of two names */
    enum record_kind kind;
    enum logged logged;
    bool kept; /* for power.c, while it decides */
    bool looked_at;
    struct node *folder; /* RECORD_ATTRIBUTES: the node */
    struct times folder_times;
    mode_t mode;
    int uid;
    char *name;
    size_t length;
    struct node *before, *after; /* NULL: no such name */
    struct times times;          /* of after, else of before */
};

void disk_begin(void); /* a change; what is noted now belongs to it */
void disk_note_name(struct node *folder, const char *name, size_t length,
    struct node *before, struct node *after);
void disk_note_attributes(struct node *node);
void disk_sync(struct node *node);
void disk_write_back(void); /* all names, rights and times; no contents */
void disk_drop(struct record *record);
/* The other name of the rename that this is one half of; NULL: it is none. */
struct record *disk_other_half(const struct record *record);
const struct node *disk_moved(const struct record *record);
bool disk_has_inode(void);
bool disk_take(int64_t bytes); /* false: not so many are left */

/* --- Descriptors (descriptor.c) ------------------------------------------- */

enum file_kind {
    FILE_NODE,
    FILE_INPUT,
    FILE_OUTPUT,
    FILE_VOID,
    FILE_NOTIFIER
};

struct file {
    enum file_kind kind;
    int flags;
    int64_t position;
    struct node *node;
    struct notifier *notifier;
    struct listing *listing;
    char *path;
};

enum {
    FILES_MAX = 256
};

struct tasklet {
    struct tasklet *next;
    int number;
    int uid;
    mode_t mask;
    bool ignores_size; /* SIGXFSZ */
    bool output_closed;
    int64_t file_size;
    int descriptors;
    struct bytes input, output;
    char *executable;
    struct tasklet *waits_for; /* who has the lock it asks for */
    struct file *files[FILES_MAX];
};

/* Those that rest are gone with the power. */
void kernel_process_end_resting(void);

/* NULL: no such descriptor. */
struct file *descriptor_file(int descriptor);
/* Where a path begins. */
int descriptor_folder(int descriptor, struct node **folder);
const char *descriptor_path(int descriptor);
int descriptor_open(struct node *base, const char *path, int flags, mode_t mode,
    const char *whole);
int descriptor_notifier(void);
int descriptor_close(int descriptor);
/* The files and folders of another process. */
void descriptor_inherit(struct tasklet *to, const struct tasklet *from);
int64_t descriptor_read(int descriptor, char *to, size_t length);
int64_t descriptor_pread(
    int descriptor, char *to, size_t length, int64_t offset);
int64_t descriptor_write(int descriptor, const char *from, size_t length);
int64_t descriptor_pwrite(
    int descriptor, const char *from, size_t length, int64_t offset);

/* --- Listings (listing.c) ------------------------------------------------- */

struct listing;
struct dirent;

struct listing *listing_open(int descriptor);
void listing_free(struct listing *listing);
int listing_descriptor(const struct listing *listing);
/* The next of those read already; NULL: more must be read. */
struct dirent *listing_next(struct listing *listing);
/* 0: that was all. */
int listing_read(struct listing *listing);
/* Where to go on behind the last name that was given, and to do so. */
int64_t listing_tell(const struct listing *listing);
void listing_seek(struct listing *listing, int64_t position);

/* --- Locks (lock.c) ------------------------------------------------------- */

/* 0, -EAGAIN, -EDEADLK, … */
int lock_try(struct node *node, bool wait);
bool lock_is_free(const struct node *node, const struct tasklet *process);
void lock_release(struct node *node, const struct tasklet *process);

/* --- inotify (watch.c) ---------------------------------------------------- */

struct notifier *notifier_make(void);
void notifier_free(struct notifier *notifier);
int notifier_watch(struct notifier *notifier, struct node *node, uint32_t mask);
bool notifier_is_ready(const struct notifier *notifier);
int64_t notifier_read(struct notifier *notifier, char *to, size_t length);
/* Tells who watches the folder of what happened to one of its names. */
void watch_tell(
    struct node *folder, uint32_t event, const char *name, size_t length);

/* --- All of it ------------------------------------------------------------ */

struct world {
    const struct profile *profile;
    struct draw draw;
    uint64_t order;  /* of listings */
    uint32_t pieces; /* in which they are read */
    int64_t monotonic, realtime;
    int64_t bytes_left, inodes_left;
    struct node *root;
    uint32_t nodes;  /* made so far */
    uint64_t change; /* how many have begun */
    struct record *oldest, *newest;
    struct tasklet *processes, *resting, *current;
    int processes_begun;
    size_t locks;
};

extern struct world *const world;

#endif
