/* SPDX-License-Identifier: MIT */
/* Processes that do the same work side by side, and one that does nothing but
 * see to it that there are as many of them as there should be: whichever ends,
 * by itself or killed, is replaced. */
#ifndef STOFLOW_CREW_H
#define STOFLOW_CREW_H

#include <signal.h>

/* What a member does until it ends by itself; its exit status. Once `lifeline`
 * becomes readable the crew is no more, and it is to end. The signals that end
 * it are blocked. */
typedef int crew_work(void *context, int lifeline);

/* The signals that a crew and its members are ended by: SIGTERM, SIGINT and
 * SIGUSR1. */
void crew_ending_signals(sigset_t *signals);

/* Keeps `members` of them at work, until it is told to end; then it tells them,
 * and waits for what they are at. The exit status: 0, or 111 where the host
 * does not give what it needs. In a member it does not return. */
int crew_run(int members, crew_work *work, void *context);

#endif
