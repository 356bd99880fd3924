/* SPDX-License-Identifier: MIT */
/* What Vinted numbers: items, members, brands. A whole number from 1 to
 * 2^64-1, or a string of its digits. */
#ifndef STOFLOW_ITEM_ID_H
#define STOFLOW_ITEM_ID_H

#include "error.h"
#include "json.h"

#include <stddef.h>
#include <stdint.h>

/* ERROR_TYPE, or ERROR_RANGE; *id is then unchanged. */
enum error item_id_read(struct json_value value, uint64_t *id);

/* The same from text. */
enum error item_id_parse(const char *text, size_t length, uint64_t *id);

#endif
