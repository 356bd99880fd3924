/* SPDX-License-Identifier: MIT */
/* The life of a FastCGI responder: requests come one after the other over a
 * socket that a server has made, and each is answered as by a program of its
 * own. */
#ifndef STOFLOW_FASTCGI_H
#define STOFLOW_FASTCGI_H

#include "program.h"

#include <stdbool.h>

/* Whether descriptor 0 is such a socket. */
bool fastcgi_is_offered(void);

/* Answers requests with one of the pages, each as process_run does, until it is
 * told to end (SIGTERM, SIGINT or SIGUSR1), has answered STOFLOW_REQUESTS of
 * them (10,000 if the environment does not say; 0 is any number), or the socket
 * fails. What it is at it finishes first.
 *
 * Where the environment says STOFLOW_WORKERS, so many processes do that, and
 * this one replaces each that ends.
 *
 * Returns the exit status: 0, 100 for a wrong variable, 111 for a socket that
 * cannot be used now. */
int fastcgi_run(const struct page *const *pages);

#endif
