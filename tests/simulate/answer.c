/* SPDX-License-Identifier: MIT */
/* What an answer says, by doc/api.md, and what is wrong with it by itself. */
#include "history.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const struct operation *operation, const char *name)
{
    return value_string(
        operation->history->pool, value_member(operation->answer, name));
}

static enum place place_of(const char *status)
{
    for (int i = PLACE_PENDING; status != NULL && i <= PLACE_COMPLETED; i++) {
        if (strcmp(status, place_text((enum place)i)) == 0)
            return (enum place)i;
    }
    return PLACE_NONE;
}

static void complain_of(const struct operation *operation, const char *what)
{
    complain(operation->history->early, "%s: %s",
        history_words(operation->history->words, operation), what);
}

static void take_created(struct operation *operation)
{
    const char *id = text_of(operation, "task_id");
    if (id == NULL)
        complain_of(operation, "201 without a task_id");
    else if (operation->id != NULL && strcmp(operation->id, id) != 0)
        complain_of(operation, "another task_id than was asked for");
    operation->id = id;
}

static bool has_key_of(
    const struct operation *operation, const struct operation *other)
{
    return other != operation && other->verb == VERB_CREATE &&
           other->key != NULL && other->user == operation->user &&
           strcmp(other->key, operation->key) == 0;
}

/* A key is forgotten with its task, which a person may have removed. */
static bool is_forgotten(
    const struct history *history, const struct operation *create)
{
    for (size_t i = 0; i < history->operations.count; i++) {
        if (history_operation(history, i)->verb == VERB_TAKE &&
            history_operation(history, i)->begun > create->begun &&
            history_operation(history, i)->id != NULL &&
            strcmp(history_operation(history, i)->id, create->id) == 0)
            return true;
    }
    return false;
}

static bool is_same_request(
    const struct operation *operation, const struct operation *other)
{
    return operation->facts.content == other->facts.content &&
           operation->facts.timeout == other->facts.timeout &&
           operation->facts.retries == other->facts.retries &&
           operation->id_is_given == other->id_is_given &&
           (!operation->id_is_given || operation->asked_id == other->asked_id);
}

static bool is_disguised(
    const struct operation *operation, const struct operation *other)
{
    return other->user == operation->user && history_disguises(other);
}

static bool is_made_by_id(const struct operation *operation)
{
    const struct history *history = operation->history;
    for (size_t i = 0; i < history->operations.count; i++) {
        const struct operation *other = history_operation(history, i);
        if (is_disguised(operation, other) && other->key == NULL &&
            other->status / 100 != 4 && strcmp(other->id, operation->id) == 0)
            return true;
    }
    return false;
}

/* One key means one request, and one task (G5). */
static void check_key(const struct operation *operation)
{
    const struct history *history = operation->history;
    for (size_t i = 0; i < history->operations.count; i++) {
        const struct operation *other = history_operation(history, i);
        if (!has_key_of(operation, other) || other->status != 201 ||
            other->id == NULL || is_forgotten(history, other))
            continue;
        if (strcmp(other->id, operation->id) != 0)
            complain_of(operation, "one Idempotency-Key, two tasks (G5)");
        if (!is_same_request(operation, other) && !is_made_by_id(operation))
            complain_of(operation, "one Idempotency-Key, two requests");
    }
}

/* A key that was used for nothing else is refused. */
static void check_refused_key(const struct operation *operation)
{
    const struct history *history = operation->history;
    for (size_t i = 0; i < history->operations.count; i++) {
        if (is_disguised(operation, history_operation(history, i)) ||
            (has_key_of(operation, history_operation(history, i)) &&
                !is_same_request(operation, history_operation(history, i))))
            return;
    }
    if (history->keys_before)
        return;
    complain_of(operation, "the key came with no other request");
}

/* A lease that was drawn names one hand-out. */
static void check_lease(const struct operation *operation)
{
    struct history *history = operation->history;
    const struct lease_given *given = history->leases.at;
    for (size_t i = 0; i < history->leases.count; i++) {
        if (given[i].lease == operation->answered_lease &&
            given[i].user == operation->user && operation->lease == 0)
            complain_of(operation, "a lease that was given before");
    }
    struct lease_given *new =
        pool_append(history->pool, &history->leases, sizeof *new);
    *new = (struct lease_given){
        operation->user, operation->answered_lease, operation->id, operation};
}

static void take_task(struct operation *operation)
{
    const char *lease = text_of(operation, "lease");
    operation->id = text_of(operation, "task_id");
    if (operation->id == NULL)
        return;
    operation->answered_lease = digest_text(lease);
    operation->facts =
        task_facts_of(operation->history->pool, operation->answer);
    operation->deadline =
        operation->began_at + (operation->facts.timeout * 1000000000);
    if (lease == NULL || operation->facts.timeout <= 0)
        complain_of(operation, "a task without a lease or a timeout");
    if (operation->lease != 0 && operation->lease != operation->answered_lease)
        complain_of(operation, "another lease than the receive_id");
    /* A network may show no PAUSED for a moment. */
    if (operation->paused && operation->lease == 0 && !operation->struck)
        complain_of(operation, "handed out from a paused queue");
    check_lease(operation);
}

static void take_renewal(struct operation *operation)
{
    const char *deadline = text_of(operation, "deadline");
    operation->cancel =
        value_member(operation->answer, "cancel")->kind == VALUE_TRUE;
    if (deadline == NULL || !grammar_moment(deadline, &operation->deadline))
        complain_of(operation, "renewed without a deadline");
}

static void take_view(struct operation *operation)
{
    operation->place = place_of(text_of(operation, "status"));
    operation->facts =
        task_facts_of(operation->history->pool, operation->answer);
    operation->answered_lease = digest_text(text_of(operation, "lease"));
    if (operation->place == PLACE_NONE)
        complain_of(operation, "a task without a status");
    const char *id = text_of(operation, "task_id");
    if (id == NULL || strcmp(id, operation->id) != 0)
        complain_of(operation, "another task than was asked for");
}

static void take_list(struct operation *operation)
{
    struct pool *pool = operation->history->pool;
    const struct value *tasks = value_member(operation->answer, "tasks");
    if (value_is_given(value_member(operation->answer, "next_cursor")))
        operation->whole = false;
    for (const struct value *at = tasks->first; at != NULL; at = at->next) {
        struct listed *listed =
            pool_append(pool, &operation->listed, sizeof *listed);
        listed->id = value_string(pool, value_member(at, "task_id"));
        listed->place =
            place_of(value_string(pool, value_member(at, "status")));
        listed->declared = task_facts_of(pool, at).declared;
        if (listed->id == NULL || listed->place == PLACE_NONE)
            complain_of(operation, "a task without ID or status");
        if (listed->id == NULL)
            listed->id = "";
    }
}

static void take_success(struct operation *operation)
{
    switch (operation->verb) {
    case VERB_CREATE:
        take_created(operation);
        if (operation->key != NULL && operation->id != NULL)
            check_key(operation);
        break;
    case VERB_POLL:
        take_task(operation);
        break;
    case VERB_PROGRESS:
        take_renewal(operation);
        break;
    case VERB_SHOW:
        take_view(operation);
        break;
    case VERB_LIST:
        take_list(operation);
        break;
    default:
        break;
    }
}

/* Those of the paths that answer JSON and nothing else. */
static bool wants_json(const struct operation *operation)
{
    return operation->verb != VERB_OTHER && operation->status != 204;
}

void answer_take(struct operation *operation, const char *body, size_t length)
{
    struct pool *pool = operation->history->pool;
    if (operation->status == 0 || body == NULL)
        return;
    operation->answer = value_read(pool, pool_copy(pool, body, length), length);
    if (operation->answer == NULL && wants_json(operation)) {
        complain_of(operation, "the answer is no JSON");
        return;
    }
    operation->code = text_of(operation, "code");
    if (operation->status == 500 && !operation->struck)
        complain_of(operation, "500, and nothing was made to fail");
    if (operation->key != NULL &&
        history_has_code(operation, "idempotency_key_reused"))
        check_refused_key(operation);
    if (operation->status / 100 == 2 && operation->answer != NULL)
        take_success(operation);
}
