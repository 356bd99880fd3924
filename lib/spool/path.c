/* SPDX-License-Identifier: MIT */
#include "path.h"

#include "number.h"

#include <string.h>

static const char *const names[SPOOL_DIRECTORIES] = {
    "pending",   /* SPOOL_PENDING */
    "executing", /* SPOOL_EXECUTING */
    "done",      /* SPOOL_DONE */
    "unknown",   /* SPOOL_UNKNOWN */
    "ingest",    /* SPOOL_INGEST */
    "progress",  /* SPOOL_PROGRESS */
    "rejected",  /* SPOOL_REJECTED */
    "products",  /* SPOOL_PRODUCTS */
    "users",     /* SPOOL_USERS */
    "pace",      /* SPOOL_PACE */
    "keys",      /* SPOOL_KEYS */
    "photos",    /* SPOOL_PHOTOS */
    "index",     /* SPOOL_INDEX */
    "tmp",       /* SPOOL_TMP */
    "log",       /* SPOOL_LOG */
};

const char *spool_directory_name(enum spool_directory directory)
{
    return names[directory];
}

/* Paths are built for every system call, so by hand: snprintf(3) takes many
 * times as long. Every path fits by construction (SPOOL_PATH_MAX), so one that
 * does not would be a fault of ours; it stays empty, which no system call
 * accepts, and `length` beyond its end. */
struct path_text {
    struct path path;
    size_t length;
};

static void append(struct path_text *out, const char *text, size_t length)
{
    if (length >= sizeof out->path.text - out->length) {
        out->length = sizeof out->path.text;
        out->path.text[0] = '\0';
        return;
    }
    memcpy(out->path.text + out->length, text, length);
    out->length += length;
    out->path.text[out->length] = '\0';
}

static void append_text(struct path_text *out, const char *text)
{
    append(out, text, strlen(text));
}

static void append_user(struct path_text *out, int64_t user)
{
    char digits[NUMBER_LENGTH_MAX];
    size_t length = number_format(digits, user);
    append_text(out, "/");
    append(out, digits, length);
}

static void begin(struct path_text *out, enum spool_directory directory)
{
    out->length = 0;
    append_text(out, names[directory]);
}

/* "pending/42", and behind it the mark and the name. */
static struct path behind_user(enum spool_directory directory, int64_t user,
    const char *mark, const char *name)
{
    struct path_text out;
    begin(&out, directory);
    append_user(&out, user);
    append_text(&out, mark);
    append_text(&out, name);
    return out.path;
}

struct path path_of(enum spool_directory directory)
{
    struct path_text out;
    begin(&out, directory);
    return out.path;
}

struct path path_of_user(enum spool_directory directory, int64_t user)
{
    return behind_user(directory, user, "", "");
}

struct path path_in_user(
    enum spool_directory directory, int64_t user, const char *name)
{
    return behind_user(directory, user, "/", name);
}

struct path path_for_user(
    enum spool_directory directory, int64_t user, const char *kind)
{
    return behind_user(directory, user, ".", kind);
}

struct path path_in(enum spool_directory directory, const char *name)
{
    struct path_text out;
    begin(&out, directory);
    append_text(&out, "/");
    append_text(&out, name);
    return out.path;
}

enum error user_parse(const char *text, int64_t *user)
{
    if (text[0] == '0' || text[0] == '-')
        return ERROR_SYNTAX;
    return number_parse(text, strlen(text), user);
}
