/* SPDX-License-Identifier: MIT */
#include "lie.h"

#include "kernel.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIES_MAX = 64 /* that are remembered */
};

struct lie {
    int process;
    uint64_t thing; /* a digest of its path */
};

static struct lie lies[LIES_MAX];
static size_t count; /* told so far */

void lie_begin(void)
{
    count = 0;
}

bool lie_is_one(int error)
{
    return kernel_profile()->network && (error == ENOENT || error == ESTALE);
}

static struct lie lie_of(const char *path)
{
    struct lie lie = {kernel_process_id(kernel_process()), 0xcbf29ce484222325};
    for (; *path != '\0'; path++)
        lie.thing = (lie.thing ^ (unsigned char)*path) * 0x100000001b3;
    return lie;
}

static bool was_told(const char *path)
{
    const struct lie lie = lie_of(path);
    for (size_t i = 0; i < LIES_MAX && i < count; i++) {
        if (lies[i].process == lie.process && lies[i].thing == lie.thing)
            return true;
    }
    return false;
}

static void note(const char *path)
{
    if (*path != '\0')
        lies[count++ % LIES_MAX] = lie_of(path);
}

bool lie_tell(const struct call *call)
{
    if (was_told(call->path) || was_told(call->target))
        return false;
    note(call->path);
    note(call->target);
    return true;
}
