/* SPDX-License-Identifier: MIT */
/* Who the seller is, whose the catalogue, and how both change. */
#include "catalog_owner.h"
#include "fault.h"
#include "file.h"
#include "ingest.h"
#include "ingest_list.h"
#include "json.h"
#include "pause.h"
#include "seller.h"
#include "seller_other.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE "products/42.ndjson"
#define OWNER "products/42.account"
#define SELLER "users/42.json"
#define OTHER "users/42.other"
#define PAUSED "pending/42/PAUSED"
#define LINE "{\"id\":5}\n"

/* --- Whose a result is -----------------------------------------------------
 */

/* A result of before 10:00:10, while nobody is the seller. */
struct between_case {
    const char *name;
    const char *owner;  /* products/42.account */
    const char *params; /* of a list; NULL: it is a create_product */
    int account;        /* who was signed in; 0: not told */
    bool taken;
};

#define LONG                                                                   \
    "a text that is far too long to be read as the name of an account, "

static const struct between_case between_cases[] = {
    {"what somebody has made of it says nothing",
        LONG "7 until 2024-12-07T10:10:00.000000Z, or so it was once said\n",
        NULL, 0, true},
    {"it tells of the one that was given up after it had begun",
        "7 until 2024-12-07T10:10:00.000000Z\n", NULL, 7, false},
    {"nobody knows who was given up",
        "nobody since 2024-12-07T10:10:00.000000Z\n", NULL, 8, false},
    {"it tells of another one", "7 until 2024-12-07T10:10:00.000000Z\n", NULL,
        8, true},
    {"it tells of none, and the catalogue is of one", "7\n", NULL, 0, false},
    {"it lists that one's wardrobe", "7\n", "{\"user_id\":7}", 0, true},
    {"it lists another wardrobe", "7\n", "{\"user_id\":8}", 0, false},
};

static void test_between(void **state)
{
    for (size_t i = 0; i < COUNT_OF(between_cases); i++) {
        const struct between_case *one = &between_cases[i];
        char account[40];
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        snprintf(account, sizeof account, "{\"id\":%d}", one->account);
        fixture_put(fixture, OWNER, one->owner);
        if (one->params != NULL)
            fixture_record(fixture, "get_all_products", 0, 10, one->params,
                "{\"products\":[{\"id\":5}],\"total\":1}");
        else if (one->account == 0)
            fixture_record(fixture, "create_product", 0, 10, "{}",
                "{\"item\":{\"id\":5}}");
        else
            fixture_record_by(fixture, one->account, "create_product", 0, 10,
                "{}", "{\"item\":{\"id\":5}}");
        fixture_ingest(fixture, 1);
        if ((strcmp(fixture_member(fixture, "5", "id"), "5") == 0) !=
            one->taken)
            fail_msg("%s", one->name);
        assert_int_equal(
            fixture_logged(fixture, "nothing is taken in"), !one->taken);
    }
}

/* Nobody ever was the seller: a list that failed makes it nobody's. */
static void test_failed_list(void **state)
{
    fixture_record(*state, "get_all_products", 0, 10, "{\"user_id\":7}",
        "{\"success\":false}");
    fixture_ingest(*state, 1);
    fixture_expect(*state, OWNER, NULL);
}

/* A list of somebody's own wardrobe, who is not the seller, proves nothing,
 * whoever asks. */
static void test_proves_absence(void **state)
{
    static const char text[] = "{\"user_id\":7,\"products\":[{\"id\":5}],"
                               "\"total\":1}";
    struct json_document document;
    struct json_fault fault;
    const char *why = NULL;
    (void)state;
    assert_int_equal(
        json_parse(&document, text, strlen(text), &fault), ERROR_NONE);
    struct ingest_record record = {.params = json_root(&document),
        .result = json_root(&document),
        .signed_in = 7,
        .seller = 7};
    assert_true(ingest_proves_absence(&record, 1, &why));
    record.seller = 8;
    assert_false(ingest_proves_absence(&record, 1, &why));
    assert_non_null(strstr(why, "not the owner's view"));
    json_free(&document);
}

/* --- What is on record ------------------------------------------------------
 */

static enum error observe(
    const struct fixture *fixture, const char *text, const char **why)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, text, strlen(text), &fault), ERROR_NONE);
    enum error error = seller_observe(&fixture->account, json_root(&document),
        INT64_C(1733565600000000), why);
    json_free(&document);
    return error;
}

static void test_observe_another(void **state)
{
    static const char known[] = "{\"vinted_user_id\":7}";
    const char *why = NULL;
    fixture_put(*state, SELLER, known);
    assert_int_equal(observe(*state, "{\"user_id\":8}", &why), ERROR_NONE);
    assert_non_null(why);
    fixture_expect(*state, SELLER, known);
}

/* Older programs did not tell since when. */
static void test_write(void **state)
{
    const struct fixture *fixture = *state;
    struct seller seller;
    struct buffer out = BUFFER_EMPTY;
    fixture_put(fixture, SELLER, "{\"vinted_user_id\":7}");
    assert_int_equal(seller_read(&fixture->account, &seller), ERROR_NONE);
    seller_write(&out, &seller, true);
    assert_string_equal(buffer_text(&out),
        "\"account\":{\"id\":7,\"login\":null,\"since\":null}");
    buffer_free(&out);
    seller_free(&seller);
}

struct differs_case {
    const char *known; /* users/42.json */
    const char *asked;
    bool differs;
};

static const struct differs_case differs_cases[] = {
    {"{\"vinted_user_id\":7}", "8", true},
    {"{\"vinted_user_id\":7}", "7", false},
    {"{\"vinted_user_id\":7}", "\"eight\"", false},
    {"{\"vinted_user_id\":null}", "8", false},
};

/* Not where either is unknown. */
static void test_differs(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(differs_cases); i++) {
        const struct differs_case *one = &differs_cases[i];
        struct json_document document;
        struct json_fault fault;
        fixture_put(fixture, SELLER, one->known);
        assert_int_equal(
            json_parse(&document, one->asked, strlen(one->asked), &fault),
            ERROR_NONE);
        if (seller_differs(&fixture->account, json_root(&document)) !=
            one->differs)
            fail_msg("%s of %s", one->asked, one->known);
        json_free(&document);
    }
}

/* --- Another one ------------------------------------------------------------
 */

static void expect_other(const struct fixture *fixture, const char *want)
{
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(seller_other_write(&fixture->account, &out), ERROR_NONE);
    assert_string_equal(buffer_text(&out), want);
    buffer_free(&out);
}

static void heed(const struct fixture *fixture, const char *login)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, login, strlen(login), &fault), ERROR_NONE);
    seller_other_heed(&fixture->account, "t", 8, json_root(&document), 7);
    json_free(&document);
}

/* A note that could not be read again is none. */
static void test_other_login(void **state)
{
    char login[600];
    snprintf(login, sizeof login, "\"%0*d\"", 510, 0);
    heed(*state, login);
    char *note = fixture_get(*state, OTHER);
    assert_non_null(strstr(note, login));
    free(note);
    fixture_renew(*state);
    snprintf(login, sizeof login, "\"%0*d\"", 511, 0);
    heed(*state, login);
    note = fixture_get(*state, OTHER);
    assert_non_null(strstr(note, "{\"id\":8,\"login\":null,"));
    free(note);
}

/* What a person has left of it. */
static void test_other_note(void **state)
{
    fixture_put(*state, OTHER, "{\"id\":8,\"login\":\"x\"}");
    expect_other(*state,
        "\"other_account\":{\"id\":8,\"login\":\"x\",\"seen_at\":null}");
    fixture_put(*state, OTHER, "{");
    expect_other(*state, "\"other_account\":null");
    file_remove(((const struct fixture *)*state)->spool.directory, OTHER);
    expect_other(*state, "\"other_account\":null");
}

static void test_other_unread(void **state)
{
    const struct fixture *fixture = *state;
    struct buffer out = BUFFER_EMPTY;
    fixture_put(fixture, OTHER, "{\"id\":8}");
    fault_set(FAULT_READ, 1, EIO);
    assert_int_equal(seller_other_write(&fixture->account, &out), ERROR_IO);
    assert_true(fault_clear());
    assert_int_equal(out.length, 0);
}

/* --- The deliberate change --------------------------------------------------
 */

static void put_seller(const struct fixture *fixture)
{
    fixture_put(fixture, SELLER, "{\"vinted_user_id\":7}");
    fixture_put(fixture, CATALOGUE, LINE);
    fixture_put(fixture, OWNER, "7\n");
}

static enum error change(void *context)
{
    const struct fixture *fixture = context;
    return seller_change(&fixture->account, true);
}

static char *read_reason(const struct fixture *fixture)
{
    struct pause pause;
    assert_int_equal(pause_read(&fixture->account, &pause), ERROR_NONE);
    return strdup(pause.reason);
}

/* Whatever the queue is paused for gives way to the change, which may be done
 * again. */
static void test_hold(void **state)
{
    put_seller(*state);
    assert_int_equal(change(*state), ERROR_NONE);
    char *reason = read_reason(*state);
    char *text = fixture_get(*state, PAUSED);
    assert_int_equal(change(*state), ERROR_NONE);
    fixture_expect(*state, PAUSED, text);
    reason[0] = 'T'; /* another one, as long */
    fixture_put(*state, PAUSED, reason);
    assert_int_equal(change(*state), ERROR_NONE);
    fixture_expect(*state, PAUSED, text);
    free(reason);
    free(text);
}

/* Beside this file, with one call failing. Whether there was such a call. */
static bool change_beside(void **state, const char *path, const char *text,
    enum fault_call call, unsigned which)
{
    fixture_renew(*state);
    put_seller(*state);
    fixture_put(*state, path, text);
    fault_set(call, which, EIO);
    change(*state);
    return fault_clear();
}

/* The seller is not given up before what waits is held. */
static void test_hold_first(void **state)
{
    const struct fixture *fixture = *state;
    unsigned which = 0;
    bool has_met = true;
    while (has_met) {
        has_met =
            change_beside(state, PAUSED, "by me\n", FAULT_STATUS, ++which);
        char *reason = read_reason(fixture);
        if (!file_exists(fixture->spool.directory, SELLER))
            assert_string_not_equal(reason, "by me");
        free(reason);
    }
    assert_false(file_exists(fixture->spool.directory, SELLER));
}

static enum error replace_catalogue(void *context)
{
    fixture_put(context, CATALOGUE, LINE LINE);
    return ERROR_NONE;
}

static enum error give_to_another(void *context)
{
    fixture_put(context, OWNER, "8\n");
    return ERROR_NONE;
}

/* Another, who knows of no lock, comes just before the catalogue is moved: what
 * lies there now is not touched. */
static void test_change_meanwhile(void **state)
{
    fault_work *const others[] = {replace_catalogue, give_to_another};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        fixture_renew(*state);
        put_seller(*state);
        fault_meet(FAULT_LOCK, 2, others[i], *state);
        assert_int_equal(change(*state), ERROR_BUSY);
        assert_true(fault_clear());
        fixture_expect(*state, CATALOGUE, i == 0 ? LINE LINE : LINE);
        fixture_expect(*state, "products/42.7.ndjson", NULL);
    }
}

/* One of that name lies there already: neither is lost. */
static void test_change_twice(void **state)
{
    const struct fixture *fixture = *state;
    unsigned which = 0;
    bool has_met = true;
    while (has_met) {
        has_met = change_beside(state, "products/42.7.ndjson", "{\"id\":4}\n",
            FAULT_NAMES, ++which);
        assert_int_equal(change(*state), ERROR_NONE);
        fixture_expect(fixture, CATALOGUE, NULL);
        fixture_expect(fixture, "products/42.7.ndjson", LINE);
        char name[200];
        snprintf(name, sizeof name, "products/%s",
            fixture_find(fixture, "products", "Z.ndjson"));
        fixture_expect(fixture, name, "{\"id\":4}\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_between),
        IN_SPOOL(test_failed_list),
        cmocka_unit_test(test_proves_absence),
        IN_SPOOL(test_observe_another),
        IN_SPOOL(test_write),
        IN_SPOOL(test_differs),
        IN_SPOOL(test_other_login),
        IN_SPOOL(test_other_note),
        IN_SPOOL(test_other_unread),
        IN_SPOOL(test_hold),
        IN_SPOOL(test_hold_first),
        IN_SPOOL(test_change_meanwhile),
        IN_SPOOL(test_change_twice),
    };
    return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
