/* SPDX-License-Identifier: MIT */
#include "person.h"

#include "checker.h"
#include "client.h"
#include "kernel.h"
#include "scheduler.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PATH_SIZE = 400,
    LINE_SIZE = 2 * PATH_SIZE
};

/* --- Finding a file --------------------------------------------------------
 */

struct search {
    struct client *person;
    const char *ending;
    uint32_t seen;
    char name[PATH_SIZE];
};

/* Each of n is the one with a chance of 1 in n. */
static void meet(void *context, const char *name, const struct stat *status)
{
    struct search *search = context;
    size_t length = strlen(name);
    size_t ending = strlen(search->ending);
    (void)status;
    if (length < ending || strcmp(name + length - ending, search->ending) != 0)
        return;
    if (draw_once_in(&search->person->draw, ++search->seen))
        snprintf(search->name, sizeof search->name, "%s", name);
}

/* Of a folder of the spool; a '#' in its name stands for the user. */
static void write_place(
    const struct client *person, const char *folder, char place[PATH_SIZE])
{
    int length = (int)strcspn(folder, "#");
    if (folder[length] == '#')
        snprintf(place, PATH_SIZE, "/root/spool/%.*s%d%s", length, folder,
            person->user, folder + length + 1);
    else
        snprintf(place, PATH_SIZE, "/root/spool/%s", folder);
}

/* The path of any file in such a folder; "" where there is none. */
static void find(struct client *person, const char *folder, const char *ending,
    char path[PATH_SIZE])
{
    char place[PATH_SIZE];
    struct search search = {.person = person, .ending = ending};
    write_place(person, folder, place);
    kernel_each(place, meet, &search);
    path[0] = '\0';
    if (search.seen > 0 && strlen(place) + strlen(search.name) + 2 < PATH_SIZE)
        snprintf(path, PATH_SIZE, "%.150s/%.240s", place, search.name);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* --- One act ---------------------------------------------------------------
 */

enum how {
    HOW_MOVE,
    HOW_COPY,
    HOW_REMOVE,
    HOW_WRITE,
    HOW_APPEND,
    HOW_HIDE,   /* chmod 000 */
    HOW_UNHIDE, /* chmod 600 */
    HOW_AGE,    /* touch -d an hour ago */
    HOW_SEIZE,  /* chown root: no program may read it or set its mode */
    HOW_FREEZE  /* chattr +i: nobody may move or remove it */
};

static const char *const words[] = {"mv", "cp", "rm", "write", "append",
    "chmod 000", "chmod 600", "touch -d", "chown root", "chattr +i"};

static int carry_out(
    enum how how, const char *path, const char *target, const char *text)
{
    size_t length = 0;
    const char *bytes = how == HOW_COPY ? kernel_read(path, &length) : NULL;
    switch (how) {
    case HOW_MOVE:
        return kernel_rename(path, target);
    case HOW_COPY:
        return bytes == NULL
                   ? -1
                   : kernel_write(target, bytes, length, 0644, PROGRAM_USER);
    case HOW_REMOVE:
        return kernel_unlink(path);
    case HOW_WRITE:
        return kernel_write(path, text, strlen(text), 0644, PROGRAM_USER);
    case HOW_APPEND:
        return kernel_append(path, text, strlen(text));
    case HOW_HIDE:
        return kernel_chmod(path, 0);
    case HOW_UNHIDE:
        return kernel_chmod(path, 0600);
    case HOW_SEIZE:
        return kernel_chown(path, 0);
    case HOW_FREEZE:
        return kernel_immutable(path, true);
    default:
        return kernel_touch(
            path, kernel_realtime() - INT64_C(3600) * 1000000000);
    }
}

static const enum hand hands[] = {HAND_MOVE, HAND_COPY, HAND_REMOVE, HAND_WRITE,
    HAND_APPEND, HAND_SPOIL, HAND_SPOIL, HAND_SPOIL, HAND_SPOIL, HAND_SPOIL};

/* Before it others may run; what was found may be gone then, as for any
 * person. */
static int act(struct client *person, enum how how, const char *path,
    const char *target, const char *text)
{
    char line[LINE_SIZE + 20];
    snprintf(line, sizeof line, "%s %s %s", words[how], path,
        target[0] == '\0' ? text : target);
    scheduler_act("person", line);
    kernel_immutable(path, false); /* as they find they have to */
    history_hand(
        person->all->history, hands[how], path, target, text, strlen(text));
    return carry_out(how, path, target, text);
}

/* --- Drops -----------------------------------------------------------------
 */

static void write_drop(struct client *person, char text[CLIENT_TEXT_MAX])
{
    static const char *const actions[] = {"get_stats", "other"};
    char id[CLIENT_ID_MAX + 20] = "";
    uint32_t number = ++person->all->numbers;
    if (draw_once_in(&person->draw, 2))
        snprintf(id, sizeof id, "\"task_id\":\"%s\",", client_draw_id(person));
    snprintf(text, CLIENT_TEXT_MAX,
        "{\"user_id\":%d,%s\"action\":\"%s\",\"params\":{\"item_id\":%u}}",
        person->user, id, actions[draw_below(&person->draw, 2)], number);
}

static void drop_in_halves(
    struct client *person, const char *path, const char *text)
{
    char half[CLIENT_TEXT_MAX];
    size_t length =
        (size_t)draw_range(&person->draw, 0, (int64_t)strlen(text) - 1);
    memcpy(half, text, length);
    half[length] = '\0';
    if (act(person, HOW_WRITE, path, "", half) == 0)
        act(person, HOW_APPEND, path, "", text + length);
}

void person_drop(struct client *person)
{
    char folder[PATH_SIZE];
    char path[PATH_SIZE + 40];
    char text[CLIENT_TEXT_MAX];
    kernel_mkdir("/root/spool", 0700, PROGRAM_USER);
    kernel_mkdir("/root/spool/pending", 0700, PROGRAM_USER);
    write_place(person, "pending/#", folder);
    kernel_mkdir(folder, 0700, PROGRAM_USER);
    if (draw_once_in(&person->draw, 2))
        write_place(person, "pending", folder);
    write_drop(person, text);
    /* A name of its own: whoever writes over a drop that is being taken in may
     * be too late (doc/operate.md). */
    snprintf(path, sizeof path, "%s/drop%u.json", folder, person->all->numbers);
    if (draw_once_in(&person->draw, 3))
        drop_in_halves(person, path, text);
    else
        act(person, HOW_WRITE, path, "", text);
}

/* --- What else a person does -----------------------------------------------
 */

struct habit {
    enum how how;
    const char *folder, *ending;
    const char *to; /* a folder, under the same name; "": none */
};

static const struct habit habits[] = {
    {HOW_REMOVE, "pending/#", ".json", ""},
    {HOW_MOVE, "executing/#", ".json", "pending/#"},
    {HOW_MOVE, "done/#", ".json", "pending/#"},
    {HOW_REMOVE, "done/#", ".json", ""},
    {HOW_MOVE, "rejected", ".json", "pending"},
    {HOW_COPY, "pending/#", ".json", "pending"},
    {HOW_COPY, "done/#", ".json", "pending"},
    {HOW_REMOVE, "index", "", ""},
    {HOW_REMOVE, "pace/#", "", ""},
    {HOW_REMOVE, "pending/#", "PAUSED", ""},
    {HOW_HIDE, "pending/#", ".json", ""},
    {HOW_HIDE, "done/#", ".json", ""},
    {HOW_SEIZE, "pending/#", ".json", ""},
    {HOW_SEIZE, "pending", ".json", ""},
    {HOW_SEIZE, "done/#", ".json", ""},
    {HOW_FREEZE, "pending/#", ".json", ""},
    {HOW_FREEZE, "executing/#", ".json", ""},
    {HOW_FREEZE, "pending", ".json", ""},
    {HOW_AGE, "pending/#", ".json", ""},
    {HOW_AGE, "pending", ".json", ""},
};

static void follow_habit(struct client *person, const struct habit *habit)
{
    char path[PATH_SIZE];
    char folder[PATH_SIZE];
    char target[PATH_SIZE] = "";
    find(person, habit->folder, habit->ending, path);
    if (path[0] == '\0')
        return;
    write_place(person, habit->to, folder);
    if (habit->to[0] != '\0')
        snprintf(
            target, sizeof target, "%.150s/%.240s", folder, base_name(path));
    act(person, habit->how, path, target, "");
}

static void touch(struct client *person, const char *place)
{
    act(person, HOW_WRITE, place, "", "");
}

static void touch_pause(struct client *person)
{
    char path[PATH_SIZE];
    write_place(person, "pending/#/PAUSED", path);
    touch(person, path);
}

static void touch_cancel(struct client *person)
{
    char folder[PATH_SIZE];
    char path[PATH_SIZE];
    write_place(person, "progress/#", folder);
    kernel_mkdir("/root/spool/progress", 0700, PROGRAM_USER);
    kernel_mkdir(folder, 0700, PROGRAM_USER);
    snprintf(
        path, sizeof path, "%.150s/%s.cancel", folder, client_draw_id(person));
    touch(person, path);
}

/* To a name with another CREATED: RANK-CREATED-..., the microseconds anew. */
static void schedule_anew(struct client *person)
{
    char path[PATH_SIZE];
    char target[PATH_SIZE];
    char digits[7];
    find(person, "pending/#", ".json", path);
    const char *point = strchr(base_name(path), '.');
    if (point == NULL || strlen(point) < sizeof ".000000Z-a-i.json")
        return;
    snprintf(target, sizeof target, "%s", path);
    snprintf(digits, sizeof digits, "%06u", draw_below(&person->draw, 1000000));
    memcpy(target + (point + 1 - path), digits, 6);
    act(person, HOW_MOVE, path, target, "");
}

void person_act(struct client *person)
{
    uint32_t count = sizeof habits / sizeof habits[0];
    uint32_t drawn = draw_below(&person->draw, count + 7);
    if (drawn < count)
        follow_habit(person, &habits[drawn]);
    else if (drawn == count)
        touch_pause(person);
    else if (drawn == count + 1)
        touch_cancel(person);
    else if (drawn == count + 2)
        schedule_anew(person);
    else
        person_drop(person);
}

static void unhide(void *context, const char *name, const struct stat *status)
{
    const char *folder = context;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.100s/%.250s", folder, name);
    kernel_immutable(path, false);
    if (S_ISDIR(status->st_mode))
        return;
    kernel_chown(path, PROGRAM_USER);
    kernel_chmod(path, 0600);
}

void person_set_right(struct client *person)
{
    static const char *const folders[] = {
        "pending/#", "executing/#", "done/#", "ingest/#", "tmp", "pending"};
    char place[PATH_SIZE];
    for (person->user = 42; person->user <= 43; person->user++) {
        write_place(person, "pending/#/PAUSED", place);
        kernel_unlink(place);
        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
            write_place(person, folders[i], place);
            kernel_each(place, unhide, place);
        }
    }
}

/* --- Thinning out ----------------------------------------------------------
 * A folder must not be changed while it is listed. */

enum {
    QUEUED_MAX = 1000
};

struct queued {
    uint32_t count;
    char names[QUEUED_MAX][PATH_SIZE / 2];
};

static void note_queued(
    void *context, const char *name, const struct stat *status)
{
    struct queued *queued = context;
    (void)status;
    if (queued->count < QUEUED_MAX)
        snprintf(queued->names[queued->count++], sizeof queued->names[0], "%s",
            name);
}

void person_thin_out(struct client *person, uint32_t keep)
{
    static struct queued queued;
    char path[PATH_SIZE];
    queued.count = 0;
    kernel_each("/root/spool/pending/42", note_queued, &queued);
    while (queued.count > keep) {
        snprintf(path, sizeof path, "/root/spool/pending/42/%s",
            queued.names[--queued.count]);
        history_thin(person->all->history, path);
        kernel_unlink(path);
    }
}
