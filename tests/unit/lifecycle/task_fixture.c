/* SPDX-License-Identifier: MIT */
#include "task_fixture.h"

#include "claim.h"
#include "clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const struct verdict said_success = {.completed = true,
    .result = "{}",
    .result_length = 2,
    .execution_time_ms = -1};

const struct verdict said_failure = {
    .error = "no", .error_length = 2, .execution_time_ms = -1};

const struct verdict said_timeout = {.error = "timeout",
    .error_length = 7,
    .execution_time_ms = -1,
    .declared = "timeout"};

struct config fixture_config(void)
{
    struct config config;
    config_default(&config);
    config.background = false;
    return config;
}

static bool is_left_out(const char *path)
{
    return strcmp(path, "index") == 0 || strcmp(path, "log") == 0;
}

/* Appends the files of spool/PATH, "" for the spool, one a line. */
static void list_tree(
    const struct fixture *fixture, const char *path, struct buffer *out)
{
    char whole[600];
    struct dirent **entries;
    snprintf(whole, sizeof whole, "%s/spool/%s", fixture->root, path);
    int count = scandir(whole, &entries, NULL, alphasort);
    if (count < 0) {
        buffer_append_format(out, "%s\n", path); /* not a folder */
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char inside[600];
        snprintf(inside, sizeof inside, "%s%s%s", path,
            path[0] == '\0' ? "" : "/", name);
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            !is_left_out(inside))
            list_tree(fixture, inside, out);
        free(entries[i]);
    }
    free((void *)entries);
}

/* Compares the first line of each and steps both behind it. */
static bool lines_match(const char **have, const char **patterns)
{
    char line[600];
    char pattern[600];
    size_t length = strcspn(*have, "\n");
    size_t wanted = strcspn(*patterns, "\n");
    snprintf(line, sizeof line, "%.*s", (int)length, *have);
    snprintf(pattern, sizeof pattern, "%.*s", (int)wanted, *patterns);
    *have += length + ((*have)[length] == '\n');
    *patterns += wanted + ((*patterns)[wanted] == '\n');
    return fnmatch(pattern, line, 0) == 0;
}

static bool trees_match(const struct buffer *tree, const char *patterns)
{
    const char *have = buffer_text(tree);
    bool same = true;
    while (same && (*have != '\0' || *patterns != '\0'))
        same = lines_match(&have, &patterns);
    return same;
}

bool fixture_has_tree(const struct fixture *fixture, const char *patterns)
{
    struct buffer tree = BUFFER_EMPTY;
    list_tree(fixture, "", &tree);
    bool same = trees_match(&tree, patterns);
    buffer_free(&tree);
    return same;
}

void fixture_expect_tree(const struct fixture *fixture, const char *patterns)
{
    struct buffer tree = BUFFER_EMPTY;
    list_tree(fixture, "", &tree);
    if (!trees_match(&tree, patterns)) /* the leak is the smaller evil */
        fail_msg("have\n%swant\n%s", buffer_text(&tree), patterns);
    buffer_free(&tree);
}

/* Replaces a pattern by the file that matches it. */
static struct path resolve(const struct fixture *fixture, const char *path)
{
    struct path found;
    struct buffer tree = BUFFER_EMPTY;
    snprintf(found.text, sizeof found.text, "%s", path);
    list_tree(fixture, "", &tree);
    const char *line = strchr(path, '*') == NULL ? "" : buffer_text(&tree);
    while (*line != '\0') {
        const char *pattern = path;
        size_t length = strcspn(line, "\n");
        if (lines_match(&line, &pattern)) {
            snprintf(found.text, sizeof found.text, "%.*s", (int)length,
                line - length - 1);
            break;
        }
    }
    buffer_free(&tree);
    return found;
}

void fixture_expect_member(const struct fixture *fixture, const char *path,
    const char *key, const char *want)
{
    struct json_document document;
    struct json_fault fault;
    size_t length;
    char *text = fixture_get(fixture, resolve(fixture, path).text);
    if (text == NULL) {
        fail_msg("%s: does not exist", path);
        return;
    }
    enum error error = json_parse(&document, text, strlen(text), &fault);
    if (error != ERROR_NONE)
        fail_msg("%s: is not JSON: %s", path, text);
    const char *have =
        json_raw(json_member(json_root(&document), key), &length);
    if (length != strlen(want) || memcmp(have, want, length) != 0)
        fail_msg("%s: have \"%s\": %.*s, want %s", path, key, (int)length, have,
            want);
    json_free(&document);
    free(text);
}

void fixture_age(const struct fixture *fixture, const char *path, int seconds)
{
    time_t then = (time_t)(clock_now() / clock_second) - seconds;
    const struct timespec times[2] = {{then, 0}, {then, 0}};
    assert_int_equal(
        utimensat(fixture->spool.directory, path, times, AT_SYMLINK_NOFOLLOW),
        0);
}

const char *fixture_filled(int number)
{
    static char name[NAME_LENGTH_MAX];
    snprintf(name, sizeof name,
        "998-20241207T%02d%02d%02d.000000Z-get_stats-f%d.json", number / 3600,
        number / 60 % 60, number % 60, number);
    return name;
}

/* Links of one file are enough: its content names no task. */
void fixture_fill(const struct fixture *fixture, int first, int count)
{
    static const char model[] = "pending/42/.model";
    int directory = fixture->spool.directory;
    fixture_put(fixture, model, DROP("get_stats"));
    for (int i = first; i < first + count; i++) {
        struct path path = path_in_user(SPOOL_PENDING, 42, fixture_filled(i));
        assert_int_equal(linkat(directory, model, directory, path.text, 0), 0);
    }
    assert_int_equal(unlinkat(directory, model, 0), 0);
}

struct path fixture_load(
    const struct fixture *fixture, const char *path, struct task *task)
{
    struct task_fault fault = {.reason = "it cannot be read"};
    struct lease_name lease;
    struct config config = fixture_config();
    struct path found = resolve(fixture, path);
    const char *name = strrchr(found.text, '/') + 1;
    if (name_parse_executing(name, &lease) != ERROR_NONE)
        assert_int_equal(name_parse_queued(name, &lease.task), ERROR_NONE);
    enum error error =
        task_load(UNDER(fixture, &config), found, &lease.task, task, &fault);
    if (error != ERROR_NONE)
        fail_msg("%s: %s", path, fault.reason);
    return found;
}

void fixture_claim(
    const struct fixture *fixture, const char *receive_id, const char *want)
{
    struct claim claim;
    struct config config = fixture_config();
    enum error error = claim_next(UNDER(fixture, &config), receive_id, &claim);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        fail_msg("have error %d, want %s", (int)error, want);
    const char *have = error == ERROR_NONE ? claim.task.name.id : "none";
    const char *wanted = want == NULL ? "none" : want;
    if (strcmp(have, wanted) != 0)
        fail_msg("have %s, want %s", have, wanted);
    if (error == ERROR_NONE)
        task_free(&claim.task);
}

enum drop_fate fixture_route(
    const struct fixture *fixture, int64_t folder, const char *name)
{
    struct config config = fixture_config();
    config.max_body = 1000;
    struct drop_file file = {.folder = folder,
        .name = name,
        .path = folder == 0 ? path_in(SPOOL_PENDING, name)
                            : path_in_user(SPOOL_PENDING, folder, name),
        .created = INT64_C(1733565600000000)};
    return drop_file_route(&fixture->spool, &config, &file);
}
