/* SPDX-License-Identifier: MIT */
/* Sets of what may be. */
#ifndef SIMULATE_CONFIGS_H
#define SIMULATE_CONFIGS_H

#include "model.h"

/* Empty, with room for as many as a search may need. */
struct configs *configs_new(void);

void configs_clear(struct configs *configs);

/* Whether it was not there yet. A set that is full takes no more, and says so
 * in `overflown`. */
bool configs_add(struct configs *configs, const struct config *config);

void configs_copy(struct configs *to, const struct configs *from);

#endif
