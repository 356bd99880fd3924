/* SPDX-License-Identifier: MIT */
/* A dropped file, or the body of a create: what is queued says the same when
 * its file is read again; and the tables of parameters. */
#include "fuzz.h"

#include "action.h"
#include "clock.h"
#include "draft.h"
#include "http_request.h"
#include "json_write.h"
#include "task.h"

#include <string.h>

static bool same_json(struct json_value a, struct json_value b)
{
    size_t a_length;
    size_t b_length;
    const char *a_text = json_raw(a, &a_length);
    const char *b_text = json_raw(b, &b_length);
    return a_length == b_length && memcmp(a_text, b_text, a_length) == 0;
}

static void expect_same(const struct draft *want, const struct draft *have)
{
    size_t want_length;
    size_t have_length;
    const char *want_params = draft_params(want, &want_length);
    const char *have_params = draft_params(have, &have_length);
    fuzz_require(want_length == have_length &&
                 memcmp(want_params, have_params, want_length) == 0);
    fuzz_require(want->timeout == have->timeout);
    fuzz_require(want->priority == have->priority);
    fuzz_require(want->retries == have->retries);
    fuzz_require(want->expires_in == have->expires_in);
    fuzz_require(want->not_before == have->not_before);
    fuzz_require(same_json(want->then, have->then));
    fuzz_require(strcmp(want->action, have->action) == 0);
}

/* Writes the task as a create does. */
static void write_task(struct buffer *out, const struct draft *draft)
{
    struct task_name name = {.priority = draft->priority,
        .created = draft_due(draft, INT64_C(1733565600000000)),
        .id = "t1"};
    memcpy(name.action, draft->action, sizeof name.action);
    buffer_append_text(out, "{\n");
    task_write_members(out, 42, &name, draft, draft->timeout);
    buffer_append_text(out, "\n}\n");
}

static void try_again(const struct draft *draft)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct draft again;
    struct task_fault fault;
    write_task(&text, draft);
    fuzz_require(
        task_parse(&text, &document, &again, &fault, NULL) == ERROR_NONE);
    expect_same(draft, &again);
    fuzz_require(again.user == 42 && strcmp(again.id, "t1") == 0);
    json_free(&document);
    buffer_free(&text);
}

static void expect_misfit(bool fits, const struct json_misfit *misfit)
{
    if (fits)
        return;
    fuzz_require(memchr(misfit->member, '\0', sizeof misfit->member) != NULL);
    fuzz_require(misfit->member[0] != '\0' && misfit->reason != NULL);
}

static void try_params(const struct draft *draft)
{
    struct json_misfit misfit;
    expect_misfit(action_check_params(draft->action, draft->params, &misfit) ==
                      ERROR_NONE,
        &misfit);
    for (size_t i = 0; i < action_row_count; i++) {
        const char *action = action_rows[i].name;
        expect_misfit(
            action_check_params(action, draft->params, &misfit) == ERROR_NONE,
            &misfit);
        if (action_is_repeatable(action, draft->params))
            fuzz_require(action_rows[i].repeat != REPEAT_NEVER);
    }
    struct json_value requests = json_member(draft->params, "requests");
    expect_misfit(http_requests_check(requests, "requests", &misfit), &misfit);
    expect_misfit(
        http_request_check(draft->params, "request", &misfit), &misfit);
    fuzz_require(http_request_timeout(draft->params) >= 0);
}

static void expect_ranges(const struct draft *draft)
{
    fuzz_require(draft->user >= 0);
    fuzz_require(draft->priority >= 0 && draft->priority <= PRIORITY_MAX);
    fuzz_require(draft->timeout >= 0 && draft->timeout <= TIMEOUT_MAX);
    fuzz_require(draft->retries >= UNSET && draft->retries <= RETRIES_MAX);
    fuzz_require(draft->expires_in >= 0 && draft->expires_in <= EXPIRE_MAX);
    fuzz_require(draft->attempts >= 0 && draft->attempts <= GENERATION_MAX);
    fuzz_require(strlen(draft->action) <= ACTION_LENGTH_MAX);
    fuzz_require(strlen(draft->id) <= ID_LENGTH_MAX);
}

void fuzz_one(const char *text, size_t length)
{
    struct buffer file = BUFFER_EMPTY;
    struct json_document document;
    struct draft draft;
    struct task_fault fault = {0};
    bool unparsable;
    buffer_append(&file, text, length);
    enum error error =
        task_parse(&file, &document, &draft, &fault, &unparsable);
    if (error == ERROR_NONE) {
        expect_ranges(&draft);
        if (draft.action[0] != '\0')
            try_again(&draft);
        try_params(&draft);
        json_free(&document);
    } else {
        fuzz_require(fault.reason[0] != '\0');
        fuzz_require(memchr(fault.reason, '\0', sizeof fault.reason) != NULL);
    }
    buffer_free(&file);
}
