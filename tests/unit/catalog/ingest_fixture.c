/* SPDX-License-Identifier: MIT */
#include "ingest_fixture.h"

#include "clock.h"
#include "file.h"
#include "ingest.h"
#include "json.h"
#include "remove_tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void open_root(struct fixture *fixture)
{
    assert_int_equal(spool_open(&fixture->spool, fixture->root), ERROR_NONE);
    config_default(&fixture->config);
    fixture->account = (struct account){&fixture->spool, &fixture->config, 42};
    fixture->other = (struct account){&fixture->spool, &fixture->config, 43};
}

static void remove_root(struct fixture *fixture)
{
    spool_close(&fixture->spool);
    remove_tree(AT_FDCWD, fixture->root);
}

int fixture_set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    /* In memory, if there is such a place: fsync costs nothing there. */
    snprintf(fixture->root, sizeof fixture->root, "%s/stoflow-unit-XXXXXX",
        access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(fixture->root));
    open_root(fixture);
    *state = fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    remove_root(*state);
    free(*state);
    return 0;
}

void fixture_renew(struct fixture *fixture)
{
    remove_root(fixture);
    assert_int_equal(mkdir(fixture->root, 0700), 0);
    open_root(fixture);
}

static void make_folders(const struct fixture *fixture, const char *path)
{
    char folder[256];
    for (size_t i = 0; path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        snprintf(folder, sizeof folder, "%.*s", (int)i, path);
        mkdirat(fixture->spool.directory, folder, 0700);
    }
}

/* By a rename, as nothing but whole files ever gets into ingest/. */
void fixture_put(
    const struct fixture *fixture, const char *path, const char *text)
{
    struct path temporary;
    make_folders(fixture, path);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, text, strlen(text), &temporary),
        ERROR_NONE);
    assert_int_equal(
        file_rename(fixture->spool.directory, temporary.text, path),
        ERROR_NONE);
}

char *fixture_get(const struct fixture *fixture, const char *path)
{
    struct buffer text = BUFFER_EMPTY;
    enum error error =
        file_read(fixture->spool.directory, path, 1 << 30, &text, NULL);
    if (error == ERROR_NOT_FOUND)
        return NULL;
    assert_int_equal(error, ERROR_NONE);
    char *copy = strdup(buffer_text(&text));
    buffer_free(&text);
    return copy;
}

void fixture_expect(
    const struct fixture *fixture, const char *path, const char *want)
{
    char *have = fixture_get(fixture, path);
    if (want == NULL)
        assert_null(have);
    else if (have == NULL)
        fail_msg("%s: does not exist", path);
    else
        assert_string_equal(have, want);
    free(have);
}

struct search {
    const char *ending;
    char found[SPOOL_NAME_MAX + 1];
    size_t count;
};

static enum error match(void *context, const char *name)
{
    struct search *search = context;
    size_t length = strlen(name);
    size_t ending = strlen(search->ending);
    if (length < ending || strcmp(name + length - ending, search->ending) != 0)
        return ERROR_NONE;
    search->count++;
    snprintf(search->found, sizeof search->found, "%s", name);
    return ERROR_NONE;
}

static struct search look(
    const struct fixture *fixture, const char *path, const char *ending)
{
    struct search search = {.ending = ending};
    struct path folder;
    snprintf(folder.text, sizeof folder.text, "%s", path);
    spool_each_name(&fixture->spool, folder, match, &search);
    return search;
}

size_t fixture_count(const struct fixture *fixture, const char *path)
{
    return look(fixture, path, "").count;
}

const char *fixture_find(
    const struct fixture *fixture, const char *path, const char *ending)
{
    static char found[SPOOL_NAME_MAX + 1];
    struct search search = look(fixture, path, ending);
    memcpy(found, search.found, sizeof found);
    return search.count == 0 ? NULL : found;
}

static int64_t moment(int seconds)
{
    static const int64_t ten = INT64_C(1733565600); /* 2024-12-07T10:00:00Z */
    return (ten + seconds) * clock_second;
}

/* `account` is one more member of the record, with a comma behind it, or "". */
static void put_record(const struct fixture *fixture, const char *account,
    const char *action, int started, int completed, const char *params,
    const char *result)
{
    struct buffer text = BUFFER_EMPTY;
    char began[CLOCK_ISO_LENGTH + 1];
    char ended[CLOCK_ISO_LENGTH + 1];
    char stamp[CLOCK_STAMP_LENGTH + 1];
    char name[64];
    clock_format_iso(began, moment(started));
    clock_format_iso(ended, moment(completed));
    clock_format_stamp(stamp, moment(completed));
    buffer_append_format(&text,
        "{\n  \"task_id\": \"t\",\n  \"user_id\": 42,\n  \"action\": \"%s\",\n"
        "  \"params\": %s,\n  \"created_at\": \"2024-12-07T09:00:00.000000Z\","
        "\n  \"status\": \"completed\",\n  \"error\": null,\n"
        "  \"started_at\": \"%s\",\n  \"completed_at\": \"%s\",\n"
        "  %s\"attempts\": 1,\n  \"result\": %s\n}\n",
        action, params, began, ended, account, result);
    snprintf(name, sizeof name, "ingest/42/%s-t.json", stamp);
    fixture_put(fixture, name, buffer_text(&text));
    buffer_free(&text);
}

void fixture_record(const struct fixture *fixture, const char *action,
    int started, int completed, const char *params, const char *result)
{
    put_record(fixture, "", action, started, completed, params, result);
}

void fixture_record_by(const struct fixture *fixture, int account,
    const char *action, int started, int completed, const char *params,
    const char *result)
{
    char member[60];
    snprintf(member, sizeof member,
        "\"account\": {\"id\":%d,\"login\":\"shop\"},\n  ", account);
    put_record(fixture, member, action, started, completed, params, result);
}

void fixture_know_seller(const struct fixture *fixture)
{
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":7,\"login\":\"shop\","
        "\"updated_at\":\"2024-12-07T08:00:00.000000Z\"}\n");
}

void fixture_own_list(const struct fixture *fixture, int started, int completed,
    const char *result)
{
    fixture_record_by(fixture, 7, "get_all_products", started, completed,
        "{\"user_id\":7}", result);
}

void fixture_ingest(const struct fixture *fixture, unsigned want)
{
    unsigned taken = 0;
    struct config config;
    config_default(&config);
    assert_int_equal(
        ingest_user(UNDER(fixture, &config), 1000, &taken), ERROR_NONE);
    assert_int_equal(taken, want);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    assert_int_equal(fixture_count(fixture, "tmp"), 0);
}

/* Looks for the member with the project's own reader: what is tested here is
 * what stands in the line, not how it is read. */
static bool find_member(
    const char *line, const char *id, const char *key, char *out, size_t size)
{
    struct json_document document;
    struct json_fault fault;
    size_t length;
    assert_int_equal(
        json_parse(&document, line, strcspn(line, "\n"), &fault), ERROR_NONE);
    struct json_value root = json_root(&document);
    const char *json = json_raw(json_member(root, "id"), &length);
    bool found = length == strlen(id) && memcmp(json, id, length) == 0;
    if (found) {
        json = json_raw(json_member(root, key), &length);
        snprintf(out, size, "%.*s", (int)length, json);
        if (length == 0)
            snprintf(out, size, "absent");
    }
    json_free(&document);
    return found;
}

const char *fixture_member(
    const struct fixture *fixture, const char *id, const char *key)
{
    static char value[1024];
    char *text = fixture_get(fixture, "products/42.ndjson");
    snprintf(value, sizeof value, "no row");
    for (const char *line = text; line != NULL && *line != '\0';
        line = strchr(line, '\n') + 1) {
        if (find_member(line, id, key, value, sizeof value))
            break;
    }
    free(text);
    return value;
}

void fixture_expect_row(const struct fixture *fixture, const char *id,
    const char *key, const char *want)
{
    const char *have = fixture_member(fixture, id, key);
    if (strcmp(have, want) != 0)
        fail_msg("%s of %s: have %s, want %s", key, id, have, want);
}

bool fixture_logged(const struct fixture *fixture, const char *words)
{
    char *log = fixture_get(fixture, "log/events.log");
    bool found = log != NULL && strstr(log, words) != NULL;
    free(log);
    return found;
}
