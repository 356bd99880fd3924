/* SPDX-License-Identifier: MIT */
/* What a person does in the spool, as far as it moves tasks. */
#include "history.h"
#include "kernel.h"
#include "model.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

enum spot_place {
    SPOT_ELSEWHERE,
    SPOT_PENDING,
    SPOT_EXECUTING,
    SPOT_DONE,
    SPOT_PROGRESS,
    SPOT_REJECTED
};

/* A path taken apart. */
struct spot {
    const char *path; /* from the spool on */
    const char *name;
    enum spot_place place;
    int64_t user; /* 0: none */
    bool is_task; /* its name is that of a task */
    bool completed, cancel;
    struct name_parts parts; /* of such a name, or of a mark */
};

static enum spot_place find_place(const char *path)
{
    static const char *const places[] = {
        "", "pending/", "executing/", "done/", "progress/", "rejected/"};
    for (int i = SPOT_PENDING; i <= SPOT_REJECTED; i++) {
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return (enum spot_place)i;
    }
    return SPOT_ELSEWHERE;
}

static void read_name(struct spot *spot)
{
    if (spot->user == 0)
        return;
    if (spot->place == SPOT_PENDING)
        spot->is_task = grammar_queued(spot->name, &spot->parts);
    else if (spot->place == SPOT_EXECUTING)
        spot->is_task = grammar_executing(spot->name, &spot->parts);
    else if (spot->place == SPOT_DONE)
        spot->is_task =
            grammar_done(spot->name, &spot->parts, &spot->completed);
    else if (spot->place == SPOT_PROGRESS)
        grammar_progress(spot->name, &spot->parts, &spot->cancel);
}

static struct spot spot_of(struct history *history, const char *path)
{
    struct spot spot = {.path = history_inside(path)};
    char folder[40] = "";
    if (spot.path == NULL)
        return (struct spot){.path = path, .name = path};
    spot.path = pool_copy(history->pool, spot.path, strlen(spot.path));
    spot.place = find_place(spot.path);
    const char *rest = strchr(spot.path, '/');
    spot.name = strrchr(spot.path, '/');
    spot.name = spot.name == NULL ? spot.path : spot.name + 1;
    if (rest != NULL && spot.name > rest + 1)
        snprintf(folder, sizeof folder, "%.*s", (int)(spot.name - rest - 2),
            rest + 1);
    if (!grammar_user(folder, &spot.user))
        spot.user = 0;
    read_name(&spot);
    return spot;
}

static const char *read_whole(
    struct history *history, const char *path, size_t *length)
{
    *length = 0;
    const char *text = kernel_read(path, length);
    return text == NULL ? NULL : pool_copy(history->pool, text, *length);
}

static struct task_facts facts_of(
    struct history *history, const struct spot *spot)
{
    size_t length;
    struct pool *pool = history->pool;
    const char *text = read_whole(
        history, pool_print(pool, "/root/spool/%s", spot->path), &length);
    return task_facts_of(pool, value_read(pool, text, length));
}

static enum place task_place(const struct spot *spot)
{
    if (spot->place == SPOT_PENDING)
        return PLACE_PENDING;
    if (spot->place == SPOT_EXECUTING)
        return PLACE_EXECUTING;
    return spot->completed ? PLACE_COMPLETED : PLACE_FAILED;
}

static struct operation *deed(
    struct history *history, enum verb verb, const struct spot *spot)
{
    struct operation *operation = history_add(history, verb);
    static const char *const words[] = {[VERB_DROP] = "drop",
        [VERB_TAKE] = "mv or rm",
        [VERB_RENAME] = "mv",
        [VERB_MARK] = "touch",
        [VERB_UNMARK] = "rm",
        [VERB_UNDROP] = "mv or rm"};
    operation->user = spot->user;
    operation->parts = spot->parts;
    operation->place = task_place(spot);
    operation->id =
        spot->parts.id[0] == '\0'
            ? NULL
            : pool_copy(history->pool, spot->parts.id, strlen(spot->parts.id));
    operation->id_is_given = true;
    operation->words =
        pool_print(history->pool, "a person: %s %s", words[verb], spot->path);
    history_end(operation);
    if (verb == VERB_TAKE) /* what the file says that goes */
        operation->facts = facts_of(history, spot);
    return operation;
}

/* --- Drops ---------------------------------------------------------------- */

static bool is_json(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && name[0] != '.' &&
           strcmp(name + length - 5, ".json") == 0;
}

/* What a file that comes to pending/ is going to be. */
static struct drop read_drop(struct history *history, const struct spot *to,
    const char *bytes, size_t length)
{
    struct pool *pool = history->pool;
    const struct value *object =
        value_read(pool, pool_copy(pool, bytes, length), length);
    struct drop drop = {.user = to->user,
        .path = to->path,
        .bytes = digest_file(bytes, length),
        .facts = task_facts_of(pool, object),
        .id = value_string(pool, value_member(object, "task_id"))};
    int64_t user = value_number(value_member(object, "user_id"), to->user);
    drop.fit = object != NULL && object->kind == VALUE_OBJECT && user > 0 &&
               (to->user == 0 || user == to->user) &&
               drop.facts.action != NULL && grammar_action(drop.facts.action);
    drop.user = to->user == 0 ? user : to->user;
    if (value_member(object, "params")->kind == VALUE_ABSENT)
        drop.facts.content =
            task_content(drop.facts.action, value_member(object, "params"));
    struct name_parts parts;
    if (grammar_executing(to->name, &parts)) {
        drop.id = pool_copy(pool, parts.id, strlen(parts.id));
        drop.generation = parts.generation + 1;
    }
    return drop;
}

/* Whatever lay there is gone, or has been taken in before. */
static void take_drops(struct history *history, const char *path)
{
    struct drop *drops = history->drops.at;
    for (size_t i = 0; i < history->drops.count; i++)
        drops[i].taken |= strcmp(drops[i].path, path) == 0;
}

static void add_drop(struct history *history, const struct spot *to,
    const char *bytes, size_t length)
{
    take_drops(history, to->path);
    struct drop *drop =
        pool_append(history->pool, &history->drops, sizeof *drop);
    *drop = read_drop(history, to, bytes, length);
    struct operation *operation = deed(history, VERB_DROP, to);
    history_learn(history, &drop->facts, true);
    drop->came = operation->begun;
    operation->user = drop->user;
    operation->id = drop->id;
    operation->id_is_given = drop->id != NULL;
    operation->drop = history->drops.count - 1;
}

/* A name that a person writes where only programs do. */
static void spoil(struct history *history, const struct spot *spot)
{
    struct drop *drops = history->drops.at;
    uint64_t content = facts_of(history, spot).content;
    if (spot->parts.id[0] != '\0')
        history_spoil(history, spot->user, spot->parts.id);
    for (size_t i = 0; i < history->drops.count; i++) {
        drops[i].taken |= content != 0 && content == drops[i].facts.content;
        if (strcmp(drops[i].path, spot->path) != 0)
            continue;
        drops[i].taken = true;
        history->closed |= drops[i].id == NULL;
        if (drops[i].id != NULL)
            history_spoil(history, drops[i].user, drops[i].id);
    }
}

static void write_to(struct history *history, const struct spot *to,
    const char *bytes, size_t length)
{
    if (to->place == SPOT_PROGRESS && to->cancel)
        deed(history, VERB_MARK, to);
    else if (to->place == SPOT_PENDING && !to->is_task && is_json(to->name))
        add_drop(history, to, bytes, length);
    else if (to->is_task)
        spoil(history, to);
}

/* --- The deeds ------------------------------------------------------------ */

static void append_to(struct history *history, const struct spot *to,
    const char *path, const char *bytes, size_t length)
{
    size_t before;
    const char *text = read_whole(history, path, &before);
    if (text == NULL)
        return;
    char *whole = pool_take(history->pool, before + length + 1);
    memcpy(whole, text, before);
    if (length > 0)
        memcpy(whole + before, bytes, length);
    write_to(history, to, whole, before + length);
}

bool history_is_of_top(const struct drop *drop)
{
    return strchr(drop->path, '/') == strrchr(drop->path, '/');
}

bool history_went_back(
    const struct drop *drop, const char *path, uint64_t bytes)
{
    struct name_parts parts;
    static const char top[] = "pending/";
    return history_is_of_top(drop) && drop->bytes == bytes &&
           strncmp(path, top, strlen(top)) == 0 &&
           grammar_queued(path + strlen(top), &parts) &&
           (drop->id == NULL || strcmp(parts.id, drop->id) == 0);
}

/* A digest of what is there; 0: nothing. */
static uint64_t bytes_of(const char *path)
{
    size_t length;
    const char *text = kernel_read(path, &length);
    return text == NULL ? 0 : digest_file(text, length);
}

/* One that waits under this path, or has waited, is not there any more. */
static void take_drop(
    struct history *history, const struct spot *from, const char *path)
{
    struct drop *drops = history->drops.at;
    uint64_t bytes = bytes_of(path);
    for (size_t i = history->drops.count; i-- > 0;) {
        if (strcmp(drops[i].path, from->path) != 0 &&
            !history_went_back(&drops[i], from->path, bytes))
            continue;
        struct operation *operation = deed(history, VERB_UNDROP, from);
        operation->user = drops[i].user;
        operation->id = drops[i].id;
        operation->drop = i;
        drops[i].taken = true;
        return;
    }
}

static void take_rejected(struct history *history, const char *path)
{
    struct drop *drops = history->drops.at;
    uint64_t bytes = bytes_of(path);
    for (size_t i = 0; i < history->drops.count; i++)
        drops[i].taken |= drops[i].bytes == bytes;
}

static void take_away(
    struct history *history, const struct spot *from, const char *path)
{
    if (from->place == SPOT_PROGRESS && from->cancel)
        deed(history, VERB_UNMARK, from);
    else if (from->is_task)
        deed(history, VERB_TAKE, from);
    else if (from->place == SPOT_PENDING && is_json(from->name))
        take_drop(history, from, path);
    else if (strncmp(from->path, "index/", 6) == 0)
        history->unlocked = true;
    /* What becomes of what is taken out of rejected/ is the person's. */
    else if (from->place == SPOT_REJECTED)
        take_rejected(history, path);
}

static void move_to(struct history *history, const struct spot *from,
    const struct spot *to, const char *path)
{
    size_t length;
    if (from->is_task && to->is_task && from->place == SPOT_PENDING &&
        to->place == SPOT_PENDING && from->user == to->user &&
        strcmp(from->parts.id, to->parts.id) == 0) {
        deed(history, VERB_RENAME, to);
        return;
    }
    const char *text = read_whole(history, path, &length);
    take_away(history, from, path);
    if (text != NULL)
        write_to(history, to, text, length);
}

static void copy_to(
    struct history *history, const struct spot *to, const char *path)
{
    size_t length;
    const char *text = read_whole(history, path, &length);
    if (text != NULL)
        write_to(history, to, text, length);
}

void history_hand(struct history *history, enum hand hand, const char *path,
    const char *target, const char *bytes, size_t length)
{
    struct stat status;
    struct spot from = spot_of(history, path);
    bool goes = target != NULL && *target != '\0';
    struct spot to = spot_of(history, goes ? target : path);
    if (hand != HAND_WRITE && kernel_stat(path, &status) != 0)
        return;
    switch (hand) {
    case HAND_WRITE:
        write_to(history, &to, bytes, length);
        break;
    case HAND_APPEND:
        append_to(history, &to, path, bytes, length);
        break;
    case HAND_MOVE:
        move_to(history, &from, &to, path);
        break;
    case HAND_COPY:
        copy_to(history, &to, path);
        break;
    case HAND_REMOVE:
        take_away(history, &from, path);
        break;
    case HAND_SPOIL:
        spoil(history, &from);
        break;
    }
}

void history_thin(struct history *history, const char *path)
{
    const struct spot spot = spot_of(history, path);
    if (!spot.is_task ||
        !model_remove(model_thread(history, spot.user, spot.parts.id)))
        history_hand(history, HAND_REMOVE, path, NULL, NULL, 0);
}
