/* SPDX-License-Identifier: MIT */
#include "steps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

uint64_t steps_taken;

/* The compiler calls this at the beginning of each block of lib/. */
void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
    steps_taken++;
}

/* Up to where the C library looks at two texts, and a byte more. */
static void count_same(const char *a, const char *b, size_t most, bool strings)
{
    size_t i = 0;
    while (i < most && a[i] == b[i] && !(strings && a[i] == '\0'))
        i++;
    steps_taken += i + 1;
}

void *steps_memchr(const void *bytes, int byte, size_t length)
{
    void *found = memchr(bytes, byte, length);
    steps_taken +=
        found == NULL ? length : (size_t)((char *)found - (const char *)bytes);
    return found;
}

int steps_memcmp(const void *a, const void *b, size_t length)
{
    count_same(a, b, length, false);
    return memcmp(a, b, length);
}

void *steps_memcpy(void *restrict to, const void *restrict from, size_t length)
{
    steps_taken += length;
    return memcpy(to, from, length);
}

void *steps_memmove(void *to, const void *from, size_t length)
{
    steps_taken += length;
    return memmove(to, from, length);
}

void *steps_memset(void *bytes, int byte, size_t length)
{
    steps_taken += length;
    return memset(bytes, byte, length);
}

/* It may have to move what is there. */
void *steps_realloc(void *memory, size_t size)
{
    steps_taken += size;
    return realloc(memory, size);
}

int steps_strcasecmp(const char *a, const char *b)
{
    steps_taken += strlen(a);
    return strcasecmp(a, b);
}

int steps_strncasecmp(const char *a, const char *b, size_t length)
{
    steps_taken += length;
    return strncasecmp(a, b, length);
}

char *steps_strchr(const char *text, int byte)
{
    char *found = strchr(text, byte);
    steps_taken += found == NULL ? strlen(text) : (size_t)(found - text);
    return found;
}

char *steps_strrchr(const char *text, int byte)
{
    steps_taken += strlen(text);
    return strrchr(text, byte);
}

int steps_strcmp(const char *a, const char *b)
{
    count_same(a, b, SIZE_MAX, true);
    return strcmp(a, b);
}

int steps_strncmp(const char *a, const char *b, size_t length)
{
    count_same(a, b, length, true);
    return strncmp(a, b, length);
}

size_t steps_strlen(const char *text)
{
    size_t length = strlen(text);
    steps_taken += length;
    return length;
}

size_t steps_strspn(const char *text, const char *bytes)
{
    size_t length = strspn(text, bytes);
    steps_taken += length;
    return length;
}

size_t steps_strcspn(const char *text, const char *bytes)
{
    size_t length = strcspn(text, bytes);
    steps_taken += length;
    return length;
}

char *steps_strstr(const char *text, const char *phrase)
{
    char *found = strstr(text, phrase);
    steps_taken += found == NULL ? strlen(text) : (size_t)(found - text);
    return found;
}
