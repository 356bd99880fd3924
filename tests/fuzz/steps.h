/* SPDX-License-Identifier: MIT */
/* How many steps lib/ has taken, in a variant that counts them. */
#ifndef STOFLOW_STEPS_H
#define STOFLOW_STEPS_H

#include <stddef.h>
#include <stdint.h>

extern uint64_t steps_taken;

/* What lib/ calls there in place of the functions of the C library (counted.h):
 * the same, with a step for each byte that is gone through. */
void *steps_memchr(const void *bytes, int byte, size_t length);
int steps_memcmp(const void *a, const void *b, size_t length);
void *steps_memcpy(void *restrict to, const void *restrict from, size_t length);
void *steps_memmove(void *to, const void *from, size_t length);
void *steps_memset(void *bytes, int byte, size_t length);
void *steps_realloc(void *memory, size_t size);
int steps_strcasecmp(const char *a, const char *b);
int steps_strncasecmp(const char *a, const char *b, size_t length);
char *steps_strchr(const char *text, int byte);
char *steps_strrchr(const char *text, int byte);
int steps_strcmp(const char *a, const char *b);
int steps_strncmp(const char *a, const char *b, size_t length);
size_t steps_strlen(const char *text);
size_t steps_strspn(const char *text, const char *bytes);
size_t steps_strcspn(const char *text, const char *bytes);
char *steps_strstr(const char *text, const char *phrase);

#endif
