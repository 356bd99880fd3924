/* SPDX-License-Identifier: MIT */
/* A whole request: the lines of the input up to an empty one are its variables
 * (RFC 3875), as "NAME=value", the rest is its body. The answer has a status
 * and headers of one line each, and is JSON where it says so. */
#include "fuzz.h"

#include "json.h"
#include "pages.h"
#include "program.h"
#include "reply.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    VARIABLES_MAX = 40,
    CLEAR_EVERY = 64 /* requests, after which the spool is emptied */
};

static void begin(void)
{
}

static int make_body(struct fuzz_part body)
{
    char path[] = "spool/tmp/body";
    char whole[sizeof fuzz_root()->path + sizeof path + 2];
    fuzz_put(path, body);
    snprintf(whole, sizeof whole, "%s/%s", fuzz_root()->path, path);
    int input = open(whole, O_RDONLY | O_CLOEXEC);
    fuzz_require(input >= 0);
    unlink(whole);
    return input;
}

static void expect_json(const struct reply *reply)
{
    struct json_document document;
    struct json_fault fault;
    if (reply->source != NULL || reply->body.length == 0 ||
        strstr(reply->content_type, "json") == NULL)
        return;
    fuzz_require(json_parse(&document, reply->body.data, reply->body.length,
                     &fault) == ERROR_NONE);
    fuzz_require(json_is(json_root(&document), JSON_OBJECT));
    json_free(&document);
}

/* Each header is a name, a colon, and printable text. */
static void expect_headers(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\r");
        fuzz_require(strncmp(text + length, "\r\n", 2) == 0);
        fuzz_require(memchr(text, ':', length) != NULL);
        for (size_t i = 0; i < length; i++)
            fuzz_require((unsigned char)text[i] >= ' ' && text[i] != 0x7F);
        text += length + 2;
    }
}

static void answer(char *const *environment, int input)
{
    const struct gateway gateway = {.environment = environment,
        .input = {.descriptor = input},
        .begin = begin};
    struct program *program = calloc(1, sizeof *program);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fuzz_require(program != NULL && null >= 0);
    program_answer(program, pages, &gateway);
    fuzz_require(program->reply.status >= 200 && program->reply.status < 600);
    fuzz_require(program->reply.content_type != NULL);
    expect_headers(buffer_text(&program->reply.headers));
    expect_json(&program->reply);
    fuzz_require(reply_send(&program->reply, null) == ERROR_NONE);
    program_note(program);
    program_free(program);
    free(program);
    close(null);
}

/* A request that waits would only wait, and one that is to have the caller's
 * word on the root would be let into another. */
static bool is_left_out(const char *variable)
{
    return strncmp(variable, "STOFLOW_", 8) == 0 ||
           strchr(variable, '=') == NULL ||
           (strncmp(variable, "QUERY_STRING=", 13) == 0 &&
               strstr(variable, "wait") != NULL) ||
           strstr(variable, "execute") != NULL;
}

static void prepare(void)
{
    static unsigned count;
    static const char config[] = "[queue]\nbackground = no\n"
                                 "[site]\norigins = https://a.example\n";
    static const char plugin[] = "user_id = 42\nscope = plugin\n";
    static const char backend[] = "user_id = *\nscope = backend\n";
    if (count++ % CLEAR_EVERY != 0)
        return;
    fuzz_clear_spool();
    fuzz_put("etc/stoflow.ini", (struct fuzz_part){config, sizeof config - 1});
    /* SHA-256 of "p" and of "b". */
    fuzz_put("etc/tokens/148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac"
             "7ddfca9940.ini",
        (struct fuzz_part){plugin, sizeof plugin - 1});
    fuzz_put("etc/tokens/3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73ee"
             "aed59c009d.ini",
        (struct fuzz_part){backend, sizeof backend - 1});
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part rest = {text, length};
    char *environment[VARIABLES_MAX + 2] = {NULL};
    char root[sizeof fuzz_root()->path + 16];
    size_t count = 0;
    prepare();
    snprintf(root, sizeof root, "STOFLOW_ROOT=%s", fuzz_root()->path);
    environment[count++] = root;
    while (rest.length > 0 && count <= VARIABLES_MAX) {
        struct fuzz_part line = fuzz_take_line(&rest);
        if (line.length == 0)
            break;
        char *variable = fuzz_string(line);
        if (is_left_out(variable))
            free(variable);
        else
            environment[count++] = variable;
    }
    int input = make_body(rest);
    answer(environment, input);
    close(input);
    while (count > 1)
        free(environment[--count]);
}
