/* SPDX-License-Identifier: MIT */
/* Tidying up after the answer has gone out, so that a host without cron is
 * well kept, too. */
#ifndef STOFLOW_BACKGROUND_H
#define STOFLOW_BACKGROUND_H

struct program;

/* Forks a process for what the answer left to do: the results to take in, the
 * deep queue to read again, and a sweep if the last one is `sweep_every` ago.
 * Returns at once; the answer must have been written before. */
void background_run(const struct program *program);

#endif
