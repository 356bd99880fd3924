/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "execute_answer.h"
#include "fault.h"
#include "json.h"
#include "reply.h"
#include "unit.h"

#include <string.h>

#define DONE(result)                                                           \
    "{\"status\":\"completed\",\"error\":null,\"result\":" result "}"
#define FAILED(error)                                                          \
    "{\"status\":\"failed\",\"error\":" error ",\"result\":null}"
#define DECLARED(word)                                                         \
    "{\"status\":\"failed\",\"error\":\"ours\",\"declared\":\"" word           \
    "\",\"result\":null}"
#define FILLED "\"statusText\":\"\",\"headers\":{},\"data\":"

struct answer_case {
    execute_answer *answer;
    const char *record;
    int status;
    const char *want; /* the body, or a part of it where status is not 200 */
};

static const struct answer_case cases[] = {
    {execute_answer_user, DONE("{\"user_id\":1, \"login\":null}"), 200,
        "{\"user_id\":1, \"login\":null}\n"},
    {execute_answer_user, DONE("null"), 502, "\"plugin_failed\""},
    {execute_answer_user, DONE("[]"), 502, "\"plugin_failed\""},
    {execute_answer_user, FAILED("\"no tab\""), 502, "\"detail\":\"no tab\""},
    {execute_answer_user, FAILED("null"), 502, "\"plugin_failed\""},
    {execute_answer_user, DECLARED("timeout"), 504, "\"detail\":\"ours\""},
    {execute_answer_user, DECLARED("expired"), 504, "\"plugin_timeout\""},
    {execute_answer_user, DECLARED("cancelled"), 502, "\"plugin_failed\""},
    {execute_answer_one,
        DONE("{\"success\":true,\"status\":201,\"statusText\":\"Created\","
             "\"headers\":{\"a\":\"b\"},\"data\":[1]}"),
        200,
        "{\"success\":true,\"status\":201,\"statusText\":\"Created\","
        "\"headers\":{\"a\":\"b\"},\"data\":[1]}\n"},
    {execute_answer_one, DONE("{\"status\":299,\"data\":1}"), 200,
        "{\"success\":true,\"status\":299," FILLED "1}\n"},
    {execute_answer_one, DONE("{\"status\":300,\"data\":1}"), 200,
        "{\"success\":false,\"status\":300," FILLED "1}\n"},
    {execute_answer_one,
        DONE("{\"success\":false,\"status\":0,\"error\":\"e\"}"), 200,
        "{\"success\":false,\"status\":0," FILLED "null,\"error\":\"e\"}\n"},
    {execute_answer_one, DONE("{\"status\":3,\"items\":[]}"), 200,
        "{\"success\":true,\"status\":200," FILLED
        "{\"status\":3,\"items\":[]}}\n"},
    {execute_answer_one, DONE("\"text\""), 200,
        "{\"success\":true,\"status\":200," FILLED "\"text\"}\n"},
    /* A record that somebody has cut short. */
    {execute_answer_one, "{\"status\":\"completed\"}", 200,
        "{\"success\":true,\"status\":200," FILLED "null}\n"},
    {execute_answer_one, FAILED("\"no \\\"tab\\\"\""), 200,
        "{\"success\":false,\"status\":0," FILLED
        "null,\"error\":\"no \\\"tab\\\"\"}\n"},
    {execute_answer_one, FAILED("null"), 200,
        "{\"success\":false,\"status\":0," FILLED
        "null,\"error\":\"The plugin did not say why.\"}\n"},
    {execute_answer_one, DECLARED("timeout"), 504, "\"plugin_timeout\""},
    {execute_answer_list, DONE("{\"success\":true,\"results\":[1, 2]}"), 200,
        "{\"success\":true,\"results\":[1, 2]}\n"},
    {execute_answer_list, DONE("{\"success\":false,\"results\":[]}"), 200,
        "{\"success\":false,\"results\":[]}\n"},
    {execute_answer_list, DONE("[1]"), 200,
        "{\"success\":true,\"results\":[1]}\n"},
    {execute_answer_list, DONE("{\"results\":5}"), 200,
        "{\"success\":false,\"results\":[],\"error\":\"The plugin did not say "
        "why.\"}\n"},
    {execute_answer_list, FAILED("\"no tab\""), 200,
        "{\"success\":false,\"results\":[],\"error\":\"no tab\"}\n"},
    {execute_answer_list, DECLARED("expired"), 504, "\"plugin_timeout\""},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct answer_case *row = &cases[i];
        struct reply reply;
        struct json_document document;
        struct json_fault fault;
        reply_init(&reply);
        assert_int_equal(
            json_parse(&document, row->record, strlen(row->record), &fault),
            ERROR_NONE);
        row->answer(&reply, json_root(&document));
        const char *have = buffer_text(&reply.body);
        bool fits = row->status == 200 ? strcmp(have, row->want) == 0
                                       : strstr(have, row->want) != NULL;
        if (reply.status != row->status || !fits)
            fail_msg("%s: have %d %s", row->record, reply.status, have);
        json_free(&document);
        reply_free(&reply);
    }
}

static enum error answer(void *context)
{
    const struct answer_case *row = context;
    struct reply reply;
    struct json_document document;
    struct json_fault fault;
    reply_init(&reply);
    enum error error =
        json_parse(&document, row->record, strlen(row->record), &fault);
    if (error == ERROR_NONE) {
        row->answer(&reply, json_root(&document));
        if (reply.body.failed)
            error = ERROR_MEMORY;
        else if (row->status == 200)
            assert_string_equal(buffer_text(&reply.body), row->want);
        else
            assert_non_null(strstr(buffer_text(&reply.body), row->want));
        json_free(&document);
    }
    reply_free(&reply);
    return error;
}

/* No answer is told by halves, nor without the reason that the plugin gave. */
static void test_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct answer_case row = cases[i];
        fault_each(row.record, answer, &row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("execute_answer", tests, NULL, NULL);
}
