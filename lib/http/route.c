/* SPDX-License-Identifier: MIT */
#include "route.h"

#include "token.h"

#include <string.h>

enum {
    ANY_SCOPE = SCOPE_PLUGIN | SCOPE_BACKEND | SCOPE_CRON
};

const struct route routes[] = {
    {METHOD_GET, "/plugin/tasks", "next-task", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/tasks/{id}/result", "result",
        SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/pause", "pause", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/account/change", "account", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/tasks/{id}/progress", "progress",
        SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/tasks/create", "create-task", SCOPE_BACKEND},
    {METHOD_POST, "/plugin/tasks/create", "create-task", SCOPE_BACKEND},
    {METHOD_GET, "/tasks/{id}", "task", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_DELETE, "/tasks/{id}", "task", SCOPE_BACKEND},
    {METHOD_POST, "/tasks/{id}/cancel", "task", SCOPE_BACKEND},
    {METHOD_POST, "/tasks/{id}/retry", "task", SCOPE_BACKEND},
    {METHOD_POST, "/tasks/{id}/settle", "task", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_GET, "/tasks", "tasks", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_GET, "/products", "products", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_GET, "/plugin/status", "status", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/plugin/execute", "execute", SCOPE_BACKEND},
    {METHOD_POST, "/sync/vinted", "sync", SCOPE_PLUGIN | SCOPE_BACKEND},
    {METHOD_POST, "/photos", "photos", SCOPE_BACKEND},
    {METHOD_GET, "/photos/{name}", "photos", SCOPE_NONE},
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

static bool photo_name_is_valid(const char *text, size_t length)
{
    return photo_kind_of_name(text, length) != NULL;
}

/* Compares what stands for a placeholder with its grammar, and the rest of the
 * path with that of the pattern; keeps the first in `out`. */
static bool take(const char *path, const char *rest,
    bool (*valid)(const char *text, size_t length), char *out)
{
    size_t length = strcspn(path, "/");
    if (!valid(path, length) || strcmp(path + length, rest) != 0)
        return false;
    memcpy(out, path, length);
    out[length] = '\0';
    return true;
}

static bool matches(
    const char *pattern, const char *path, struct route_match *match)
{
    static const char id[] = "{id}";
    static const char name[] = "{name}";
    size_t before = strcspn(pattern, "{");
    match->id[0] = '\0';
    match->photo[0] = '\0';
    if (pattern[before] == '\0')
        return strcmp(pattern, path) == 0;
    if (strncmp(pattern, path, before) != 0)
        return false;
    pattern += before;
    path += before;
    if (strncmp(pattern, id, sizeof id - 1) == 0)
        return take(path, pattern + sizeof id - 1, id_is_valid, match->id);
    return take(
        path, pattern + sizeof name - 1, photo_name_is_valid, match->photo);
}

static void find_among(struct route_match *match, enum method method,
    const char *path, bool literal)
{
    struct route_match found;
    for (size_t i = 0; i < route_count; i++) {
        if ((strchr(routes[i].pattern, '{') == NULL) != literal ||
            !matches(routes[i].pattern, path, &found))
            continue;
        match->allowed |= (unsigned)routes[i].method;
        if (routes[i].method == method) {
            match->route = &routes[i];
            memcpy(match->id, found.id, sizeof found.id);
            memcpy(match->photo, found.photo, sizeof found.photo);
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
