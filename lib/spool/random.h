/* SPDX-License-Identifier: MIT */
/* Names nobody can guess, and numbers for what must not come together. */
#ifndef STOFLOW_RANDOM_H
#define STOFLOW_RANDOM_H

#include "error.h"
#include "name.h"

#include <stdint.h>

enum random_sizes {
    UUID_LENGTH = 36,
    LEASE_RANDOM_LENGTH = 20 /* hexadecimal digits: 80 bits */
};

/* A version 4 UUID (RFC 9562) in lower case. ERROR_SYSTEM when the kernel
 * gives no random bytes; *out is then unchanged. */
enum error random_uuid(char out[UUID_LENGTH + 1]);

/* A lease of LEASE_RANDOM_LENGTH characters. Errors as above. */
enum error random_lease(char out[LEASE_LENGTH_MAX + 1]);

/* A number from 0 to `most`, each as likely as the other, as far as `most` is
 * small beside 2^64. ERROR_SYSTEM as above. */
enum error random_number(int64_t most, int64_t *number);

#endif
