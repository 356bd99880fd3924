/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include <stddef.h>
#include <string.h>

extern char **environ; /* which no header of POSIX declares */

char *const *environment_own(void)
{
    return environ;
}

const char *environment_get(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, length) == 0 &&
            (*environment)[length] == '=')
            return *environment + length + 1;
    }
    return NULL;
}

const char *environment_text(char *const *environment, const char *name)
{
    const char *value = environment_get(environment, name);
    return value == NULL ? "" : value;
}
