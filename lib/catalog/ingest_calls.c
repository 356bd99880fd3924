/* SPDX-License-Identifier: MIT */
#include "ingest_calls.h"

#include "item_id.h"
#include "vinted_call.h"

static struct json_value or_itself(struct json_value object, const char *key)
{
    struct json_value member = json_member(object, key);
    return json_is(member, JSON_OBJECT) ? member : object;
}

/* Vinted's word for it, not the plugin's alone. */
static bool was_done(struct json_value answer)
{
    int64_t status = 0;
    bool success = true;
    json_integer(json_member(answer, "status"), &status);
    json_boolean(json_member(answer, "success"), &success);
    return success && status >= 200 && status < 300 &&
           !json_is_given(json_member(answer, "error"));
}

static bool is_empty(struct json_value answer)
{
    int64_t status = 0;
    json_integer(json_member(answer, "status"), &status);
    return status == 204 && !json_is_given(json_member(answer, "data"));
}

/* Whether Vinted's own code, if there is one, means success. */
static bool is_fine(struct json_value data)
{
    int64_t number = 0;
    struct json_value code = json_member(data, "code");
    return json_is(data, JSON_OBJECT) &&
           (!json_is_given(code) ||
               (json_integer(code, &number) == ERROR_NONE && number == 0));
}

/* Whether what Vinted answered is about the call's product, which is known from
 * it if it is a new one. */
static bool proves(struct vinted_call *call, struct json_value answer)
{
    struct json_value data = json_member(answer, "data");
    bool removal = call->kind == INGEST_DELETE;
    uint64_t id = 0;
    if (removal && is_empty(answer))
        return true;
    if (!is_fine(data))
        return false;
    if (item_id_read(json_member(or_itself(data, "item"), "id"), &id) !=
        ERROR_NONE)
        return removal;
    if (call->item == 0)
        call->item = id;
    return call->item == id;
}

/* Takes in one request that was answered, as if a task had done it. */
static enum error take_call(struct catalog *catalog,
    const struct ingest_record *record, struct json_value request,
    struct json_value answer, const char **why)
{
    struct vinted_call call;
    if (!vinted_call_read(request, &call) || !was_done(answer))
        return ERROR_NONE;
    bool makes = call.item == 0;
    if (!proves(&call, answer)) {
        *why = "what Vinted answered does not prove what was changed";
        return ERROR_NONE;
    }
    struct ingest_record one = *record;
    one.kind = call.kind;
    one.item = call.item;
    one.makes = makes;
    one.params = or_itself(json_member(request, "body"), "item");
    one.result = json_member(answer, "data");
    return ingest_apply(catalog, &one, why);
}

/* Each request and its answer stand in the same order. The last was done when
 * the task was completed, and each before it earlier than the one that follows:
 * of two that change one product the later one stands. */
static enum error take_several(struct catalog *catalog,
    const struct ingest_record *record, struct json_value requests,
    const char **why)
{
    struct json_value results = json_member(record->result, "results");
    struct json_value request = json_first(requests);
    struct json_value answer =
        json_first(json_is(results, JSON_ARRAY) ? results : record->result);
    struct ingest_record moved = *record;
    enum error error = ERROR_NONE;
    moved.completed -= (int64_t)json_size(requests);
    for (; !json_is(request, JSON_ABSENT) && error == ERROR_NONE;
        request = json_next(request)) {
        moved.completed++;
        error = take_call(catalog, &moved, request, answer, why);
        answer = json_next(answer);
    }
    return error;
}

enum error ingest_calls(struct catalog *catalog,
    const struct ingest_record *record, const char **why)
{
    struct json_value requests = vinted_call_requests(record->params);
    return json_is(requests, JSON_ARRAY)
               ? take_several(catalog, record, requests, why)
               : take_call(catalog, record, requests, record->result, why);
}
