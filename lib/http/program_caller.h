/* SPDX-License-Identifier: MIT */
/* Private to program.c: who is calling, and whether they may. */
#ifndef STOFLOW_PROGRAM_CALLER_H
#define STOFLOW_PROGRAM_CALLER_H

#include "program.h"

#include <stdbool.h>

/* Looks the token up and checks it against the route. The route, the root and
 * the spool (for the log) are set. False after having set the problem. */
bool program_identify(struct program *program);

#endif
