/* SPDX-License-Identifier: MIT */
#include "selftest.h"

#include "buffer.h"
#include "clock.h"
#include "error.h"
#include "ini_file.h"
#include "json_write.h"
#include "root.h"
#include "selftest_check.h"
#include "sweep.h"

#include <stddef.h>
#include <stdint.h>

/* The sweeper as cron calls it, where the program can tell its own place. */
static void write_cron_line(struct buffer *out, const char *root)
{
    struct buffer folder = BUFFER_EMPTY;
    if (root_program_folder(&folder) != ERROR_NONE)
        buffer_append_text(&folder, "cgi-bin");
    buffer_append_format(out, "* * * * * STOFLOW_ROOT='%s' '%s/sweeper'", root,
        buffer_text(&folder));
    buffer_free(&folder);
}

static void check_cron(struct finding *finding, const struct selftest *about)
{
    char text[CLOCK_ISO_LENGTH + 1];
    int64_t last = sweep_last_call(about->spool);
    if (last == 0) {
        buffer_append_text(&finding->detail,
            "Neither cron nor a URL service has ever run the sweeper.");
    } else {
        clock_format_iso(text, last);
        buffer_append_format(&finding->detail,
            "The sweeper was last run by cron, URL or hand at %s.", text);
    }
    if (last != 0 && clock_now() - last < SELFTEST_CRON_SECONDS * clock_second)
        return;
    buffer_append_text(&finding->detail,
        about->config->background
            ? " Only requests tidy up, so nothing happens while none come."
            : " And with background = no nothing else tidies up.");
    write_cron_line(&finding->fix, about->root);
}

static void check_configuration(
    struct finding *finding, const struct selftest *about)
{
    const struct ini_fault *fault = about->config_fault;
    if (fault == NULL) {
        buffer_append_text(&finding->detail, "etc/stoflow.ini is right.");
        return;
    }
    buffer_append_format(&finding->detail,
        "etc/stoflow.ini, line %d: %s. Polls and creates answer 500.",
        fault->line, fault->reason);
    buffer_append_format(&finding->fix, "Correct line %d of %s/etc/stoflow.ini",
        fault->line, about->root);
}

struct check_row {
    const char *name; /* stable: clients may compare it */
    selftest_check *run;
};

static const struct check_row checks[] = {
    {"authorization", selftest_authorization},
    {"document_root", selftest_document_root},
    {"spool_modes", selftest_spool_modes},
    {"token_modes", selftest_token_modes},
    {"configuration", check_configuration},
    {"cron", check_cron},
    {"files", selftest_files},
    {"clock", selftest_clock},
    {"locks", selftest_locks},
    {"inotify", selftest_inotify},
    {"disk", selftest_disk},
};

static void write_finding(
    struct buffer *out, const char *name, const struct finding *finding)
{
    bool ok = finding->fix.length == 0;
    buffer_append_byte(out, '{');
    json_member_text(out, "check", name);
    json_member_boolean(out, "ok", ok);
    json_member_text(out, "detail", buffer_text(&finding->detail));
    if (!ok)
        json_member_text(out, "fix", buffer_text(&finding->fix));
    buffer_append_byte(out, '}');
    if (finding->detail.failed || finding->fix.failed)
        out->failed = true;
}

void selftest_write(struct buffer *out, const struct selftest *about)
{
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct finding finding = {BUFFER_EMPTY, BUFFER_EMPTY};
        checks[i].run(&finding, about);
        if (i > 0)
            buffer_append_byte(out, ',');
        write_finding(out, checks[i].name, &finding);
        buffer_free(&finding.detail);
        buffer_free(&finding.fix);
    }
    buffer_append_byte(out, ']');
}
