/* SPDX-License-Identifier: MIT */
/* The sweeper: run by cron, by a shell, or by URL with a token. */
#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "environment.h"
#include "error.h"
#include "ini_file.h"
#include "json_write.h"
#include "program.h"
#include "query.h"
#include "root.h"
#include "safety.h"
#include "spool.h"
#include "sweep_duty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 100,    /* the caller's fault: trying again will not help */
    EXIT_TEMPORARY = 111 /* try again later */
};

struct options {
    const char *root; /* NULL: as every program finds it */
    bool dry_run;
};

static struct sweep make_sweep(
    const struct spool *spool, const struct config *config, bool dry_run)
{
    return (struct sweep){.spool = spool,
        .config = config,
        .dry_run = dry_run,
        .until = clock_now() + (SWEEP_SECONDS * clock_second),
        .lines = BUFFER_EMPTY};
}

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
    struct sweep sweep = make_sweep(&program->spool, &program->config, dry_run);
    if (sweep_run(&sweep) == ERROR_BUSY)
        sweep_line(&sweep, "left the work to a sweep that is going on");
    if (!dry_run)
        sweep_note_call(&program->spool);
    write_lines(&program->reply.body, &sweep.lines);
    buffer_free(&sweep.lines);
}

static int die(int status, const char *what, const char *why)
{
    fprintf(stderr, "sweeper: fatal: %s: %s\n", what, why);
    return status;
}

static bool read_options(int count, char **words, struct options *options)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--dry-run") == 0)
            options->dry_run = true;
        else if (strcmp(words[i], "--root") == 0 && i + 1 < count)
            options->root = words[++i];
        else
            return false;
    }
    return true;
}

static int sweep_spool(
    const struct spool *spool, const struct config *config, bool dry_run)
{
    struct sweep sweep = make_sweep(spool, config, dry_run);
    /* ERROR_BUSY: another sweep does the work, which is all we want. */
    sweep_run(&sweep);
    if (!dry_run)
        sweep_note_call(spool);
    fputs(buffer_text(&sweep.lines), stdout);
    buffer_free(&sweep.lines);
    return fflush(stdout) == 0 ? 0 : EXIT_TEMPORARY;
}

static int sweep_root(const char *root, bool dry_run)
{
    struct config config;
    struct ini_fault fault;
    struct spool spool;
    char where[200];
    if (config_load(&config, root, &fault) != ERROR_NONE) {
        snprintf(where, sizeof where, "etc/stoflow.ini, line %d", fault.line);
        return die(EXIT_USAGE, where, fault.reason);
    }
    enum error error =
        dry_run ? spool_open_existing(&spool, root) : spool_open(&spool, root);
    if (error == ERROR_NOT_FOUND && dry_run)
        return 0; /* no spool: nothing to do */
    if (error != ERROR_NONE)
        return die(error_is_temporary(error) ? EXIT_TEMPORARY : EXIT_USAGE,
            root, error_text(error));
    alarm(PROGRAM_ALARM);
    if (!dry_run)
        spool_prepare(&spool); /* what it cannot make, the duties will say */
    int status = sweep_spool(&spool, &config, dry_run);
    spool_close(&spool);
    return status;
}

static int run_command(int count, char **words)
{
    struct options options = {NULL, false};
    struct buffer root = BUFFER_EMPTY;
    static const char usage[] = "usage: sweeper [--dry-run] [--root DIR]\n";
    if (count == 2 && strcmp(words[1], "--help") == 0)
        return fputs(usage, stdout) == EOF ? EXIT_TEMPORARY : 0;
    if (!read_options(count, words, &options)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    umask(0077);
    if (options.root != NULL)
        buffer_append_text(&root, options.root);
    else if (root_find(environment_own(), &root) != ERROR_NONE)
        return die(EXIT_USAGE, "finding the root",
            "set STOFLOW_ROOT or give --root DIR");
    int status = sweep_root(buffer_text(&root), options.dry_run);
    buffer_free(&root);
    return status;
}

int main(int count, char **words)
{
    if (environment_get(environment_own(), "GATEWAY_INTERFACE") != NULL)
        return program_run("sweeper", answer, false);
    return run_command(count, words);
}
