/* SPDX-License-Identifier: MIT */
/* Whether the host does what the queue needs, found out by trying it; and,
 * where it does not, the line that mends it. */
#ifndef STOFLOW_SELFTEST_H
#define STOFLOW_SELFTEST_H

#include "buffer.h"
#include "config.h"
#include "ini_file.h"
#include "spool.h"

enum selftest_limits {
    SELFTEST_CLOCK_SECONDS = 2,   /* that a file system may be off */
    SELFTEST_CRON_SECONDS = 86400 /* after which cron counts as gone */
};

struct selftest {
    char *const *environment; /* of the request */
    const struct spool *spool;
    const char *root; /* path */
    const struct config *config;
    const struct ini_fault *config_fault; /* NULL: stoflow.ini is right */
};

/* Appends a JSON array with one object for each check, in a fixed order:
 *   {"check":"clock","ok":true,"detail":"..."}
 *   {"check":"cron","ok":false,"detail":"...","fix":"..."}
 * Creates files in tmp/, which it removes, and in index/. What the host cannot
 * do is a finding, not an error; only a lack of memory sets out->failed. */
void selftest_write(struct buffer *out, const struct selftest *about);

#endif
