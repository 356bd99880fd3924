/* SPDX-License-Identifier: MIT */
#include "selftest_disk.h"

#include "clock.h"
#include "file.h"
#include "space.h"
#include "spool_lock.h"
#include "stuck.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static void mend_by_moving(
    struct finding *finding, const struct selftest *about)
{
    buffer_append_format(&finding->fix,
        "Move %s to a disk of this host's own with hard links and fsync, and "
        "write its absolute path into a file stoflow.root beside the programs",
        about->root);
}

static void mend_by_error(
    struct finding *finding, const struct selftest *about, enum error error)
{
    if (error == ERROR_FULL) {
        buffer_append_text(&finding->fix,
            "Make room: lower keep_done in etc/stoflow.ini and run the "
            "sweeper, or rm records in spool/done");
    } else if (error == ERROR_DENIED) {
        buffer_append_format(
            &finding->fix, "chmod -R u+rwX '%s/spool'", about->root);
    } else {
        mend_by_moving(finding, about);
    }
}

/* The names that the file of this check takes, one after the other. */
struct names {
    struct path first;
    struct path second;
    struct path third;
};

/* A name in tmp/ that is as much ours as the one it is made of. */
static struct path beside(const struct path *path, const char *end)
{
    char name[SPOOL_NAME_MAX];
    const char *own = strrchr(path->text, '/') + 1;
    snprintf(name, sizeof name, "%.100s.%s", own, end);
    return path_in(SPOOL_TMP, name);
}

static enum error link_twice(int directory, const struct names *names)
{
    struct stat status;
    enum error error =
        file_link(directory, names->first.text, names->second.text);
    if (error != ERROR_NONE)
        return error;
    if (fstatat(directory, names->first.text, &status, 0) != 0)
        return error_from_errno(errno);
    return status.st_nlink == 2 ? ERROR_NONE : ERROR_CONFLICT;
}

static enum error rename_once(int directory, const struct names *names)
{
    enum error error =
        file_rename(directory, names->second.text, names->third.text);
    if (error != ERROR_NONE)
        return error;
    bool gone = file_look(directory, names->second.text) == ERROR_NOT_FOUND;
    return gone && file_exists(directory, names->third.text) ? ERROR_NONE
                                                             : ERROR_CONFLICT;
}

/* Does what each create and result needs. Returns what did not work and sets
 * *error; NULL if all of it did. */
static const char *try_files(
    const struct spool *spool, struct names *names, enum error *error)
{
    *error = spool_write_temporary(spool, "x", 1, &names->first);
    if (*error != ERROR_NONE)
        return "Writing a file and fsync(2)";
    names->second = beside(&names->first, "a");
    names->third = beside(&names->first, "b");
    *error = link_twice(spool->directory, names);
    if (*error != ERROR_NONE)
        return "link(2)";
    *error = rename_once(spool->directory, names);
    if (*error != ERROR_NONE)
        return "rename(2)";
    *error = directory_sync(spool->directory, spool_directory_name(SPOOL_TMP));
    return *error == ERROR_NONE ? NULL : "fsync(2) of a folder";
}

void selftest_files(struct finding *finding, const struct selftest *about)
{
    struct names names = {{""}, {""}, {""}};
    enum error error;
    const char *failed = try_files(about->spool, &names, &error);
    file_remove(about->spool->directory, names.first.text);
    file_remove(about->spool->directory, names.second.text);
    file_remove(about->spool->directory, names.third.text);
    if (failed == NULL) {
        buffer_append_text(&finding->detail,
            "Files are written, fsynced, linked and renamed.");
        return;
    }
    buffer_append_format(&finding->detail, "%s does not work here: %s.", failed,
        error_text(error));
    mend_by_error(finding, about, error);
}

/* By how many microseconds the file system's clock is off, at the least. */
static enum error compare_clocks(const struct spool *spool, int64_t *off)
{
    struct path path;
    struct stat status;
    int64_t before = clock_now();
    enum error error = spool_write_temporary(spool, "x", 1, &path);
    if (error != ERROR_NONE)
        return error;
    if (fstatat(spool->directory, path.text, &status, 0) != 0)
        error = error_from_errno(errno);
    int64_t after = clock_now();
    file_remove(spool->directory, path.text);
    if (error != ERROR_NONE)
        return error;
    int64_t written = clock_from_timespec(status.st_mtim);
    *off = 0;
    if (written < before)
        *off = written - before;
    else if (written > after)
        *off = written - after;
    return ERROR_NONE;
}

void selftest_clock(struct finding *finding, const struct selftest *about)
{
    int64_t off;
    enum error error = compare_clocks(about->spool, &off);
    if (error != ERROR_NONE) {
        buffer_append_format(&finding->detail,
            "No file could be written to tell by: %s.", error_text(error));
        mend_by_error(finding, about, error);
        return;
    }
    bool behind = off < 0;
    int64_t distance = behind ? -off : off;
    if (distance <= SELFTEST_CLOCK_SECONDS * clock_second) {
        buffer_append_text(&finding->detail,
            "The clocks of the file system and of the system agree.");
        return;
    }
    buffer_append_format(&finding->detail,
        "The clock of the file system is %" PRId64 " s %s that of the system: "
        "the ages of files are wrong.",
        distance / clock_second, behind ? "behind" : "ahead of");
    buffer_append_text(&finding->fix,
        "Let both this host and its file server keep the time by NTP "
        "(timedatectl set-ntp true), or move the root to a local disk");
}

void selftest_locks(struct finding *finding, const struct selftest *about)
{
    int lock = spool_lock_try(about->spool, "selftest");
    spool_unlock(lock);
    if (lock != SPOOL_LOCK_NONE) { /* another selftest holds one: so can we */
        buffer_append_text(&finding->detail, "fcntl(2) gives locks.");
        return;
    }
    buffer_append_text(&finding->detail,
        "fcntl(2) gives no locks: no poll is held, two polls with one "
        "receive_id may get two tasks, and two programs that write one "
        "catalogue may lose what one of them wrote.");
    mend_by_moving(finding, about);
}

/* Whether a file that is made is told of. */
static bool is_told(const struct selftest *about, int descriptor)
{
    char events[4096];
    struct path path;
    struct buffer folder = BUFFER_EMPTY;
    buffer_append_format(
        &folder, "%s/spool/%s", about->root, spool_directory_name(SPOOL_TMP));
    int watch = folder.failed
                    ? -1
                    : inotify_add_watch(descriptor, folder.data, IN_CREATE);
    buffer_free(&folder);
    if (watch < 0)
        return false;
    if (spool_write_temporary(about->spool, "x", 1, &path) != ERROR_NONE)
        return true; /* another check's business */
    file_remove(about->spool->directory, path.text);
    return read(descriptor, events, sizeof events) > 0;
}

void selftest_inotify(struct finding *finding, const struct selftest *about)
{
    int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    bool told = descriptor >= 0 && is_told(about, descriptor);
    if (descriptor >= 0)
        close(descriptor);
    if (told) {
        buffer_append_text(
            &finding->detail, "inotify(7) wakes a poll that is held.");
        return;
    }
    buffer_append_text(&finding->detail,
        "inotify(7) is not to be had: a poll that is held looks every half "
        "second instead, so tasks arrive that much later.");
    buffer_append_text(&finding->fix,
        "sysctl fs.inotify.max_user_instances=512 (as root), or nothing: "
        "everything works without");
}

void selftest_disk(struct finding *finding, const struct selftest *about)
{
    struct space space;
    enum error error = space_read(about->spool, &space);
    if (error != ERROR_NONE || space_allows_create(&space)) {
        buffer_append_text(&finding->detail,
            error == ERROR_NONE ? "There is room for new tasks."
                                : "The disk does not tell what is left of it.");
        return;
    }
    buffer_append_format(&finding->detail,
        "Too little is left of the disk, %" PRIu64 " bytes and %" PRIu64
        " inodes: new tasks are refused.",
        space.bytes_free, space.inodes_free);
    mend_by_error(finding, about, ERROR_FULL);
}

enum {
    STUCK_FIXES = 8 /* told at one time */
};

struct stuck_finding {
    struct finding *finding;
    unsigned count;
};

static void tell_stuck(void *context, const struct stuck *stuck)
{
    struct stuck_finding *told = context;
    struct finding *finding = told->finding;
    if (told->count++ >= STUCK_FIXES)
        return;
    buffer_append_format(
        &finding->detail, "%s: %s. ", stuck->path, stuck->problem);
    buffer_append_format(
        &finding->fix, "%s%s", finding->fix.length > 0 ? "; " : "", stuck->fix);
}

void selftest_stuck(struct finding *finding, const struct selftest *about)
{
    struct stuck_finding told = {finding, 0};
    stuck_note_folders(about->spool);
    stuck_each(about->spool, false, tell_stuck, &told);
    if (told.count == 0) {
        buffer_append_text(&finding->detail,
            "Nothing was met in the spool that could not be read or moved.");
        return;
    }
    buffer_append_format(&finding->detail,
        "Until that is mended it is passed over: %u in all.", told.count);
}
