/* SPDX-License-Identifier: MIT */
#include "find.h"

#include "clock.h"
#include "file.h"
#include "queue_ids.h"
#include "record.h"
#include "spool_shared.h"
#include "stuck.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char find_verdict_suffix[] = ".verdict";

struct path find_verdict_place(const struct account *account, const char *id)
{
    char name[ID_LENGTH_MAX + 40];
    snprintf(name, sizeof name, "%" PRId64 "-%s%s", account->user, id,
        find_verdict_suffix);
    return path_in(SPOOL_TMP, name);
}

enum error find_unspoken(const struct account *account, const char *id)
{
    struct path verdict = find_verdict_place(account, id);
    enum error error = file_look(account->spool->directory, verdict.text);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    return error == ERROR_NONE ? ERROR_BUSY : error;
}

const char *task_state_text(enum task_state state)
{
    static const char *const texts[] = {
        "pending",   /* TASK_PENDING */
        "executing", /* TASK_EXECUTING */
        "completed", /* TASK_COMPLETED */
        "failed",    /* TASK_FAILED */
    };
    return texts[state];
}

/* A completed record stands before a failed one: only a failure that we
 * declared ourselves can have been left beside it. */
enum error find_done(
    const struct account *account, const char *id, struct task_place *place)
{
    for (int completed = 1; completed >= 0; completed--) {
        struct name name = name_format_done(id, completed);
        place->path = account_path(account, SPOOL_DONE, name.text);
        place->state = completed ? TASK_COMPLETED : TASK_FAILED;
        enum error error =
            file_look(account->spool->directory, place->path.text);
        if (error != ERROR_NOT_FOUND)
            return error;
    }
    return ERROR_NOT_FOUND;
}

enum {
    UNDONE_LOOKS = 3 /* at a record that moves */
};

/* Only the plugin's own success may take the place of a success. */
static bool may_give_way(enum task_state state, enum record_word word)
{
    return state == TASK_FAILED ? word != WORD_DECLARED
                                : word == WORD_COMPLETED;
}

enum error find_undone(
    const struct account *account, const char *id, enum record_word word)
{
    struct task_place place;
    struct record_head head;
    enum error error = ERROR_NOT_FOUND;
    /* A record that has gone since it was found may stand under its other name,
     * which it got before (verdict_step's rename_theirs). */
    for (int look = 0; look < UNDONE_LOOKS && error == ERROR_NOT_FOUND;
        look++) {
        error = find_done(account, id, &place);
        if (error == ERROR_NOT_FOUND)
            return ERROR_NONE;
        if (error != ERROR_NONE)
            return error;
        if (!may_give_way(place.state, word))
            return ERROR_EXISTS;
        error = record_load_head(account->spool, place.path, &head);
    }
    if (error == ERROR_NONE)
        return record_gives_way(head.word, word) ? ERROR_NONE : ERROR_EXISTS;
    /* A record that somebody has spoilt by hand still says "done". */
    if (error == ERROR_SYNTAX)
        return ERROR_EXISTS;
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

struct search {
    const struct account *account;
    const char *id;
    struct task_place *place;
    struct name *moved; /* NULL: not asked for */
};

static enum error match_executing(void *context, const char *name)
{
    struct search *search = context;
    struct lease_name *lease = &search->place->lease;
    if (strstr(name, search->id) == NULL ||
        name_parse_executing(name, lease) != ERROR_NONE ||
        strcmp(lease->task.id, search->id) != 0)
        return ERROR_NONE;
    search->place->state = TASK_EXECUTING;
    search->place->path = account_path(search->account, SPOOL_EXECUTING, name);
    return ERROR_EXISTS;
}

/* Whether a name is the task's in executing/ or in done/. */
static bool is_from_elsewhere(const char *name, const char *id)
{
    struct lease_name lease;
    if (name_parse_executing(name, &lease) == ERROR_NONE)
        return strcmp(lease.task.id, id) == 0;
    return strcmp(name, name_format_done(id, true).text) == 0 ||
           strcmp(name, name_format_done(id, false).text) == 0;
}

static enum error match_pending(void *context, const char *name)
{
    struct search *search = context;
    struct task_name *task = &search->place->lease.task;
    if (strstr(name, search->id) == NULL)
        return ERROR_NONE;
    if (search->moved != NULL && is_from_elsewhere(name, search->id))
        memcpy(search->moved->text, name, strlen(name) + 1);
    if (name_parse_queued(name, task) != ERROR_NONE ||
        strcmp(task->id, search->id) != 0)
        return ERROR_NONE;
    search->place->state = TASK_PENDING;
    search->place->path = account_path(search->account, SPOOL_PENDING, name);
    return ERROR_EXISTS;
}

/* ERROR_EXISTS is how a match ends the walk. */
static enum error walk_result(enum error error)
{
    if (error == ERROR_EXISTS)
        return ERROR_NONE;
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

enum error find_executing(
    const struct account *account, const char *id, struct task_place *place)
{
    struct search search = {account, id, place, NULL};
    return walk_result(spool_each_name(account->spool,
        account_folder(account, SPOOL_EXECUTING), match_executing, &search));
}

/* With `moved`, the name of a file that was moved there by hand is noted, too.
 */
static enum error search_pending(const struct account *account, const char *id,
    struct task_place *place, struct name *moved)
{
    struct search search = {account, id, place, moved};
    struct task_name *task = &place->lease.task;
    enum error error = queue_ids_find(account, id, task);
    if (error == ERROR_NONE) {
        place->state = TASK_PENDING;
        place->path =
            account_path(account, SPOOL_PENDING, name_format_queued(task).text);
    }
    if (error != ERROR_BUSY)
        return error;
    return walk_result(spool_each_name(account->spool,
        account_folder(account, SPOOL_PENDING), match_pending, &search));
}

enum error find_pending(
    const struct account *account, const char *id, struct task_place *place)
{
    return search_pending(account, id, place, NULL);
}

/* A queued name stands before one that is yet to be queued. */
static enum error find_pending_or_moved(
    const struct account *account, const char *id, struct task_place *place)
{
    struct name moved = {""};
    enum error error = search_pending(account, id, place, &moved);
    place->by_hand = error == ERROR_NOT_FOUND && moved.text[0] != '\0';
    if (!place->by_hand)
        return error;
    place->state = TASK_PENDING;
    place->path = account_path(account, SPOOL_PENDING, moved.text);
    return ERROR_NONE;
}

typedef enum error find_function(
    const struct account *account, const char *id, struct task_place *place);

enum {
    ROUNDS_MOST = 4 /* of looks, where names come and go all the time */
};

/* Whether what was looked for, and was nowhere, may have moved meanwhile,
 * against the order of the looks. Each move changes pending/ or executing/, but
 * that within done/, for which each round looks there twice: where both are as
 * they were before the looks, all have seen one state. */
struct glance {
    int64_t since;  /* a moment before the looks */
    bool moved;     /* a name may have come or gone since */
    uint64_t state; /* of the folders: another one where some have */
};

static uint64_t mix(uint64_t sum, int64_t number)
{
    return (sum ^ (uint64_t)number) * UINT64_C(1099511628211);
}

static uint64_t folder_state(const struct stat *status)
{
    uint64_t sum = mix(0, (int64_t)status->st_ino);
    sum = mix(sum, status->st_mtim.tv_sec);
    sum = mix(sum, status->st_mtim.tv_nsec);
    sum = mix(sum, status->st_ctim.tv_sec);
    return mix(sum, status->st_ctim.tv_nsec);
}

static void glance_at_folder(struct glance *glance,
    const struct account *account, enum spool_directory directory)
{
    struct stat status = {0};
    struct path path = account_folder(account, directory);
    bool there = fstatat(account->spool->directory, path.text, &status, 0) == 0;
    if (there)
        glance->state += folder_state(&status); /* in no order */
    if (there ? clock_is_racy(status.st_mtim, glance->since) : errno != ENOENT)
        glance->moved = true;
}

static enum error glance_at_account(
    void *context, const struct account *account)
{
    glance_at_folder(context, account, SPOOL_PENDING);
    glance_at_folder(context, account, SPOOL_EXECUTING);
    return ERROR_NONE;
}

/* After a round of looks. A time of the folder's that is not older than a tick
 * before the round says nothing, nor does any where the clock has been set back
 * meanwhile, but then the last round's may be the same. None does where other
 * machines change the folders, too: they may have another clock, and what we
 * are told of a folder may be a second old. */
static bool is_certain(const struct account *account, int round,
    const struct glance *last, const struct glance *now)
{
    bool certain = (!now->moved && clock_now() >= now->since) ||
                   (round > 0 && last->state == now->state);
    return certain && !spool_is_shared(account->spool);
}

static enum error look_in_order(
    const struct account *account, const char *id, struct task_place *place)
{
    static find_function *const looks[] = {find_done, find_executing,
        find_pending_or_moved, find_executing, find_done};
    place->by_hand = false;
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        enum error error = looks[i](account, id, place);
        if (error != ERROR_NOT_FOUND)
            return error;
    }
    return ERROR_NOT_FOUND;
}

enum error find_task(
    const struct account *account, const char *id, struct task_place *place)
{
    struct glance last = {0};
    for (int round = 0; round < ROUNDS_MOST; round++) {
        struct glance glance = {.since = clock_last()};
        enum error error = look_in_order(account, id, place);
        if (error != ERROR_NOT_FOUND)
            return error;
        glance_at_account(&glance, account);
        if (is_certain(account, round, &last, &glance))
            break;
        last = glance;
    }
    return ERROR_NOT_FOUND;
}

struct owner_search {
    const char *id;
    find_function *find;
    int64_t user;      /* 0: none yet */
    enum error unseen; /* what kept us from looking at one account */
    int64_t unseen_user;
};

static enum error look_at_account(void *context, const struct account *account)
{
    struct owner_search *search = context;
    struct task_place place;
    int64_t user = account->user;
    enum error error = search->find(account, search->id, &place);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (stuck_is_kind(error)) {
        search->unseen = error;
        search->unseen_user = user;
        return ERROR_NONE;
    }
    if (error == ERROR_NONE && search->user != 0 && search->user != user)
        return ERROR_CONFLICT;
    if (error == ERROR_NONE)
        search->user = user;
    return error;
}

struct owner_row {
    enum spool_directory directory;
    find_function *find;
};

/* An account whose folder cannot be looked through keeps no other from being
 * found, unless that would be in the next folder: the task may be its own.
 *
 * The tasks in hand are asked for first: only where there is no such one, the
 * finished ones and at last the pending ones, of which there may be many. One
 * that was claimed or finished between two of these looks is met by the last
 * two. */
static enum error look_at_all(
    const struct account *account, struct owner_search *search)
{
    static const struct owner_row rows[] = {
        {SPOOL_EXECUTING, find_executing},
        {SPOOL_DONE, find_done},
        {SPOOL_PENDING, find_pending_or_moved},
        {SPOOL_EXECUTING, find_executing},
        {SPOOL_DONE, find_done},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        search->find = rows[i].find;
        enum error error = account_each(account->spool, account->config,
            rows[i].directory, look_at_account, search);
        if (error == ERROR_NONE && search->user == 0)
            error = search->unseen;
        if (error != ERROR_NONE || search->user != 0)
            return error;
    }
    return ERROR_NOT_FOUND;
}

enum error find_owner(struct account *account, const char *id)
{
    struct owner_search search = {.id = id};
    struct glance last = {0};
    enum error error = ERROR_NOT_FOUND;
    for (int round = 0; round < ROUNDS_MOST; round++) {
        struct glance glance = {.since = clock_last()};
        error = look_at_all(account, &search);
        if (error != ERROR_NOT_FOUND)
            break;
        if (account_each(account->spool, account->config, SPOOL_PENDING,
                glance_at_account, &glance) != ERROR_NONE)
            glance.moved = true;
        if (is_certain(account, round, &last, &glance))
            break;
        last = glance;
    }
    if (error == ERROR_NONE)
        account->user = search.user;
    else if (error == search.unseen)
        account->user = search.unseen_user;
    return error;
}
