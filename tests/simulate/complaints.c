/* SPDX-License-Identifier: MIT */
#include "complaints.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct complaints complaints_into(char *text, size_t size)
{
    if (size > 0)
        text[0] = '\0';
    return (struct complaints){text, size, 0, 0};
}

void complain(struct complaints *complaints, const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    complaints->count++;
    if (length < 0)
        return;
    size_t count = strlen(line);
    line[count++] = '\n';
    if (complaints->size - complaints->used <= count)
        return;
    memcpy(complaints->text + complaints->used, line, count);
    complaints->used += count;
    complaints->text[complaints->used] = '\0';
}
