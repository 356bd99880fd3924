/* SPDX-License-Identifier: MIT */
/* What is wrong, in words. */
#ifndef SIMULATE_COMPLAINTS_H
#define SIMULATE_COMPLAINTS_H

#include <stddef.h>

struct complaints {
    char *text; /* one a line, as many as fit */
    size_t size, used;
    size_t count;
};

/* `text` may be NULL, if size is 0. */
struct complaints complaints_into(char *text, size_t size);

__attribute__((format(printf, 2, 3))) void complain(
    struct complaints *complaints, const char *format, ...);

#endif
