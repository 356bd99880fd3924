/* SPDX-License-Identifier: MIT */
/* /cgi-bin/api/...: for hosts that cannot rewrite URLs. Looks up the route and
 * becomes the program that answers it. */
#include "buffer.h"
#include "environment.h"
#include "error.h"
#include "problem.h"
#include "program.h"
#include "reply.h"
#include "root.h"
#include "route.h"

#include <stdlib.h>
#include <unistd.h>

/* The program for the path, whatever the method: it then says 405 itself. */
static const char *find_program(const char *path)
{
    static const enum method all[] = {METHOD_GET, METHOD_POST, METHOD_DELETE};
    struct route_match match;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        route_find(&match, all[i], path);
        if (match.route != NULL)
            return match.route->program;
    }
    return NULL;
}

static void become(const char *program)
{
    struct buffer path = BUFFER_EMPTY;
    if (root_program_folder(environment_own(), &path) != ERROR_NONE)
        return;
    buffer_append_format(&path, "/%s", program);
    if (!path.failed)
        execl(path.data, program, (char *)NULL);
    buffer_free(&path);
}

/* "api" answers no route itself, so program_run says what is wrong with the
 * path; but where there is a program for it, this is our fault. */
static int say_missing(const char *name)
{
    struct reply reply;
    reply_init(&reply);
    problem_set(&reply, PROBLEM_UNAVAILABLE,
        "The program %s for this path could not be started.", name);
    enum error error = reply_send(&reply, STDOUT_FILENO);
    reply_free(&reply);
    return error == ERROR_NONE ? 0 : 1;
}

static void never(struct program *program)
{
    problem_set(&program->reply, PROBLEM_UNKNOWN_ROUTE,
        "There is nothing at this path.");
}
int main(void)
{
    const char *path = getenv("PATH_INFO");
    const char *program = path == NULL ? NULL : find_program(path);
    if (program != NULL) {
        become(program);
        return say_missing(program);
    }
    return program_run("api", never, false);
}
