/* SPDX-License-Identifier: MIT */
#include "route.h"

#include <string.h>

enum {
    ANY_SCOPE = SCOPE_PLUGIN | SCOPE_BACKEND | SCOPE_CRON
};

const struct route routes[] = {
    {METHOD_GET, "/plugin/tasks", "next-task", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/tasks/{id}/result", "result",
        SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/pause", "pause", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/tasks/{id}/progress", "progress",
        SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/tasks/create", "create-task", SCOPE_BACKEND},
    {METHOD_POST, "/plugin/tasks/create", "create-task", SCOPE_BACKEND},
    {METHOD_GET, "/tasks/{id}", "task", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_DELETE, "/tasks/{id}", "task", SCOPE_BACKEND},
    {METHOD_POST, "/tasks/{id}/cancel", "task", SCOPE_BACKEND},
    {METHOD_POST, "/tasks/{id}/retry", "task", SCOPE_BACKEND},
    {METHOD_GET, "/tasks", "tasks", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_GET, "/products", "products", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_GET, "/plugin/status", "status", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/execute", "execute", SCOPE_BACKEND},
    {METHOD_POST, "/sync/vinted", "sync", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_GET, "/health", "health", SCOPE_NONE},
    {METHOD_GET, "/sweeper", "sweeper", SCOPE_BACKEND | SCOPE_CRON},
    {METHOD_POST, "/sweeper", "sweeper", SCOPE_BACKEND | SCOPE_CRON},
};

const size_t route_count = sizeof routes / sizeof routes[0];

struct method_row {
    enum method method;
    const char *text;
};

static const struct method_row methods[] = {
    {METHOD_GET, "GET"},
    {METHOD_POST, "POST"},
    {METHOD_DELETE, "DELETE"},
};

enum method method_parse(const char *text)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(methods[i].text, text) == 0)
            return methods[i].method;
    }
    return METHOD_OTHER;
}

const char *method_text(enum method method)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (methods[i].method == method)
            return methods[i].text;
    }
    return "";
}

void method_list(struct buffer *out, unsigned set)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if ((set & (unsigned)methods[i].method) == 0)
            continue;
        if (out->length > 0)
            buffer_append_text(out, ", ");
        buffer_append_text(out, methods[i].text);
    }
}

/* Takes an ID off the path. False if there is none by its grammar. */
static bool take_id(const char **path, char id[ID_LENGTH_MAX + 1])
{
    size_t length = strcspn(*path, "/");
    if (!id_is_valid(*path, length))
        return false;
    memcpy(id, *path, length);
    id[length] = '\0';
    *path += length;
    return true;
}

static bool matches(
    const char *pattern, const char *path, char id[ID_LENGTH_MAX + 1])
{
    static const char placeholder[] = "{id}";
    id[0] = '\0';
    const char *at = strstr(pattern, placeholder);
    if (at == NULL)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(at - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    path += before;
    return take_id(&path, id) && strcmp(at + sizeof placeholder - 1, path) == 0;
}

static void find_among(struct route_match *match, enum method method,
    const char *path, bool literal)
{
    char id[ID_LENGTH_MAX + 1];
    for (size_t i = 0; i < route_count; i++) {
        if ((strchr(routes[i].pattern, '{') == NULL) != literal ||
            !matches(routes[i].pattern, path, id))
            continue;
        match->allowed |= (unsigned)routes[i].method;
        if (routes[i].method == method && match->route == NULL) {
            match->route = &routes[i];
            memcpy(match->id, id, sizeof id);
        }
    }
}

void route_find(struct route_match *match, enum method method, const char *path)
{
    memset(match, 0, sizeof *match);
    if (strncmp(path, "/api/", 5) == 0)
        path += 4;
    find_among(match, method, path, true);
    if (match->allowed == 0)
        find_among(match, method, path, false);
}

const struct route *route_default(const char *program, enum method method)
{
    for (size_t i = 0; i < route_count; i++) {
        if (routes[i].method == method &&
            strcmp(routes[i].program, program) == 0 &&
            strchr(routes[i].pattern, '{') == NULL)
            return &routes[i];
    }
    return NULL;
}
