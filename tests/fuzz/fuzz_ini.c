/* SPDX-License-Identifier: MIT */
/* etc/stoflow.ini, a token's file, and any .ini file: each entry stands in the
 * text as it was told, in a line and a section that a plainer reader finds. */
#include "fuzz.h"

#include "config.h"
#include "digest.h"
#include "ini_file.h"
#include "token.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

/* A reader that knows nothing of what is not allowed. */
struct plain_reader {
    struct fuzz_part rest;
    char section[INI_SECTION_MAX + 1];
};

static struct fuzz_part trim(struct fuzz_part part)
{
    while (part.length > 0 && strchr(" \t\r", part.text[0]) != NULL)
        part = (struct fuzz_part){part.text + 1, part.length - 1};
    while (
        part.length > 0 && strchr(" \t\r", part.text[part.length - 1]) != NULL)
        part.length--;
    return part;
}

static bool is_text(struct fuzz_part part, const char *text)
{
    return part.length == strlen(text) &&
           memcmp(part.text, text, part.length) == 0;
}

/* Goes on to the next line with an entry, which must be this one. */
static void expect_entry(struct plain_reader *plain, const char *section,
    const char *key, const char *value)
{
    while (plain->rest.length > 0) {
        struct fuzz_part line = trim(fuzz_take_line(&plain->rest));
        if (line.length == 0 || line.text[0] == ';' || line.text[0] == '#')
            continue;
        if (line.text[0] == '[') {
            snprintf(plain->section, sizeof plain->section, "%.*s",
                (int)line.length - 2, line.text + 1);
            continue;
        }
        const char *equals = memchr(line.text, '=', line.length);
        fuzz_require(equals != NULL);
        size_t before = (size_t)(equals - line.text);
        fuzz_require(is_text(trim((struct fuzz_part){line.text, before}), key));
        fuzz_require(is_text(
            trim((struct fuzz_part){equals + 1, line.length - before - 1}),
            value));
        fuzz_require(strcmp(plain->section, section) == 0);
        return;
    }
    fuzz_fail(__FILE__, __LINE__, "the entry stands in the text");
}

static const char *take_entry(
    void *context, const char *section, const char *key, const char *value)
{
    expect_entry(context, section, key, value);
    return NULL;
}

static void expect_fault(enum error error, const struct ini_fault *fault)
{
    if (error == ERROR_NONE)
        return;
    fuzz_require(fault->line >= 0);
    fuzz_require(memchr(fault->reason, '\0', sizeof fault->reason) != NULL);
    fuzz_require(fault->reason[0] != '\0');
}

static void try_config(struct fuzz_part text)
{
    struct config config;
    struct ini_fault fault = {0, ""};
    fuzz_put("etc/stoflow.ini", text);
    enum error error = config_load(&config, fuzz_root()->path, &fault);
    expect_fault(error, &fault);
    fuzz_require(config.max_body >= 1 && config.all.timeout >= 1);
    fuzz_require(config_rules(&config, "get_stats").timeout >= 1);
    config_failure(&config, text.text, text.length);
}

static void try_token(struct fuzz_part text)
{
    struct buffer token = BUFFER_EMPTY;
    struct caller caller;
    struct ini_fault fault = {0, ""};
    char digest[DIGEST_LENGTH + 1];
    char path[DIGEST_LENGTH + 32];
    buffer_append_text(&token, "secret");
    digest_sha256(digest, token.data, token.length);
    snprintf(path, sizeof path, "etc/tokens/%s.ini", digest);
    fuzz_put(path, text);
    enum error error =
        token_look_up(fuzz_root()->path, &token, &caller, &fault);
    if (error == ERROR_NONE)
        fuzz_require(caller.user >= 0 && caller.scope != SCOPE_NONE);
    else if (error == ERROR_SYNTAX)
        expect_fault(error, &fault);
    buffer_free(&token);
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part whole = {text, length};
    size_t mark = utf8_mark(text, length);
    struct plain_reader plain = {{text + mark, length - mark}, ""};
    struct ini_fault fault = {0, ""};
    enum error error = ini_text_read(text, length, take_entry, &plain, &fault);
    expect_fault(error, &fault);
    try_config(whole);
    try_token(whole);
}
