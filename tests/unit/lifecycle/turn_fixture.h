/* SPDX-License-Identifier: MIT */
/* Steps of two programs at one task "t" of user 42, for step_each_turn. */
#ifndef STOFLOW_TURN_FIXTURE_H
#define STOFLOW_TURN_FIXTURE_H

#include "error.h"
#include "step_fixture.h"

/* What the other was told last. */
extern enum error turn_other_error;

/* One who polls or speaks does so under the lease receive1. */
enum error turn_claim(const struct fixture *fixture);
enum error turn_succeed(const struct fixture *fixture);
enum error turn_put_off(const struct fixture *fixture);
enum error turn_cancel(const struct fixture *fixture);
enum error turn_retry(const struct fixture *fixture);
enum error turn_settle(const struct fixture *fixture);
enum error turn_clear(const struct fixture *fixture);
enum error turn_renew(const struct fixture *fixture);

/* The same as another takes it, who polls under receive2. */
void turn_other_claim(const struct fixture *fixture);
void turn_other_succeed(const struct fixture *fixture);
void turn_other_put_off(const struct fixture *fixture);
void turn_other_cancel(const struct fixture *fixture);
void turn_other_retry(const struct fixture *fixture);
void turn_other_claim_and_cancel(const struct fixture *fixture);
void turn_other_settle(const struct fixture *fixture);
void turn_other_finish(const struct fixture *fixture);
void turn_other_finish_and_retry(const struct fixture *fixture);
void turn_other_finish_and_cancel(const struct fixture *fixture);
void turn_other_give_back(const struct fixture *fixture);
void turn_other_remove(const struct fixture *fixture);

/* What they begin with. */
void turn_lay_waiting(const struct fixture *fixture);
void turn_lay_back(const struct fixture *fixture);
void turn_lay_running(const struct fixture *fixture);
void turn_lay_overdue(const struct fixture *fixture);
void turn_lay_once_overdue(const struct fixture *fixture);
void turn_lay_declared(const struct fixture *fixture);
void turn_lay_completed(const struct fixture *fixture);

/* Ends of theirs, as patterns. */
#define TURN_TAKEN "executing/42/*-receive[12]-*-t*.json\n"
#define TURN_MARKED TURN_TAKEN "progress/42/t.cancel\n"
#define TURN_QUEUED_AGAIN "pending/42/*-t*.json\n"
#define TURN_DONE COMPLETED("t") "\n*"
#define TURN_ENDED FAILED("t") "\n"

struct turn_pair {
    struct step step;
    step_function *other;
    const char *ends[5];
};

void turn_each(void *const *state, const struct turn_pair *pairs, size_t count);

#endif
