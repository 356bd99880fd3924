/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) through libmd. Its functions on files need glibc, so
 * only those on memory are used. */
#ifndef STOFLOW_DIGEST_H
#define STOFLOW_DIGEST_H

#include <stddef.h>

enum digest_sizes {
    DIGEST_LENGTH = 64 /* hexadecimal digits */
};

/* Writes the digest of the bytes in lower case hexadecimal, and a NUL. */
void digest_sha256(
    char out[DIGEST_LENGTH + 1], const void *bytes, size_t length);

#endif
