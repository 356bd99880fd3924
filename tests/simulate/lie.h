/* SPDX-License-Identifier: MIT */
/* Lies for a moment. What the server of a network file system has, its client
 * may not know yet, or not any more: it says ENOENT or ESTALE of what is there,
 * or that what has been done has failed. That lasts until it is asked again:
 * then it drops what it remembers and asks the server. So a program hears one
 * such lie of a thing, and the truth when it looks at that again. Of a disk
 * that is broken, of rights and of limits it hears the same each time. */
#ifndef SIMULATE_LIE_H
#define SIMULATE_LIE_H

#include <stdbool.h>

struct call; /* kernel.h */

/* Nothing has been told to anybody. */
void lie_begin(void);

/* Whether this is one, where it is reported instead of doing the call. */
bool lie_is_one(int error);

/* Whether the program in use may hear a lie of what the call names; it has
 * heard one then. */
bool lie_tell(const struct call *call);

#endif
