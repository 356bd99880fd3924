/* SPDX-License-Identifier: MIT */
/* spool/log/access.log: one line for each request, but for the polls that found
 * nothing unless [log] empty_polls says so,
 *
 *   TIME PROGRAM USER TASK STATUS MS BYTES
 *
 * TIME being when the request came, MS how long its answer took and BYTES what
 * that held without headers; '-' stands for what is not known. No token,
 * header, parameter or name of a person ever gets there. */
#ifndef STOFLOW_ACCESS_H
#define STOFLOW_ACCESS_H

#include "spool.h"

#include <stdint.h>

struct access {
    const char *program;
    const char *task; /* ID; "": none */
    int64_t user;     /* 0: not known */
    int64_t started;  /* moment */
    int64_t bytes;
    int status;
};

/* Appends the line. Like log_event it fails without a word. */
void access_note(const struct spool *spool, const struct access *access);

#endif
