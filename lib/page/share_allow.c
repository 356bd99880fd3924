/* SPDX-License-Identifier: MIT */
#include "share_allow.h"

#include "problem.h"
#include "share.h"

/* Where it cannot be told, what follows meets the same and says so. */
bool share_allow(struct program *program)
{
    if (program->caller.scope != SCOPE_PLUGIN ||
        share_check(&program->account) != ERROR_FULL)
        return true;
    problem_set(&program->reply, PROBLEM_NO_SPACE,
        "The finished tasks of this user take as much of the disk as they may "
        "(user_space in etc/stoflow.ini): until some are removed, a token of "
        "scope plugin starts no sync and posts no large result.");
    return false;
}
