/* SPDX-License-Identifier: MIT */
/* What the actors of a schedule do, each with its struct client as context. */
#ifndef SIMULATE_WORKLOAD_H
#define SIMULATE_WORKLOAD_H

enum {
    WORKLOAD_MANY = 86 /* tasks that workload_many creates */
};

/* A client's, a person's or cron's way through a round, as it draws it. */
void workload_client(void *context);

/* Tasks in all states, as programs make them. */
void workload_setup(void *context);

/* A queue that is deep, if this is done often enough. */
void workload_many(void *context);

void workload_sweep(void *context);

/* Fetches what there is, and posts its success. */
void workload_drain(void *context);

#endif
