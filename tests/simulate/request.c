/* SPDX-License-Identifier: MIT */
/* What a request asks, by doc/api.md. */
#include "history.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

/* A request taken apart. */
struct asked {
    struct operation *operation;
    struct pool *pool;
    const char *method, *path, *query;
    const struct value *body; /* NULL: none, or no JSON */
};

static int hex(char byte)
{
    const char *digits = "0123456789abcdef";
    const char *found = byte == '\0' ? NULL : strchr(digits, byte | ' ');
    return found == NULL ? -1 : (int)(found - digits);
}

static const char *decode(struct pool *pool, const char *text, size_t length)
{
    char *out = pool_copy(pool, text, length);
    size_t count = 0;
    for (size_t i = 0; i < length; i++, count++) {
        out[count] = text[i] == '+' ? ' ' : text[i];
        if (text[i] == '%' && i + 2 < length + 0 && hex(text[i + 1]) >= 0 &&
            hex(text[i + 2]) >= 0) {
            out[count] = (char)((hex(text[i + 1]) << 4) | hex(text[i + 2]));
            i += 2;
        }
    }
    out[count] = '\0';
    return out;
}

/* A parameter of the query; NULL: there is none. */
static const char *parameter(const struct asked *asked, const char *name)
{
    size_t wanted = strlen(name);
    for (const char *at = asked->query; *at != '\0';) {
        size_t length = strcspn(at, "&");
        if (length > wanted && at[wanted] == '=' &&
            memcmp(at, name, wanted) == 0)
            return decode(asked->pool, at + wanted + 1, length - wanted - 1);
        at += length;
        at += *at == '&';
    }
    return NULL;
}

static int64_t number_of(const char *text, int64_t other)
{
    const struct value value = {.kind = VALUE_NUMBER,
        .text = text,
        .length = text == NULL ? 0 : strlen(text)};
    return value.length == 0 ? other : value_number(&value, other);
}

/* A member that may stand in the query instead. */
static int64_t either(
    const struct asked *asked, const char *name, int64_t other)
{
    int64_t number = number_of(parameter(asked, name), other);
    return value_number(value_member(asked->body, name), number);
}

static bool is_given(const struct asked *asked, const char *name)
{
    return parameter(asked, name) != NULL ||
           value_is_given(value_member(asked->body, name));
}

static void set_lease(struct operation *operation, const char *lease)
{
    operation->lease_text = lease;
    operation->lease = digest_text(lease);
}

/* --- What each asks ------------------------------------------------------- */

static void take_create(const struct asked *asked)
{
    struct operation *operation = asked->operation;
    const char *action = parameter(asked, "action");
    const char *id = parameter(asked, "task_id");
    bool query_form = action != NULL;
    if (!query_form) {
        action = value_string(asked->pool, value_member(asked->body, "action"));
        if (id == NULL)
            id =
                value_string(asked->pool, value_member(asked->body, "task_id"));
    }
    static const struct value nothing = {.kind = VALUE_NULL};
    const struct value *body = asked->body == NULL ? &nothing : asked->body;
    const struct value *params =
        query_form ? body : value_member(body, "params");
    operation->id = id;
    operation->id_is_given = id != NULL;
    operation->asked_id = digest_text(id);
    operation->facts = (struct task_facts){.action = action,
        .content = task_content(action, params),
        .retries = either(asked, "retries", -1),
        .timeout = either(asked, "timeout", 0),
        .expires = is_given(asked, "expires_in")};
    /* An image is replaced by its address. */
    if (value_is_given(value_member(params, "photo_data")))
        operation->facts.content = 0;
    operation->delay = is_given(asked, "not_before");
}

/* Without regard to the case of ASCII letters; the phrase is in small ones. */
static bool has_phrase(const char *text, const char *phrase)
{
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (phrase[i] != '\0' &&
               (text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a'
                                                 : text[i]) == phrase[i])
            i++;
        if (phrase[i] == '\0')
            return true;
    }
    return false;
}

/* As far as doc/api.md and the guides name them; [failures] may have others.
 */
static enum failure judge_failure(
    const struct history *history, const char *error)
{
    static const char *const unsent[] = {"aucun onglet", "no tab",
        "no vinted tab", "content script", "could not establish connection",
        "receiving end does not exist", "user id non disponible",
        "plugin en pause"};
    static const char *const session[] = {
        "session", "csrf", "onglet vinted ferm"};
    for (size_t i = 0; i < sizeof unsent / sizeof *unsent; i++) {
        if (has_phrase(error, unsent[i]))
            return FAILURE_UNSENT;
    }
    if (history_has_setting(history, "[failures]"))
        return FAILURE_UNSENT; /* who knows */
    for (size_t i = 0; i < sizeof session / sizeof *session; i++) {
        if (has_phrase(error, session[i]))
            return FAILURE_REPEATABLE;
    }
    return FAILURE_FINAL;
}

static void take_result(const struct asked *asked)
{
    struct operation *operation = asked->operation;
    const char *error =
        value_string(asked->pool, value_member(asked->body, "error"));
    operation->success =
        value_member(asked->body, "success")->kind == VALUE_TRUE;
    operation->outcome = task_outcome(
        operation->success, value_member(asked->body, "data"), error);
    if (!operation->success && error != NULL)
        operation->failure = judge_failure(operation->history, error);
    set_lease(operation,
        value_string(asked->pool, value_member(asked->body, "lease")));
}

/* What it queues first. An execute may queue the same, but with no retries. */
static void take_sync(struct operation *operation)
{
    static const struct value none = {.kind = VALUE_NULL};
    static const char action[] = "get_user_data";
    operation->facts = (struct task_facts){.action = action,
        .content = task_content(action, &none),
        .retries = -1};
}

static void take_body(const struct asked *asked)
{
    struct operation *operation = asked->operation;
    switch (operation->verb) {
    case VERB_CREATE:
        take_create(asked);
        break;
    case VERB_RESULT:
        take_result(asked);
        break;
    case VERB_PROGRESS:
        set_lease(operation,
            value_string(asked->pool, value_member(asked->body, "lease")));
        break;
    case VERB_POLL:
        set_lease(operation, parameter(asked, "receive_id"));
        break;
    case VERB_RETRY:
        operation->force =
            value_member(asked->body, "force")->kind == VALUE_TRUE;
        break;
    case VERB_SYNC:
        take_sync(operation);
        break;
    case VERB_LIST:
        operation->whole = parameter(asked, "status") == NULL &&
                           parameter(asked, "cursor") == NULL;
        break;
    default:
        break;
    }
}

/* --- Which request it is -------------------------------------------------- */

struct route {
    const char *method, *begin, *end; /* "": no ID between */
    enum verb verb;
};

static const struct route routes[] = {
    {"GET", "/plugin/tasks", "", VERB_POLL},
    {"POST", "/plugin/tasks/create", "", VERB_CREATE},
    {"POST", "/tasks/create", "", VERB_CREATE},
    {"POST", "/plugin/tasks/", "/result", VERB_RESULT},
    {"POST", "/plugin/tasks/", "/progress", VERB_PROGRESS},
    {"POST", "/tasks/", "/cancel", VERB_CANCEL},
    {"POST", "/tasks/", "/retry", VERB_RETRY},
    {"POST", "/sync/vinted", "", VERB_SYNC},
    {"POST", "/plugin/execute", "", VERB_EXECUTE},
    {"POST", "/plugin/pause", "", VERB_PAUSE},
    {"GET", "/tasks", "", VERB_LIST},
};

/* The ID between; NULL: this is another route. */
static const char *match(const struct asked *asked, const struct route *route)
{
    size_t begin = strlen(route->begin);
    size_t end = strlen(route->end);
    size_t length = strlen(asked->path);
    if (strcmp(asked->method, route->method) != 0)
        return NULL;
    if (end == 0)
        return strcmp(asked->path, route->begin) == 0 ? "" : NULL;
    if (length <= begin + end ||
        memcmp(asked->path, route->begin, begin) != 0 ||
        strcmp(asked->path + length - end, route->end) != 0)
        return NULL;
    return pool_copy(asked->pool, asked->path + begin, length - begin - end);
}

static void find_route(const struct asked *asked)
{
    struct operation *operation = asked->operation;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const char *id = match(asked, &routes[i]);
        if (id == NULL)
            continue;
        operation->verb = routes[i].verb;
        operation->id = *id == '\0' ? NULL : id;
        operation->id_is_given = *id != '\0';
        return;
    }
    if (strncmp(asked->path, "/tasks/", 7) != 0)
        return;
    operation->id = asked->path + 7;
    operation->id_is_given = true;
    operation->verb =
        strcmp(asked->method, "DELETE") == 0 ? VERB_CANCEL : VERB_SHOW;
}

/* The path without "/api" and the query behind it. */
static void split(struct asked *asked, const struct request *request)
{
    const char *path = request->path;
    if (strncmp(path, "/api/", 5) == 0)
        path += 4;
    size_t length = strcspn(path, "?");
    asked->path = pool_copy(asked->pool, path, length);
    asked->query = path[length] == '?' ? path + length + 1 : "";
    if (request->query != NULL && *request->query != '\0')
        asked->query = request->query;
    asked->query = pool_copy(asked->pool, asked->query, strlen(asked->query));
}

void request_take(struct operation *operation, const struct request *request)
{
    struct pool *pool = operation->history->pool;
    struct asked asked = {
        .operation = operation, .pool = pool, .method = request->method};
    split(&asked, request);
    if (request->body != NULL)
        asked.body = value_read(pool,
            pool_copy(pool, request->body, request->length), request->length);
    find_route(&asked);
    int64_t user = either(&asked, "user_id", request->user);
    operation->user = request->user != 0 ? request->user : user;
    if (request->key != NULL && operation->verb == VERB_CREATE)
        operation->key = pool_copy(pool, request->key, strlen(request->key));
    operation->words = pool_print(pool, "%s %s%s%s", request->method,
        asked.path, *asked.query == '\0' ? "" : "?", asked.query);
    take_body(&asked);
}
