/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/pause: holds a user's queue back, or lets it go on; what
 * touch and rm of pending/42/PAUSED do by hand. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "pause.h"
#include "problem.h"
#include "spool.h"

#include <stdint.h>
#include <string.h>

struct wish {
    bool paused;
    char reason[PAUSE_REASON_SIZE]; /* "": by hand */
};

static bool read_reason(
    struct program *program, struct json_value value, struct wish *wish)
{
    struct buffer text = BUFFER_EMPTY;
    wish->reason[0] = '\0';
    if (!json_is_given(value))
        return true;
    bool good = json_string(value, &text) == ERROR_NONE &&
                text.length < sizeof wish->reason &&
                strcspn(buffer_text(&text), "\r\n") == text.length;
    if (good)
        memcpy(wish->reason, buffer_text(&text), text.length + 1);
    buffer_free(&text);
    return good || problem_refuse(&program->reply, "reason",
                       "must be a string of one line, of less than 200 bytes");
}

static bool read_wish(
    struct program *program, struct json_value body, struct wish *wish)
{
    if (json_boolean(json_member(body, "paused"), &wish->paused) != ERROR_NONE)
        return problem_refuse(
            &program->reply, "paused", "must be true or false");
    return read_reason(program, json_member(body, "reason"), wish);
}

static void write_state(struct program *program, const struct pause *pause)
{
    struct buffer *out = &program->reply.body;
    buffer_append_byte(out, '{');
    pause_write(out, pause);
    buffer_append_text(out, "}\n");
}

static void carry_out(struct program *program, const struct wish *wish)
{
    struct pause pause;
    enum error error = wish->paused ? pause_set(&program->account, wish->reason)
                                    : pause_end(&program->account);
    if (error == ERROR_NONE)
        error = pause_read(&program->account, &pause);
    if (error == ERROR_NONE)
        write_state(program, &pause);
    else if (error == ERROR_NOT_FOUND)
        write_state(program, NULL);
    else
        body_set_error(program, error, "Pausing the queue");
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    struct wish wish;
    if (!body_read_object(program, false, &text, &document))
        return;
    if (read_wish(program, json_root(&document), &wish)) {
        if (program_body_user(program, json_root(&document)) != 0)
            carry_out(program, &wish);
    }
    json_free(&document);
    buffer_free(&text);
}

const struct page page_pause = {"pause", answer, false};
