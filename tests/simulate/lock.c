/* SPDX-License-Identifier: MIT */
/* Locks of fcntl(2): of whole files, exclusive, of a process rather than of a
 * descriptor. */
#include "world.h"

#include <errno.h>

bool lock_is_free(const struct node *node, const struct tasklet *process)
{
    return node->holder == NULL || node->holder == process;
}

static bool is_circle(const struct tasklet *holder)
{
    while (holder != NULL && holder != world->current)
        holder = holder->waits_for;
    return holder != NULL;
}

int lock_try(struct node *node, bool wait)
{
    struct tasklet *process = world->current;
    process->waits_for = NULL;
    if (!world->profile->locks)
        return -ENOLCK;
    if (!lock_is_free(node, process)) {
        if (wait && is_circle(node->holder))
            return -EDEADLK;
        process->waits_for = wait ? node->holder : NULL;
        return -EAGAIN;
    }
    if (node->holder == NULL)
        world->locks++;
    node->holder = process;
    return 0;
}

void lock_release(struct node *node, const struct tasklet *process)
{
    if (node->holder != process || process == NULL)
        return;
    node->holder = NULL;
    world->locks--;
}

size_t kernel_locks_held(void)
{
    return world->locks;
}
