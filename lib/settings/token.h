/* SPDX-License-Identifier: MIT */
/* Who is calling: ROOT/etc/tokens/SHA256.ini, one file a token.
 *
 * Finding a token is one open(2), because the file bears the token's SHA-256
 * digest as its name: neither a listing of the folder nor a stolen backup
 * shows a token. Removing the file revokes it. */
#ifndef STOFLOW_TOKEN_H
#define STOFLOW_TOKEN_H

#include "buffer.h"
#include "error.h"
#include "ini_file.h"

#include <stdbool.h>
#include <stdint.h>

/* What a token allows; a route names those that may call it. */
enum scope {
    SCOPE_NONE = 0,
    SCOPE_PLUGIN = 1,
    SCOPE_BACKEND = 2,
    SCOPE_CRON = 4
};

struct caller {
    int64_t user; /* 0: any user ("*") */
    enum scope scope;
    int64_t expires; /* moment; 0: never */
};

/* The line of a .htaccess that makes Apache hand the header on. */
extern const char token_header_line[];

/* Takes the token out of HTTP_AUTHORIZATION, or of
 * REDIRECT_HTTP_AUTHORIZATION, where some servers leave it: "Bearer TOKEN".
 * Where that is none it is HTTP_X_STOFLOW_TOKEN, which no server keeps to
 * itself; and where that is none either, and `basic_allowed`, "Basic BASE64"
 * (RFC 7617) with the token as password, for services that call URLs at set
 * times. ERROR_NOT_FOUND: there is none. ERROR_SYNTAX: no form that is allowed,
 * or several headers joined. ERROR_MEMORY. */
enum error token_from_environment(
    char *const *environment, bool basic_allowed, struct buffer *token);

/* Looks the token up. ERROR_NOT_FOUND: not known. ERROR_SYNTAX: its file is
 * wrong, *fault says where. Other errors of the disk. Whether it has expired
 * is for the caller to see. */
enum error token_look_up(const char *root, const struct buffer *token,
    struct caller *caller, struct ini_fault *fault);

#endif
