/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "environment.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "ini_file.h"
#include "task_fixture.h"
#include "token.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AB "abababababababababababababababababababababababababababababababab"
#define AB_256 AB AB AB AB

struct header_case {
    const char *header; /* NULL: none */
    enum error error;
    const char *token;
};

static const struct header_case header_cases[] = {
    {"Bearer secret", ERROR_NONE, "secret"},
    {"bearer secret", ERROR_NONE, "secret"},
    {"BEARER secret", ERROR_NONE, "secret"},
    {"Bearer   secret", ERROR_NONE, "secret"},
    {"Bearer a-._~+/9Z=", ERROR_NONE, "a-._~+/9Z="},
    {"Bearer " AB_256 AB_256, ERROR_NONE, AB_256 AB_256},
    {"Basic dXNlcjpzZWNyZXQ=", ERROR_NONE, "secret"}, /* user:secret */
    {"basic OnNlY3JldA==", ERROR_NONE, "secret"},     /* :secret */
    {NULL, ERROR_NOT_FOUND, ""},
    {"", ERROR_NOT_FOUND, ""},
    {"Bearer", ERROR_SYNTAX, ""},
    {"Bearer ", ERROR_SYNTAX, ""},
    {"Bearersecret", ERROR_SYNTAX, ""},
    {"Bearerx secret", ERROR_SYNTAX, ""},
    {"Basicx dXNlcjpzZWNyZXQ=", ERROR_SYNTAX, ""},
    {"secret", ERROR_SYNTAX, ""},
    {" Bearer secret", ERROR_SYNTAX, ""},
    {"Bearer secret ", ERROR_SYNTAX, ""},
    {"Bearer two words", ERROR_SYNTAX, ""},
    {"Bearer\tsecret", ERROR_SYNTAX, ""},
    {"Bearer a, Bearer b", ERROR_SYNTAX, ""}, /* two headers joined */
    {"Bearer a,b", ERROR_SYNTAX, ""},
    {"Bearer \xC3\xA9", ERROR_SYNTAX, ""},
    {"Bearer a\nb", ERROR_SYNTAX, ""},
    {"Bearer ../../etc", ERROR_NONE, "../../etc"}, /* only ever digested */
    {"Bearer " AB_256 AB_256 "c", ERROR_SYNTAX, ""},
    {"Digest username=\"x\"", ERROR_SYNTAX, ""},
    {"Basic", ERROR_SYNTAX, ""},
    {"Basil secret", ERROR_SYNTAX, ""},
    {"Basic secret!", ERROR_SYNTAX, ""},
    {"Basic c2VjcmV0", ERROR_SYNTAX, ""},        /* secret, no colon */
    {"Basic dXNlcjo=", ERROR_SYNTAX, ""},        /* user: */
    {"Basic dXNlcjphIGI=", ERROR_SYNTAX, ""},    /* user:a b */
    {"Basic dXNlcjphAGI=", ERROR_SYNTAX, ""},    /* user:a NUL b */
    {"Basic AHVzZXI6YQ==", ERROR_SYNTAX, ""},    /* NUL user:a */
    {"Basic dXNlcjpzZWNyZXQ", ERROR_SYNTAX, ""}, /* no padding */
    {"Basic dXNlcjpzZWNyZXQ= x", ERROR_SYNTAX, ""},
};

static void set(const char *name, const char *value)
{
    if (value == NULL)
        unsetenv(name);
    else
        setenv(name, value, 1);
}

static void expect_header(const char *direct, const char *redirected,
    enum error want, const char *want_token)
{
    struct buffer token = BUFFER_EMPTY;
    set("HTTP_AUTHORIZATION", direct);
    set("REDIRECT_HTTP_AUTHORIZATION", redirected);
    enum error error = token_from_environment(environment_own(), true, &token);
    if (error != want || strcmp(buffer_text(&token), want_token) != 0)
        fail_msg("%s: have error %d, %s, want %d, %s", direct, (int)error,
            buffer_text(&token), (int)want, want_token);
    buffer_free(&token);
    set("HTTP_AUTHORIZATION", NULL);
    set("REDIRECT_HTTP_AUTHORIZATION", NULL);
}

static void test_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(header_cases); i++) {
        const struct header_case *row = &header_cases[i];
        expect_header(row->header, NULL, row->error, row->token);
        expect_header(NULL, row->header, row->error, row->token);
        expect_header("", row->header, row->error, row->token);
    }
    expect_header("Bearer one", "Bearer two", ERROR_NONE, "one");
    expect_header("nonsense", "Bearer two", ERROR_SYNTAX, "");
}

/* The header of our own counts where the other bears no token, as where a host
 * asks for a password of its own; a password counts only where it may. */
static void test_other_carriers(void **state)
{
    static const struct {
        const char *header, *own;
        bool basic_allowed;
        enum error error;
        const char *token;
    } cases[] = {
        {NULL, "secret", false, ERROR_NONE, "secret"},
        {"", "secret", false, ERROR_NONE, "secret"},
        {"Bearer one", "two", false, ERROR_NONE, "one"},
        {"Bearer", "two", false, ERROR_SYNTAX, ""},
        {"Basic dXNlcjpzZWNyZXQ=", "two", true, ERROR_NONE, "two"},
        {"Digest x", "two", false, ERROR_NONE, "two"},
        {NULL, "two words", false, ERROR_SYNTAX, ""},
        {NULL, "a, b", false, ERROR_SYNTAX, ""},
        {NULL, "", false, ERROR_NOT_FOUND, ""},
        {"Basic dXNlcjpzZWNyZXQ=", NULL, true, ERROR_NONE, "secret"},
        {"Basic dXNlcjpzZWNyZXQ=", NULL, false, ERROR_SYNTAX, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer token = BUFFER_EMPTY;
        set("HTTP_AUTHORIZATION", cases[i].header);
        set("HTTP_X_STOFLOW_TOKEN", cases[i].own);
        enum error error = token_from_environment(
            environment_own(), cases[i].basic_allowed, &token);
        if (error != cases[i].error ||
            strcmp(buffer_text(&token), cases[i].token) != 0)
            fail_msg("row %zu: have error %d, %s", i, (int)error,
                buffer_text(&token));
        buffer_free(&token);
    }
    set("HTTP_AUTHORIZATION", NULL);
    set("HTTP_X_STOFLOW_TOKEN", NULL);
}

/* SHA-256 of "secret", as sha256sum prints it. */
#define DIGEST                                                                 \
    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

static void put_token(const struct fixture *fixture, const char *text)
{
    fixture_put(fixture, "../etc/tokens/" DIGEST ".ini", text);
}

static enum error look_up(const struct fixture *fixture, const char *text,
    struct caller *caller, struct ini_fault *fault)
{
    struct buffer token = BUFFER_EMPTY;
    buffer_append_text(&token, text);
    enum error error = token_look_up(fixture->root, &token, caller, fault);
    buffer_free(&token);
    return error;
}

struct file_case {
    const char *text;
    int64_t user;
    enum scope scope;
    int64_t expires;
};

static const struct file_case good_files[] = {
    {"user_id=42\nscope=plugin\n", 42, SCOPE_PLUGIN, 0},
    {"user_id = *\nscope = backend\nnote = the shop's, of 2024\n", 0,
        SCOPE_BACKEND, 0},
    {"# for cron\nscope=cron\nuser_id=*\ncreated=2024-12-07\n", 0, SCOPE_CRON,
        0},
    {"user_id=9223372036854775807\nscope=plugin\n", INT64_MAX, SCOPE_PLUGIN, 0},
    {"user_id=42\nscope=plugin\nexpires=2024-12-07T10:00:00Z\n", 42,
        SCOPE_PLUGIN, INT64_C(1733565600000000)},
};

static void test_files(void **state)
{
    for (size_t i = 0; i < COUNT_OF(good_files); i++) {
        const struct file_case *row = &good_files[i];
        struct caller caller;
        struct ini_fault fault = {0, ""};
        put_token(*state, row->text);
        enum error error = look_up(*state, "secret", &caller, &fault);
        if (error != ERROR_NONE)
            fail_msg(
                "%s: have error %d: %s", row->text, (int)error, fault.reason);
        assert_int_equal(caller.user, row->user);
        assert_int_equal(caller.scope, row->scope);
        assert_int_equal(caller.expires, row->expires);
        assert_int_equal(
            look_up(*state, "Secret", &caller, &fault), ERROR_NOT_FOUND);
        assert_int_equal(
            look_up(*state, "secret ", &caller, &fault), ERROR_NOT_FOUND);
    }
}

struct bad_file {
    const char *text;
    const char *word; /* of the fault */
};

static const struct bad_file bad_files[] = {
    {"", "user_id is missing"},
    {"scope=plugin\n", "user_id is missing"},
    {"user_id=42\n", "scope is missing"},
    {"user_id=\nscope=plugin\n", "user_id"},
    {"user_id=0\nscope=plugin\n", "user_id"},
    {"user_id=-1\nscope=plugin\n", "user_id"},
    {"user_id=042\nscope=plugin\n", "user_id"},
    {"user_id=42x\nscope=plugin\n", "user_id"},
    {"user_id=**\nscope=plugin\n", "user_id"},
    {"user_id=9223372036854775808\nscope=plugin\n", "user_id"},
    {"user_id=42\nuser_id=43\nscope=plugin\n", "twice"},
    {"user_id=42\nscope=admin\n", "scope"},
    {"user_id=42\nscope=Plugin\n", "scope"},
    {"user_id=42\nscope=plugin,backend\n", "scope"},
    {"user_id=42\nscope=\n", "scope"},
    {"user_id=42\nscope=plugin\nexpires=\n", "expires"},
    {"user_id=42\nscope=plugin\nexpires=never\n", "expires"},
    {"user_id=42\nscope=plugin\nexpires=2024-12-07\n", "expires"},
    {"user_id=42\nscope=plugin\nexpires=2024-02-30T10:00:00Z\n", "expires"},
    {"user_id=42\nscope=plugin\nexpires=2024-12-07T10:00:00+01:00\n",
        "expires"},
    {"user_id=42\nscope=plugin\nexpires=2024-12-07T10:00:00z\n", "expires"},
    {"user_id=42\nscope=plugin\nexpires=2024-12-07 10:00:00Z\n", "expires"},
    {"user_id=42\nscope=plugin\nexpire=2024-12-07T10:00:00Z\n", "no such key"},
    {"[token]\nuser_id=42\nscope=plugin\n", "section"},
    {"user_id=42\nscope=plugin\nnonsense\n", "neither"},
    {"user_id=42\n scope=plugin\n", "indented"},
};

/* A file that is wrong gives nobody anything. */
static void test_bad_files(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bad_files); i++) {
        struct caller caller;
        struct ini_fault fault = {0, ""};
        put_token(*state, bad_files[i].text);
        enum error error = look_up(*state, "secret", &caller, &fault);
        if (error != ERROR_SYNTAX ||
            strstr(fault.reason, bad_files[i].word) == NULL)
            fail_msg("%s: have error %d, %s, want %s", bad_files[i].text,
                (int)error, fault.reason, bad_files[i].word);
    }
}

static void test_unknown(void **state)
{
    const struct fixture *fixture = *state;
    struct caller caller;
    struct ini_fault fault;
    assert_int_equal(
        look_up(fixture, "secret", &caller, &fault), ERROR_NOT_FOUND);
    assert_int_equal(caller.scope, SCOPE_NONE);
    put_token(fixture, "user_id=42\nscope=plugin\n");
    assert_int_equal(look_up(fixture, "", &caller, &fault), ERROR_NOT_FOUND);
    assert_int_equal(look_up(fixture, "../tokens/" DIGEST, &caller, &fault),
        ERROR_NOT_FOUND);
    assert_int_equal(
        look_up(fixture, DIGEST, &caller, &fault), ERROR_NOT_FOUND);
    assert_int_equal(caller.scope, SCOPE_NONE);
}

/* Nor is one unknown that a network file system hides for a moment. */
static void test_hidden(void **state)
{
    struct caller caller;
    struct ini_fault fault;
    put_token(*state, "user_id=42\nscope=plugin\n");
    fault_set(FAULT_OPEN, 1, ENOENT);
    assert_int_equal(look_up(*state, "secret", &caller, &fault), ERROR_NONE);
    assert_true(fault_clear());
    assert_int_equal(caller.user, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_other_carriers),
        IN_SPOOL(test_files),
        IN_SPOOL(test_bad_files),
        IN_SPOOL(test_unknown),
        IN_SPOOL(test_hidden),
    };
    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
