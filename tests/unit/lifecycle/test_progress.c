/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "error.h"
#include "ingest_fixture.h"
#include "progress.h"
#include "task_fixture.h"
#include "unit.h"

#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_stored),
        IN_SPOOL(test_spoilt),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
