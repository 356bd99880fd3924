/* SPDX-License-Identifier: MIT */
#include "invariants.h"

#include "catalogue.h"
#include "complaints.h"
#include "kernel.h"
#include "tree.h"
#include "value.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    ERROR_MAX = 12 * 500 /* bytes of 500 characters, escaped */
};

/* --- Files of tasks ------------------------------------------------------- */

static void check_text(struct tree *tree, const struct tree_task *task,
    const char *member, const char *want)
{
    const struct value *value = value_member(task->object, member);
    if (value_is_given(value) && !value_is_text(value, want))
        complain(tree->faults, "%s: %s inside is %.*s", task->path, member,
            (int)value->length, value->text);
}

static void check_user(struct tree *tree, const struct tree_task *task)
{
    int64_t user = value_number(value_member(task->object, "user_id"), 0);
    if (user != 0 && user != task->user)
        complain(tree->faults, "%s: user_id inside is %lld", task->path,
            (long long)user);
}

void invariants_check_live(struct tree *tree, const struct tree_task *task)
{
    struct stat status;
    char path[600];
    if (task->object == NULL)
        return;
    check_text(tree, task, "task_id", task->id);
    check_text(tree, task, "action", task->parts.action);
    check_user(tree, task);
    const struct value *params = value_member(task->object, "params");
    if (value_is_given(params) && params->kind != VALUE_OBJECT)
        complain(tree->faults, "%s: params is no object", task->path);
    /* What a program made is 0600; a person's file has its own mode. */
    if (value_member(task->object, "created_at")->kind == VALUE_ABSENT ||
        tree_is_excused(tree, task) ||
        (tree->may_keep_mode != NULL &&
            tree->may_keep_mode(tree->context, task->bytes)))
        return;
    snprintf(path, sizeof path, "/root/spool/%.500s", task->path);
    if (kernel_stat(path, &status) == 0)
        tree_check_file(tree, task->path, &status);
}

static void check_moment(
    struct tree *tree, const struct tree_task *task, const char *member)
{
    int64_t moment;
    const char *text =
        value_string(tree->pool, value_member(task->object, member));
    if (text == NULL || strlen(text) != 27 || !grammar_moment(text, &moment))
        complain(tree->faults, "%s: %s is no moment", task->path, member);
}

static void check_members(struct tree *tree, const struct tree_task *task)
{
    static const char *const members[] = {"task_id", "user_id", "action",
        "params", "priority", "timeout", "created_at", "status", "result",
        "error", "started_at", "completed_at", "executed_at",
        "execution_time_ms", "attempts"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (value_member(task->object, members[i])->kind == VALUE_ABSENT)
            complain(
                tree->faults, "%s: record lacks %s", task->path, members[i]);
    }
}

void invariants_check_record(struct tree *tree, const struct tree_task *task)
{
    if (task->object == NULL)
        return;
    check_members(tree, task);
    check_text(tree, task, "task_id", task->id);
    check_text(tree, task, "status", place_text(task->place));
    check_user(tree, task);
    check_moment(tree, task, "created_at");
    check_moment(tree, task, "completed_at");
    const struct value *error = value_member(task->object, "error");
    if (value_is_given(error) &&
        (error->kind != VALUE_STRING || error->length > ERROR_MAX))
        complain(tree->faults, "%s: error is no short text", task->path);
    if (value_number(value_member(task->object, "attempts"), -1) < 0)
        complain(tree->faults, "%s: attempts is no number", task->path);
    if (task->facts.declared == DECLARED_OTHERWISE ||
        (task->facts.declared != DECLARED_NOTHING &&
            task->facts.declared != DECLARED_SETTLED &&
            task->place == PLACE_COMPLETED))
        complain(tree->faults, "%s: declared is wrong", task->path);
}

/* --- The other places ----------------------------------------------------- */

static void check_place(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    static const char known[] =
        " pending executing done unknown ingest progress pace "
        "keys rejected products users "
        "photos index tmp log ";
    char word[64];
    (void)user;
    (void)folder;
    snprintf(word, sizeof word, " %.60s ", name);
    if (strstr(known, word) == NULL || !S_ISDIR(status->st_mode))
        complain(tree->faults, "%s: no such place in a spool", name);
    /* 1700: its maker has not made it safe yet. */
    else if ((status->st_mode & 06777) != 0700)
        complain(tree->faults, "%s: mode %04o, want 0700", name,
            (unsigned)(status->st_mode & 07777));
}

static struct tree_mark *add_mark(struct tree *tree, struct pool_list *list,
    int64_t user, const char *id, const char *path)
{
    struct tree_mark *mark = pool_append(tree->pool, list, sizeof *mark);
    *mark = (struct tree_mark){
        user, pool_copy(tree->pool, id, strlen(id)), path, NULL};
    return mark;
}

static void check_ingest(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    const char *path = tree_path(tree, folder, name);
    const struct tree_task task = {.user = user, .id = parts.id};
    if (!grammar_ingest(name, &parts))
        complain(tree->faults, "%s: no name of ingest/", path);
    else if (tree_is_excused(tree, &task) ||
             tree_check_file(tree, path, status))
        tree_object(tree, path);
    add_mark(tree, &tree->ingest, user, parts.id, path);
    complain(tree->debris, "%s: not in the catalogue yet", path);
}

/* The record of each, which says that nobody knows, must be what is told of its
 * task: else it has given way, or was retried. */
static void check_unknown(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    struct stat record;
    const char *path = tree_path(tree, folder, name);
    const struct tree_task task = {.user = user, .id = parts.id};
    if (!grammar_unknown(name, &parts))
        complain(tree->faults, "%s: no name of unknown/", path);
    else if (tree_is_excused(tree, &task) ||
             tree_check_file(tree, path, status))
        tree_object(tree, path);
    add_mark(tree, &tree->unknown, user, parts.id, path);
    const char *place = pool_print(tree->pool,
        "/root/spool/done/%lld/%s.failed.json", (long long)user, parts.id);
    if (kernel_stat(place, &record) != 0 || record.st_ino != status->st_ino)
        complain(tree->debris, "%s: of no outcome that is unknown", path);
}

static bool exists(struct tree *tree, const char *path)
{
    struct stat status;
    return kernel_stat(
               pool_print(tree->pool, "/root/spool/%s", path), &status) == 0;
}

/* Of a task that has two names after power loss the other one is looked at. */
static bool is_queued_too(struct tree *tree, int64_t user, const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    int length = (int)(strlen(name) - strlen(".leases"));
    return tree->lossy &&
           exists(tree, pool_print(tree->pool, "pending/%lld/%.*s.json",
                            (long long)user, length, name));
}

/* A note of past leases goes with the try that it is for. */
static void check_leases(struct tree *tree, int64_t user,
    const struct name_parts *parts, const char *path)
{
    const struct tree_task *task = tree_find(tree, user, parts->id);
    if ((task == NULL || task->place > PLACE_EXECUTING ||
            task->parts.generation != parts->generation ||
            task->parts.created != parts->created) &&
        !is_queued_too(tree, user, path))
        complain(tree->debris, "%s: leases of a try that is over", path);
}

/* By any of its names, of which power loss may have left several. */
static bool is_put_off(const struct tree_task *task)
{
    for (; task != NULL; task = task->other) {
        if (task->place == PLACE_PENDING && task->parts.generation > 0)
            return true;
    }
    return false;
}

/* Why a task was put off is kept as long as it waits again, or is out. */
static void check_failure(struct tree *tree, int64_t user,
    const struct name_parts *parts, const char *path)
{
    const struct tree_task *task = tree_find(tree, user, parts->id);
    if (task == NULL || task->place > PLACE_EXECUTING ||
        (task->place != PLACE_EXECUTING && !is_put_off(task)))
        complain(tree->debris, "%s: the failure of a try that is over", path);
}

static void check_progress(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    bool cancel;
    const char *path = tree_path(tree, folder, name);
    if (grammar_leases(name, &parts)) {
        check_leases(tree, user, &parts, path);
        tree_check_file(tree, path, status);
        return;
    }
    if (grammar_failure(name, &parts)) {
        check_failure(tree, user, &parts, path);
        tree_check_file(tree, path, status);
        return;
    }
    if (!grammar_progress(name, &parts, &cancel)) {
        complain(tree->faults, "%s: no name of progress/", path);
        return;
    }
    if (cancel)
        add_mark(tree, &tree->marks, user, parts.id, path);
    else
        tree_check_file(tree, path, status); /* a hint, which may be torn */
    const struct tree_task *task = tree_find(tree, user, parts.id);
    if (task == NULL || task->place != PLACE_EXECUTING)
        complain(tree->debris, "%s: said of a task not executing", path);
}

static void check_pace(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    const char *path = tree_path(tree, folder, name);
    (void)user;
    if (!grammar_action(name))
        complain(tree->faults, "%s: no name of pace/", path);
    else if (tree_check_file(tree, path, status) && status->st_size != 0)
        complain(tree->faults, "%s: a stamp that is not empty", path);
}

/* Which task a key made that has an ID of its own. */
static void check_key(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    char id[66] = "";
    size_t length;
    const char *path = tree_path(tree, folder, name);
    if (strncmp(name, "key-", 4) != 0 || strlen(name) != 44 ||
        strspn(name + 4, "0123456789abcdef") != 40) {
        complain(tree->faults, "%s: no name of keys/", path);
        return;
    }
    tree_check_file(tree, path, status);
    const char *text =
        kernel_read(pool_print(tree->pool, "/root/spool/%s", path), &length);
    if (text != NULL)
        snprintf(id, sizeof id, "%.*s", (int)strcspn(text, "\n"), text);
    if (tree_find(tree, user, id) == NULL)
        complain(tree->debris, "%s: of a task that is gone", path);
}

/* Each file has its reason, each reason its file (G7). */
static void check_rejected(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    size_t length = strlen(name);
    const char *path = tree_path(tree, folder, name);
    (void)user;
    if (length > 4 && strcmp(name + length - 4, ".why") == 0) {
        char *file = pool_copy(tree->pool, path, strlen(path) - 4);
        if (!exists(tree, file))
            complain(tree->debris, "%s: a reason without its file", path);
        else if (tree_check_file(tree, path, status) && status->st_size == 0)
            complain(tree->faults, "%s: an empty reason (G7)", path);
    } else if (!tree->clock_set &&
               !exists(tree, pool_print(tree->pool, "%s.why", path))) {
        complain(tree->faults, "%s: rejected without a reason (G7)", path);
    }
}

static void check_temporary(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    struct name_parts parts;
    const char *path = tree_path(tree, folder, name);
    /* It may be another link of a record that a person has spoilt. */
    if (!tree->has_spoilt)
        tree_check_file(tree, path, status);
    complain(tree->debris, "%s: left in tmp/", path);
    if (grammar_word(name, ".verdict", &user, &parts))
        add_mark(tree, &tree->verdicts, user, parts.id, path)->object =
            tree_object(tree, path);
    else if (grammar_aside(name, &user, &parts))
        add_mark(tree, &tree->asides, user, parts.id, path)->object =
            tree_object(tree, path);
}

static void check_simple(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    (void)user;
    tree_check_file(tree, tree_path(tree, folder, name), status);
}

void invariants_check_places(struct tree *tree)
{
    tree_each(tree, 0, "", check_place);
    tree_each_user(tree, "unknown", check_unknown);
    tree_each_user(tree, "ingest", check_ingest);
    tree_each_user(tree, "progress", check_progress);
    tree_each_user(tree, "pace", check_pace);
    tree_each_user(tree, "keys", check_key);
    tree_each(tree, 0, "rejected", check_rejected);
    tree_each(tree, 0, "tmp", check_temporary);
    catalogue_check_files(tree);
    tree_each(tree, 0, "users", check_simple);
    tree_each(tree, 0, "photos", check_simple);
    tree_each(tree, 0, "index", check_simple);
    tree_each(tree, 0, "log", check_simple);
}
