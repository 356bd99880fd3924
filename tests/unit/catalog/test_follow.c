/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "buffer.h"
#include "config.h"
#include "draft.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "follow.h"
#include "ingest.h"
#include "ingest_fixture.h"
#include "json.h"
#include "name.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEXT "{\"action\":\"get_all_products\",\"task_id\":\"next\"}"
#define LISTED "pending/42/998-*-get_all_products-next.json"

/* What a get_user_data that completed leaves in ingest/. */
static void put_result(
    const struct fixture *fixture, const char *then, const char *result)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_append_format(&text,
        "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_user_data\","
        "\"params\":{},\"then\":%s,\"status\":\"completed\",\"error\":null,"
        "\"completed_at\":\"2024-12-07T10:00:07.000000Z\",\"attempts\":1,"
        "\"result\":%s}",
        then, result);
    fixture_put(fixture, "ingest/42/20241207T100007.000000Z-t.json",
        buffer_text(&text));
    buffer_free(&text);
}

static enum error read_text(const char *text, struct draft *next)
{
    struct json_document document;
    struct json_fault fault;
    assert_int_equal(
        json_parse(&document, text, strlen(text), &fault), ERROR_NONE);
    enum error error = follow_read(json_root(&document), next);
    json_free(&document);
    return error;
}

static void test_written_and_read(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY;
    struct draft next;
    follow_write(&text, "next", 7);
    assert_int_equal(read_text(buffer_text(&text), &next), ERROR_NONE);
    buffer_free(&text);
    assert_string_equal(next.action, "get_all_products");
    assert_string_equal(next.id, "next");
    assert_int_equal(next.priority, 7);
    assert_int_equal(read_text(NEXT, &next), ERROR_NONE);
    assert_int_equal(next.priority, PRIORITY_DEFAULT);
}

static const char *const strange[] = {
    "{}",
    "[]",
    "{\"action\":\"get_all_products\"}",
    "{\"task_id\":\"next\"}",
    "{\"action\":\"delete_product\",\"task_id\":\"next\"}",
    "{\"action\":\"get_all_products\",\"task_id\":\"../x\"}",
    "{\"action\":\"get_all_products\",\"task_id\":\"next\",\"priority\":-1}",
    "{\"action\":7,\"task_id\":\"next\"}",
};

/* What nobody of ours has written is not carried out, and told. */
static void test_strange(void **state)
{
    struct draft next;
    for (size_t i = 0; i < COUNT_OF(strange); i++) {
        assert_int_equal(read_text(strange[i], &next), ERROR_SYNTAX);
        if (strange[i][0] != '{')
            continue;
        put_result(*state, strange[i], "{\"user_id\":77}");
        fixture_ingest(*state, 1);
        assert_int_equal(fixture_count(*state, "pending"), 0);
        assert_true(fixture_logged(*state, "cannot be queued"));
    }
}

static void test_follows(void **state)
{
    const struct fixture *fixture = *state;
    put_result(fixture, NEXT, "{\"user\":{\"id\":18446744073709551615}}");
    fixture_ingest(fixture, 1);
    fixture_expect_tree(
        fixture, LISTED "\nproducts/42.account\nusers/42.json\n");
    fixture_expect_member(
        fixture, LISTED, "params", "{\"user_id\":18446744073709551615}");
    fixture_expect_member(fixture, LISTED, "user_id", "42");
    fixture_expect_member(fixture, LISTED, "timeout", "60");
    /* Taken in again, as after a crash, it changes nothing. */
    put_result(fixture, NEXT, "{\"user_id\":\"18446744073709551615\"}");
    fixture_ingest(fixture, 1);
    fixture_expect_tree(
        fixture, LISTED "\nproducts/42.account\nusers/42.json\n");
    fixture_expect_member(
        fixture, LISTED, "params", "{\"user_id\":18446744073709551615}");
}

static const char *const useless[] = {
    "null",
    "{}",
    "{\"login\":\"x\"}",
    "{\"user_id\":\"me\"}",
    "{\"user_id\":77,\"success\":false}",
    "{\"user_id\":77,\"error\":\"x\"}",
};

/* Where nobody tells whose wardrobe it is, nothing follows, and the log says
 * so. */
static void test_no_number(void **state)
{
    for (size_t i = 0; i < COUNT_OF(useless); i++) {
        put_result(*state, NEXT, useless[i]);
        fixture_ingest(*state, 1);
        if (fixture_count(*state, "pending") != 0)
            fail_msg("%s: something follows", useless[i]);
        if (!fixture_logged(*state, "; nothing follows it"))
            fail_msg("%s: it is not told", useless[i]);
        fixture_renew(*state);
    }
}

static void test_nothing_to_follow(void **state)
{
    put_result(*state, "null", "{\"user_id\":77}");
    fixture_ingest(*state, 1);
    fixture_expect_tree(*state, "products/42.account\nusers/42.json\n");
    assert_false(fixture_logged(*state, "ingest"));
}

/* The entry stays until what follows is queued. */
static void test_not_now(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    unsigned taken;
    put_result(fixture, NEXT, "{\"user_id\":77}");
    fixture_put(fixture, "tmp/42-next.hold", "");
    assert_int_equal(
        ingest_user(UNDER(fixture, &config), 10, &taken), ERROR_BUSY);
    assert_int_equal(taken, 0);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 1);
    assert_int_equal(
        file_remove(fixture->spool.directory, "tmp/42-next.hold"), ERROR_NONE);
    fixture_ingest(fixture, 1);
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
}

/* Who has queued it may have died before that was safe. */
static void test_not_safe(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft;
    struct task_name name;
    draft_init(&draft);
    draft.user = 42;
    memcpy(draft.id, "next", sizeof "next");
    assert_int_equal(
        follow_list(&fixture->account, &draft, 77, &name), ERROR_NONE);
    fault_set(FAULT_SYNC, 1, EIO);
    enum error error = follow_list(&fixture->account, &draft, 77, &name);
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_IO);
    assert_int_equal(
        follow_list(&fixture->account, &draft, 77, &name), ERROR_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read),
        IN_SPOOL(test_strange),
        IN_SPOOL(test_follows),
        IN_SPOOL(test_no_number),
        IN_SPOOL(test_nothing_to_follow),
        IN_SPOOL(test_not_now),
        IN_SPOOL(test_not_safe),
    };
    return cmocka_run_group_tests_name("follow", tests, NULL, NULL);
}
