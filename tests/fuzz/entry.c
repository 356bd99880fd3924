/* SPDX-License-Identifier: MIT */
/* What libFuzzer calls with each input. */
#include "fuzz.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_one((const char *)bytes, length);
    return 0;
}
