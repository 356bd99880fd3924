/* SPDX-License-Identifier: MIT */
#include "vinted_call.h"

#include "fold.h"
#include "item_id.h"

#include <string.h>

enum {
    URL_SIZE = 256 /* bytes of one that is in the table, and more */
};

struct route {
    const char *method;
    const char *before; /* the path, up to the id of the product */
    const char *behind; /* and behind it; NULL: there is none in it */
    enum ingest_kind kind;
};

/* The first of each pair is how tools of today do it, the second how the client
 * of the bridge's guide does. */
static const struct route routes[] = {
    {"POST", "/api/v2/item_upload/items", NULL, INGEST_ITEM},
    {"POST", "/api/v2/items", NULL, INGEST_ITEM},
    {"PUT", "/api/v2/item_upload/items/", "", INGEST_ITEM},
    {"PUT", "/api/v2/items/", "", INGEST_ITEM},
    {"POST", "/api/v2/items/", "/delete", INGEST_DELETE},
    {"DELETE", "/api/v2/items/", "", INGEST_DELETE},
};

/* Copies the URL up to its query. A slash may be escaped, as PHP does it; with
 * another escape it is none of ours. */
static bool read_url(struct json_value value, char url[URL_SIZE])
{
    size_t length;
    size_t used = 0;
    const char *raw = json_raw(value, &length);
    if (!json_is(value, JSON_STRING))
        return false;
    for (size_t i = 1; i + 1 < length && raw[i] != '?' && raw[i] != '#'; i++) {
        if (raw[i] == '\\' && raw[i + 1] == '/')
            continue;
        if (raw[i] == '\\' || used + 1 == URL_SIZE)
            return false;
        url[used++] = raw[i];
    }
    url[used] = '\0';
    return true;
}

/* A mere path is one of the site that the plugin's tab shows. NULL: it is not
 * of Vinted. */
static const char *find_path(const char *url)
{
    static const char site[] = "https://www.vinted.";
    if (strncmp(url, site, sizeof site - 1) == 0)
        return strchr(url + sizeof site - 1, '/');
    return url[0] == '/' && url[1] != '/' ? url : NULL;
}

static bool is_route(const struct route *route, const char *path, uint64_t *id)
{
    size_t before = strlen(route->before);
    if (route->behind == NULL)
        return strcmp(path, route->before) == 0;
    if (strncmp(path, route->before, before) != 0)
        return false;
    size_t digits = strspn(path + before, "0123456789");
    return strcmp(path + before + digits, route->behind) == 0 &&
           item_id_parse(path + before, digits, id) == ERROR_NONE;
}

/* The plugin takes a method in small letters, too. */
static bool is_method(struct json_value value, const char *method)
{
    char small[8];
    size_t length = strlen(method);
    for (size_t i = 0; i <= length; i++)
        small[i] = fold_ascii(method[i]);
    return json_string_equals(value, method) ||
           json_string_equals(value, small);
}

bool vinted_call_read(struct json_value request, struct vinted_call *call)
{
    char url[URL_SIZE];
    const char *path = NULL;
    struct json_value method = json_member(request, "method");
    if (read_url(json_member(request, "url"), url))
        path = find_path(url);
    for (size_t i = 0; path != NULL && i < sizeof routes / sizeof routes[0];
        i++) {
        *call = (struct vinted_call){.kind = routes[i].kind};
        if (is_method(method, routes[i].method) &&
            is_route(&routes[i], path, &call->item))
            return true;
    }
    return false;
}

struct json_value vinted_call_requests(struct json_value params)
{
    struct json_value several = json_member(params, "requests");
    struct json_value one = json_member(params, "request");
    if (!json_is(several, JSON_ABSENT))
        return several;
    return json_is(one, JSON_ABSENT) ? params : one;
}

bool vinted_call_any(struct json_value params)
{
    struct vinted_call call;
    struct json_value requests = vinted_call_requests(params);
    if (!json_is(requests, JSON_ARRAY))
        return vinted_call_read(requests, &call);
    struct json_value request = json_first(requests);
    for (; !json_is(request, JSON_ABSENT); request = json_next(request)) {
        if (vinted_call_read(request, &call))
            return true;
    }
    return false;
}
