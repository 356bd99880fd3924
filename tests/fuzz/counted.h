/* SPDX-License-Identifier: MIT */
/* Included before everything else where the steps of lib/ are counted
 * (steps.c): what goes through many bytes without a step of the caller's own
 * counts each of them. The C library's headers then declare these instead. */
#define memchr steps_memchr
#define memcmp steps_memcmp
#define memcpy steps_memcpy
#define memmove steps_memmove
#define memset steps_memset
#define realloc steps_realloc
#define strcasecmp steps_strcasecmp
#define strchr steps_strchr
#define strcmp steps_strcmp
#define strcspn steps_strcspn
#define strlen steps_strlen
#define strncasecmp steps_strncasecmp
#define strncmp steps_strncmp
#define strrchr steps_strrchr
#define strspn steps_strspn
#define strstr steps_strstr
