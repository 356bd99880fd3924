/* SPDX-License-Identifier: MIT */
#include "reject.h"

#include "buffer.h"
#include "clock.h"
#include "file.h"
#include "json_write.h"
#include "log.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

enum reject_sizes {
    KEPT_NAME_MAX = 200, /* bytes of a name kept: leaves room for .N.why */
    COLLISIONS_MAX = 1000
};

static void write_reason(
    struct buffer *out, struct path from, const char *reason)
{
    char now[CLOCK_ISO_LENGTH + 1];
    clock_format_iso(now, clock_now());
    struct buffer place = BUFFER_EMPTY;
    json_write_text(&place, from.text);
    utf8_append_visible(out, reason, strlen(reason));
    buffer_append_text(out, "\nIt lay at ");
    utf8_append_visible(out, buffer_text(&place), place.length);
    out->failed = out->failed || place.failed;
    buffer_free(&place);
    buffer_append_format(out,
        " and was set aside at %s.\n"
        "Mend it and move it back there to try again.\n",
        now);
}

/* The name tried for the n-th time: NAME, NAME.2, NAME.3, … */
static void choose_name(char out[SPOOL_NAME_MAX + 1], const char *name, int n)
{
    if (n == 1)
        snprintf(out, SPOOL_NAME_MAX + 1, "%.*s", KEPT_NAME_MAX, name);
    else
        snprintf(out, SPOOL_NAME_MAX + 1, "%.*s.%d", KEPT_NAME_MAX, name, n);
}

static struct path why_path(const char *name)
{
    char why[SPOOL_NAME_MAX + 1];
    snprintf(why, sizeof why, "%.*s.why", SPOOL_NAME_MAX - 4, name);
    return path_in(SPOOL_REJECTED, why);
}

/* Creating the .why with O_EXCL takes the name for the file, so that no two
 * programs can move different files to one place. */
static enum error reserve_name(const struct spool *spool, const char *name,
    const struct buffer *why, char kept[SPOOL_NAME_MAX + 1])
{
    enum error error = ERROR_EXISTS;
    for (int n = 1; n <= COLLISIONS_MAX && error == ERROR_EXISTS; n++) {
        choose_name(kept, name, n);
        error = file_look(spool->directory, path_in(SPOOL_REJECTED, kept).text);
        if (error == ERROR_NOT_FOUND)
            error = file_create(spool->directory, why_path(kept).text,
                buffer_text(why), why->length);
        else if (error == ERROR_NONE)
            error = ERROR_EXISTS;
    }
    return error;
}

/* Over a network it may be done, and yet fail: then the name has the file, for
 * the .why has kept others from it. Where that cannot be told, the .why stays:
 * one without a file is removed some day, a file without one tells nothing. */
static enum error move(
    const struct spool *spool, struct path from, const char *kept)
{
    struct path to = path_in(SPOOL_REJECTED, kept);
    enum error error = file_rename(spool->directory, from.text, to.text);
    if (error == ERROR_NONE)
        return error;
    enum error there = file_look(spool->directory, to.text);
    if (there == ERROR_NOT_FOUND)
        file_remove(spool->directory, why_path(kept).text);
    return there == ERROR_NONE ? ERROR_NONE : error;
}

enum error reject_file(const struct spool *spool, struct path from,
    const char *name, const char *reason)
{
    char kept[SPOOL_NAME_MAX + 1];
    struct buffer why = BUFFER_EMPTY;
    write_reason(&why, from, reason);
    enum error error =
        why.failed ? ERROR_MEMORY : spool_make(spool, SPOOL_REJECTED);
    if (error == ERROR_NONE)
        error = reserve_name(spool, name, &why, kept);
    buffer_free(&why);
    if (error != ERROR_NONE)
        return error;
    /* So that no power loss leaves the file there without its reason. */
    error =
        directory_sync(spool->directory, spool_directory_name(SPOOL_REJECTED));
    if (error != ERROR_NONE) {
        file_remove(spool->directory, why_path(kept).text);
        return error;
    }
    error = move(spool, from, kept);
    if (error == ERROR_NONE)
        log_event(spool, "rejected", "%s: %s", kept, reason);
    return error;
}
