/* SPDX-License-Identifier: MIT */
/* GET /api/plugin/tasks: the next task for the plugin to carry out. */
#include "pages.h"

#include "account.h"
#include "buffer.h"
#include "claim.h"
#include "clock.h"
#include "draft.h"
#include "error.h"
#include "file_fault.h"
#include "json_write.h"
#include "name.h"
#include "number.h"
#include "pause.h"
#include "presence.h"
#include "problem.h"
#include "query.h"
#include "seller.h"
#include "task.h"
#include "wakeup.h"

#include <stdint.h>
#include <string.h>

enum {
    /* Seconds a poll is held at the most: browsers stop a request, and the
     * background of an extension with it, after 30. */
    WAIT_MAX = 25,

    /* Milliseconds after which to ask again: as the guide's plugin does, while
     * the queue is paused, at the least where it is known when the next task
     * comes due, and at the most where nothing can go before. */
    USUAL_INTERVAL = 5000,
    PAUSED_INTERVAL = 30000,
    INTERVAL_LEAST = 100,
    INTERVAL_MOST = 30000
};

/* What the query asks for. */
struct poll {
    int64_t user;
    const char *receive_id; /* "" if none is given */
    int wait;               /* seconds */
    bool may_wait;          /* there is a process that can */
};

static void write_task(
    struct buffer *out, const struct claim *claim, const struct seller *seller)
{
    const struct task *task = &claim->task;
    size_t length;
    const char *params = draft_params(&task->draft, &length);
    buffer_append_byte(out, '{');
    json_member_text(out, "task_id", task->name.id);
    json_member_text(out, "action", task->name.action);
    json_member_raw(out, "params", params, length);
    json_member_integer(out, "priority", task->name.priority);
    json_member_integer(out, "timeout", task->timeout);
    json_member_text(out, "lease", claim->lease.lease);
    if (claim->budget >= 0)
        json_member_integer(out, "budget", claim->budget);
    if (seller->number != 0)
        seller_write(out, seller, false);
    buffer_append_text(out, "}\n");
}

/* `interval` is when to ask again, in milliseconds; 0 leaves it to the plugin.
 */
static void write_nothing(
    struct buffer *out, const struct claim *claim, int64_t interval)
{
    buffer_append_byte(out, '{');
    json_member_null(out, "task_id");
    if ((claim->held & HELD_BY_PAUSE) != 0) {
        json_member_text(out, "message", "Queue paused");
        pause_write(out, &claim->pause);
    } else if ((claim->held & HELD_BY_BUDGET) != 0) {
        json_member_text(out, "message", "Budget used up");
    } else {
        json_member_text(out, "message", "No pending tasks");
    }
    if (interval > 0)
        json_member_integer(out, "next_poll_interval_ms", interval);
    buffer_append_text(out, "}\n");
}

/* The receive_id of the query, "" if there is none; NULL after having set the
 * problem. */
static const char *receive_id(struct program *program)
{
    const char *id = query_get(&program->request.query, "receive_id");
    if (id == NULL)
        return "";
    if (receive_id_is_valid(id, strlen(id)))
        return id;
    problem_refuse(&program->reply, "receive_id",
        "must be 8 to 32 characters a-z and 0-9");
    return NULL;
}

/* Seconds to hold the answer; < 0 after having set the problem. */
static int wait_seconds(struct program *program)
{
    const char *text = query_get(&program->request.query, "wait");
    if (text == NULL)
        text = query_get(&program->request.query, "timeout");
    int64_t seconds = 0;
    if (text != NULL &&
        (number_parse(text, strlen(text), &seconds) != ERROR_NONE ||
            seconds < 0)) {
        problem_refuse(&program->reply, "wait",
            "must be a whole number of seconds, 0 or more");
        return -1;
    }
    return seconds < WAIT_MAX ? (int)seconds : WAIT_MAX;
}

/* Waits until something may have changed, or a task comes due. Should the clock
 * be set meanwhile, the next look, WAKEUP_TICK later at the most, sees when it
 * is due now. */
static void wait_for_task(
    struct wakeup *wakeup, const struct claim *claim, int64_t until)
{
    int64_t next = claim->next == 0 ? until : clock_steady_at(claim->next);
    wakeup_wait(wakeup, next < until ? next : until);
}

/* Looks, waits and looks again until there is a task or the time is over. What
 * holds tasks back is known after a look, and must be watched before one. */
static enum error claim_waiting(struct program *program,
    const struct poll *poll, struct wakeup *wakeup, struct claim *claim)
{
    int64_t length = poll->wait * clock_second;
    int64_t until = clock_steady() + length;
    unsigned watched = 0;
    bool noted = false;
    for (;;) {
        wakeup_watch(wakeup, program->root.data, poll->user, watched);
        enum error error =
            claim_next(&program->account, poll->receive_id, claim);
        if (error != ERROR_NOT_FOUND || clock_steady() >= until)
            return error;
        if (!noted)
            presence_note(&program->account, clock_now() + length);
        noted = true;
        if ((claim->held & ~watched) == 0)
            wait_for_task(wakeup, claim, until);
        watched |= claim->held;
    }
}

/* Milliseconds until a task comes due; 0: none is known to do so. */
static int64_t time_left(const struct claim *claim)
{
    if (claim->next == 0)
        return 0;
    int64_t left = ((claim->next - clock_now()) / 1000) + 1;
    return left < INTERVAL_LEAST ? INTERVAL_LEAST : left;
}

/* What next_poll_interval_ms is to say after a poll that was not held; 0 leaves
 * it to the plugin. What is known to come due brings the next poll forward and
 * never puts it off: else what is created meanwhile would wait for that. */
static int64_t next_interval(const struct claim *claim, bool wanted_held)
{
    if ((claim->held & HELD_BY_PAUSE) != 0)
        return PAUSED_INTERVAL;
    int64_t left = time_left(claim);
    if ((claim->held & HELD_BY_BUDGET) != 0) {
        if (left == 0) /* a plugin is at a task, which may end at any time */
            return USUAL_INTERVAL;
        return left < INTERVAL_MOST ? left : INTERVAL_MOST;
    }
    if (left > 0 && left < USUAL_INTERVAL)
        return left;
    return wanted_held ? USUAL_INTERVAL : 0;
}

/* Sets *interval as next_poll_interval_ms is to say. A poll that is held is
 * woken in time, and when the queue is resumed. */
static enum error claim_or_wait(struct program *program,
    const struct poll *poll, struct claim *claim, int64_t *interval)
{
    struct wakeup wakeup;
    enum error error;
    bool held = poll->may_wait && wakeup_open_poll(&wakeup, &program->account);
    if (held) {
        error = claim_waiting(program, poll, &wakeup, claim);
        wakeup_close(&wakeup);
    } else {
        error = claim_next(&program->account, poll->receive_id, claim);
    }
    *interval = held ? 0 : next_interval(claim, poll->wait > 0);
    return error;
}

static bool read_poll(struct program *program, struct poll *poll)
{
    poll->user = program_user(program);
    if (poll->user == 0)
        return false;
    poll->receive_id = receive_id(program);
    if (poll->receive_id == NULL)
        return false;
    poll->wait = wait_seconds(program);
    return poll->wait >= 0;
}

/* Before anything is locked or taken: a process that only waits must not keep
 * others from being answered. False where another one goes on. */
static bool settle_down(struct program *program, struct poll *poll)
{
    enum hold hold = poll->wait > 0 ? program_hold(program) : HOLD_NOWHERE;
    poll->may_wait = hold == HOLD_HERE;
    return hold != HOLD_ELSEWHERE;
}

/* Tells of the task, and under whose account alone it may be carried out. Where
 * that cannot be told, a plugin that comes for the task again, under its
 * receive_id, comes when it can; others do not know of accounts. */
static void tell_task(
    struct program *program, const struct poll *poll, const struct claim *claim)
{
    struct seller seller = {.number = 0, .login = BUFFER_EMPTY};
    enum error error = seller_read(&program->account, &seller);
    if (error != ERROR_NONE && poll->receive_id[0] != '\0')
        file_fault_set(program, error, seller_path(&program->account),
            "Reading whose account it is");
    else
        write_task(&program->reply.body, claim, &seller);
    seller_free(&seller);
}

static void answer(struct program *program)
{
    struct poll poll;
    struct claim claimed;
    int64_t interval;
    if (!read_poll(program, &poll) || !settle_down(program, &poll))
        return;
    enum error error = claim_or_wait(program, &poll, &claimed, &interval);
    if (claimed.refresh_due)
        program->refresh_due = true;
    program->seen_until = clock_now();
    if (error == ERROR_NOT_FOUND) {
        write_nothing(&program->reply.body, &claimed, interval);
        program->seen_until += interval * (clock_second / 1000);
        program->idle = true;
    } else if (error != ERROR_NONE) {
        file_fault_set_folder(program, error, "Fetching the next task");
    } else {
        program_note_task(program, claimed.task.name.id);
        tell_task(program, &poll, &claimed);
        task_free(&claimed.task);
    }
}

const struct page page_next_task = {"next-task", answer, false};
