/* SPDX-License-Identifier: MIT */
/* Reading a catalogue while something goes wrong: a page is whole, or an error
 * is told. */
#include "attempt_fixture.h"
#include "catalog_page.h"
#include "sink.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_PATH "products/42.ndjson"
#define FIRST "{\"id\":2,\"title\":\"\\u00e9\\u0041\",\"status\":\"active\"}"
#define SECOND "{\"id\":5,\"title\":\"aA\",\"price\":\"1.50\"}"

/* How the page is asked for, and what it is to be. */
enum form {
    JSON,
    NDJSON,
    CSV
};

static struct request {
    enum form form;
    const char *words;
    uint64_t after;
    const char *want;
} request;

static char page[4096]; /* what came of it */
static int result;      /* the descriptor that a stream goes to */

static void lay_sorted(const struct fixture *fixture)
{
    fixture_put(fixture, FILE_PATH, FIRST "\n" SECOND "\nno product\n");
    fixture_age(fixture, FILE_PATH, 100);
}

static void lay_unsorted(const struct fixture *fixture)
{
    fixture_put(fixture, FILE_PATH, SECOND "\n" FIRST "\n");
}

static void lay_plain(const struct fixture *fixture)
{
    fixture_put(fixture, FILE_PATH, SECOND "\n");
    fixture_age(fixture, FILE_PATH, 100);
}

/* So many that a place in the middle is searched for. */
static void lay_many(const struct fixture *fixture)
{
    struct buffer text = BUFFER_EMPTY;
    for (int i = 100; i < 1000; i++)
        buffer_append_format(&text, "{\"id\":%d,\"title\":\"%0100d\"}\n", i, i);
    buffer_append_text(&text, "{\"id\":2000}\n");
    fixture_put(fixture, FILE_PATH, buffer_text(&text));
    fixture_age(fixture, FILE_PATH, 100);
    buffer_free(&text);
}

static enum error stream(struct catalog_page *from)
{
    struct sink sink;
    assert_int_equal(ftruncate(result, 0), 0);
    assert_int_equal(lseek(result, 0, SEEK_SET), 0);
    sink_open(&sink, result, INT64_MAX);
    enum error error = request.form == CSV ? catalog_page_csv(from, &sink)
                                           : catalog_page_ndjson(from, &sink);
    enum error closed = sink_close(&sink);
    return error == ERROR_NONE ? closed : error;
}

static enum error read_page(struct catalog_page *from)
{
    struct buffer out = BUFFER_EMPTY;
    if (request.form != JSON)
        return stream(from);
    enum error error = catalog_page_json(from, &out);
    if (error == ERROR_NONE && out.failed)
        error = ERROR_MEMORY;
    snprintf(page, sizeof page, "%s", buffer_text(&out));
    buffer_free(&out);
    return error;
}

static enum error ask(const struct fixture *fixture)
{
    struct catalog_page from = {.filter = PRODUCT_FILTER_EMPTY,
        .after = request.after,
        .table = catalog_table_plain};
    page[0] = '\0';
    enum error error = catalog_view_open(&from.view, &fixture->account);
    if (error != ERROR_NONE)
        return error;
    error = product_filter_words(&from.filter, request.words);
    if (error == ERROR_NONE)
        error = read_page(&from);
    catalog_page_close(&from);
    return error;
}

/* A page changes nothing. */
static void check(const struct fixture *fixture, enum error error)
{
    (void)error;
    assert_int_equal(fixture_count(fixture, "products"), 1);
}

static void finish(const struct fixture *fixture)
{
    (void)fixture;
    if (request.form != JSON) {
        ssize_t length = pread(result, page, sizeof page - 1, 0);
        assert_true(length >= 0);
        page[length] = '\0';
    }
    assert_string_equal(page, request.want);
}

#define HEAD                                                                   \
    "id,title,price,brand,size,currency,condition,status,url,photo,"           \
    "view_count,favourite_count,message_count,published_at,first_seen,"        \
    "last_seen,description,twin_of\r\n"

static const struct {
    struct attempt attempt;
    struct request request;
} pages[] = {
    {{"all", lay_sorted, ask, check, finish, 0},
        {JSON, "", 0, FIRST "," SECOND}},
    {{"a word", lay_sorted, ask, check, finish, 0},
        {JSON, "a \xC3\x89", 0, FIRST}},
    {{"a word of many", lay_sorted, ask, check, finish, 0},
        {JSON, "aa", 0, SECOND}},
    {{"a word of one", lay_plain, ask, check, finish, 0},
        {JSON, "aa", 0, SECOND}},
    {{"in another order", lay_unsorted, ask, check, finish, 0},
        {NDJSON, "", 2, SECOND "\n"}},
    {{"far behind", lay_many, ask, check, finish, 0},
        {NDJSON, "", 999, "{\"id\":2000}\n"}},
};

static void test_pages(void **state)
{
    char name[] = "/tmp/stoflow-unit-page-XXXXXX";
    result = mkstemp(name);
    assert_true(result >= 0);
    assert_int_equal(unlink(name), 0);
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        request = pages[i].request;
        attempt_each_fault(*state, &pages[i].attempt);
    }
    close(result);
}

static void test_csv(void **state)
{
    char name[] = "/tmp/stoflow-unit-page-XXXXXX";
    static const struct attempt attempt = {
        "CSV", lay_sorted, ask, check, finish, 0};
    result = mkstemp(name);
    assert_true(result >= 0);
    assert_int_equal(unlink(name), 0);
    request = (struct request){CSV, "", 0,
        HEAD "2,\xC3\xA9"
             "A,,,,,,active,,,,,,,,,,\r\n"
             "5,aA,1.50,,,,,,,,,,,,,,,\r\n"};
    attempt_each_fault(*state, &attempt);
    close(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_pages),
        IN_SPOOL(test_csv),
    };
    return cmocka_run_group_tests_name("page_fault", tests, NULL, NULL);
}
