/* SPDX-License-Identifier: MIT */
#include "stuck.h"

#include "clock.h"
#include "digest.h"
#include "file.h"
#include "log.h"
#include "number.h"
#include "stamp.h"
#include "stuck_cause.h"
#include "utf8.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char prefix[] = "stuck.";

enum {
    DIGITS_KEPT = 32 /* of a digest: enough to tell paths apart */
};

bool stuck_is_kind(enum error error)
{
    return error == ERROR_DENIED || error == ERROR_IO || error == ERROR_TYPE ||
           error == ERROR_ELSEWHERE || error == ERROR_SYSTEM;
}

/* --- Telling -------------------------------------------------------------- */

/* What a note holds, and what is seen when its path is looked at. */
struct note {
    int64_t user;
    char problem[64]; /* the cause's text, or the error's where none shows */
    struct path path;
    enum stuck_cause cause;
};

/* Where nothing can be seen, the error decides. */
static enum stuck_cause cause_of(const struct note *note)
{
    if (stuck_problem(note->cause)[0] != '\0')
        return note->cause;
    if (strcmp(note->problem, error_text(ERROR_DENIED)) == 0)
        return STUCK_MARKED;
    if (strcmp(note->problem, error_text(ERROR_ELSEWHERE)) == 0)
        return STUCK_ELSEWHERE;
    return strcmp(note->problem, error_text(ERROR_FILE_LIMIT)) == 0
               ? STUCK_LIMITED
               : STUCK_BROKEN;
}

/* As much of a path as can be shown without memory: nearly always all of it. */
static struct path cut_to_visible(struct path path)
{
    path.text[utf8_visible(path.text, strlen(path.text))] = '\0';
    return path;
}

/* Where memory is lacking, half a line would be worse than none. */
static void tell(const struct spool *spool, const struct note *note,
    stuck_function *function, void *context)
{
    struct buffer fix = BUFFER_EMPTY;
    struct buffer path = BUFFER_EMPTY;
    struct path cut = cut_to_visible(note->path);
    const char *problem = stuck_problem(note->cause);
    stuck_write_fix(&fix, spool, note->path, cause_of(note));
    utf8_append_visible(&path, note->path.text, strlen(note->path.text));
    const struct stuck stuck = {note->user,
        path.failed ? cut.text : buffer_text(&path),
        problem[0] == '\0' ? note->problem : problem,
        fix.failed ? "# memory is lacking to tell" : buffer_text(&fix)};
    function(context, &stuck);
    buffer_free(&path);
    buffer_free(&fix);
}

struct event {
    const struct spool *spool;
};

static void write_event(void *context, const struct stuck *stuck)
{
    const struct event *event = context;
    log_event(event->spool, "stuck", "%s: %s; mend it with: %s", stuck->path,
        stuck->problem, stuck->fix);
}

static void log_note(const struct spool *spool, const struct note *note)
{
    struct event event = {spool};
    tell(spool, note, write_event, &event);
}

/* --- Notes ---------------------------------------------------------------- */

static struct path note_path(struct path path)
{
    char digest[DIGEST_LENGTH + 1];
    char name[sizeof prefix + DIGITS_KEPT];
    digest_sha256(digest, path.text, strlen(path.text));
    snprintf(name, sizeof name, "%s%.*s", prefix, DIGITS_KEPT, digest);
    return path_in(SPOOL_INDEX, name);
}

static enum error count_note(void *context, const char *name)
{
    unsigned *count = context;
    *count += strncmp(name, prefix, sizeof prefix - 1) == 0;
    return ERROR_NONE;
}

/* For so many more notes. */
static bool is_room(const struct spool *spool, unsigned more)
{
    unsigned count = 0;
    spool_each_name(spool, path_of(SPOOL_INDEX), count_note, &count);
    return count + more <= STUCK_MAX;
}

static enum error create_note(
    const struct spool *spool, struct path path, const struct note *note)
{
    char text[SPOOL_PATH_MAX + 100];
    int length = snprintf(text, sizeof text, "%" PRId64 " %s\n%s", note->user,
        note->problem, note->path.text);
    return file_create_hint(spool->directory, path.text, text, (size_t)length);
}

/* O_EXCL: of all who meet it at one moment one tells of it. Where no note can
 * be made index/ itself is at fault, of which each sweep tells. */
static void write_note(const struct spool *spool, const struct note *note)
{
    struct path path = note_path(note->path);
    enum error error = create_note(spool, path, note);
    if (error == ERROR_NOT_FOUND &&
        spool_make(spool, SPOOL_INDEX) == ERROR_NONE)
        error = create_note(spool, path, note);
    if (error != ERROR_NONE)
        return;
    if (is_room(spool, 0)) /* still */
        log_note(spool, note);
    else
        file_remove(spool->directory, path.text);
}

static struct note make_note(
    int64_t user, struct path path, enum stuck_cause cause, const char *problem)
{
    struct note note = {.user = user, .path = path, .cause = cause};
    snprintf(note.problem, sizeof note.problem, "%s", problem);
    return note;
}

/* Notes what can be seen to be wrong with it; whether something is. */
static bool note_cause(const struct spool *spool, int64_t user,
    struct path path, enum stuck_cause cause)
{
    if (stuck_problem(cause)[0] == '\0')
        return false;
    struct note note = make_note(user, path, cause, stuck_problem(cause));
    write_note(spool, &note);
    return true;
}

static bool note_folder(
    const struct spool *spool, int64_t user, struct path folder)
{
    return note_cause(spool, user, folder, stuck_look_at_folder(spool, folder));
}

static bool note_file(const struct spool *spool, int64_t user, struct path path)
{
    return note_cause(spool, user, path, stuck_look_at(spool, path));
}

static bool note_top(const struct spool *spool)
{
    bool wrong = note_folder(spool, 0, (struct path){"."});
    for (int i = 0; i < SPOOL_DIRECTORIES; i++)
        wrong |= note_folder(spool, 0, path_of((enum spool_directory)i));
    return wrong;
}

/* Where something is wrong that all work for this user needs. */
static bool note_common(const struct spool *spool, int64_t user)
{
    bool wrong = note_top(spool);
    if (user == 0)
        return wrong;
    for (size_t i = 0; i < stuck_user_folder_count; i++)
        wrong |=
            note_folder(spool, user, path_of_user(stuck_user_folders[i], user));
    wrong |=
        note_file(spool, user, path_for_user(SPOOL_PRODUCTS, user, "ndjson"));
    wrong |= note_file(spool, user, path_for_user(SPOOL_USERS, user, "json"));
    return wrong;
}

/* By the later of the two: cp -p and mv bring an old mtime along, while ctime
 * tells when it came here, or was given its owner. */
static bool is_young(const struct spool *spool, struct path path, int settle)
{
    struct stat status;
    if (fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    return stamp_is_young(&status, clock_now(), settle);
}

bool stuck_is_noted(const struct spool *spool, struct path path)
{
    return file_exists(spool->directory, note_path(path).text);
}

/* What has been noted before is not looked at again. */
static bool renew_note(const struct spool *spool, struct path path)
{
    struct path note = note_path(path);
    struct timespec now = clock_to_timespec(clock_now());
    const struct timespec times[2] = {now, now};
    if (!stuck_is_noted(spool, path))
        return false;
    file_set_times(spool->directory, note.text, times);
    return true;
}

bool stuck_note(const struct spool *spool, int64_t user, struct path path,
    enum error error, int settle)
{
    if (!stuck_is_kind(error) && error != ERROR_FILE_LIMIT)
        return false;
    if (renew_note(spool, path))
        return true;
    /* Of thousands, the others are not worth the looks: folders, which may be
     * behind them all, each sweep looks at. */
    if (!is_room(spool, 1))
        return error != ERROR_SYSTEM;
    if (note_common(spool, user) || is_young(spool, path, settle))
        return true;
    enum stuck_cause cause = stuck_look_at(spool, path);
    if (note_cause(spool, user, path, cause) || cause == STUCK_GONE)
        return true;
    /* Any other errno says nothing of this path, if nothing is to be seen. */
    if (error == ERROR_SYSTEM)
        return false;
    struct note note = make_note(user, path, cause, error_text(error));
    write_note(spool, &note);
    return true;
}

bool stuck_is_closed(const struct spool *spool, struct path folder)
{
    return stuck_problem(stuck_look_at_folder(spool, folder))[0] != '\0';
}

bool stuck_is_any_closed(
    const struct spool *spool, int64_t user, unsigned directories)
{
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        enum spool_directory directory = (enum spool_directory)i;
        if ((directories & 1U << i) != 0 &&
            (stuck_is_closed(spool, path_of(directory)) ||
                stuck_is_closed(spool, path_of_user(directory, user))))
            return true;
    }
    return false;
}

bool stuck_find_closed(
    const struct spool *spool, int64_t user, struct path *folder)
{
    *folder = (struct path){"."};
    if (stuck_is_closed(spool, *folder))
        return true;
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        *folder = path_of((enum spool_directory)i);
        if (stuck_is_closed(spool, *folder))
            return true;
    }
    for (size_t i = 0; user != 0 && i < stuck_user_folder_count; i++) {
        *folder = path_of_user(stuck_user_folders[i], user);
        if (stuck_is_closed(spool, *folder))
            return true;
    }
    return false;
}

/* --- All folders ---------------------------------------------------------- */

struct folder_walk {
    const struct spool *spool;
    enum spool_directory directory;
};

static enum error visit_user(void *context, int64_t user)
{
    const struct folder_walk *walk = context;
    note_folder(walk->spool, user, path_of_user(walk->directory, user));
    return ERROR_NONE;
}

void stuck_note_folders(const struct spool *spool)
{
    note_top(spool);
    for (size_t i = 0; i < stuck_user_folder_count; i++) {
        struct folder_walk walk = {spool, stuck_user_folders[i]};
        spool_each_user(spool, walk.directory, visit_user, &walk);
    }
    for (size_t i = 0; i < log_name_count; i++)
        note_file(spool, 0, path_in(SPOOL_LOG, log_names[i]));
}

/* --- Reading notes -------------------------------------------------------- */

struct note_walk {
    const struct spool *spool;
    bool forget;
    stuck_function *function;
    void *context;
};

/* "USER PROBLEM", a newline and the path. False: it is torn, or not ours. */
static bool parse_note(const char *text, struct note *note)
{
    size_t user = strcspn(text, " \n");
    size_t head = strcspn(text, "\n");
    const char *path = text + head + 1;
    if (number_parse(text, user, &note->user) != ERROR_NONE || user >= head ||
        text[head] == '\0' || path[0] == '\0' ||
        strlen(path) >= sizeof note->path.text)
        return false;
    snprintf(note->problem, sizeof note->problem, "%.*s",
        (int)(head - user - 1), text + user + 1);
    memcpy(note->path.text, path, strlen(path) + 1);
    return true;
}

static bool read_note(const struct spool *spool, struct path path,
    struct note *note, int64_t *met)
{
    struct buffer text = BUFFER_EMPTY;
    struct stat status;
    if (file_read(spool->directory, path.text, SPOOL_PATH_MAX + 100, &text,
            &status) != ERROR_NONE)
        return false;
    *met = clock_from_timespec(status.st_mtim);
    bool whole = parse_note(buffer_text(&text), note);
    buffer_free(&text);
    return whole;
}

/* What shows no cause is believed for a while after it was met, unless somebody
 * has been at it since: chattr(1), too, changes the ctime. */
static bool is_believed(
    const struct spool *spool, struct path path, int64_t met)
{
    struct stat status;
    if (stamp_is_due(met, clock_now(), STUCK_KEPT))
        return false;
    return fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) !=
               0 ||
           clock_from_timespec(status.st_ctim) <= met;
}

/* Whether something was to be seen when it was noted, and so is mended where it
 * is to be seen no more. */
static bool was_seen(const struct note *note)
{
    for (int cause = STUCK_NO_FOLDER; cause <= STUCK_ELSEWHERE; cause++) {
        if (strcmp(note->problem, stuck_problem((enum stuck_cause)cause)) == 0)
            return true;
    }
    return false;
}

static bool is_stuck(const struct spool *spool, struct note *note, int64_t met)
{
    note->cause = stuck_is_folder(note->path)
                      ? stuck_look_at_folder(spool, note->path)
                      : stuck_look_at(spool, note->path);
    if (note->cause == STUCK_GONE)
        return false;
    if (stuck_problem(note->cause)[0] != '\0')
        return true;
    return !was_seen(note) && is_believed(spool, note->path, met);
}

static bool is_top(struct path path)
{
    return strchr(path.text, '/') == NULL;
}

static enum error visit_note(void *context, const char *name)
{
    const struct note_walk *walk = context;
    const struct spool *spool = walk->spool;
    struct note note;
    int64_t met;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return ERROR_NONE;
    struct path path = path_in(SPOOL_INDEX, name);
    bool stuck =
        read_note(spool, path, &note, &met) && is_stuck(spool, &note, met);
    if (stuck && !is_top(note.path))
        tell(spool, &note, walk->function, walk->context);
    if (!stuck && walk->forget)
        file_remove(spool->directory, path.text);
    return ERROR_NONE;
}

static void visit_top(const struct note_walk *walk, struct path path)
{
    struct note note = {
        .path = path, .cause = stuck_look_at_folder(walk->spool, path)};
    if (stuck_problem(note.cause)[0] != '\0')
        tell(walk->spool, &note, walk->function, walk->context);
}

void stuck_each(const struct spool *spool, bool forget,
    stuck_function *function, void *context)
{
    struct note_walk walk = {spool, forget, function, context};
    visit_top(&walk, (struct path){"."});
    for (int i = 0; i < SPOOL_DIRECTORIES; i++)
        visit_top(&walk, path_of((enum spool_directory)i));
    spool_each_name(spool, path_of(SPOOL_INDEX), visit_note, &walk);
}
