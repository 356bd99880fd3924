/* SPDX-License-Identifier: MIT */
/* Private to config.c: what each key of stoflow.ini is. */
#ifndef STOFLOW_CONFIG_KEY_H
#define STOFLOW_CONFIG_KEY_H

#include "config.h"

/* Sets what one entry of stoflow.ini says. NULL, or why it is refused (static
 * storage): an ini_entry_function with a struct config as its context. */
const char *config_set(
    void *context, const char *section, const char *key, const char *value);

#endif
