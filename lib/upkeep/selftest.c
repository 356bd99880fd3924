/* SPDX-License-Identifier: MIT */
#include "selftest.h"

#include "clock.h"
#include "environment.h"
#include "file.h"
#include "json_write.h"
#include "root.h"
#include "selftest_disk.h"
#include "selftest_host.h"
#include "stamp.h"
#include "sweep.h"
#include "token.h"

#include <fcntl.h>
#include <sys/stat.h>

/* --- What the web server passes on, and what others may see -------------- */

static const char untold[] =
    "The server does not tell where its document root is.";

/* Who reads this has got a token through in one way or another. The others than
 * the first are no fault, but show that plugins which send Authorization alone
 * need the line. */
static void check_authorization(
    struct finding *finding, const struct selftest *about)
{
    if (environment_text(about->environment, "HTTP_AUTHORIZATION")[0] != '\0') {
        buffer_append_text(
            &finding->detail, "The token arrives as HTTP_AUTHORIZATION.");
        return;
    }
    const char *redirected =
        environment_text(about->environment, "REDIRECT_HTTP_AUTHORIZATION");
    buffer_append_format(&finding->detail,
        "The token arrives as %s. %s get it "
        "with this line in a .htaccess beside the programs: %s",
        redirected[0] != '\0' ? "REDIRECT_HTTP_AUTHORIZATION, after a rewrite"
                              : "X-StoFlow-Token, and in no other way",
        redirected[0] != '\0' ? "Calls of /cgi-bin/api/..."
                              : "Those who send Authorization alone",
        token_header_line);
}

/* Whether the place is the folder or really lies below it, whatever symbolic
 * links lead there. Going up asks for no more than the right to pass. */
static bool is_inside(
    const char *root, const char *place, const struct stat *folder)
{
    struct stat here;
    struct stat below = {.st_ino = 0};
    struct buffer path = BUFFER_EMPTY;
    buffer_append_format(&path, "%s/%s", root, place);
    bool inside = false;
    while (!path.failed && stat(path.data, &here) == 0 &&
           !file_is_same(&here, &below)) {
        inside = inside || file_is_same(&here, folder);
        below = here;
        buffer_append_text(&path, "/..");
    }
    buffer_free(&path);
    return inside;
}

/* Where lighttpd has the programs' folder by alias.url, it tells that one. */
static bool is_program_folder(
    const struct selftest *about, const struct stat *folder)
{
    struct stat status;
    struct buffer path = BUFFER_EMPTY;
    bool is = root_program_folder(about->environment, &path) == ERROR_NONE &&
              stat(buffer_text(&path), &status) == 0 &&
              file_is_same(&status, folder);
    buffer_free(&path);
    return is;
}

static void tell_outside(struct finding *finding, const struct selftest *about,
    const char *told, const struct stat *folder)
{
    if (is_program_folder(about, folder)) {
        buffer_append_text(&finding->detail, untold);
    } else {
        buffer_append_format(&finding->detail,
            "The spool and the tokens lie outside the document root, %s.",
            told);
    }
}

static void check_document_root(
    struct finding *finding, const struct selftest *about)
{
    struct stat folder;
    const char *told = environment_get(about->environment, "DOCUMENT_ROOT");
    if (told == NULL || stat(told, &folder) != 0) {
        buffer_append_text(&finding->detail, untold);
        return;
    }
    bool spool = is_inside(about->root, "spool", &folder);
    bool tokens = is_inside(about->root, "etc/tokens", &folder);
    if (!spool && !tokens) {
        tell_outside(finding, about, told, &folder);
        return;
    }
    const char *what = "The tokens lie";
    const char *folders = "etc/";
    if (spool) {
        what = tokens ? "The spool and the tokens lie" : "The spool lies";
        folders = tokens ? "etc/ and spool/" : "spool/";
    }
    buffer_append_format(&finding->detail,
        "%s in the document root, %s: only the server's configuration keeps "
        "what is there from being sent.",
        what, told);
    buffer_append_format(&finding->fix,
        "Move %s to a folder outside %s, and write the absolute path of that "
        "folder into a file stoflow.root beside the programs",
        folders, told);
}

/* The mode bits of a file; 0 where there is no such file. */
static unsigned mode_of(int directory, const char *path)
{
    struct stat status;
    return fstatat(directory, path, &status, 0) == 0
               ? (unsigned)status.st_mode & 07777u
               : 0;
}

static void find_open(
    struct finding *finding, int directory, const char *path, const char *name)
{
    unsigned mode = mode_of(directory, path);
    if ((mode & (S_IRWXG | S_IRWXO)) != 0) {
        buffer_append_format(
            &finding->detail, "%s has mode %04o. ", name, mode);
    }
}

static void check_spool_modes(
    struct finding *finding, const struct selftest *about)
{
    int directory = about->spool->directory;
    find_open(finding, directory, ".", "spool");
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        struct path path = path_of((enum spool_directory)i);
        struct buffer name = BUFFER_EMPTY;
        buffer_append_format(&name, "spool/%s", path.text);
        find_open(finding, directory, path.text, buffer_text(&name));
        buffer_free(&name);
    }
    if (finding->detail.length == 0) {
        buffer_append_text(
            &finding->detail, "Nobody else may look into the spool.");
        return;
    }
    buffer_append_text(
        &finding->detail, "Other accounts of this host may look into it.");
    buffer_append_format(&finding->fix, "chmod go-rwx '%s/spool' '%s/spool'/*",
        about->root, about->root);
}

static unsigned mode_below(const char *root, const char *name)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_format(&path, "%s/%s", root, name);
    unsigned mode = path.failed ? 0 : mode_of(AT_FDCWD, path.data);
    buffer_free(&path);
    return mode;
}

/* Others get to a folder only through all those above it. */
static void check_token_modes(
    struct finding *finding, const struct selftest *about)
{
    unsigned mode = mode_below(about->root, "etc/tokens");
    bool closed = (mode_below(about->root, ".") & S_IXOTH) == 0 ||
                  (mode_below(about->root, "etc") & S_IXOTH) == 0;
    if (closed || (mode & S_IRWXO) == 0) {
        buffer_append_text(&finding->detail, "etc/tokens is closed to others.");
        return;
    }
    buffer_append_format(&finding->detail,
        "etc/tokens has mode %04o: other accounts of this host may see what "
        "tokens there are.",
        mode);
    buffer_append_format(
        &finding->fix, "chmod 700 '%s/etc/tokens'", about->root);
}

/* --- Settings and cron --------------------------------------------------- */

/* The sweeper as cron calls it, where the program can tell its own place. */
static void write_cron_line(struct buffer *out, const struct selftest *about)
{
    struct buffer folder = BUFFER_EMPTY;
    if (root_program_folder(about->environment, &folder) != ERROR_NONE)
        buffer_append_text(&folder, "cgi-bin");
    buffer_append_format(out, "* * * * * STOFLOW_ROOT='%s' '%s/sweeper'",
        about->root, buffer_text(&folder));
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
    if (!stamp_is_due(last, clock_now(), SELFTEST_CRON_SECONDS))
        return;
    buffer_append_text(&finding->detail,
        about->config->background
            ? " Only requests tidy up, so nothing happens while none come."
            : " And with background = no nothing else tidies up.");
    write_cron_line(&finding->fix, about);
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
        "etc/stoflow.ini%s: %s. Polls and creates answer 500.",
        ini_fault_place(fault).text, fault->reason);
    buffer_append_text(&finding->fix, "Correct ");
    if (fault->line > 0)
        buffer_append_format(&finding->fix, "line %d of ", fault->line);
    buffer_append_format(&finding->fix, "%s/etc/stoflow.ini", about->root);
}

/* --- All checks ---------------------------------------------------------- */

struct check_row {
    const char *name; /* stable: clients may compare it */
    selftest_check *run;
};

static const struct check_row checks[] = {
    {"authorization", check_authorization},
    {"document_root", check_document_root},
    {"spool_modes", check_spool_modes},
    {"token_modes", check_token_modes},
    {"configuration", check_configuration},
    {"cron", check_cron},
    {"files", selftest_files},
    {"clock", selftest_clock},
    {"locks", selftest_locks},
    {"inotify", selftest_inotify},
    {"disk", selftest_disk},
    {"limits", selftest_host_limits},
    {"processes", selftest_processes},
    {"stuck", selftest_stuck},
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
