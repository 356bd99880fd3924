/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "config.h"
#include "environment.h"
#include "error.h"
#include "fault.h"
#include "public_url.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

struct variable {
    const char *name;
    const char *value;
};

enum {
    VARIABLES_MAX = 6
};

struct url_case {
    const char *base; /* url of stoflow.ini */
    const char *want; /* NULL: the request does not tell */
    struct variable variables[VARIABLES_MAX];
};

#define HOST {"HTTP_HOST", "h"}

static const struct url_case cases[] = {
    /* by the settings, whatever the request says */
    {"https://a.example/shop", "https://a.example/shop/api/x",
        {{"HTTP_HOST", "evil"}, {"HTTPS", "on"}, {"SCRIPT_NAME", "/api"}}},
    {"https://a.example", "https://a.example/api/x", {{NULL, NULL}}},
    /* the scheme */
    {"", "http://h/api/x", {HOST}},
    {"", "https://h/api/x", {HOST, {"HTTPS", "on"}}},
    {"", "https://h/api/x", {HOST, {"HTTPS", "1"}}},
    {"", "http://h/api/x", {HOST, {"HTTPS", "off"}}},
    {"", "http://h/api/x", {HOST, {"HTTPS", "OFF"}}},
    {"", "http://h/api/x", {HOST, {"HTTPS", ""}}},
    {"", "https://h/api/x", {HOST, {"REQUEST_SCHEME", "https"}}},
    {"", "http://h/api/x", {HOST, {"REQUEST_SCHEME", "gopher"}}},
    {"", "https://h/api/x", {HOST, {"HTTP_X_FORWARDED_PROTO", "https"}}},
    {"", "https://h/api/x",
        {HOST, {"HTTPS", "on"}, {"HTTP_X_FORWARDED_PROTO", "http"}}},
    {"", "http://h/api/x", {HOST, {"HTTP_X_FORWARDED_PROTO", "javascript"}}},
    /* the host */
    {"", "http://shop.example:8080/api/x",
        {{"HTTP_HOST", "shop.example:8080"}}},
    {"", "http://Shop_1.EXAMPLE/api/x", {{"HTTP_HOST", "Shop_1.EXAMPLE"}}},
    {"", "http://127.0.0.1/api/x", {{"HTTP_HOST", "127.0.0.1"}}},
    {"", "http://[::1]:81/api/x", {{"HTTP_HOST", "[::1]:81"}}},
    {"", "http://[::1]/api/x", {{"HTTP_HOST", "[::1]"}}},
    {"", NULL, {{"HTTP_HOST", "a b"}}},
    {"", NULL, {{"HTTP_HOST", "h/evil"}}},
    {"", NULL, {{"HTTP_HOST", "user@h"}}},
    {"", NULL, {{"HTTP_HOST", "h\r\nX: y"}}},
    {"", NULL, {{"HTTP_HOST", "h:"}}},
    {"", NULL, {{"HTTP_HOST", "h:0"}}},
    {"", NULL, {{"HTTP_HOST", "h:65536"}}},
    {"", NULL, {{"HTTP_HOST", "h:8a"}}},
    {"", NULL, {{"HTTP_HOST", "h:80:80"}}},
    {"", NULL, {{"HTTP_HOST", "[]"}}},
    {"", NULL, {{"HTTP_HOST", "[::1"}}},
    {"", NULL, {{"HTTP_HOST", "::1"}}},
    {"", NULL, {{"HTTP_HOST", "\xC3\xA9"}}},
    {"", NULL, {{"HTTP_HOST", "h\""}}},
    {"", NULL, {{"HTTP_HOST", "{h}"}}},
    /* without a Host, as in HTTP/1.0 */
    {"", "http://n/api/x", {{"SERVER_NAME", "n"}, {"SERVER_PORT", "80"}}},
    {"", "http://n:8000/api/x",
        {{"SERVER_NAME", "n"}, {"SERVER_PORT", "8000"}}},
    {"", "https://n/api/x",
        {{"SERVER_NAME", "n"}, {"SERVER_PORT", "443"}, {"HTTPS", "on"}}},
    {"", "http://n:443/api/x", {{"SERVER_NAME", "n"}, {"SERVER_PORT", "443"}}},
    {"", "http://n/api/x", {{"SERVER_NAME", "n"}, {"SERVER_PORT", "x"}}},
    {"", "http://n/api/x", {{"SERVER_NAME", "n"}}},
    {"", NULL, {{"SERVER_NAME", "n:80"}}},
    {"", NULL, {{"SERVER_NAME", "*"}}},
    {"", NULL, {{NULL, NULL}}},
    /* the folder: rewritten */
    {"", "http://h/api/x",
        {HOST, {"SCRIPT_NAME", "/cgi-bin/photos"}, {"PATH_INFO", "/photos"}}},
    {"", "http://h/shop/api/x",
        {HOST, {"SCRIPT_NAME", "/shop/cgi-bin/photos"},
            {"PATH_INFO", "/api/photos"}}},
    {"", "http://h/api/x",
        {HOST, {"SCRIPT_NAME", "/cgi-local/photos"}, {"PATH_INFO", "/photos"}}},
    {"", "http://h/api/x",
        {HOST, {"SCRIPT_NAME", "/photos"}, {"PATH_INFO", "/photos"}}},
    /* through the dispatcher */
    {"", "http://h/cgi-bin/api/x",
        {HOST, {"SCRIPT_NAME", "/cgi-bin/api"}, {"PATH_INFO", "/photos"}}},
    {"", "http://h/~me/cgi/api/x",
        {HOST, {"SCRIPT_NAME", "/~me/cgi/api"}, {"PATH_INFO", "/photos"}}},
    {"", "http://h/api/x",
        {HOST, {"SCRIPT_NAME", "/api"}, {"PATH_INFO", "/photos"}}},
    /* by a bare name: the dispatcher beside it */
    {"", "http://h/cgi-bin/api/x", {HOST, {"SCRIPT_NAME", "/cgi-bin/photos"}}},
    {"", "http://h/cgi-bin/api/x",
        {HOST, {"SCRIPT_NAME", "/cgi-bin/photos"}, {"PATH_INFO", "/"}}},
    /* what is no path is left out */
    {"", "http://h/api/x", {HOST, {"SCRIPT_NAME", "//evil/api"}}},
    {"", "http://h/api/x", {HOST, {"SCRIPT_NAME", "/a\"b/api"}}},
    {"", "http://h/api/x", {HOST, {"SCRIPT_NAME", "evil/api"}}},
    {"", "http://h/api/x", {HOST, {"SCRIPT_NAME", ""}}},
};

static void set_environment(const struct url_case *row)
{
    static const char *const all[] = {"HTTPS", "REQUEST_SCHEME",
        "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT",
        "SCRIPT_NAME", "PATH_INFO"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        unsetenv(all[i]);
    for (int i = 0; i < VARIABLES_MAX && row->variables[i].name != NULL; i++)
        setenv(row->variables[i].name, row->variables[i].value, 1);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config config;
        struct buffer out = BUFFER_EMPTY;
        config_default(&config);
        memcpy(config.url, cases[i].base, strlen(cases[i].base) + 1);
        set_environment(&cases[i]);
        enum error error =
            public_url_append(&out, &config, environment_own(), "/x");
        const char *have = error == ERROR_NONE ? buffer_text(&out) : "none";
        const char *want = cases[i].want == NULL ? "none" : cases[i].want;
        if (strcmp(have, want) != 0 ||
            (error != ERROR_NONE && error != ERROR_SYNTAX))
            fail_msg("case %zu: have %s, want %s", i, have, want);
        buffer_free(&out);
    }
}

static void test_long_host(void **state)
{
    (void)state;
    static const char *const names[] = {"HTTP_HOST", "SERVER_NAME"};
    char host[400];
    struct config config;
    config_default(&config);
    for (size_t i = 0; i < 20; i++) {
        struct buffer out = BUFFER_EMPTY;
        const struct url_case row = {"", NULL, {{names[i % 2], host}}};
        size_t length = 250 + (i / 2);
        memset(host, 'a', length);
        host[length] = '\0';
        set_environment(&row);
        assert_int_equal(
            public_url_append(&out, &config, environment_own(), "/x"),
            length <= 255 ? ERROR_NONE : ERROR_SYNTAX);
        buffer_free(&out);
    }
}

static enum error append(void *context)
{
    struct buffer out = BUFFER_EMPTY;
    enum error error =
        public_url_append(&out, context, environment_own(), "/x");
    if (error == ERROR_NONE)
        assert_string_equal(out.data, "http://h/api/x");
    buffer_free(&out);
    return error;
}

/* Never a part of it for the whole. */
static void test_no_memory(void **state)
{
    static const struct url_case row = {"", NULL, {HOST}};
    struct config config;
    (void)state;
    config_default(&config);
    set_environment(&row);
    fault_each("public_url_append", append, &config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_long_host),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("public_url", tests, NULL, NULL);
}
