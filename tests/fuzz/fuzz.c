/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "file.h"
#include "remove_tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

struct fuzz_part fuzz_take_line(struct fuzz_part *rest)
{
    struct fuzz_part line = *rest;
    const char *newline =
        rest->length == 0 ? NULL : memchr(rest->text, '\n', rest->length);
    if (newline == NULL) {
        rest->length = 0;
        return line;
    }
    line.length = (size_t)(newline - line.text);
    rest->text = newline + 1;
    rest->length -= line.length + 1;
    return line;
}

char *fuzz_string(struct fuzz_part part)
{
    char *copy = strndup(part.length == 0 ? "" : part.text, part.length);
    fuzz_require(copy != NULL);
    return copy;
}

bool fuzz_same(const struct buffer *a, const struct buffer *b)
{
    return !a->failed && !b->failed && a->length == b->length &&
           memcmp(buffer_text(a), buffer_text(b), a->length) == 0;
}

static struct fuzz_root own;

static void leave(void)
{
    remove_tree(AT_FDCWD, own.path);
}

static void enter(void)
{
    char path[sizeof own.path + 16];
    snprintf(own.path, sizeof own.path, "%s/stoflow-fuzz-XXXXXX",
        access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
    fuzz_require(mkdtemp(own.path) != NULL);
    atexit(leave);
    umask(0077);
    snprintf(path, sizeof path, "%s/etc", own.path);
    fuzz_require(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/etc/tokens", own.path);
    fuzz_require(mkdir(path, 0700) == 0);
    fuzz_require(spool_open(&own.spool, own.path) == ERROR_NONE);
    config_default(&own.config);
    own.config.background = false;
    own.account = (struct account){&own.spool, &own.config, 42};
}

const struct fuzz_root *fuzz_root(void)
{
    if (own.path[0] == '\0')
        enter();
    return &own;
}

void fuzz_put(const char *path, struct fuzz_part bytes)
{
    char whole[sizeof own.path + 300];
    snprintf(whole, sizeof whole, "%s/%s", fuzz_root()->path, path);
    int file = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_require(file >= 0);
    fuzz_require(
        write(file, bytes.text, bytes.length) == (ssize_t)bytes.length);
    close(file);
}

bool fuzz_get(const char *path, struct buffer *out)
{
    char whole[sizeof own.path + 300];
    snprintf(whole, sizeof whole, "%s/%s", fuzz_root()->path, path);
    return file_read(AT_FDCWD, whole, file_no_limit, out, NULL) == ERROR_NONE;
}

void fuzz_clear_spool(void)
{
    const struct fuzz_root *root = fuzz_root();
    for (int i = 0; i < SPOOL_DIRECTORIES; i++) {
        remove_tree(root->spool.directory,
            spool_directory_name((enum spool_directory)i));
    }
    fuzz_require(spool_prepare(&root->spool) == ERROR_NONE);
}
