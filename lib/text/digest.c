/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <sha2.h>
#include <stdint.h>

void digest_sha256(
    char out[DIGEST_LENGTH + 1], const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    SHA2_CTX context;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)bytes, length);
    SHA256Final(digest, &context);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[(2 * i) + 1] = digits[digest[i] & 15];
    }
    out[DIGEST_LENGTH] = '\0';
}
