/* SPDX-License-Identifier: MIT */
/* Why the account that the programs run as cannot read, move or remove
 * something in the spool, and the line for a shell that mends it. */
#ifndef STOFLOW_STUCK_CAUSE_H
#define STOFLOW_STUCK_CAUSE_H

#include "buffer.h"
#include "path.h"
#include "spool.h"

#include <stdbool.h>

enum stuck_cause {
    STUCK_NOT,  /* nothing can be seen to be in the way */
    STUCK_GONE, /* there is no such thing (any more) */
    /* What can be seen: */
    STUCK_NO_FOLDER, /* something else lies where a folder belongs */
    STUCK_CLOSED,    /* its owner or mode */
    STUCK_IMMUTABLE, /* chattr +i */
    STUCK_STICKY,    /* its folder's sticky bit, of two other accounts' */
    STUCK_ELSEWHERE, /* on another file system than the spool: nothing can be
                      * moved there; an error tells it, too */
    /* What only an error tells: */
    STUCK_MARKED,  /* it is refused all the same, as by chattr +a of it or of
                    * its folder */
    STUCK_LIMITED, /* what it is to become is larger than a file may be */
    STUCK_BROKEN   /* the disk's fault, or something else in its place */
};

/* Looks at a folder of the spool ("." is the spool itself), which the programs
 * must read and change; or at anything else, which they must read, and move
 * out of its folder. A log must be written, too. */
enum stuck_cause stuck_look_at_folder(
    const struct spool *spool, struct path folder);
enum stuck_cause stuck_look_at(const struct spool *spool, struct path path);

/* Whether the path is that of a folder of the spool or of a user. */
bool stuck_is_folder(struct path path);

/* What can be seen to be wrong, as a clause; static storage. "" of the others.
 */
const char *stuck_problem(enum stuck_cause cause);

/* Appends the line for a shell, with the path as the host has it. */
void stuck_write_fix(struct buffer *out, const struct spool *spool,
    struct path path, enum stuck_cause cause);

/* The folders that users have one of each in; `stuck_user_folder_count`. */
extern const enum spool_directory stuck_user_folders[];
extern const size_t stuck_user_folder_count;

#endif
