/* SPDX-License-Identifier: MIT */
#include "access.h"

#include "clock.h"
#include "log.h"
#include "spool.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

void access_note(const struct spool *spool, const struct access *access)
{
    char line[200];
    char started[CLOCK_ISO_LENGTH + 1];
    char user[24] = "-";
    int64_t taken = (clock_now() - access->started) / 1000;
    clock_format_iso(started, access->started);
    if (access->user != 0)
        snprintf(user, sizeof user, "%" PRId64, access->user);
    snprintf(line, sizeof line, "%s %s %s %s %d %" PRId64 " %" PRId64, started,
        access->program, user, access->task[0] == '\0' ? "-" : access->task,
        access->status, taken < 0 ? 0 : taken, access->bytes);
    log_line(spool, "access.log", line);
}
