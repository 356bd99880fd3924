/* SPDX-License-Identifier: MIT */
#include "random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

static const char digits[] = "0123456789abcdef";

/* getrandom(2) is Linux's own: it needs no descriptor and no /dev, which a
 * confined host may lack. Requests up to 256 bytes are never cut short. */
static enum error random_bytes(unsigned char *out, size_t length)
{
    ssize_t count;
    do {
        count = getrandom(out, length, 0);
    } while (count < 0 && errno == EINTR);
    return count == (ssize_t)length ? ERROR_NONE : ERROR_SYSTEM;
}

enum error random_uuid(char out[UUID_LENGTH + 1])
{
    unsigned char bytes[16];
    enum error error = random_bytes(bytes, sizeof bytes);
    if (error != ERROR_NONE)
        return error;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* variant */
    char *end = out;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *end++ = '-';
        *end++ = digits[bytes[i] >> 4];
        *end++ = digits[bytes[i] & 15];
    }
    *end = '\0';
    return ERROR_NONE;
}

enum error random_lease(char out[LEASE_LENGTH_MAX + 1])
{
    unsigned char bytes[LEASE_RANDOM_LENGTH / 2];
    enum error error = random_bytes(bytes, sizeof bytes);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < sizeof bytes; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[(2 * i) + 1] = digits[bytes[i] & 15];
    }
    out[LEASE_RANDOM_LENGTH] = '\0';
    return ERROR_NONE;
}

enum error random_number(int64_t most, int64_t *number)
{
    uint64_t drawn;
    unsigned char bytes[sizeof drawn];
    enum error error = random_bytes(bytes, sizeof bytes);
    if (error != ERROR_NONE)
        return error;
    memcpy(&drawn, bytes, sizeof drawn);
    *number = (int64_t)(drawn % ((uint64_t)most + 1));
    return ERROR_NONE;
}
