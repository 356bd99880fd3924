/* SPDX-License-Identifier: MIT */
#include "trial_fixture.h"

#include "clock.h"
#include "photo_fixture.h"
#include "presence.h"
#include "unit.h"

#define LEASED EXECUTING(FUTURE, "abc123", "get_stats", "t")
#define RECORD(status)                                                         \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"status\":\"" status                                       \
    "\",\"result\":{\"a\":1},\"error\":null,"                                  \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\","                          \
    "\"started_at\":\"2024-12-07T10:00:30.000000Z\","                          \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\",\"attempts\":1}"

void trial_put_pending(const struct fixture *fixture)
{
    fixture_put(fixture, PENDING("get_stats", "t"), DROP("get_stats"));
}

void trial_put_executing(const struct fixture *fixture)
{
    fixture_put(fixture, LEASED, DROP("get_stats"));
}

void trial_put_completed(const struct fixture *fixture)
{
    fixture_put(fixture, COMPLETED("t"), RECORD("completed"));
}

void trial_put_failed(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), RECORD("failed"));
}

void trial_put_paused(const struct fixture *fixture)
{
    fixture_put(fixture, "pending/42/PAUSED", "lunch\n");
}

void trial_put_plugin(const struct fixture *fixture)
{
    presence_note(&fixture->account, clock_now());
}

static void expect_counts(const struct fixture *fixture, size_t pending,
    size_t executing, size_t done)
{
    assert_int_equal(fixture_count(fixture, "pending/42"), pending);
    assert_int_equal(fixture_count(fixture, "executing/42"), executing);
    assert_int_equal(fixture_count(fixture, "done/42"), done);
}

void trial_expect_queued(const struct fixture *fixture)
{
    expect_counts(fixture, 1, 0, 0);
}

void trial_expect_pending(const struct fixture *fixture)
{
    expect_counts(fixture, 1, 0, 0);
    fixture_expect_member(fixture, "pending/42/*", "task_id", "");
}

void trial_expect_executing(const struct fixture *fixture)
{
    expect_counts(fixture, 0, 1, 0);
}

void trial_expect_completed(const struct fixture *fixture)
{
    expect_counts(fixture, 0, 0, 1);
    fixture_expect_member(fixture, COMPLETED("t"), "result", "{\"a\":1}");
}

void trial_expect_failed(const struct fixture *fixture)
{
    expect_counts(fixture, 0, 0, 1);
    fixture_expect_member(fixture, FAILED("t"), "status", "\"failed\"");
}

void trial_expect_nothing(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "pending/42"), 0);
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
}

void trial_expect_photo(const struct fixture *fixture)
{
    static const struct ask ask = {
        "GET /photos/" PHOTO_PNG_NAME, NULL, NULL, ""};
    request_expect(fixture, &ask, 200, "\x89PNG");
}
