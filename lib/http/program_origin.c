/* SPDX-License-Identifier: MIT */
#include "program_origin.h"

#include "buffer.h"
#include "config.h"
#include "environment.h"
#include "problem.h"
#include "program.h"
#include "reply.h"
#include "route.h"

#include <string.h>

static const char *origin(const struct program *program)
{
    return environment_text(program->request.environment, "HTTP_ORIGIN");
}

bool program_is_preflight(const struct program *program)
{
    return strcmp(program->request.method_text, "OPTIONS") == 0 &&
           origin(program)[0] != '\0' &&
           environment_get(program->request.environment,
               "HTTP_ACCESS_CONTROL_REQUEST_METHOD") != NULL;
}

/* The headers that depend on who asks. Caches are told so, too, even where the
 * request names no origin: the next one may. */
void program_add_origin(struct program *program)
{
    const struct config *config = &program->config;
    const char *from = origin(program);
    struct reply *reply = &program->reply;
    if (config->origins[0] == '\0')
        return;
    if (strcmp(config->origins, "*") != 0)
        reply_header(reply, "Vary", "Origin");
    if (from[0] == '\0' || !config_allows_origin(config, from))
        return;
    /* What is listed stands in stoflow.ini, so `from` holds no newline. */
    reply_header(reply, "Access-Control-Allow-Origin",
        strcmp(config->origins, "*") == 0 ? "*" : from);
    reply_header(
        reply, "Access-Control-Expose-Headers", "Retry-After, X-Next-Cursor");
}

void program_preflight(struct program *program, unsigned allowed)
{
    struct reply *reply = &program->reply;
    struct buffer methods = BUFFER_EMPTY;
    if (!config_allows_origin(&program->config, origin(program))) {
        problem_set(reply, PROBLEM_ORIGIN,
            "The origin of this page is not in `origins` of "
            "etc/stoflow.ini.");
        return;
    }
    method_list(&methods, allowed);
    reply->status = 204;
    reply_header(reply, "Access-Control-Allow-Methods", buffer_text(&methods));
    reply_header(reply, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key");
    reply_header(reply, "Access-Control-Max-Age", "86400");
    buffer_free(&methods);
}
