/* SPDX-License-Identifier: MIT */
/* What a plugin's token may still put on the disk. */
#ifndef STOFLOW_SHARE_ALLOW_H
#define STOFLOW_SHARE_ALLOW_H

#include "program.h"

#include <stdbool.h>

/* Whether the caller may add to what the user's records take: always, but where
 * it is a plugin and they take as much as they may. False after having set the
 * problem. */
bool share_allow(struct program *program);

#endif
