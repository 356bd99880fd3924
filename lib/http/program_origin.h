/* SPDX-License-Identifier: MIT */
/* Private to program.c: requests that pages of other origins make (CORS, as
 * the WHATWG Fetch standard has it). Only those in `origins` of stoflow.ini
 * are told that they may read the answer; a token is asked for all the same. */
#ifndef STOFLOW_PROGRAM_ORIGIN_H
#define STOFLOW_PROGRAM_ORIGIN_H

#include "program.h"

#include <stdbool.h>

/* Whether the request asks, before another one, if that would be allowed. */
bool program_is_preflight(const struct program *program);

/* Answers it, for a path that takes the methods `allowed`. The configuration
 * is loaded. */
void program_preflight(struct program *program, unsigned allowed);

/* Adds the headers that let a page of a listed origin read this answer. */
void program_add_origin(struct program *program);

#endif
