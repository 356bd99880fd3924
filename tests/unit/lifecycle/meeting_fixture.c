/* SPDX-License-Identifier: MIT */
#include "meeting_fixture.h"

#include "buffer.h"
#include "config.h"
#include "delivery.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "retry.h"
#include "unit.h"

enum error meeting_deliver(const struct meeting *meeting)
{
    struct config config = fixture_config();
    struct result_body body = {.verdict = meeting->said, .lease = BUFFER_EMPTY};
    struct delivery delivery = {
        .account = UNDER(meeting->fixture, &config), .id = "t", .body = &body};
    buffer_append_text(&body.lease, meeting->lease);
    enum error error = delivery_carry_out(&delivery);
    buffer_free(&body.lease);
    return error;
}

enum error meeting_cancel(const struct meeting *meeting)
{
    struct config config = fixture_config();
    return cancel_task(UNDER(meeting->fixture, &config), "t", meeting->outcome);
}

enum error meeting_retry(const struct meeting *meeting)
{
    struct config config = fixture_config();
    return retry_task(UNDER(meeting->fixture, &config), "t", true);
}

bool meeting_has(const struct meeting *meeting, const char *path)
{
    return file_exists(meeting->fixture->spool.directory, path);
}

enum error meeting_finish_and_retry(void *context)
{
    struct meeting *meeting = context;
    struct config config = fixture_config();
    enum error error =
        verdict_finish_other(UNDER(meeting->fixture, &config), "t");
    if (error == ERROR_NONE)
        error = meeting_retry(meeting);
    meeting->has_acted = error == ERROR_NONE;
    return error;
}

enum task_state meeting_end(const struct meeting *meeting)
{
    struct task_place place;
    const struct account *account = &meeting->fixture->account;
    verdict_finish_other(account, "t");
    assert_int_equal(find_task(account, "t", &place), ERROR_NONE);
    return place.state;
}

void meeting_expect_next_try(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (meeting->has_acted)
        assert_int_equal(meeting_end(meeting), TASK_PENDING);
    assert_int_equal(fixture_count(meeting->fixture, "tmp"), 0);
}

void meeting_expect_cancelled(const struct meeting *meeting, enum error error)
{
    assert_int_equal(error, ERROR_NONE);
    if (!meeting->has_acted)
        return;
    assert_int_equal(meeting_end(meeting), TASK_FAILED);
    fixture_expect_member(
        meeting->fixture, FAILED("t"), "declared", "\"cancelled\"");
}

static void come(void *context)
{
    struct meeting *meeting = context;
    if (meeting->left == 0)
        return;
    meeting->left--;
    if (meeting->left == 0)
        meeting->other(meeting);
}

/* Before the `which`-th call of this kind. Whether there is one. */
static bool meet_at(
    void **state, struct meeting *meeting, enum fault_call call, unsigned which)
{
    fixture_renew(*state);
    meeting->fixture = *state;
    meeting->has_acted = false;
    meeting->left = which;
    fixture_put(*state, meeting->at, meeting->file);
    print_message("# %s: kind %d, %u\n", meeting->what, (int)call, which);
    fault_set_meanwhile(call, come, meeting);
    enum error error = meeting->first(meeting);
    fault_set_meanwhile(call, NULL, NULL);
    meeting->expect(meeting, error);
    return meeting->left == 0;
}

void meeting_try(void **state, struct meeting *meeting)
{
    static const enum fault_call calls[] = {
        FAULT_STATUS, FAULT_OPEN, FAULT_SYNC};
    bool has_acted = false;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        unsigned which = 1;
        while (meet_at(state, meeting, calls[i], which)) {
            has_acted = has_acted || meeting->has_acted;
            which++;
        }
    }
    assert_true(has_acted);
}
