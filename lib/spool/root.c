/* SPDX-License-Identifier: MIT */
#include "root.h"

#include "environment.h"
#include "file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROOT_PATH_MAX = 4096
};

/* /proc says where the program stands; where a host hides it, the server's
 * SCRIPT_FILENAME does. It is the server's, not a client's, to set. */
static enum error program_path(char *const *environment, struct buffer *path)
{
    char *to = buffer_reserve(path, ROOT_PATH_MAX);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t length = readlink("/proc/self/exe", to, ROOT_PATH_MAX);
    if (length > 0 && length < ROOT_PATH_MAX) {
        path->length += (size_t)length;
        to[length] = '\0';
        return ERROR_NONE;
    }
    const char *script = environment_text(environment, "SCRIPT_FILENAME");
    if (script[0] != '/')
        return ERROR_NOT_FOUND;
    buffer_append_text(path, script);
    return path->failed ? ERROR_MEMORY : ERROR_NONE;
}

/* Cuts the last component off. */
static enum error cut_last(struct buffer *path)
{
    const char *slash = strrchr(path->data, '/');
    if (slash == NULL)
        return ERROR_SYNTAX;
    path->length = slash == path->data ? 1 : (size_t)(slash - path->data);
    path->data[path->length] = '\0';
    return ERROR_NONE;
}

enum error root_program_folder(char *const *environment, struct buffer *folder)
{
    enum error error = program_path(environment, folder);
    return error == ERROR_NONE ? cut_last(folder) : error;
}

static enum error check_absolute(const struct buffer *root)
{
    return buffer_text(root)[0] == '/' ? ERROR_NONE : ERROR_SYNTAX;
}

static enum error read_pointer(const struct buffer *folder, struct buffer *root)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_format(&path, "%s/stoflow.root", folder->data);
    enum error error =
        path.failed ? ERROR_MEMORY
                    : file_read(AT_FDCWD, path.data, ROOT_PATH_MAX, root, NULL);
    buffer_free(&path);
    if (error != ERROR_NONE)
        return error;
    root->length = strcspn(root->data, "\r\n");
    root->data[root->length] = '\0';
    return check_absolute(root);
}

enum error root_find(char *const *environment, struct buffer *root)
{
    struct buffer folder = BUFFER_EMPTY;
    const char *given = environment_text(environment, "STOFLOW_ROOT");
    if (given[0] != '\0') {
        buffer_append_text(root, given);
        return root->failed ? ERROR_MEMORY : check_absolute(root);
    }
    enum error error = root_program_folder(environment, &folder);
    if (error == ERROR_NONE) {
        error = read_pointer(&folder, root);
        if (error == ERROR_NOT_FOUND) {
            error = cut_last(&folder);
            buffer_append_text(root, buffer_text(&folder));
        }
    }
    buffer_free(&folder);
    return root->failed ? ERROR_MEMORY : error;
}
