/* SPDX-License-Identifier: MIT */
#include "trace_fixture.h"

#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static struct buffer steps;

/* The folders are there, as in a queue that has been used. */
static void put_folders(const struct fixture *fixture)
{
    static const char *const folders[] = {"pending/42", "executing/42",
        "done/42", "progress/42", "ingest/42", "keys/42", "pace/42", "tmp",
        "index", "rejected", "photos", "products", "users", "log"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        char path[40];
        snprintf(path, sizeof path, "%s/x", folders[i]);
        fixture_put(fixture, path, "");
        assert_int_equal(
            file_remove(fixture->spool.directory, path), ERROR_NONE);
    }
}

/* They have been quiet, or what is nowhere would be looked for twice. */
void trace_begin(const struct fixture *fixture)
{
    put_folders(fixture);
    fixture_age(fixture, "pending/42", 100);
    fixture_age(fixture, "executing/42", 100);
    buffer_clear(&steps);
    fault_watch(&steps);
}

void trace_expect(const char *const *want)
{
    const char *have = buffer_text(&steps);
    fault_watch(NULL);
    for (; *have != '\0' || *want != NULL; want += *want != NULL) {
        char line[1000];
        size_t length = strcspn(have, "\n");
        const char *pattern = *want == NULL ? "the end" : *want;
        snprintf(line, sizeof line, "%.*s", (int)length, have);
        if (fnmatch(pattern, line, 0) != 0)
            fail_msg("for \"%s\" there is \"%s\" in\n%s", pattern, line,
                buffer_text(&steps));
        have += length + (have[length] == '\n');
    }
    buffer_free(&steps);
}
