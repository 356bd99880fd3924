/* SPDX-License-Identifier: MIT */
/* What a record says of a command, in the words of the bridge. */
#ifndef STOFLOW_EXECUTE_ANSWER_H
#define STOFLOW_EXECUTE_ANSWER_H

#include "json.h"
#include "reply.h"

/* Fills the reply from the record of a finished task. */
typedef void execute_answer(struct reply *reply, struct json_value record);

/* GET_USER_DATA: the data itself, or a problem with the plugin's reason. */
execute_answer execute_answer_user;

/* EXECUTE_HTTP_REQUEST: success, status, statusText, headers, data, error. A
 * result with neither success nor data beside its status is taken for the data
 * alone. A failed task is an answer, too, whose status is 0. */
execute_answer execute_answer_one;

/* The others: success, results, error. */
execute_answer execute_answer_list;

#endif
