/* SPDX-License-Identifier: MIT */
/* GET /api/plugin/status: whether a user's plugin polls, and what awaits it. */
#include "pages.h"

#include "account.h"
#include "backlog.h"
#include "buffer.h"
#include "catalog.h"
#include "clock.h"
#include "error.h"
#include "file_fault.h"
#include "json_write.h"
#include "pause.h"
#include "presence.h"
#include "problem.h"
#include "seller.h"
#include "seller_other.h"

#include <stdint.h>
#include <string.h>

/* The words of the guide's page. */
static const char connected_text[] =
    "\xe2\x9c\x85 Plugin StoFlow connect\xc3\xa9 et pr\xc3\xaat";
static const char missing_text[] =
    "\xe2\x9d\x8c Plugin StoFlow non connect\xc3\xa9";

/* 0 is written as null. */
static void write_moment(struct buffer *out, const char *key, int64_t moment)
{
    char text[CLOCK_ISO_LENGTH + 1];
    if (moment != 0)
        clock_format_iso(text, moment);
    json_member_text(out, key, moment == 0 ? NULL : text);
}

static void write_presence(struct buffer *out, const struct presence *presence)
{
    bool connected = presence->connected;
    json_member_boolean(out, "connected", connected);
    json_member_text(out, "message", connected ? connected_text : missing_text);
    write_moment(out, "since", connected ? presence->since : 0);
    write_moment(out, "last_seen", presence->last_seen);
}

/* Whose account it is, and which other was seen last. */
static enum error write_accounts(
    struct buffer *out, const struct account *account)
{
    struct seller seller;
    enum error error = seller_read(account, &seller);
    if (error != ERROR_NONE)
        return error;
    seller_write(out, &seller, true);
    seller_free(&seller);
    return seller_other_write(account, out);
}

/* `pause` is NULL while the queue is not paused. */
static enum error write_status(struct program *program,
    const struct presence *presence, const struct pause *pause,
    const struct backlog *backlog, int64_t changed)
{
    struct buffer *out = &program->reply.body;
    buffer_append_byte(out, '{');
    write_presence(out, presence);
    enum error error = write_accounts(out, &program->account);
    pause_write(out, pause);
    json_member_integer(out, "pending", backlog->pending);
    json_member_integer(out, "executing", backlog->executing);
    write_moment(out, "next_due", backlog->next_due);
    if (backlog->is_kept)
        write_moment(out, "counted_at", backlog->counted);
    write_moment(out, "products_changed", changed);
    buffer_append_text(out, "}\n");
    return error;
}

static void answer(struct program *program)
{
    struct presence presence = {false, 0, 0};
    struct pause pause;
    struct backlog backlog;
    int64_t changed = 0;
    if (program_user(program) == 0)
        return;
    enum error error = presence_read(&program->account, &presence);
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        error =
            backlog_tell(&program->account, &backlog, &program->backlog_due);
    if (error == ERROR_NONE)
        error = catalog_changed(&program->account, &changed);
    enum error paused = pause_read(&program->account, &pause);
    if (error == ERROR_NONE && paused != ERROR_NOT_FOUND)
        error = paused;
    if (error == ERROR_NONE)
        error = write_status(program, &presence,
            paused == ERROR_NONE ? &pause : NULL, &backlog, changed);
    if (error != ERROR_NONE)
        file_fault_set_folder(program, error, "Reading the status");
}

const struct page page_status = {"status", answer, false};
