/* SPDX-License-Identifier: MIT */
#include "token.h"

#include "base64.h"
#include "clock.h"
#include "digest.h"
#include "environment.h"
#include "file.h"
#include "path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum token_sizes {
    TOKEN_LENGTH_MAX = 512
};

const char token_header_line[] =
    "SetEnvIf Authorization \"(.+)\" HTTP_AUTHORIZATION=$1";

static const char *authorization(char *const *environment)
{
    const char *value = environment_text(environment, "HTTP_AUTHORIZATION");
    if (value[0] == '\0')
        value = environment_text(environment, "REDIRECT_HTTP_AUTHORIZATION");
    return value;
}

/* RFC 6750: what a bearer token may consist of, but for the padding. A comma
 * or blank shows two headers that a server joined. */
static bool is_token(const char *text, size_t length)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        "0123456789-._~+/=";
    return length > 0 && length <= TOKEN_LENGTH_MAX &&
           strspn(text, allowed) >= length;
}

static enum error take_bearer(struct buffer *token, const char *text)
{
    if (!is_token(text, strlen(text)))
        return ERROR_SYNTAX;
    buffer_append_text(token, text);
    return token->failed ? ERROR_MEMORY : ERROR_NONE;
}

static enum error take_basic(struct buffer *token, const char *text)
{
    struct buffer pair = BUFFER_EMPTY;
    enum error error = base64_decode(&pair, text, strlen(text));
    if (error == ERROR_NONE) {
        const char *colon = memchr(buffer_text(&pair), ':', pair.length);
        bool whole = strlen(buffer_text(&pair)) == pair.length;
        error = colon == NULL || !whole ? ERROR_SYNTAX
                                        : take_bearer(token, colon + 1);
    }
    buffer_free(&pair);
    return error;
}

/* What follows the scheme's name, whose letters count in both cases; NULL if
 * the header is of another scheme. */
static const char *after_scheme(const char *value, const char *scheme)
{
    size_t length = strlen(scheme);
    if (strcspn(value, " ") != length ||
        strncasecmp(value, scheme, length) != 0)
        return NULL;
    return value + length + strspn(value + length, " ");
}

enum error token_from_environment(
    char *const *environment, bool basic_allowed, struct buffer *token)
{
    const char *value = authorization(environment);
    const char *own = environment_text(environment, "HTTP_X_STOFLOW_TOKEN");
    const char *bearer = after_scheme(value, "Bearer");
    const char *basic = after_scheme(value, "Basic");
    if (bearer != NULL)
        return take_bearer(token, bearer);
    if (own[0] != '\0')
        return take_bearer(token, own);
    if (value[0] == '\0')
        return ERROR_NOT_FOUND;
    return basic != NULL && basic_allowed ? take_basic(token, basic)
                                          : ERROR_SYNTAX;
}

static const char *set_user(struct caller *caller, const char *value)
{
    if (strcmp(value, "*") == 0) {
        caller->user = 0;
        return NULL;
    }
    return user_parse(value, &caller->user) == ERROR_NONE
               ? NULL
               : "user_id is neither a number from 1 nor *";
}

struct scope_row {
    const char *name;
    enum scope scope;
};

static const struct scope_row scopes[] = {
    {"plugin", SCOPE_PLUGIN},
    {"backend", SCOPE_BACKEND},
    {"cron", SCOPE_CRON},
};

static const char *set_scope(struct caller *caller, const char *value)
{
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        if (strcmp(scopes[i].name, value) == 0) {
            caller->scope = scopes[i].scope;
            return NULL;
        }
    }
    return "scope is not plugin, backend or cron";
}

/* 2026-12-31T23:59:59Z */
static const char *set_expires(struct caller *caller, const char *value)
{
    char padded[CLOCK_ISO_LENGTH + 1];
    size_t length = strlen(value);
    if (length == 20 && value[19] == 'Z') {
        snprintf(padded, sizeof padded, "%.19s.000000Z", value);
        if (clock_parse_iso(padded, CLOCK_ISO_LENGTH, &caller->expires) ==
            ERROR_NONE)
            return NULL;
    }
    return "expires is not a moment like 2026-12-31T23:59:59Z";
}

struct token_file {
    struct caller *caller;
    bool has_user;
};

static const char *set_entry(
    void *context, const char *section, const char *key, const char *value)
{
    struct token_file *file = context;
    if (section[0] != '\0')
        return "a token's file has no sections";
    if (strcmp(key, "user_id") == 0) {
        file->has_user = true;
        return set_user(file->caller, value);
    }
    if (strcmp(key, "scope") == 0)
        return set_scope(file->caller, value);
    if (strcmp(key, "expires") == 0)
        return set_expires(file->caller, value);
    if (strcmp(key, "note") == 0 || strcmp(key, "created") == 0)
        return NULL; /* for people */
    return "a token's file has no such key";
}

static enum error read_entries(
    const struct buffer *text, struct caller *caller, struct ini_fault *fault)
{
    struct token_file file = {caller, false};
    enum error error =
        ini_text_read(buffer_text(text), text->length, set_entry, &file, fault);
    if (error != ERROR_NONE)
        return error;
    if (file.has_user && caller->scope != SCOPE_NONE)
        return ERROR_NONE;
    /* Without them the token would mean every user, or nothing. */
    fault->line = 0;
    snprintf(fault->reason, sizeof fault->reason, "%s is missing",
        file.has_user ? "scope" : "user_id");
    return ERROR_SYNTAX;
}

enum error token_look_up(const char *root, const struct buffer *token,
    struct caller *caller, struct ini_fault *fault)
{
    char digest[DIGEST_LENGTH + 1];
    struct buffer path = BUFFER_EMPTY;
    struct buffer text = BUFFER_EMPTY;
    *caller = (struct caller){0, SCOPE_NONE, 0};
    digest_sha256(digest, buffer_text(token), token->length);
    buffer_append_text(&path, root);
    buffer_append_text(&path, "/etc/tokens/");
    buffer_append_text(&path, digest);
    buffer_append_text(&path, ".ini");
    enum error error = path.failed ? ERROR_MEMORY
                                   : file_read_lasting(AT_FDCWD, path.data,
                                         INI_FILE_MAX, &text);
    if (error == ERROR_NONE)
        error = read_entries(&text, caller, fault);
    buffer_free(&path);
    buffer_free(&text);
    return error;
}
