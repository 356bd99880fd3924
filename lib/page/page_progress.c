/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/tasks/{id}/progress: the plugin is still at it, and how far
 * it has come. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "budget.h"
#include "buffer.h"
#include "cancel_mark.h"
#include "clock.h"
#include "error.h"
#include "file_fault.h"
#include "find.h"
#include "json.h"
#include "json_write.h"
#include "lease.h"
#include "locate.h"
#include "name.h"
#include "problem.h"
#include "progress.h"
#include "spool.h"
#include "task.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* What the body says. */
struct report {
    struct buffer lease; /* "" where none is given */
    struct progress progress;
    int64_t requests; /* sent to Vinted so far; < 0: not told */
};

static void read_message(struct json_value object, struct progress *progress)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer cut = BUFFER_EMPTY;
    json_string(json_member(object, "message"), &text);
    utf8_append_cut(
        &cut, buffer_text(&text), text.length, PROGRESS_MESSAGE_MAX);
    memcpy(progress->message, buffer_text(&cut), cut.length + 1);
    progress->message_length = cut.length;
    buffer_free(&cut);
    buffer_free(&text);
}

static bool read_report(
    struct program *program, struct json_value object, struct report *report)
{
    struct progress *progress = &report->progress;
    *report = (struct report){BUFFER_EMPTY,
        {.done = body_take_count(object, "done"),
            .total = body_take_count(object, "total")},
        body_take_count(object, "requests")};
    read_message(object, progress);
    return body_read_lease(program, object, &report->lease);
}

/* Seconds the task may run, which stand in its file, or in its action's rules
 * where the file does not say or somebody has spoilt it. */
static enum error read_timeout(
    const struct program *program, const struct task_place *place, int *seconds)
{
    struct task task;
    struct task_fault fault;
    const struct task_name *name = &place->lease.task;
    enum error error =
        task_load(&program->account, place->path, name, &task, &fault);
    if (task_is_spoilt(error)) {
        task_from_name(&task, &program->account, name);
        error = ERROR_NONE;
    }
    if (error != ERROR_NONE)
        return error;
    *seconds = task.timeout;
    task_free(&task);
    return ERROR_NONE;
}

/* ERROR_CONFLICT: the task is not this plugin's any more. ERROR_BUSY: it has
 * moved while we looked. */
static enum error renew_once(struct program *program,
    const struct report *report, struct task_place *place)
{
    int seconds;
    enum error error = locate_task(&program->account, program->id, place);
    if (error != ERROR_NONE)
        return error;
    if (place->state != TASK_EXECUTING ||
        (report->lease.length > 0 &&
            strcmp(place->lease.lease, buffer_text(&report->lease)) != 0))
        return ERROR_CONFLICT;
    error = read_timeout(program, place, &seconds);
    if (error == ERROR_NONE)
        error = lease_renew(&program->account, place, seconds);
    return error == ERROR_NOT_FOUND ? ERROR_BUSY : error;
}

static bool says_anything(const struct progress *progress)
{
    return progress->done >= 0 || progress->total >= 0 ||
           progress->message_length > 0;
}

static void write_renewed(struct program *program,
    const struct task_place *place, struct report *report)
{
    struct buffer *out = &program->reply.body;
    char deadline[CLOCK_ISO_LENGTH + 1];
    report->progress.at = clock_now();
    /* A hint that cannot be stored is no reason to refuse the renewal. */
    if (says_anything(&report->progress))
        progress_store(&program->account, &place->lease, &report->progress);
    clock_format_iso(deadline, place->lease.deadline);
    buffer_append_byte(out, '{');
    json_member_text(out, "status", "renewed");
    json_member_text(out, "deadline", deadline);
    json_member_boolean(out, "cancel",
        cancel_mark_look(&program->account, program->id) == ERROR_NONE);
    if (budget_is_set(&program->account))
        json_member_integer(out, "budget",
            budget_renew(&program->account, &place->lease, report->requests));
    buffer_append_text(out, "}\n");
}

static void renew(struct program *program, struct report *report)
{
    struct task_place place;
    enum error error = ERROR_BUSY;
    /* Each look that is in vain needs another program's step in between. */
    for (int look = 0; look < 5 && error == ERROR_BUSY; look++)
        error = renew_once(program, report, &place);
    if (error == ERROR_NONE)
        write_renewed(program, &place, report);
    else if (error == ERROR_NOT_FOUND)
        program_unknown_task(program);
    else if (error == ERROR_CONFLICT)
        problem_set(&program->reply, PROBLEM_LEASE_LOST,
            "Task %s is not executing under this lease (any more); stop.",
            program->id);
    else
        file_fault_set_task(program, error, "Renewing the lease");
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct report report;
    if (!body_read_object(program, true, &text, &document))
        return;
    if (read_report(program, json_root(&document), &report)) {
        if (program_owner(program) != 0)
            renew(program, &report);
    }
    buffer_free(&report.lease);
    json_free(&document);
    buffer_free(&text);
}

/* Goes on with the defaults where etc/stoflow.ini is wrong: what is being done
 * is to be finished. */
const struct page page_progress = {"progress", answer, true};
