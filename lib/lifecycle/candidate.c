/* SPDX-License-Identifier: MIT */
#include "candidate.h"

#include "husk.h"
#include "reject.h"
#include "second.h"

void candidate_reject(
    struct queue *queue, const struct candidate *candidate, const char *reason)
{
    queue_begin(queue);
    enum error error = reject_file(
        queue->account->spool, candidate->from, candidate->name, reason);
    if (error == ERROR_NONE)
        queue_took(queue);
    else
        account_stuck(queue->account, candidate->from, error);
}

void candidate_clear_husk(
    struct queue *queue, const struct candidate *candidate)
{
    const struct task_place place = {.state = TASK_PENDING,
        .path = candidate->from,
        .lease = {.task = candidate->parsed}};
    queue_begin(queue);
    enum error error = husk_clear(queue->account, &place, false);
    if (error == ERROR_NONE)
        queue_took(queue);
    else if (error != ERROR_BUSY && error != ERROR_EXISTS)
        account_fault(queue->account, "claim", candidate->from, error);
}

enum error candidate_refuse_second(
    struct queue *queue, const struct candidate *candidate)
{
    enum error error =
        second_look(queue->account, candidate->parsed.id, candidate->from);
    if (error == ERROR_NOT_FOUND)
        queue_missed(queue);
    else if (error == ERROR_EXISTS)
        candidate_reject(queue, candidate, second_reason);
    return error == ERROR_EXISTS || error == ERROR_CONFLICT ? ERROR_NOT_FOUND
                                                            : error;
}

enum error candidate_refuse_earlier(
    struct queue *queue, const struct candidate *candidate)
{
    const struct lease_name lease = {.task = candidate->parsed};
    queue_begin(queue);
    enum error error =
        second_remove_earlier(queue->account, candidate->from, &lease);
    if (error == ERROR_EXISTS)
        queue_took(queue);
    return error == ERROR_EXISTS ? ERROR_NOT_FOUND : error;
}
