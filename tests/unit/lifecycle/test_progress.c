/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "progress.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#define LONG                                                                   \
    "{\"lease\":\"l1\",\"at\":\"2024-12-07T10:00:00.000001Z\",\"message\":\""
#define HINT "progress/42/t.json"

static void test_stored(void **state)
{
    const struct fixture *fixture = *state;
    struct progress have;
    struct lease_name lease = {.lease = "l1", .task = {.id = "t"}};
    struct progress said = {.done = 3,
        .total = -1,
        .message = "a \"b\" \xC3\xA9",
        .message_length = 8,
        .at = INT64_C(1733565600000001)};
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            progress_store(&fixture->account, &lease, &said), ERROR_NONE);
    fixture_expect(fixture, HINT,
        "{\"lease\":\"l1\",\"done\":3,\"total\":null,"
        "\"message\":\"a \\\"b\\\" \xC3\xA9\","
        "\"at\":\"2024-12-07T10:00:00.000001Z\"}\n");
    fixture_expect_tree(fixture, HINT "\n");
    assert_int_equal(
        progress_load(&fixture->account, &lease, &have), ERROR_NONE);
    assert_int_equal(have.done, 3);
    assert_int_equal(have.total, -1);
    assert_string_equal(have.message, said.message);
    assert_int_equal(have.at, said.at);
    lease.lease[1] = '2';
    assert_int_equal(
        progress_load(&fixture->account, &lease, &have), ERROR_NOT_FOUND);
    progress_forget(&fixture->account, "t");
    fixture_expect_tree(fixture, "");
}

static const char *const spoilt[] = {
    "",
    "{",
    "[]",
    "{\"lease\":\"l1\"}",
    "{\"lease\":1,\"at\":\"2024-12-07T10:00:00.000001Z\"}",
    "{\"lease\":\"l1\",\"at\":\"2024-12-07T10:00:00Z\"}",
    "{\"lease\":\"l1\",\"at\":1234567890123456789012345678}",
};

static void test_spoilt(void **state)
{
    const struct fixture *fixture = *state;
    struct progress have;
    struct lease_name lease = {.lease = "l1", .task = {.id = "t"}};
    for (size_t i = 0; i < COUNT_OF(spoilt); i++) {
        fixture_put(fixture, HINT, spoilt[i]);
        if (progress_load(&fixture->account, &lease, &have) != ERROR_NOT_FOUND)
            fail_msg("%s: taken", spoilt[i]);
    }
}

/* What nobody said is null, and what a person has made of it is not told. */
static void test_message(void **state)
{
    const struct fixture *fixture = *state;
    struct progress have;
    struct lease_name lease = {.lease = "l1", .task = {.id = "t"}};
    struct progress said = {.done = 1, .total = 2};
    char text[2000];
    char *end = text + sizeof text;
    assert_int_equal(
        progress_store(&fixture->account, &lease, &said), ERROR_NONE);
    fixture_expect(fixture, HINT,
        "{\"lease\":\"l1\",\"done\":1,\"total\":2,\"message\":null,"
        "\"at\":\"1970-01-01T00:00:00.000000Z\"}\n");
    fixture_put(fixture, HINT,
        "{\"lease\":\"l1\",\"message\":\"\","
        "\"at\":\"2024-12-07T10:00:00.000001Z\"}");
    assert_int_equal(
        progress_load(&fixture->account, &lease, &have), ERROR_NONE);
    assert_int_equal(have.message_length, 0);
    memset(text, 'm', sizeof text);
    memcpy(text, LONG, sizeof LONG - 1);
    memcpy(end - 3, "\"}", 3);
    fixture_put(fixture, HINT, text);
    assert_int_equal(
        progress_load(&fixture->account, &lease, &have), ERROR_NONE);
    assert_int_equal(have.message_length, 0);
    assert_string_equal(have.message, "");
}

/* What was said before stays, whole, until the next is there. */
static void test_fault(void **state)
{
    const struct fixture *fixture = *state;
    struct progress have;
    struct lease_name lease = {.lease = "l1", .task = {.id = "t"}};
    struct progress said = {.total = -1, .message = "why", .message_length = 3};
    assert_int_equal(
        progress_store(&fixture->account, &lease, &said), ERROR_NONE);
    for (int call = 0; call <= FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            int64_t before = said.done++;
            struct buffer pool = fault_take_pool();
            fault_set((enum fault_call)call, which, EIO);
            enum error error = progress_store(&fixture->account, &lease, &said);
            has_come = fault_clear();
            buffer_free(&pool);
            assert_int_equal(
                progress_load(&fixture->account, &lease, &have), ERROR_NONE);
            if (error != ERROR_NONE)
                said.done = before;
            assert_int_equal(have.done, said.done);
            assert_string_equal(have.message, "why");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_stored),
        IN_SPOOL(test_spoilt),
        IN_SPOOL(test_message),
        IN_SPOOL(test_fault),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
