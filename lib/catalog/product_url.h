/* SPDX-License-Identifier: MIT */
/* Addresses as items tell of them: whole, without their scheme, or only the
 * path on Vinted's site. Whoever reads the catalogue is elsewhere. */
#ifndef STOFLOW_PRODUCT_URL_H
#define STOFLOW_PRODUCT_URL_H

#include "buffer.h"
#include "json.h"

#include <stdbool.h>

/* Appends, as JSON, the absolute address (http or https) that `value` tells. A
 * path is one on the site of `beside`, a whole address. False, and nothing is
 * appended, where it tells none, or none that can be made absolute. True also
 * where `out` has failed, for what it tells is not known then. */
bool product_url_append(
    struct buffer *out, struct json_value value, struct json_value beside);

#endif
