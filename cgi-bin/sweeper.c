/* SPDX-License-Identifier: MIT */
/* The sweeper: run by cron or by a shell; or by a web server, as a page. */
#define _XOPEN_SOURCE 700 /* for realpath(3) */

#include "buffer.h"
#include "config.h"
#include "environment.h"
#include "error.h"
#include "file.h"
#include "ini_file.h"
#include "pages.h"
#include "process.h"
#include "root.h"
#include "safety.h"
#include "spool.h"
#include "sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 100,    /* the caller's fault: trying again will not help */
    EXIT_TEMPORARY = 111 /* try again later */
};

struct options {
    const char *root; /* NULL: as every program finds it */
    bool dry_run;
};

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
    struct sweep sweep = sweep_call(spool, config, dry_run);
    bool told = fputs(buffer_text(&sweep.lines), stdout) != EOF;
    buffer_free(&sweep.lines);
    if (sweep.unfinished != ERROR_NONE)
        return die(EXIT_TEMPORARY, "some of its work is left",
            error_text(sweep.unfinished));
    return told && fflush(stdout) == 0 ? 0 : EXIT_TEMPORARY;
}

/* With neither etc/ nor spool/ in it another folder was meant: to make a spool
 * there would be to sweep nothing for ever, and to say so to nobody. */
static bool is_root(const char *root)
{
    static const char *const folders[] = {"/spool", "/etc"};
    bool is = false;
    for (int i = 0; i < 2 && !is; i++) {
        struct buffer path = BUFFER_EMPTY;
        buffer_append_text(&path, root);
        buffer_append_text(&path, folders[i]);
        is = path.failed ||
             file_look(AT_FDCWD, buffer_text(&path)) != ERROR_NOT_FOUND;
        buffer_free(&path);
    }
    return is;
}

static int sweep_root(const char *root, bool dry_run)
{
    struct config config;
    struct ini_fault fault;
    struct spool spool;
    char where[200];
    if (!is_root(root))
        return die(EXIT_USAGE, root, "no root: it has neither etc/ nor spool/");
    if (!process_become_owner("sweeper", root))
        return EXIT_TEMPORARY;
    if (config_load(&config, root, &fault) != ERROR_NONE) {
        snprintf(where, sizeof where, "etc/stoflow.ini%s",
            ini_fault_place(&fault).text);
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

/* As the lines that mend something have to name it; one that is not there is
 * reported as it was given. */
static void append_absolute(struct buffer *out, const char *path)
{
    char *absolute = realpath(path, NULL);
    buffer_append_text(out, absolute == NULL ? path : absolute);
    free(absolute);
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
    process_begin();
    if (options.root != NULL)
        append_absolute(&root, options.root);
    else if (root_find(environment_own(), &root) != ERROR_NONE)
        return die(EXIT_USAGE, "finding the root",
            "set STOFLOW_ROOT or give --root DIR");
    int status = sweep_root(buffer_text(&root), options.dry_run);
    buffer_free(&root);
    return status;
}

int main(int count, char **words)
{
    static const struct page *const page[] = {&page_sweeper, NULL};
    if (environment_get(environment_own(), "GATEWAY_INTERFACE") != NULL)
        return process_run(page);
    return run_command(count, words);
}
