/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* for the sticky bit */

#include "stuck_cause.h"

#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const enum spool_directory stuck_user_folders[] = {SPOOL_PENDING,
    SPOOL_EXECUTING, SPOOL_DONE, SPOOL_UNKNOWN, SPOOL_INGEST, SPOOL_PROGRESS,
    SPOOL_PACE, SPOOL_KEYS};
const size_t stuck_user_folder_count =
    sizeof stuck_user_folders / sizeof stuck_user_folders[0];

/* The kernel answers, for it knows more than owner and mode: lists of rights,
 * and what is immutable, which it refuses by EPERM where a mode has EACCES. */
static enum stuck_cause ask(
    const struct spool *spool, const char *path, int rights)
{
    if (faccessat(spool->directory, path, rights, AT_EACCESS) == 0)
        return STUCK_NOT;
    switch (errno) {
    case EACCES:
        return STUCK_CLOSED;
    case EPERM:
        return STUCK_IMMUTABLE;
    case ENOTDIR:
        return STUCK_NO_FOLDER;
    case ENOENT:
        return STUCK_GONE;
    default:
        return STUCK_NOT;
    }
}

/* A folder that was mounted there, or is behind a link. */
static bool is_elsewhere(const struct spool *spool, const char *folder)
{
    struct stat own;
    struct stat status;
    return fstat(spool->directory, &own) == 0 &&
           fstatat(spool->directory, folder, &status, 0) == 0 &&
           own.st_dev != status.st_dev;
}

enum stuck_cause stuck_look_at_folder(
    const struct spool *spool, struct path folder)
{
    char inside[SPOOL_PATH_MAX + 2]; /* so that it must be a folder */
    snprintf(inside, sizeof inside, "%s/.", folder.text);
    enum stuck_cause cause = ask(spool, inside, R_OK | W_OK | X_OK);
    return cause == STUCK_NOT && is_elsewhere(spool, inside) ? STUCK_ELSEWHERE
                                                             : cause;
}

static struct path folder_of(struct path path)
{
    char *end = strrchr(path.text, '/');
    if (end == NULL)
        memcpy(path.text, ".", 2);
    else
        *end = '\0';
    return path;
}

/* In such a folder only the owner of a file, or of the folder, moves it. */
static bool is_held(
    const struct spool *spool, struct path path, const struct stat *status)
{
    struct stat folder;
    uid_t us = geteuid();
    return us != 0 && status->st_uid != us &&
           fstatat(spool->directory, folder_of(path).text, &folder, 0) == 0 &&
           (folder.st_mode & S_ISVTX) != 0 && folder.st_uid != us;
}

static bool is_log(struct path path)
{
    struct path log = path_in(SPOOL_LOG, "");
    return strncmp(path.text, log.text, strlen(log.text)) == 0;
}

/* Moving a folder changes what it calls its parent. */
static int needed_rights(struct path path, const struct stat *status)
{
    if (S_ISDIR(status->st_mode))
        return R_OK | W_OK | X_OK;
    return is_log(path) ? R_OK | W_OK : R_OK;
}

static enum stuck_cause ask_all(
    const struct spool *spool, struct path path, const struct stat *status)
{
    enum stuck_cause cause = ask(spool, path.text, needed_rights(path, status));
    if (cause == STUCK_NOT && ask(spool, path.text, W_OK) == STUCK_IMMUTABLE)
        cause = STUCK_IMMUTABLE;
    return cause;
}

enum stuck_cause stuck_look_at(const struct spool *spool, struct path path)
{
    struct stat status;
    if (fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? STUCK_GONE : STUCK_NOT;
    enum stuck_cause cause = STUCK_NOT;
    if (!S_ISLNK(status.st_mode)) /* which is only ever moved */
        cause = ask_all(spool, path, &status);
    if (cause == STUCK_NOT && is_held(spool, path, &status))
        cause = STUCK_STICKY;
    return cause;
}

bool stuck_is_folder(struct path path)
{
    int64_t user;
    char *end = strchr(path.text, '/');
    if (end == NULL)
        return true;
    *end = '\0';
    for (size_t i = 0; i < stuck_user_folder_count; i++) {
        if (strcmp(path.text, spool_directory_name(stuck_user_folders[i])) == 0)
            return user_parse(end + 1, &user) == ERROR_NONE;
    }
    return false;
}

const char *stuck_problem(enum stuck_cause cause)
{
    switch (cause) {
    case STUCK_NO_FOLDER:
        return "it is no folder";
    case STUCK_CLOSED:
        return "its owner or mode keeps the programs from it";
    case STUCK_IMMUTABLE:
        return "it is marked immutable";
    case STUCK_STICKY:
        return "its folder is sticky, and both are another account's";
    case STUCK_ELSEWHERE:
        return "it is on another file system than the spool";
    default:
        return "";
    }
}

/* In single quotes for a shell. */
static void append_quoted(struct buffer *out, const char *text)
{
    buffer_append_byte(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buffer_append_text(out, "'\\'");
        buffer_append_byte(out, *text);
    }
    buffer_append_byte(out, '\'');
}

/* What a terminal would obey, and a log does not hold, printf(1) makes anew.
 * The names of tasks and drops end in ".json": no newline at the end is lost.
 */
static void append_printed(struct buffer *out, const char *text)
{
    struct buffer format = BUFFER_EMPTY;
    struct buffer shown = BUFFER_EMPTY;
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\\')
            buffer_append_byte(&format, *text);
        buffer_append_byte(&format, *text);
    }
    utf8_append_visible(&shown, buffer_text(&format), format.length);
    buffer_append_text(out, "\"$(printf ");
    append_quoted(out, buffer_text(&shown));
    buffer_append_text(out, ")\"");
    out->failed = out->failed || format.failed || shown.failed;
    buffer_free(&format);
    buffer_free(&shown);
}

/* For a shell, as the host has the path. */
static void append_path(
    struct buffer *out, const struct spool *spool, struct path path)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_format(&text, "%s/spool/%s", spool->root,
        strcmp(path.text, ".") == 0 ? "" : path.text);
    if (utf8_visible(buffer_text(&text), text.length) == text.length)
        append_quoted(out, buffer_text(&text));
    else
        append_printed(out, buffer_text(&text));
    out->failed = out->failed || text.failed;
    buffer_free(&text);
}

static void append_command(struct buffer *out, const char *command,
    const struct spool *spool, struct path path)
{
    buffer_append_text(out, command);
    append_path(out, spool, path);
}

/* What root, or the owner, has to say: the number of an account is known where
 * its name is not, as in a chroot(2). Who has the folder may put a link in the
 * place of the file before root says it: that is not to be followed. */
static void append_rights(
    struct buffer *out, const struct spool *spool, struct path path)
{
    char command[64];
    struct stat status;
    if (fstatat(spool->directory, path.text, &status, 0) != 0)
        return;
    bool is_folder = S_ISDIR(status.st_mode);
    const char *below = is_folder ? "R" : "";
    mode_t need = is_folder ? S_IRWXU : S_IRUSR | S_IWUSR;
    if (status.st_uid != geteuid()) {
        snprintf(
            command, sizeof command, "chown -h%s %ld ", below, (long)geteuid());
        append_command(out, command, spool, path);
    }
    if (out->length > 0 && (status.st_mode & need) == need)
        return;
    snprintf(command, sizeof command, "%schmod %su+rwX ",
        out->length > 0 ? " && " : "", is_folder ? "-R " : "");
    append_command(out, command, spool, path);
}

void stuck_write_fix(struct buffer *out, const struct spool *spool,
    struct path path, enum stuck_cause cause)
{
    switch (cause) {
    case STUCK_NO_FOLDER:
        append_command(out, "mv ", spool, path);
        snprintf(path.text + strlen(path.text),
            sizeof path.text - strlen(path.text), ".was");
        append_command(out, " ", spool, path);
        break;
    case STUCK_CLOSED:
        append_rights(out, spool, path);
        break;
    case STUCK_STICKY:
        append_command(out, "chmod -t ", spool, folder_of(path));
        break;
    case STUCK_ELSEWHERE: /* mounted there, or behind a link */
        append_command(out, "# bring it to the file system of ", spool,
            (struct path){"."});
        append_command(out, ": ", spool, path);
        break;
    case STUCK_LIMITED:
        append_command(out,
            "# have the host raise that limit: the catalogue does not take in ",
            spool, path);
        break;
    case STUCK_BROKEN: /* out of the way of the others */
        append_command(out, "mv ", spool, path);
        append_command(out, " ", spool, (struct path){"../"});
        break;
    case STUCK_MARKED: /* one of the two is */
        append_command(out, "chattr -ia ", spool, folder_of(path));
        append_command(out, " ", spool, path);
        break;
    default:
        append_command(out, "chattr -ia ", spool, path);
        break;
    }
}
