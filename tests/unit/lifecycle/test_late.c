/* SPDX-License-Identifier: MIT */
/* A network file system may do what it was asked for, lose the answer, ask
 * again, and report that there is no such file, or any other error. What has
 * been moved is told to have been moved. */
#include "account.h"
#include "buffer.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "name.h"
#include "path.h"
#include "reject.h"
#include "requeue.h"
#include "retry.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")
#define RECORD                                                                 \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"created_at\":\"2024-12-07T10:00:00.000000Z\","            \
    "\"status\":\"failed\",\"completed_at\":\"2024-12-07T10:01:00.000000Z\"}"

static enum error retry(const struct fixture *fixture)
{
    struct config config = fixture_config();
    return retry_task(UNDER(fixture, &config), "t", false);
}

static enum error requeue(const struct fixture *fixture)
{
    struct lease_name lease;
    struct config config = fixture_config();
    struct path entry = {RUNNING};
    assert_int_equal(
        name_parse_executing(strrchr(RUNNING, '/') + 1, &lease), ERROR_NONE);
    return requeue_now(UNDER(fixture, &config), entry, &lease);
}

static enum error put_off(const struct fixture *fixture)
{
    struct config config = fixture_config();
    struct result_body body = {.verdict = {.error = "No tab is open",
                                   .error_length = 14,
                                   .execution_time_ms = -1}};
    struct delivery delivery = {
        .account = UNDER(fixture, &config), .id = "t", .body = &body};
    return delivery_carry_out(&delivery);
}

static bool waits(const struct fixture *fixture)
{
    struct task_place place;
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    return place.state == TASK_PENDING;
}

static enum error reject(const struct fixture *fixture)
{
    struct path from = path_in(SPOOL_PENDING, "x.json");
    return reject_file(&fixture->spool, from, "x.json", "It is no task.");
}

static bool has_reason(const struct fixture *fixture)
{
    int directory = fixture->spool.directory;
    bool is_kept = file_exists(directory, "rejected/x.json");
    assert_int_equal(is_kept, !file_exists(directory, "pending/x.json"));
    assert_int_equal(is_kept, file_exists(directory, "rejected/x.json.why"));
    return is_kept;
}

struct late_case {
    const char *what;
    enum error (*work)(const struct fixture *fixture);
    bool (*has_moved)(const struct fixture *fixture);
    const char *path;
    const char *file;
};

static const struct late_case late_cases[] = {
    {"retry", retry, waits, FAILED("t"), RECORD},
    {"requeue", requeue, waits, RUNNING, DROP("get_stats")},
    {"put off", put_off, waits, RUNNING, DROP("get_stats")},
    {"reject", reject, has_reason, "pending/x.json", "no JSON"},
};

/* Whether there was such a call. */
static bool try(
    void **state, const struct late_case *row, unsigned which, int number)
{
    fixture_renew(*state);
    fixture_put(*state, row->path, row->file);
    fault_set_late(FAULT_NAMES, which, number);
    enum error error = row->work(*state);
    bool has_come = fault_clear();
    if (row->has_moved(*state) != (error == ERROR_NONE))
        fail_msg("%s: call %u was done and failed, and told is %d", row->what,
            which, (int)error);
    return has_come;
}

static void test_late(void **state)
{
    static const int numbers[] = {ENOENT, EIO};
    for (size_t i = 0; i < COUNT_OF(late_cases); i++) {
        for (size_t j = 0; j < COUNT_OF(numbers); j++) {
            unsigned which = 1;
            while (try(state, &late_cases[i], which, numbers[j]))
                which++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_late),
    };
    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
