/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include "complaints.h"
#include "invariants.h"
#include "kernel.h"
#include "value.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char root[] = "/root/spool";

const char *place_text(enum place place)
{
    static const char *const texts[] = {
        "unknown", "pending", "executing", "failed", "completed"};
    return texts[place];
}

const char *declared_text(enum declared declared)
{
    static const char *const texts[] = {
        "", "timeout", "expired", "cancelled", "settled", "?"};
    return texts[declared];
}

/* --- What a file says ----------------------------------------------------- */

uint64_t task_content(const char *action, const struct value *params)
{
    static const struct value empty = {.kind = VALUE_OBJECT};
    if (action == NULL)
        return 0;
    uint64_t digest = value_digest(value_is_given(params) ? params : &empty);
    return digest_bytes(digest, action, strlen(action));
}

uint64_t task_outcome(bool success, const struct value *data, const char *error)
{
    static const struct value null = {.kind = VALUE_NULL};
    uint64_t digest = value_digest(value_is_given(data) ? data : &null);
    digest = digest_bytes(digest, success ? "+" : "-", 1);
    if (success || error == NULL)
        return digest;
    return digest_bytes(digest, error, strnlen(error, 100));
}

static enum declared declared_of(const struct value *object)
{
    const struct value *word = value_member(object, "declared");
    if (value_is_given(value_member(object, "settled")))
        return DECLARED_SETTLED;
    if (!value_is_given(word))
        return DECLARED_NOTHING;
    for (int i = DECLARED_TIMEOUT; i < DECLARED_SETTLED; i++) {
        if (value_is_text(word, declared_text((enum declared)i)))
            return (enum declared)i;
    }
    return DECLARED_OTHERWISE;
}

struct task_facts task_facts_of(struct pool *pool, const struct value *object)
{
    struct task_facts facts = {
        .action = value_string(pool, value_member(object, "action")),
        .declared = declared_of(object),
        .started = value_is_given(value_member(object, "started_at")),
        .retries = value_number(value_member(object, "retries"), -1),
        .timeout = value_number(value_member(object, "timeout"), 0),
        .expires = value_is_given(value_member(object, "expires_in"))};
    const struct value *params = value_member(object, "params");
    if (params->kind != VALUE_ABSENT)
        facts.content = task_content(facts.action, params);
    const struct value *status = value_member(object, "status");
    bool success = value_is_text(status, "completed");
    bool failure = value_is_text(status, "failed");
    if (value_member(object, "result")->kind != VALUE_ABSENT &&
        facts.declared == DECLARED_NOTHING && (success || failure))
        facts.outcome = task_outcome(success, value_member(object, "result"),
            value_string(pool, value_member(object, "error")));
    return facts;
}

/* --- Walking -------------------------------------------------------------- */

const char *tree_path(struct tree *tree, const char *folder, const char *name)
{
    return pool_print(tree->pool, "%s/%s", folder, name);
}

static const char *read_file(
    struct tree *tree, const char *path, size_t *length)
{
    const char *whole = pool_print(tree->pool, "%s/%s", root, path);
    *length = 0;
    return kernel_read(whole, length);
}

const struct value *tree_object(struct tree *tree, const char *path)
{
    size_t length;
    const char *text = read_file(tree, path, &length);
    const struct value *value =
        text == NULL ? NULL
                     : value_read(tree->pool,
                           pool_copy(tree->pool, text, length), length);
    if (value == NULL || value->kind != VALUE_OBJECT) {
        complain(tree->faults, "%s: no JSON object", path);
        return NULL;
    }
    return value;
}

struct walk {
    struct tree *tree;
    int64_t user;
    const char *folder;
    tree_visit *visit;
};

static void visit_name(
    void *context, const char *name, const struct stat *status)
{
    const struct walk *walk = context;
    walk->visit(walk->tree, walk->user, walk->folder, name, status);
}

void tree_each(
    struct tree *tree, int64_t user, const char *folder, tree_visit *visit)
{
    struct walk walk = {tree, user, folder, visit};
    const char *whole =
        *folder == '\0' ? root : pool_print(tree->pool, "%s/%s", root, folder);
    struct stat status;
    if (kernel_stat(whole, &status) == 0 && S_ISDIR(status.st_mode))
        kernel_each(whole, visit_name, &walk);
}

static void visit_user(
    void *context, const char *name, const struct stat *status)
{
    const struct walk *walk = context;
    struct tree *tree = walk->tree;
    int64_t user;
    const char *folder = tree_path(tree, walk->folder, name);
    if (!grammar_user(name, &user) || !S_ISDIR(status->st_mode)) {
        complain(tree->faults, "%s: not a user's folder", folder);
        return;
    }
    tree_each(tree, user, folder, walk->visit);
}

void tree_each_user(struct tree *tree, const char *place, tree_visit *visit)
{
    struct walk walk = {tree, 0, place, visit};
    const char *whole = pool_print(tree->pool, "%s/%s", root, place);
    struct stat status;
    if (kernel_stat(whole, &status) == 0 && S_ISDIR(status.st_mode))
        kernel_each(whole, visit_user, &walk);
}

bool tree_check_file(
    struct tree *tree, const char *path, const struct stat *status)
{
    if (!S_ISREG(status->st_mode)) {
        complain(tree->faults, "%s: not a regular file", path);
        return false;
    }
    /* 0400: of a record whose word had to give way. */
    if ((status->st_mode & 07777 & ~0200U) != 0400)
        complain(tree->faults, "%s: mode %04o, want 0600", path,
            (unsigned)(status->st_mode & 07777));
    return true;
}

/* --- Tasks ---------------------------------------------------------------- */

static struct tree_task *find(
    const struct tree *tree, int64_t user, const char *id)
{
    struct tree_task *tasks = tree->tasks.at;
    uint32_t found = table_get(&tree->by_id, table_key(user, id));
    return found == 0 ? NULL : &tasks[found - 1];
}

const struct tree_task *tree_find(
    const struct tree *tree, int64_t user, const char *id)
{
    return find(tree, user, id);
}

const struct tree_mark *tree_find_mark(
    const struct pool_list *list, int64_t user, const char *id)
{
    const struct tree_mark *marks = list->at;
    for (size_t i = 0; i < list->count; i++) {
        if (marks[i].user == user && strcmp(marks[i].id, id) == 0)
            return &marks[i];
    }
    return NULL;
}

const struct tree_task *tree_find_husk(
    const struct tree *tree, int64_t user, const char *id)
{
    const struct tree_task *husks = tree->husks.at;
    for (size_t i = 0; i < tree->husks.count; i++) {
        if ((husks[i].user == user || husks[i].user == 0) &&
            strcmp(husks[i].id, id) == 0)
            return &husks[i];
    }
    return NULL;
}

bool tree_is_excused(const struct tree *tree, const struct tree_task *task)
{
    return tree->is_excused != NULL &&
           tree->is_excused(tree->context, task->user, task->id);
}

/* After power loss a file that was renamed may have both names. The claim of
 * the one rejects the other, or whoever finishes it removes both. */
static bool are_one_file(const struct tree *tree, const struct tree_task *one,
    const struct tree_task *two)
{
    struct stat first;
    struct stat second;
    if (!tree->lossy || one->place > PLACE_EXECUTING ||
        two->place > PLACE_EXECUTING)
        return false;
    return kernel_stat(pool_print(tree->pool, "/root/spool/%s", one->path),
               &first) == 0 &&
           kernel_stat(pool_print(tree->pool, "/root/spool/%s", two->path),
               &second) == 0 &&
           first.st_ino == second.st_ino;
}

/* Two names of one ID: one outlives the other, or there are two tasks. */
static void compare(
    struct tree *tree, const struct tree_task *one, const struct tree_task *two)
{
    const struct tree_task *first = one->place > two->place ? one : two;
    const struct tree_task *second = first == one ? two : one;
    struct tree_mark *twice =
        pool_append(tree->pool, &tree->twice, sizeof *twice);
    *twice = (struct tree_mark){one->user, one->id, one->path, NULL};
    bool may_be_twice = first->place == second->place &&
                        tree->may_be_twice(tree->context, one->user, one->id);
    if (tree_is_excused(tree, one) || are_one_file(tree, one, two))
        return;
    if (may_be_twice && first->place == PLACE_PENDING)
        return; /* both stay until a poll comes to the one */
    if (first->place == second->place && !may_be_twice)
        complain(tree->faults, "%s: second entry of %s (G2, G5)", second->path,
            first->path);
    else if (second->place == PLACE_FAILED &&
             second->facts.declared == DECLARED_NOTHING)
        complain(tree->faults,
            "%s: beside %s, and nobody declared it failed (G6)", second->path,
            first->path);
    else
        complain(tree->debris, "%s: outlived by %s", second->path, first->path);
}

static void note_other(
    struct tree *tree, struct tree_task *first, const struct tree_task *task)
{
    struct tree_task *other = pool_take(tree->pool, sizeof *other);
    *other = *task;
    other->other = first->other;
    first->other = other;
}

static void add(struct tree *tree, const struct tree_task *task)
{
    struct tree_task *other = find(tree, task->user, task->id);
    if (other == NULL) {
        struct tree_task *new =
            pool_append(tree->pool, &tree->tasks, sizeof *task);
        *new = *task;
        table_put(tree->pool, &tree->by_id, table_key(task->user, task->id),
            (uint32_t)tree->tasks.count);
        return;
    }
    compare(tree, other, task);
    if (task->place > other->place)
        *other = *task;
    else if (task->place == other->place)
        note_other(tree, other, task);
}

static struct tree_task read_task(
    struct tree *tree, int64_t user, const char *folder, const char *name)
{
    size_t length;
    struct tree_task task = {
        .user = user, .path = tree_path(tree, folder, name)};
    const char *text = read_file(tree, task.path, &length);
    task.object = tree_object(tree, task.path);
    task.facts = task_facts_of(tree->pool, task.object);
    task.bytes = text == NULL ? 0 : digest_file(text, length);
    return task;
}

static void add_drop(
    struct tree *tree, struct pool_list *list, int64_t user, const char *path)
{
    size_t length;
    struct tree_drop *drop = pool_append(tree->pool, list, sizeof *drop);
    drop->user = user;
    drop->path = path;
    const char *text = read_file(tree, path, &length);
    drop->bytes = text == NULL ? 0 : digest_file(text, length);
}

static bool is_json_name(const char *name)
{
    size_t length = strlen(name);
    return name[0] != '.' && length > 5 &&
           strcmp(name + length - 5, ".json") == 0;
}

/* A name that is there without its content, as a loss of power may leave it of
 * a create that nobody was told of: no task. Of one that somebody was told of,
 * the model misses the task. */
static bool is_husk(struct tree *tree, int64_t user, const char *path,
    const struct name_parts *parts, enum place place)
{
    size_t length;
    const char *text = read_file(tree, path, &length);
    if (!tree->lossy || text == NULL ||
        value_read(tree->pool, pool_copy(tree->pool, text, length), length) !=
            NULL)
        return false;
    struct tree_task *husk =
        pool_append(tree->pool, &tree->husks, sizeof *husk);
    *husk = (struct tree_task){.user = user,
        .id = pool_copy(tree->pool, parts->id, strlen(parts->id)),
        .place = place,
        .path = path,
        .parts = *parts};
    return true;
}

static void visit_pending(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    if (strcmp(name, "PAUSED") == 0 || !is_json_name(name))
        return;
    if (!S_ISREG(status->st_mode) || !grammar_queued(name, &parts)) {
        add_drop(tree, &tree->drops, user, tree_path(tree, folder, name));
        return;
    }
    if (is_husk(tree, user, tree_path(tree, folder, name), &parts, PLACE_NONE))
        return;
    struct tree_task task = read_task(tree, user, folder, name);
    task.parts = parts;
    task.id = pool_copy(tree->pool, parts.id, strlen(parts.id));
    task.place = PLACE_PENDING;
    invariants_check_live(tree, &task);
    add(tree, &task);
}

static void visit_top(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    const char *path = tree_path(tree, folder, name);
    if (S_ISDIR(status->st_mode) && grammar_user(name, &user))
        tree_each(tree, user, path, visit_pending);
    else if (is_json_name(name))
        add_drop(tree, &tree->drops, 0, path);
}

static void visit_executing(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    const char *path = tree_path(tree, folder, name);
    if (!grammar_executing(name, &parts) || !S_ISREG(status->st_mode)) {
        complain(tree->faults, "%s: no name of executing/", path);
        return;
    }
    if (is_husk(tree, user, path, &parts, PLACE_EXECUTING))
        return;
    struct tree_task task = read_task(tree, user, folder, name);
    task.parts = parts;
    task.id = pool_copy(tree->pool, parts.id, strlen(parts.id));
    task.place = PLACE_EXECUTING;
    invariants_check_live(tree, &task);
    add(tree, &task);
}

static void visit_done(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    bool completed;
    const char *path = tree_path(tree, folder, name);
    if (!grammar_done(name, &parts, &completed)) {
        complain(tree->faults, "%s: no name of done/", path);
        return;
    }
    if (!S_ISREG(status->st_mode)) {
        complain(tree->faults, "%s: not a regular file", path);
        return;
    }
    struct tree_task task = read_task(tree, user, folder, name);
    task.parts = parts;
    task.id = pool_copy(tree->pool, parts.id, strlen(parts.id));
    if (!tree_is_excused(tree, &task))
        tree_check_file(tree, path, status);
    task.place = completed ? PLACE_COMPLETED : PLACE_FAILED;
    invariants_check_record(tree, &task);
    add(tree, &task);
}

static void visit_rejected(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    size_t length = strlen(name);
    const char *path = tree_path(tree, folder, name);
    (void)status;
    if (length >= 4 && strcmp(name + length - 4, ".why") == 0)
        return;
    add_drop(tree, &tree->rejected, user, path);
    if (grammar_executing(name, &parts) || grammar_queued(name, &parts))
        is_husk(tree, user, path, &parts, PLACE_NONE);
}

void tree_read(struct tree *tree)
{
    tree->by_id = (struct table){0};
    tree->tasks = tree->drops = tree->rejected = (struct pool_list){0};
    tree->marks = tree->unknown = (struct pool_list){0};
    tree->ingest = tree->verdicts = (struct pool_list){0};
    tree->asides = tree->twice = tree->husks = (struct pool_list){0};
    tree_each_user(tree, "done", visit_done);
    tree_each_user(tree, "executing", visit_executing);
    tree_each(tree, 0, "pending", visit_top);
    tree_each(tree, 0, "rejected", visit_rejected);
    invariants_check_places(tree);
}
