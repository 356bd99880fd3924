/* SPDX-License-Identifier: MIT */
/* Debian builds its libraries so that glibc checks the bounds of some calls.
 * musl lacks these functions, which libfcgi's objects want. Here they are, with
 * the very check that each name promises. */
#include <stdio.h>

#ifdef __GLIBC__
typedef int fortified_by_the_c_library;
#else

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

void *fortified_memcpy(void *to, const void *from, size_t length,
    size_t room) __asm__("__memcpy_chk");
int fortified_sprintf(char *to, int flag, size_t room, const char *format,
    ...) __asm__("__sprintf_chk");
int fortified_fprintf(FILE *file, int flag, const char *format, ...) __asm__(
    "__fprintf_chk");
long fortified_fd_set(long descriptor) __asm__("__fdelt_chk");

void *fortified_memcpy(void *to, const void *from, size_t length, size_t room)
{
    if (length > room)
        abort();
    return memcpy(to, from, length);
}

/* The flag asks glibc to refuse %n in a format that may be written to; those of
 * libfcgi are constants without one. */
int fortified_sprintf(char *to, int flag, size_t room, const char *format, ...)
{
    va_list arguments;
    (void)flag;
    va_start(arguments, format);
    int length = vsnprintf(to, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        abort();
    return length;
}

int fortified_fprintf(FILE *file, int flag, const char *format, ...)
{
    va_list arguments;
    (void)flag;
    va_start(arguments, format);
    int length = vfprintf(file, format, arguments);
    va_end(arguments);
    return length;
}

/* The word of an fd_set that the descriptor stands in. */
long fortified_fd_set(long descriptor)
{
    if (descriptor < 0 || descriptor >= FD_SETSIZE)
        abort();
    return descriptor / (8 * (long)sizeof(long));
}

#endif
