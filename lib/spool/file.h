/* SPDX-License-Identifier: MIT */
/* Files relative to a directory's descriptor: reading one whole, and putting
 * one where power loss cannot take it. */
#ifndef STOFLOW_FILE_H
#define STOFLOW_FILE_H

#include "buffer.h"
#include "error.h"
#include "storable.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* For a file that was taken once, whatever its size: a limit that has been
 * lowered since is no reason to lose it. What does not fit into memory is
 * ERROR_MEMORY then. More than this was never taken, and is never read. */
static const size_t file_no_limit = STORED_MOST;

/* Appends the whole of a regular file to `out`. A symbolic link, directory,
 * FIFO or device is ERROR_TYPE and is never waited for; more than `limit`
 * bytes is ERROR_TOO_LARGE. `status` (may be NULL) receives fstat(2) of it.
 * After an error `out` holds what it held before; where that was nothing, no
 * memory either. */
enum error file_read(int directory, const char *path, size_t limit,
    struct buffer *out, struct stat *status);

/* The same of what a person has laid down for good: a network file system may
 * hide it for a moment, so it is looked for twice before it is not there. */
enum error file_read_lasting(
    int directory, const char *path, size_t limit, struct buffer *out);

/* Creates `path` (O_EXCL, mode 0600 whatever the umask), writes, fsyncs and
 * closes it, each step checked. ERROR_EXISTS if the name is taken. After any
 * other error nothing is left under the name. The directory is not fsynced:
 * the name itself is not yet safe. */
enum error file_create(
    int directory, const char *path, const char *bytes, size_t length);

/* The same without the fsync: for what may be lost. */
enum error file_create_hint(
    int directory, const char *path, const char *bytes, size_t length);

/* The same, but what is written is not fsynced before file_sync: for a
 * file that is named meanwhile, so that one flush makes both safe. Who opens it
 * reads it whole, also on another host. *descriptor is for file_sync, and to be
 * closed. */
enum error file_create_open(int directory, const char *path, const char *bytes,
    size_t length, int *descriptor);

/* fsync(2). A failure is final, as with directory_sync. */
enum error file_sync(int descriptor);

/* Opens a directory; < 0 and errno. A network file system may say for a moment
 * that it is not there. What it holds would then be taken for gone, or for
 * safe, so it is looked for as well. ESTALE: it is there, and yet cannot be
 * found where it is to be opened. */
int directory_open(int directory, const char *path);

/* The same for readdir(3): *list is then to be closed by closedir(3). What the
 * opening said, or ERROR_MEMORY. */
enum error directory_list(int directory, const char *path, DIR **list);

/* fsyncs a directory, which makes the names in it safe, and, where that is
 * still to be done, its own name with them. A failure is final: the kernel
 * forgets what it could not write, so trying again would lie. */
enum error directory_sync(int directory, const char *path);

/* mkdir(2) mode 0700 whatever the umask; an existing one is no error. A new one
 * bears the sticky bit, which changes nothing for its owner, until its parent
 * is fsynced: who meets it before that, because its maker is slow or was
 * killed, does it, here and in directory_sync. So what is safe in a directory
 * cannot vanish with it, nor can what is moved into it without an fsync. */
enum error directory_make(int directory, const char *path);

/* Looks at a directory into which names are moved that nobody fsyncs it for.
 * Where its own name is not safe yet it is made so: once it is, so are they
 * wherever the move reaches the disk, though others fsync what they left. */
enum error directory_look(int directory, const char *path, struct stat *status);

/* Makes a file that somebody else wrote as safe as one of ours: mode 0600
 * (where we own it) and fsynced. */
enum error file_secure(int directory, const char *path);

/* Creates an empty file where there is none, 0600, and sets its mtime to the
 * file system's present. Not fsynced. */
enum error file_touch(int directory, const char *path);

/* Gives whatever bears the name these times: access, modification. Creates an
 * empty file, 0600, where there is none; one of another account's, whose times
 * we may not set, is replaced by such a file. ERROR_NOT_FOUND if the folder is
 * missing. Not fsynced. */
enum error file_set_times(
    int directory, const char *path, const struct timespec times[2]);

/* link(2), rename(2) and unlink(2), which replace or lose a name as these do;
 * their errno as an error, but that a name which is a link of `from` after it
 * is no error. What failed may have been done all the same, over a network: of
 * a rename the caller knows who else can have made the name. The folders are
 * not fsynced. */
enum error file_link(int directory, const char *from, const char *to);
enum error file_rename(int directory, const char *from, const char *to);
enum error file_remove(int directory, const char *path);

/* rename(2) to a name that is given by nobody who means anything else: if it is
 * there, the rename has been done, whatever was reported. */
enum error file_rename_ours(int directory, const char *from, const char *to);

/* Whether both are of one and the same file. */
bool file_is_same(const struct stat *a, const struct stat *b);

/* Whether nobody has written into it either between the two looks; or whether
 * both found none (st_nlink 0). */
bool file_is_unchanged(const struct stat *a, const struct stat *b);

/* Whether there is something under the name: ERROR_NONE, ERROR_NOT_FOUND, or
 * what kept us from telling. */
enum error file_look(int directory, const char *path);

/* The same where not being able to tell may pass for "no". */
bool file_exists(int directory, const char *path);

#endif
