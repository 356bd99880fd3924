/* SPDX-License-Identifier: MIT */
#include "public_url.h"

#include "environment.h"
#include "number.h"

#include <string.h>
#include <strings.h>

enum {
    HOST_LENGTH_MAX = 255
};

/* A server says it in one of the first two ways. The third comes from a proxy
 * that takes the TLS off, or from a client that makes it up; but whoever is
 * given a URL here holds a token for tasks, and could write any URL into one.
 * It may only add security, never take it away. */
static bool is_secure(char *const *environment)
{
    const char *https = environment_text(environment, "HTTPS");
    return (https[0] != '\0' && strcasecmp(https, "off") != 0) ||
           strcmp(environment_text(environment, "REQUEST_SCHEME"), "https") ==
               0 ||
           strcmp(environment_text(environment, "HTTP_X_FORWARDED_PROTO"),
               "https") == 0;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* A name or an IPv4 address, or an IPv6 address in brackets; its length, 0 if
 * there is none. */
static size_t host_length(const char *text)
{
    size_t length = 0;
    if (text[0] == '[') {
        length = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
        return length > 2 && text[length] == ']' ? length + 1 : 0;
    }
    while (is_alphanumeric(text[length]) ||
           (text[length] != '\0' && strchr(".-_", text[length]) != NULL))
        length++;
    return length;
}

static bool port_is_valid(const char *text)
{
    int64_t port;
    return number_parse(text, strlen(text), &port) == ERROR_NONE && port > 0 &&
           port <= 65535;
}

/* HOST or HOST:PORT. */
static bool authority_is_valid(const char *text)
{
    size_t length = host_length(text);
    if (length == 0 || length > HOST_LENGTH_MAX)
        return false;
    return text[length] == '\0' ||
           (text[length] == ':' && port_is_valid(text + length + 1));
}

/* The client's Host; a client of HTTP/1.0 may send none. */
static enum error append_authority(
    struct buffer *out, char *const *environment, bool secure)
{
    const char *host = environment_text(environment, "HTTP_HOST");
    const char *name = environment_text(environment, "SERVER_NAME");
    const char *port = environment_text(environment, "SERVER_PORT");
    if (host[0] != '\0') {
        buffer_append_text(out, host);
        return authority_is_valid(host) ? ERROR_NONE : ERROR_SYNTAX;
    }
    size_t length = host_length(name);
    if (length == 0 || length > HOST_LENGTH_MAX || name[length] != '\0')
        return ERROR_SYNTAX;
    buffer_append_text(out, name);
    if (port_is_valid(port) && strcmp(port, secure ? "443" : "80") != 0)
        buffer_append_format(out, ":%s", port);
    return ERROR_NONE;
}

static bool path_is_plain(const char *path)
{
    for (const char *at = path; *at != '\0'; at++) {
        if (!is_alphanumeric(*at) && strchr("/-_.~", *at) == NULL)
            return false;
    }
    return path[0] == '/' && strstr(path, "//") == NULL;
}

/* Where the dispatcher was called, or a program by its bare name, nothing is
 * rewritten here: then the dispatcher in that folder takes the route. A
 * rewritten URL is seen by the route behind the name of another program; it
 * had no cgi-bin/ in it, only the folder that this is in. */
static void append_folder(struct buffer *out, char *const *environment)
{
    static const char dispatcher[] = "/api";
    static const char programs[] = "/cgi-bin";
    const char *script = environment_text(environment, "SCRIPT_NAME");
    const char *path = environment_text(environment, "PATH_INFO");
    const char *name = strrchr(script, '/');
    if (name == NULL || !path_is_plain(script))
        return;
    size_t length = (size_t)(name - script);
    bool is_bare = path[0] == '\0' || strcmp(path, "/") == 0;
    if (!is_bare && strcmp(name, dispatcher) != 0) {
        size_t ending = sizeof programs - 1;
        if (length < ending ||
            memcmp(script + length - ending, programs, ending) != 0)
            return; /* not one of our rules: nobody knows */
        length -= ending;
    }
    buffer_append(out, script, length);
}

enum error public_url_append(struct buffer *out, const struct config *config,
    char *const *environment, const char *route)
{
    enum error error = ERROR_NONE;
    buffer_append_text(out, config->url);
    if (config->url[0] == '\0') {
        bool secure = is_secure(environment);
        buffer_append_text(out, secure ? "https://" : "http://");
        error = append_authority(out, environment, secure);
        append_folder(out, environment);
    }
    buffer_append_format(out, "/api%s", route);
    return out->failed ? ERROR_MEMORY : error;
}
