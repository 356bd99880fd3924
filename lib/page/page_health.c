/* SPDX-License-Identifier: MIT */
/* GET /api/health: whether the host is fit. Without a token only the verdict
 * is told; with one, what lies in the spool that the token may see. With
 * selftest=1 the host is put to the test, for a token of scope backend. */
#include "pages.h"

#include "account.h"
#include "background.h"
#include "buffer.h"
#include "census.h"
#include "clock.h"
#include "error.h"
#include "file.h"
#include "json_write.h"
#include "path.h"
#include "problem.h"
#include "query.h"
#include "route.h"
#include "selftest.h"
#include "space.h"
#include "spool.h"
#include "stuck.h"
#include "sweep.h"
#include "token.h"
#include "version.h"

#include <stdint.h>
#include <string.h>

/* Tries what every create does: a file, written and fsynced. */
static enum error try_to_write(const struct spool *spool)
{
    struct path path;
    enum error error = spool_write_temporary(spool, "", 0, &path);
    if (error == ERROR_NONE)
        error = file_remove(spool->directory, path.text);
    return error;
}

static void write_space(struct buffer *out, const struct space *space)
{
    json_member_key(out, "disk");
    buffer_append_byte(out, '{');
    json_member_boolean(out, "accepts_tasks", space_allows_create(space));
    json_member_integer(out, "bytes_free", (int64_t)space->bytes_free);
    json_member_integer(out, "bytes_total", (int64_t)space->bytes_total);
    json_member_integer(out, "inodes_free", (int64_t)space->inodes_free);
    json_member_integer(out, "inodes_total", (int64_t)space->inodes_total);
    buffer_append_byte(out, '}');
}

static void write_counts(struct buffer *out, const struct census *census)
{
    json_member_key(out, "counts");
    buffer_append_byte(out, '{');
    json_member_integer(out, "pending", census->pending);
    json_member_integer(out, "executing", census->executing);
    json_member_integer(out, "overdue", census->overdue);
    json_member_integer(out, "completed", census->completed);
    json_member_integer(out, "failed", census->failed);
    json_member_integer(out, "dropped", census->dropped);
    json_member_integer(out, "ingest", census->ingest);
    json_member_integer(out, "strangers", census->strangers);
    buffer_append_byte(out, '}');
    if (census->oldest_pending == 0) {
        json_member_null(out, "oldest_pending_seconds");
    } else {
        json_member_integer(out, "oldest_pending_seconds",
            (clock_now() - census->oldest_pending) / clock_second);
    }
    if (census->is_kept)
        json_member_moment(out, "counted_at", census->now);
}

/* What health has to say of what is stuck. */
struct stuck_walk {
    struct program *program;
    struct buffer list; /* of what the caller may see */
    bool any;
};

/* A folder at the top of the spool is everybody's. */
static bool may_see(const struct program *program, const struct stuck *stuck)
{
    return program->has_caller &&
           (program->caller.user == 0 || program->caller.user == stuck->user ||
               strchr(stuck->path, '/') == NULL);
}

/* The line that mends it tells where the root is, as the selftest does. */
static void write_stuck(void *context, const struct stuck *stuck)
{
    struct stuck_walk *walk = context;
    struct buffer *out = &walk->list;
    walk->any = true;
    if (!may_see(walk->program, stuck))
        return;
    if (out->length > 0)
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '{');
    json_member_text(out, "path", stuck->path);
    json_member_text(out, "problem", stuck->problem);
    if (walk->program->caller.scope == SCOPE_BACKEND)
        json_member_text(out, "fix", stuck->fix);
    buffer_append_byte(out, '}');
}

static void write_moment(struct buffer *out, const char *key, int64_t moment)
{
    if (moment == 0)
        json_member_null(out, key);
    else
        json_member_moment(out, key, moment);
}

static enum error write_details(
    struct program *program, const struct space *space)
{
    struct buffer *out = &program->reply.body;
    struct census census;
    enum error error =
        census_tell(&program->account, &census, &program->census_due);
    if (error != ERROR_NONE)
        return error;
    write_counts(out, &census);
    write_moment(out, "last_sweep", sweep_last(&program->spool));
    write_moment(
        out, "background_refused", background_last_refusal(&program->spool));
    write_space(out, space);
    return ERROR_NONE;
}

static void write_config_fault(struct program *program)
{
    struct buffer *out = &program->reply.body;
    json_member_key(out, "configuration");
    buffer_append_byte(out, '{');
    json_member_text(out, "file", "etc/stoflow.ini");
    json_member_integer(out, "line", program->config_fault.line);
    json_member_text(out, "reason", program->config_fault.reason);
    buffer_append_byte(out, '}');
}

static void write_selftest(struct program *program)
{
    struct selftest about = {.environment = program->gateway->environment,
        .spool = &program->spool,
        .root = buffer_text(&program->root),
        .config = &program->config,
        .config_fault = program->config_wrong ? &program->config_fault : NULL};
    json_member_key(&program->reply.body, "selftest");
    selftest_write(&program->reply.body, &about);
}

static bool wants_selftest(const struct program *program)
{
    const char *value = query_get(&program->request.query, "selftest");
    return value != NULL && strcmp(value, "0") != 0;
}

static enum error write_answer(
    struct program *program, const struct space *space, bool fit)
{
    struct buffer *out = &program->reply.body;
    struct stuck_walk stuck = {program, BUFFER_EMPTY, false};
    enum error error = ERROR_NONE;
    stuck_each(&program->spool, false, write_stuck, &stuck);
    buffer_append_byte(out, '{');
    json_member_text(out, "status", fit && !stuck.any ? "ok" : "degraded");
    json_member_text(out, "version", STOFLOW_VERSION);
    if (program->has_caller) {
        error = write_details(program, space);
        json_member_key(out, "stuck");
        buffer_append_format(out, "[%s]", buffer_text(&stuck.list));
    }
    out->failed = out->failed || stuck.list.failed;
    buffer_free(&stuck.list);
    if (program->has_caller && program->config_wrong)
        write_config_fault(program);
    if (wants_selftest(program))
        write_selftest(program);
    buffer_append_text(out, "}\n");
    return error;
}

struct cause {
    const struct program *program;
    struct buffer text;
};

/* Of the spool's own folders the first, since no work can do without it. */
static void write_cause(void *context, const struct stuck *stuck)
{
    struct cause *cause = context;
    struct buffer *out = &cause->text;
    if (stuck->user != 0 || strchr(out->data, '(') != NULL)
        return;
    buffer_append_format(out, " (%s: %s", stuck->path, stuck->problem);
    if (cause->program->caller.scope == SCOPE_BACKEND)
        buffer_append_format(out, "; mend it with: %s", stuck->fix);
    buffer_append_byte(out, ')');
}

/* What is stuck is told of here, too, where no list of it can be given. */
static void refuse(struct program *program, enum error error)
{
    struct cause cause = {program, BUFFER_EMPTY};
    buffer_append_text(&cause.text, "Writing to the spool");
    if (stuck_is_kind(error) && program->has_caller && !cause.text.failed)
        stuck_each(&program->spool, false, write_cause, &cause);
    problem_set_error(&program->reply, error, buffer_text(&cause.text));
    buffer_free(&cause.text);
}

static void answer(struct program *program)
{
    struct space space = {0, 0, 0, 0};
    bool selftest = wants_selftest(program);
    if (selftest && !program_require(program, SCOPE_BACKEND))
        return;
    enum error error = space_read(&program->spool, &space);
    bool fit = !program->config_wrong && space_allows_create(&space);
    /* Nobody without a token can make us write. */
    if (error == ERROR_NONE && program->has_caller)
        error = try_to_write(&program->spool);
    if (selftest && error != ERROR_NONE) {
        fit = false; /* the selftest says what is wrong, and what mends it */
        error = ERROR_NONE;
    }
    if (error == ERROR_NONE)
        error = write_answer(program, &space, fit);
    if (error != ERROR_NONE)
        refuse(program, error);
}

const struct page page_health = {"health", answer, true};
