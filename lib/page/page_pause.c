/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/pause: holds a user's queue back, or lets it go on; what
 * touch and rm of pending/42/PAUSED do by hand. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "buffer.h"
#include "error.h"
#include "file_fault.h"
#include "json.h"
#include "pause.h"
#include "problem.h"
#include "spool.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

struct wish {
    bool paused;
    char reason[PAUSE_REASON_SIZE]; /* "": by hand */
};

/* Any text will do; what is none says nothing. One line of it: the pause must
 * not fail for what a captcha's page has in its text, which lies where people
 * read it with cat. */
static void read_reason(struct json_value value, struct wish *wish)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer cut = BUFFER_EMPTY;
    size_t characters = sizeof wish->reason - 1;
    json_string(value, &text);
    do {
        buffer_clear(&cut);
        utf8_append_cut(&cut, buffer_text(&text), text.length, characters);
        characters--;
    } while (cut.length >= sizeof wish->reason);
    if (cut.length > 0)
        utf8_hide(cut.data, cut.length, ' ');
    memcpy(wish->reason, buffer_text(&cut), cut.length + 1);
    buffer_free(&cut);
    buffer_free(&text);
}

static bool read_wish(
    struct program *program, struct json_value body, struct wish *wish)
{
    read_reason(json_member(body, "reason"), wish);
    return json_boolean(json_member(body, "paused"), &wish->paused) ==
               ERROR_NONE ||
           problem_refuse(&program->reply, "paused", "must be true or false");
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
        file_fault_set(program, error,
            account_path(&program->account, SPOOL_PENDING, pause_name),
            wish->paused ? "Pausing the queue" : "Resuming the queue");
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
