/* SPDX-License-Identifier: MIT */
#include "history.h"

#include "kernel.h"
#include "scheduler.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char spool[] = "/root/spool/";

struct history *history_new(void)
{
    struct history *history = calloc(1, sizeof *history);
    if (history == NULL)
        abort();
    history->pool = pool_new();
    history->words = pool_new();
    history->early = &history->early_memory;
    return history;
}

const char *history_inside(const char *path)
{
    size_t length = sizeof spool - 1;
    return strncmp(path, spool, length) == 0 ? path + length : NULL;
}

/* --- The clock ------------------------------------------------------------ */

/* What was set is seen by who compares both clocks. */
static void watch_clock(struct history *history)
{
    int64_t offset = kernel_realtime() - kernel_monotonic();
    if (offset != history->clock_offset)
        history->clock_set = history->clock_ever_set = true;
    history->clock_offset = offset;
}

void history_clock(struct history *history)
{
    history->clock_set = history->clock_ever_set = true;
}

/* --- Operations ----------------------------------------------------------- */

struct operation *history_operation(const struct history *history, size_t i)
{
    return ((struct operation *const *)history->operations.at)[i];
}

struct operation *history_add(struct history *history, enum verb verb)
{
    struct operation *operation = pool_take(history->pool, sizeof *operation);
    struct operation **place = (struct operation **)pool_append(
        history->pool, &history->operations, sizeof(struct operation *));
    watch_clock(history);
    *place = operation;
    operation->history = history;
    operation->verb = verb;
    operation->begun = ++history->events;
    operation->began_step = scheduler_step();
    operation->began_at = kernel_realtime();
    return operation;
}

void history_end(struct operation *operation)
{
    watch_clock(operation->history);
    operation->ended = ++operation->history->events;
    operation->ended_step = scheduler_step();
    operation->ended_at = kernel_realtime();
}

static uint64_t pause_of(int64_t user)
{
    struct stat status;
    char path[80];
    snprintf(
        path, sizeof path, "%spending/%lld/PAUSED", spool, (long long)user);
    return kernel_stat(path, &status) == 0 ? (uint64_t)status.st_ino + 1 : 0;
}

struct operation *history_request(
    struct history *history, const struct request *request)
{
    struct operation *operation = history_add(history, VERB_OTHER);
    request_take(operation, request);
    history_learn(history, &operation->facts, true);
    if (operation->verb == VERB_POLL)
        operation->pause_inode = pause_of(operation->user);
    return operation;
}

void history_note_strike(struct history *history)
{
    history->struck = history->interrupted = true;
}

void history_struck(struct operation *operation)
{
    operation->struck = true;
    history_note_strike(operation->history);
}

void history_answer(
    struct operation *operation, int status, const char *body, size_t length)
{
    history_end(operation);
    operation->status = status;
    if (status == 0)
        history_note_strike(operation->history);
    if (operation->verb == VERB_POLL) {
        uint64_t now = pause_of(operation->user);
        operation->paused = now != 0 && now == operation->pause_inode;
        operation->not_paused = now == 0 && operation->pause_inode == 0;
    }
    answer_take(operation, body, length);
    if (operation->verb == VERB_POLL || operation->verb == VERB_SHOW)
        history_learn(operation->history, &operation->facts, false);
}

/* As it came: then it has outlived the loss, and is on the disk. */
static bool is_there(struct history *history, const struct drop *drop)
{
    size_t length;
    const char *text = kernel_read(
        pool_print(history->pool, "%s%s", spool, drop->path), &length);
    return text != NULL && digest_file(text, length) == drop->bytes;
}

void history_power_loss(struct history *history)
{
    struct operation *operation = history_add(history, VERB_LOSS);
    history_end(operation);
    operation->words = "the power is lost";
    history->struck = history->lossy = history->ever_lossy = true;
    struct drop *drops = history->drops.at;
    for (size_t i = 0; i < history->drops.count; i++)
        drops[i].taken |= !is_there(history, &drops[i]);
}

/* --- Tasks ---------------------------------------------------------------- */

static struct known *find_known(const struct history *history, uint64_t content)
{
    struct known *known = history->facts.at;
    uint32_t found = table_get(&history->facts_by_content, content);
    return found == 0 ? NULL : &known[found - 1];
}

const struct known *history_known(
    const struct history *history, uint64_t content)
{
    return find_known(history, content);
}

struct known *history_learn(
    struct history *history, const struct task_facts *facts, bool complete)
{
    static struct known nothing;
    struct known *before = find_known(history, facts->content);
    if (facts->content == 0 || facts->action == NULL)
        return &nothing;
    if (before != NULL && before->complete && complete &&
        (before->facts.retries != facts->retries ||
            before->facts.expires != facts->expires))
        before->mixed = true;
    if (before != NULL && (before->complete || !complete))
        return before;
    struct known *known =
        pool_append(history->pool, &history->facts, sizeof *known);
    *known = (struct known){.facts = *facts, .complete = complete};
    table_put(history->pool, &history->facts_by_content, facts->content,
        (uint32_t)history->facts.count);
    known->facts.action =
        pool_copy(history->pool, facts->action, strlen(facts->action));
    return known;
}

/* --- IDs ------------------------------------------------------------------ */

void history_spoil(struct history *history, int64_t user, const char *id)
{
    if (history_is_spoilt(history, user, id))
        return;
    struct tree_mark *mark =
        pool_append(history->pool, &history->spoilt, sizeof *mark);
    mark->user = user;
    mark->id = pool_copy(history->pool, id, strlen(id));
}

bool history_is_spoilt(
    const struct history *history, int64_t user, const char *id)
{
    return tree_find_mark(&history->spoilt, user, id) != NULL;
}

/* --- Settings ------------------------------------------------------------- */

bool history_has_setting(const struct history *history, const char *begin)
{
    size_t length = strlen(begin);
    const char *at = history->settings;
    for (; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, begin, length) == 0)
            return true;
    }
    return false;
}

static bool read_number(const char *line, const char *key, int64_t *number)
{
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0)
        return false;
    line += length;
    line += strspn(line, " ");
    if (*line != '=')
        return false;
    *number = strtoll(line + 1, NULL, 10);
    return true;
}

bool history_is_set(const struct history *history, const char *key)
{
    int64_t number;
    const char *at = history->settings;
    for (; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (read_number(at, key, &number) && number != 0)
            return true;
    }
    return false;
}

/* A number in the section that begins so; `other` if it is not there. */
static int64_t read_section(const struct history *history, const char *begin,
    const char *key, int64_t other)
{
    bool inside = false;
    int64_t found;
    const char *at = history->settings;
    for (; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (*at == '[')
            inside = strncmp(at, begin, strlen(begin)) == 0;
        if (inside && read_number(at, key, &found))
            return found;
    }
    return other;
}

int64_t history_setting(const struct history *history, const char *action,
    const char *key, int64_t other)
{
    char own[80];
    snprintf(own, sizeof own, "[action %.60s]", action);
    return read_section(
        history, own, key, read_section(history, "[all]", key, other));
}

int history_is_repeatable(const char *action)
{
    static const char *const actions[] = {"get_user_data", "get_all_products",
        "get_stats", "update_product", "update_prices", "delete_product"};
    if (action == NULL || strncmp(action, "execute_", 8) == 0)
        return -1;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i], action) == 0)
            return 1;
    }
    return 0;
}

/* --- Answers -------------------------------------------------------------- */

bool history_is_of_key(const char *id)
{
    return strncmp(id, "key-", 4) == 0;
}

/* A person may take a task back, too, by the name it had. */
static bool is_moved_back(const struct drop *drop)
{
    struct name_parts parts;
    bool completed;
    const char *name = strrchr(drop->path, '/') + 1;
    return grammar_executing(name, &parts) ||
           grammar_done(name, &parts, &completed);
}

bool history_disguises(const struct operation *operation)
{
    const struct drop *drops = operation->history->drops.at;
    if (!operation->id_is_given || operation->id == NULL ||
        !history_is_of_key(operation->id))
        return false;
    return operation->verb == VERB_CREATE ||
           (operation->verb == VERB_DROP &&
               !is_moved_back(&drops[operation->drop]));
}

bool history_has_code(const struct operation *operation, const char *code)
{
    return operation->code != NULL && strcmp(operation->code, code) == 0;
}

const struct listed *history_find_listed(
    const struct operation *operation, const char *id, size_t from)
{
    const struct listed *listed = operation->listed.at;
    for (size_t i = from; i < operation->listed.count; i++) {
        if (strcmp(listed[i].id, id) == 0)
            return &listed[i];
    }
    return NULL;
}

/* --- Words ---------------------------------------------------------------- */

static const char *outcome_words(const struct operation *operation)
{
    if (operation->verb != VERB_RESULT)
        return "";
    return operation->success ? " success" : " failure";
}

static const char *lease_words(
    struct pool *pool, const struct operation *operation)
{
    if (operation->lease_text == NULL || operation->verb == VERB_POLL)
        return "";
    return pool_print(pool, " lease %.32s", operation->lease_text);
}

static const char *list_words(
    struct pool *pool, const struct operation *operation)
{
    const char *text = "";
    const struct listed *listed = operation->listed.at;
    for (size_t i = 0; i < operation->listed.count; i++)
        text = pool_print(pool, "%.800s %.64s is %s", text, listed[i].id,
            place_text(listed[i].place));
    return pool_print(
        pool, ":%s%s", text, operation->whole ? "" : ", and so on");
}

static const char *answer_words(
    struct pool *pool, const struct operation *operation)
{
    const char *text = "";
    int length = 0;
    if (operation->verb > VERB_PAUSE)
        return "";
    if (operation->verb == VERB_LIST && operation->status == 200)
        return list_words(pool, operation);
    if (operation->ended == 0 || operation->status == 0)
        return ": no answer";
    if (operation->answer != NULL && operation->answer->length < 400) {
        text = operation->answer->text;
        length = (int)operation->answer->length;
    }
    if (operation->code != NULL) {
        text = operation->code;
        length = (int)strlen(text);
    }
    return pool_print(pool, ": %d %.*s", operation->status, length, text);
}

const char *history_words(struct pool *pool, const struct operation *operation)
{
    return pool_print(pool, "[%llu-%llu] %.200s%s%s%s%s%s",
        (unsigned long long)operation->began_step,
        (unsigned long long)operation->ended_step,
        operation->words == NULL ? "?" : operation->words,
        operation->key == NULL ? "" : " with a key", outcome_words(operation),
        lease_words(pool, operation), operation->struck ? " (struck)" : "",
        answer_words(pool, operation));
}
