/* SPDX-License-Identifier: MIT */
/* What is there before a trial of request_fixture.h, and what must hold behind
 * it: task t of user 42, and what is around it. */
#ifndef STOFLOW_TRIAL_FIXTURE_H
#define STOFLOW_TRIAL_FIXTURE_H

#include "ingest_fixture.h"
#include "request_fixture.h"
#include "task_fixture.h"

/* The task, in this state: in the hands of lease "abc123", or done with a
 * result. */
void trial_put_pending(const struct fixture *fixture);
void trial_put_executing(const struct fixture *fixture);
void trial_put_completed(const struct fixture *fixture);
void trial_put_failed(const struct fixture *fixture);

/* The pause is called "lunch"; the plugin has just been there. */
void trial_put_paused(const struct fixture *fixture);
void trial_put_plugin(const struct fixture *fixture);

/* Fail the test unless the task is there, in this state, and no other. */
void trial_expect_queued(const struct fixture *fixture);
void trial_expect_pending(const struct fixture *fixture);
void trial_expect_executing(const struct fixture *fixture);
void trial_expect_completed(const struct fixture *fixture);
void trial_expect_failed(const struct fixture *fixture);

/* Nothing is to be carried out; the photo of photo_fixture.h is served. */
void trial_expect_nothing(const struct fixture *fixture);
void trial_expect_photo(const struct fixture *fixture);

#endif
