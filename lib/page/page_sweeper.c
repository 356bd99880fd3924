/* SPDX-License-Identifier: MIT */
/* GET or POST /api/sweeper: the sweeper by URL, for services that call one at
 * set times. */
#include "pages.h"

#include "buffer.h"
#include "json_write.h"
#include "problem.h"
#include "query.h"
#include "sweep_duty.h"

#include <string.h>

/* {"status":"ok","did":["requeued 1 overdue task, failed 0"]} */
static void write_lines(struct buffer *out, const struct buffer *lines)
{
    buffer_append_byte(out, '{');
    json_member_text(out, "status", "ok");
    json_member_key(out, "did");
    buffer_append_byte(out, '[');
    const char *line = buffer_text(lines);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        if (line != lines->data)
            buffer_append_byte(out, ',');
        json_write_string(out, line, length);
        line += length + (line[length] == '\n');
    }
    buffer_append_text(out, "]}\n");
}

static void answer(struct program *program)
{
    const char *dry = query_get(&program->request.query, "dry_run");
    bool dry_run = dry != NULL && strcmp(dry, "0") != 0;
    struct sweep sweep = sweep_call(&program->spool, &program->config, dry_run);
    if (sweep.is_busy)
        sweep_line(&sweep, "left the work to a sweep that is going on");
    if (sweep.unfinished == ERROR_NONE)
        write_lines(&program->reply.body, &sweep.lines);
    else
        problem_set_error(&program->reply, sweep.unfinished, "Sweeping");
    buffer_free(&sweep.lines);
}

const struct page page_sweeper = {"sweeper", answer, false};
