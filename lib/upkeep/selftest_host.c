/* SPDX-License-Identifier: MIT */
#include "selftest_host.h"

#include "background.h"
#include "clock.h"
#include "limit.h"
#include "storable.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DESCRIPTORS = 32, /* files open at once that every program may need */
    SECONDS = 60,     /* of computing that a sweep may need */

    /* Times max_body that a program needs of memory: a result that large, the
     * parameters beside it, their record, and the values in all of it, as many
     * as Vinted's lists have. */
    MEMORY_FACTOR = 8
};

static void mend_by_sending_less(
    struct finding *finding, const struct selftest *about, uint64_t fits)
{
    if (finding->fix.length > 0)
        buffer_append_text(&finding->fix, "; ");
    buffer_append_format(&finding->fix,
        "Have the host raise this limit, or write max_body = %" PRIu64
        " into [limits] of %s/etc/stoflow.ini, so that what is too large is "
        "refused at once",
        fits > 0 ? fits : 1, about->root);
}

static void check_file(struct finding *finding, const struct selftest *about)
{
    uint64_t most = limit_file();
    uint64_t body = about->config->max_body;
    if (most >= (2 * body) + RECORD_ROOM)
        return;
    buffer_append_format(&finding->detail,
        "A file may have %" PRIu64 " bytes (ulimit -f): not all that max_body "
        "allows can be stored. ",
        most);
    mend_by_sending_less(
        finding, about, most > RECORD_ROOM ? (most - RECORD_ROOM) / 2 : 0);
}

static void check_memory(struct finding *finding, const struct selftest *about)
{
    uint64_t most = limit_memory();
    if (most / MEMORY_FACTOR >= about->config->max_body)
        return;
    buffer_append_format(&finding->detail,
        "A program may have %" PRIu64 " bytes of memory (ulimit -v): not all "
        "that max_body allows can be read. ",
        most);
    mend_by_sending_less(finding, about, most / MEMORY_FACTOR);
}

static void check_count(struct finding *finding, uint64_t most, uint64_t needed,
    const char *what, const char *option)
{
    if (most >= needed)
        return;
    buffer_append_format(&finding->detail,
        "A program may have %" PRIu64 " %s (%s), and may need %" PRIu64 ". ",
        most, what, option, needed);
    if (finding->fix.length > 0)
        buffer_append_text(&finding->fix, "; ");
    buffer_append_format(
        &finding->fix, "Have the host raise its limit of %s", what);
}

void selftest_host_limits(struct finding *finding, const struct selftest *about)
{
    check_file(finding, about);
    check_memory(finding, about);
    check_count(
        finding, limit_descriptors(), DESCRIPTORS, "open files", "ulimit -n");
    check_count(
        finding, limit_seconds(), SECONDS, "seconds of computing", "ulimit -t");
    if (finding->detail.length == 0)
        buffer_append_text(&finding->detail,
            "The host lets a program have what max_body may need.");
}

/* 0, or the errno. */
static int try_to_fork(void)
{
    pid_t child = fork();
    if (child < 0)
        return errno;
    if (child == 0)
        _exit(0);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return 0;
}

void selftest_processes(struct finding *finding, const struct selftest *about)
{
    char text[CLOCK_ISO_LENGTH + 1];
    int number = try_to_fork();
    int64_t refused = background_last_refusal(about->spool);
    if (number == 0 && refused == 0) {
        buffer_append_text(&finding->detail,
            "A process can be had to tidy up behind an answer.");
        return;
    }
    if (number != 0) {
        buffer_append_format(&finding->detail,
            "The host gives no process to tidy up behind an answer: %s. ",
            strerror(number));
    } else {
        clock_format_iso(text, refused);
        buffer_append_format(&finding->detail,
            "At %s or after it the host gave no process to tidy up behind an "
            "answer. ",
            text);
    }
    buffer_append_text(&finding->detail,
        "Nothing is lost, but what is left to do waits for a request or for "
        "cron.");
    buffer_append_text(&finding->fix,
        "Have the host raise its limit of processes (ulimit -u), and have cron "
        "run the sweeper each minute");
}
