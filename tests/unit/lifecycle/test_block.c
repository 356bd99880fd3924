/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "block.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "json.h"
#include "remove_tree.h"
#include "spool.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct judge_case {
    const char *body;
    enum block want;
};

#define FAILURE(error) "{\"success\":false,\"error\":\"" error "\"}"
#define DATA(data) "{\"success\":true,\"data\":" data "}"

static const struct judge_case cases[] = {
    {"{}", BLOCK_NONE},
    {"{\"success\":true}", BLOCK_NONE},
    {DATA("{\"status\":200}"), BLOCK_NONE},
    {DATA("{\"status\":401}"), BLOCK_REFUSED},
    {DATA("{\"status\":403}"), BLOCK_REFUSED},
    {DATA("{\"status\":403,\"data\":\"see CAPTCHA here\"}"), BLOCK_CAPTCHA},
    {DATA("{\"status\":403,\"data\":{\"by\":\"DataDome\"}}"), BLOCK_CAPTCHA},
    {DATA("{\"status\":401,\"data\":\"captcha\"}"), BLOCK_REFUSED},
    {DATA("{\"status\":403,\"data\":\"<title>Just a moment...\"}"),
        BLOCK_CAPTCHA},
    {DATA("{\"status\":403,\"headers\":{\"cf-mitigated\":\"challenge\"}}"),
        BLOCK_CAPTCHA},
    {DATA("{\"status\":503,\"data\":\"<title>Just a moment...\"}"), BLOCK_NONE},
    {"{\"success\":false,\"data\":{\"status\":503,\"code\":\"blocked\"}}",
        BLOCK_CAPTCHA},
    {"{\"success\":false,\"data\":{\"status\":503,\"code\":\"refused\"}}",
        BLOCK_NONE},
    {"{\"success\":false,\"data\":{\"status\":429,\"code\":\"blocked\","
     "\"results\":[]}}",
        BLOCK_CAPTCHA},
    {DATA("{\"results\":[{\"status\":503,\"code\":\"blocked\"}]}"),
        BLOCK_CAPTCHA},
    {DATA("{\"status\":200,\"data\":\"captcha\"}"), BLOCK_NONE},
    {DATA("{\"status\":\"403\",\"data\":\"captcha\"}"), BLOCK_NONE},
    {DATA("{\"status\":403.0}"), BLOCK_NONE},
    {DATA("403"), BLOCK_NONE},
    {DATA("[{\"status\":403}]"), BLOCK_NONE},
    {DATA("{\"results\":[]}"), BLOCK_NONE},
    {DATA("{\"results\":[{\"status\":200},{\"status\":403}]}"), BLOCK_REFUSED},
    {DATA("{\"results\":[{\"status\":403},{\"status\":200}]}"), BLOCK_REFUSED},
    {DATA(
         "{\"results\":[{\"status\":403},{\"status\":200,\"d\":\"captcha\"}]}"),
        BLOCK_REFUSED},
    {DATA(
         "{\"results\":[{\"status\":401},{\"status\":403,\"d\":\"captcha\"}]}"),
        BLOCK_CAPTCHA},
    {DATA("{\"results\":{\"status\":403}}"), BLOCK_NONE},
    {DATA("{\"results\":[403,null]}"), BLOCK_NONE},
    {"{\"success\":false,\"status\":401}", BLOCK_REFUSED},
    {"{\"success\":false,\"status\":403,\"error\":\"captcha\"}", BLOCK_CAPTCHA},
    {FAILURE("403"), BLOCK_REFUSED},
    {FAILURE("HTTP 401: Unauthorized"), BLOCK_REFUSED},
    {FAILURE("(403)"), BLOCK_REFUSED},
    {FAILURE("status=403, try later."), BLOCK_REFUSED},
    {FAILURE("403."), BLOCK_REFUSED},
    {FAILURE("1, 403"), BLOCK_REFUSED},
    {FAILURE("403 DataDome"), BLOCK_CAPTCHA},
    {FAILURE("captcha"), BLOCK_NONE},
    {FAILURE("4030"), BLOCK_NONE},
    {FAILURE("1403"), BLOCK_NONE},
    {FAILURE("403.5"), BLOCK_NONE},
    {FAILURE("1.403"), BLOCK_NONE},
    {FAILURE("12,403"), BLOCK_NONE},
    {FAILURE("a.403"), BLOCK_REFUSED},
    {FAILURE("403rd"), BLOCK_NONE},
    {FAILURE("{403}"), BLOCK_REFUSED},
    {"{\"data\":{\"results\":[{\"status\":403,\"body\":\"captcha\"},"
     "{\"status\":401}]}}",
        BLOCK_CAPTCHA},
    {FAILURE("_403"), BLOCK_NONE},
    {FAILURE("\xC3\xA9"
             "403"),
        BLOCK_NONE},
    {FAILURE("402, 404, 500, 40, 4"), BLOCK_NONE},
    {FAILURE("4"), BLOCK_NONE},
    {FAILURE("4030, then 401"), BLOCK_REFUSED},
    {"{\"success\":true,\"error\":\"403\"}", BLOCK_NONE},
    {"{\"success\":false,\"error\":403}", BLOCK_REFUSED},
    {"{\"success\":false,\"error\":{\"status\":403,\"text\":\"captcha\"}}",
        BLOCK_CAPTCHA},
    {"{\"success\":false,\"error\":null}", BLOCK_NONE},
};

static void test_judge(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_document document;
        struct json_fault fault;
        const char *body = cases[i].body;
        assert_int_equal(
            json_parse(&document, body, strlen(body), &fault), ERROR_NONE);
        enum block have = block_judge(json_root(&document));
        json_free(&document);
        if (have != cases[i].want)
            fail_msg(
                "%s: have %d, want %d", body, (int)have, (int)cases[i].want);
    }
}

static bool is_paused(const struct fixture *fixture)
{
    return fixture_find(fixture, "pending/42", "PAUSED") != NULL;
}

static void test_captcha(void **state)
{
    const struct fixture *fixture = *state;
    block_heed(&fixture->account, "t", BLOCK_CAPTCHA);
    assert_true(is_paused(fixture));
    assert_true(fixture_logged(fixture, "captcha"));
}

static void test_twice(void **state)
{
    const struct fixture *fixture = *state;
    block_heed(&fixture->account, "t", BLOCK_REFUSED);
    block_heed(&fixture->account, "t", BLOCK_NONE);
    block_heed(&fixture->account, "t", BLOCK_REFUSED);
    block_heed(&fixture->other, "t", BLOCK_REFUSED);
    assert_false(is_paused(fixture));
    block_heed(&fixture->account, "t", BLOCK_REFUSED);
    assert_true(is_paused(fixture));
    assert_true(fixture_logged(fixture, "twice in a row"));
}

/* The last result was refused, a captcha or not. */
static void test_captcha_and_refused(void **state)
{
    const struct fixture *fixture = *state;
    block_heed(&fixture->account, "t", BLOCK_CAPTCHA);
    assert_int_equal(
        unlinkat(fixture->spool.directory, "pending/42/PAUSED", 0), 0);
    block_heed(&fixture->account, "t", BLOCK_REFUSED);
    assert_true(is_paused(fixture));
}

static void test_no_folder(void **state)
{
    const struct fixture *fixture = *state;
    remove_tree(fixture->spool.directory, "users");
    block_heed(&fixture->account, "t", BLOCK_REFUSED);
    fixture_expect(fixture, "users/42.refused", "");
    remove_tree(fixture->spool.directory, "users");
    fixture_put(fixture, "users", "no folder");
    block_heed(&fixture->account, "t", BLOCK_REFUSED);
    assert_false(is_paused(fixture));
}

/* What cannot be paused is told of. */
static void test_not_paused(void **state)
{
    const struct fixture *fixture = *state;
    remove_tree(fixture->spool.directory, "pending");
    fixture_put(fixture, "pending", "no folder");
    block_heed(&fixture->account, "t", BLOCK_CAPTCHA);
    assert_true(fixture_logged(fixture, "but pausing did not work: "));
}

/* Where it cannot be remembered the next one is the first again. */
static void test_not_remembered(void **state)
{
    const struct fixture *fixture = *state;
    remove_tree(fixture->spool.directory, "users");
    for (int i = 0; i < 2; i++) {
        fault_set(FAULT_NAMES, 1, EIO);
        block_heed(&fixture->account, "t", BLOCK_REFUSED);
        assert_true(fault_clear());
        assert_false(is_paused(fixture));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),
        IN_SPOOL(test_captcha),
        IN_SPOOL(test_twice),
        IN_SPOOL(test_captcha_and_refused),
        IN_SPOOL(test_no_folder),
        IN_SPOOL(test_not_paused),
        IN_SPOOL(test_not_remembered),
    };
    return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
