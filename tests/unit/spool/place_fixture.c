/* SPDX-License-Identifier: MIT */
#include "place_fixture.h"

#include "buffer.h"
#include "error.h"
#include "file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int place_enter(void **state)
{
    struct place *place = malloc(sizeof *place);
    if (place == NULL)
        return -1;
    const char *top = getenv("TMPDIR");
    snprintf(place->path, sizeof place->path, "%.40s/stoflow.XXXXXX",
        top == NULL || strlen(top) > 40 ? "/tmp" : top);
    if (mkdtemp(place->path) == NULL)
        return -1;
    place->directory = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = place;
    return place->directory < 0 ? -1 : 0;
}

/* Tests make directories one level deep, and only empty ones. */
int place_leave(void **state)
{
    struct place *place = *state;
    DIR *list = opendir(place->path);
    if (list == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (unlinkat(place->directory, entry->d_name, 0) != 0)
            unlinkat(place->directory, entry->d_name, AT_REMOVEDIR);
    }
    closedir(list);
    close(place->directory);
    int result = rmdir(place->path);
    free(place);
    return result;
}

struct place *place_of(void **state)
{
    return *state;
}

void place_put(int directory, const char *path, const char *text)
{
    assert_int_equal(
        file_create(directory, path, text, strlen(text)), ERROR_NONE);
}

void place_expect(int directory, const char *path, const char *want)
{
    struct buffer have = BUFFER_EMPTY;
    assert_int_equal(file_read(directory, path, 1000, &have, NULL), ERROR_NONE);
    assert_string_equal(buffer_text(&have), want);
    buffer_free(&have);
}
