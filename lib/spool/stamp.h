/* SPDX-License-Identifier: MIT */
/* Stamps: what the time of a file says. Nowhere else is one judged that lies in
 * the future, because the clock was set back since, or somebody else set it.
 *
 * One in index/ says "when this folder had this mtime, there was nothing in it
 * for us". A poll that finds the stamp need not read the folder again. It is an
 * empty file that bears the folder's mtime as its own, and 1970 as its atime.
 * Without it, or with an old one, the folder is read: slower, never wrong. It
 * is believed for STAMP_BELIEVED seconds: a loss of power may bring back a name
 * that came and went within one tick of the file system's clock, and a clock
 * that was set back may give a change the mtime of an earlier one. */
#ifndef STOFLOW_STAMP_H
#define STOFLOW_STAMP_H

#include "spool.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* The file in index/ that bears the moment at which the last sweep ended. */
extern const char stamp_of_sweeps[];

/* When the file at `path` was last written; 0: there is none. */
int64_t stamp_moment(const struct spool *spool, struct path path);

/* Whether what was done at the moment `last` is due again at `now`, `every`
 * seconds later. It is, too, if `last` lies further ahead than that. `last`
 * may be any number, INT64_MAX too: never. */
bool stamp_is_due(int64_t last, int64_t now, int64_t every);

/* Whether a stamp that is set at most `ahead` seconds into the future lies
 * further ahead, and so says nothing. It may be any number, too. */
bool stamp_is_astray(int64_t stamp, int64_t now, int64_t ahead);

enum stamp_limits {
    STAMP_SKEW = 900,   /* seconds by which the clocks of hosts and file servers
                         * may differ: what is no further ahead is as of now */
    STAMP_BELIEVED = 15 /* seconds by ctime, of a stamp of a folder; by so many
                         * it may lie ahead */
};

/* Whether the file was written or brought less than `seconds` ago, and may
 * still be being so. What copies may give a file an old time or one to come
 * before it is whole, but cannot set when it changed last. */
bool stamp_is_young(const struct stat *status, int64_t now, int64_t seconds);

/* When a file was last written, by which its age goes: its mtime; but where
 * that lies to come by more than STAMP_SKEW its ctime, which nobody can set.
 * Where that does, too, the clock has been set back since, or is behind now:
 * nobody knows which, so the file is as young as it says. */
int64_t stamp_written(const struct stat *status, int64_t now);

/* Debris that was last written at the moment `last` must not lie about until
 * then, nor go at once, since it may be in use: if that is to come by more than
 * STAMP_SKEW, it is dated as of now. Whether it was, or in a `dry` run would
 * be. Not for what is of any worth: where the clock is behind for an hour, all
 * that is there is to come. */
bool stamp_bring_back(const struct spool *spool, struct path path, int64_t last,
    int64_t now, bool dry);

/* What a look at a folder began with; for stamp_set after the look. */
struct stamp {
    struct path path;        /* of the stamp, in index/ */
    struct timespec changed; /* the folder's mtime before it was read */
    bool racy; /* so fresh that a change to come may bear the same mtime: it
                * must not be stamped */
};

/* Looks at the folder's mtime. ERROR_NOT_FOUND: there is no such folder;
 * ERROR_EXISTS: the stamp says that there is nothing in it, and did so not long
 * ago by the clock that was asked last; ERROR_NONE: read it. */
enum error stamp_look(const struct spool *spool, struct path folder,
    struct path path, struct stamp *stamp);

/* The same for a folder whose status the caller has. */
enum error stamp_look_at(const struct spool *spool, const struct stat *status,
    struct path path, struct stamp *stamp);

/* The same for a file, however old the stamp: one that is replaced as a whole
 * comes back as a whole. */
enum error stamp_look_at_file(const struct spool *spool,
    const struct stat *status, struct path path, struct stamp *stamp);

/* Gives the empty file at `path`, in index/, these times (atime, mtime), making
 * it where there is none. A failure is of no account to a stamp. */
void stamp_write(const struct spool *spool, struct path path,
    const struct timespec times[2]);

/* Sets the stamp after a reading that found nothing. A failure is of no
 * account: the next look reads again. */
void stamp_set(const struct spool *spool, const struct stamp *stamp);

/* Whether no name has come or gone in the folder since that moment, so that one
 * reading of it since then has met all; a missing folder has none. False also
 * where that cannot be told: its mtime is too young, or cannot be had. */
bool stamp_is_quiet(
    const struct spool *spool, struct path folder, int64_t since);

#endif
