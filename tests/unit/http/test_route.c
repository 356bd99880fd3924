/* SPDX-License-Identifier: MIT */
#include "route.h"
#include "token.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define TEN "abcdefghij"
#define DIGEST                                                                 \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PHOTO DIGEST ".webp"
#define ID_64 TEN TEN TEN TEN TEN TEN "0_-Z"

struct route_case {
    enum method method;
    const char *path;
    const char *program; /* NULL: none */
    const char *id;
    unsigned scopes;
    unsigned allowed;
};

/* Written down by hand from the contract, not from the table. */
static const struct route_case cases[] = {
    {METHOD_GET, "/plugin/tasks", "next-task", "", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_GET},
    {METHOD_POST, "/plugin/tasks", NULL, "", 0, METHOD_GET},
    {METHOD_DELETE, "/plugin/tasks", NULL, "", 0, METHOD_GET},
    {METHOD_OTHER, "/plugin/tasks", NULL, "", 0, METHOD_GET},
    {METHOD_POST, "/plugin/tasks/t/result", "result", "t",
        SCOPE_PLUGIN | SCOPE_BACKEND, METHOD_POST},
    {METHOD_POST, "/plugin/tasks/create/result", "result", "create",
        SCOPE_PLUGIN | SCOPE_BACKEND, METHOD_POST},
    {METHOD_POST, "/plugin/tasks/" ID_64 "/result", "result", ID_64,
        SCOPE_PLUGIN | SCOPE_BACKEND, METHOD_POST},
    {METHOD_GET, "/plugin/tasks/t/result", NULL, "", 0, METHOD_POST},
    {METHOD_POST, "/plugin/pause", "pause", "", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_POST},
    {METHOD_POST, "/account/change", "account", "",
        SCOPE_PLUGIN | SCOPE_BACKEND, METHOD_POST},
    {METHOD_POST, "/plugin/tasks/t/progress", "progress", "t",
        SCOPE_PLUGIN | SCOPE_BACKEND, METHOD_POST},
    {METHOD_GET, "/plugin/tasks/t/progress", NULL, "", 0, METHOD_POST},
    {METHOD_GET, "/tasks/t", "task", "t", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_GET | METHOD_DELETE},
    {METHOD_DELETE, "/tasks/t", "task", "t", SCOPE_BACKEND,
        METHOD_GET | METHOD_DELETE},
    {METHOD_POST, "/tasks/t", NULL, "", 0, METHOD_GET | METHOD_DELETE},
    {METHOD_POST, "/tasks/t/cancel", "task", "t", SCOPE_BACKEND, METHOD_POST},
    {METHOD_POST, "/tasks/t/retry", "task", "t", SCOPE_BACKEND, METHOD_POST},
    {METHOD_DELETE, "/tasks/t/cancel", NULL, "", 0, METHOD_POST},
    {METHOD_POST, "/tasks/create/cancel", "task", "create", SCOPE_BACKEND,
        METHOD_POST},
    {METHOD_POST, "/tasks/create", "create-task", "", SCOPE_BACKEND,
        METHOD_POST},
    {METHOD_POST, "/plugin/tasks/create", "create-task", "", SCOPE_BACKEND,
        METHOD_POST},
    /* never the task called "create" */
    {METHOD_GET, "/tasks/create", NULL, "", 0, METHOD_POST},
    {METHOD_DELETE, "/tasks/create", NULL, "", 0, METHOD_POST},
    {METHOD_GET, "/tasks", "tasks", "", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_GET},
    {METHOD_DELETE, "/tasks", NULL, "", 0, METHOD_GET},
    {METHOD_GET, "/plugin/status", "status", "", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_GET},
    {METHOD_POST, "/plugin/execute", "execute", "", SCOPE_BACKEND, METHOD_POST},
    {METHOD_GET, "/plugin/execute", NULL, "", 0, METHOD_POST},
    {METHOD_GET, "/products", "products", "", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_GET},
    {METHOD_POST, "/products", NULL, "", 0, METHOD_GET},
    {METHOD_POST, "/photos", "photos", "", SCOPE_BACKEND, METHOD_POST},
    {METHOD_GET, "/photos", NULL, "", 0, METHOD_POST},
    {METHOD_GET, "/photos/" PHOTO, "photos", "", 0, METHOD_GET},
    {METHOD_DELETE, "/photos/" PHOTO, NULL, "", 0, METHOD_GET},
    {METHOD_POST, "/sync/vinted", "sync", "", SCOPE_PLUGIN | SCOPE_BACKEND,
        METHOD_POST},
    {METHOD_GET, "/sync/vinted", NULL, "", 0, METHOD_POST},
    {METHOD_GET, "/health", "health", "", 0, METHOD_GET},
    {METHOD_POST, "/health", NULL, "", 0, METHOD_GET},
    {METHOD_GET, "/sweeper", "sweeper", "", SCOPE_BACKEND | SCOPE_CRON,
        METHOD_GET | METHOD_POST},
    {METHOD_POST, "/sweeper", "sweeper", "", SCOPE_BACKEND | SCOPE_CRON,
        METHOD_GET | METHOD_POST},
    {METHOD_DELETE, "/sweeper", NULL, "", 0, METHOD_GET | METHOD_POST},
};

static void expect(const char *path, const struct route_case *want)
{
    struct route_match have;
    route_find(&have, want->method, path);
    const char *program = have.route == NULL ? "none" : have.route->program;
    const char *wanted = want->program == NULL ? "none" : want->program;
    if (strcmp(program, wanted) != 0 || strcmp(have.id, want->id) != 0 ||
        have.allowed != want->allowed)
        fail_msg("method %d, %s: have %s, %s, %u, want %s, %s, %u",
            (int)want->method, path, program, have.id, have.allowed, wanted,
            want->id, want->allowed);
    if (have.route != NULL)
        assert_int_equal(have.route->scopes, want->scopes);
}

static void test_with_and_without_api(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[200];
        snprintf(path, sizeof path, "/api%s", cases[i].path);
        expect(cases[i].path, &cases[i]);
        expect(path, &cases[i]);
    }
}

static const char *const unknown[] = {
    "",
    "/",
    "/api",
    "/api/",
    "plugin/tasks",
    "/plugin/tasks/",
    "/plugin//tasks",
    "//plugin/tasks",
    "/plugin/task",
    "/plugin/taskss",
    "/PLUGIN/TASKS",
    "/api/api/plugin/tasks",
    "/apiplugin/tasks",
    "/API/plugin/tasks",
    "/api//plugin/tasks",
    "/plugin/tasks?user_id=42",
    "/plugin/tasks/t",
    "/plugin/tasks/t/",
    "/plugin/tasks/t/results",
    "/plugin/tasks/t/result/",
    "/plugin/tasks/t/u/result",
    "/plugin/tasks/{id}/resul",
    "/tasks/t/result",
    "/tasks/t/progress",
    "/tasks/t/",
    "/tasks/t/cancel/",
    "/tasks/t/cancelled",
    "/plugin/tasks/t/cancel",
    "/plugin/tasks/t/retry",
    "/health/",
    "/health/x",
    "/create-task",
    "/../health",
    "/plugin/../health",
};

static void test_unknown(void **state)
{
    (void)state;
    static const enum method methods[] = {
        METHOD_GET, METHOD_POST, METHOD_DELETE, METHOD_OTHER};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        for (size_t m = 0; m < 4; m++) {
            const struct route_case none = {methods[m], "", NULL, "", 0, 0};
            expect(unknown[i], &none);
        }
    }
}

static const char *const hostile_ids[] = {
    "",
    ".",
    "..",
    "../t",
    "t.completed",
    "t/../u",
    "{id}",
    "a b",
    "a\nb",
    "a%2Fb",
    "*",
    "a\\b",
    "a'b",
    "a\"b",
    "~",
    "\xC3\xA9",
    "\xFF",
    ID_64 "x",
    ID_64 ID_64 ID_64 ID_64 ID_64,
};

/* What is no ID by its grammar matches no route: not even "405". */
static void test_hostile_ids(void **state)
{
    (void)state;
    const struct route_case none = {METHOD_POST, "", NULL, "", 0, 0};
    for (size_t i = 0; i < sizeof hostile_ids / sizeof hostile_ids[0]; i++) {
        char path[500];
        snprintf(path, sizeof path, "/plugin/tasks/%s/result", hostile_ids[i]);
        expect(path, &none);
        snprintf(
            path, sizeof path, "/api/plugin/tasks/%s/result", hostile_ids[i]);
        expect(path, &none);
    }
}

static const char *const hostile_photos[] = {
    "",
    ".",
    "x",
    "{name}",
    DIGEST,
    DIGEST ".gif",
    DIGEST ".png/",
    DIGEST ".pngx",
    "../" DIGEST ".png",
    DIGEST DIGEST DIGEST DIGEST ".png",
};

/* The same of names of photos. */
static void test_hostile_photos(void **state)
{
    (void)state;
    const struct route_case none = {METHOD_GET, "", NULL, "", 0, 0};
    const size_t count = sizeof hostile_photos / sizeof hostile_photos[0];
    for (size_t i = 0; i < count; i++) {
        char path[500];
        snprintf(path, sizeof path, "/photos/%s", hostile_photos[i]);
        expect(path, &none);
    }
    expect("/plugin/tasks/" PHOTO "/result", &none);
}

/* What stands for {name} is kept, and nothing else is. */
static void test_photo(void **state)
{
    (void)state;
    struct route_match match;
    route_find(&match, METHOD_GET, "/api/photos/" PHOTO);
    assert_non_null(match.route);
    assert_string_equal(match.photo, PHOTO);
    assert_string_equal(match.id, "");
    route_find(&match, METHOD_POST, "/plugin/tasks/t/result");
    assert_string_equal(match.photo, "");
}

/* No row is hidden by another, and each is what a program's own URL or the
 * dispatcher can come to. */
static void test_every_row_is_met(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *row = &routes[i];
        struct route_match match;
        char path[200];
        const char *open = strchr(row->pattern, '{');
        if (open == NULL)
            snprintf(path, sizeof path, "/api%s", row->pattern);
        else
            snprintf(path, sizeof path, "/api%.*s%s%s",
                (int)(open - row->pattern), row->pattern,
                open[1] == 'i' ? "some-ID_1" : PHOTO, strchr(open, '}') + 1);
        route_find(&match, row->method, path);
        if (match.route != row)
            fail_msg("%s is not met", row->pattern);
        assert_int_equal(match.allowed & row->method, row->method);
    }
}

struct default_case {
    const char *program;
    enum method method;
    const char *pattern; /* NULL: none */
};

static const struct default_case default_cases[] = {
    {"next-task", METHOD_GET, "/plugin/tasks"},
    {"next-task", METHOD_POST, NULL},
    {"create-task", METHOD_POST, "/tasks/create"},
    {"create-task", METHOD_GET, NULL},
    {"health", METHOD_GET, "/health"},
    {"tasks", METHOD_GET, "/tasks"},
    {"products", METHOD_GET, "/products"},
    {"status", METHOD_GET, "/plugin/status"},
    {"execute", METHOD_POST, "/plugin/execute"},
    {"sync", METHOD_POST, "/sync/vinted"},
    {"photos", METHOD_POST, "/photos"},
    {"photos", METHOD_GET, NULL}, /* it cannot do without a name */
    {"sweeper", METHOD_GET, "/sweeper"},
    {"sweeper", METHOD_POST, "/sweeper"},
    {"sweeper", METHOD_DELETE, NULL},
    {"result", METHOD_POST, NULL}, /* it cannot do without an ID */
    {"progress", METHOD_POST, NULL},
    {"task", METHOD_GET, NULL},
    {"task", METHOD_DELETE, NULL},
    {"api", METHOD_GET, NULL},
    {"", METHOD_GET, NULL},
};

static void test_defaults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof default_cases / sizeof default_cases[0];
        i++) {
        const struct default_case *row = &default_cases[i];
        const struct route *have = route_default(row->program, row->method);
        const char *pattern = have == NULL ? "none" : have->pattern;
        const char *want = row->pattern == NULL ? "none" : row->pattern;
        if (strcmp(pattern, want) != 0)
            fail_msg("method %d, %s: have %s, want %s", (int)row->method,
                row->program, pattern, want);
    }
}

struct method_case {
    const char *text;
    enum method method;
};

static const struct method_case method_cases[] = {
    {"GET", METHOD_GET},
    {"POST", METHOD_POST},
    {"DELETE", METHOD_DELETE},
    {"get", METHOD_OTHER},
    {"Post", METHOD_OTHER},
    {"HEAD", METHOD_OTHER},
    {"PUT", METHOD_OTHER},
    {"GET ", METHOD_OTHER},
    {"", METHOD_OTHER},
};

static void test_methods(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof method_cases / sizeof method_cases[0]; i++) {
        enum method have = method_parse(method_cases[i].text);
        if (have != method_cases[i].method)
            fail_msg("%s: have %d, want %d", method_cases[i].text, (int)have,
                (int)method_cases[i].method);
        struct buffer text = BUFFER_EMPTY;
        method_list(&text, (unsigned)have);
        assert_string_equal(buffer_text(&text),
            have == METHOD_OTHER ? "" : method_cases[i].text);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_and_without_api),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_hostile_ids),
        cmocka_unit_test(test_hostile_photos),
        cmocka_unit_test(test_photo),
        cmocka_unit_test(test_every_row_is_met),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_methods),
    };
    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
