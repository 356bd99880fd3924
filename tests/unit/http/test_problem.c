/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "problem.h"
#include "reply.h"
#include "unit.h"

#include <string.h>

struct code_case {
    enum problem problem;
    int status;
    const char *code;
};

/* Written down apart from the table: clients compare these, so that a change
 * of one is a change of the contract. */
static const struct code_case cases[] = {
    {PROBLEM_BAD_REQUEST, 400, "bad_request"},
    {PROBLEM_MALFORMED_JSON, 400, "malformed_json"},
    {PROBLEM_TRUNCATED_BODY, 400, "truncated_body"},
    {PROBLEM_BAD_LENGTH, 400, "bad_content_length"},
    {PROBLEM_TOKEN_MISSING, 401, "token_missing"},
    {PROBLEM_TOKEN_INVALID, 401, "token_invalid"},
    {PROBLEM_TOKEN_EXPIRED, 401, "token_expired"},
    {PROBLEM_WRONG_SCOPE, 403, "wrong_scope"},
    {PROBLEM_WRONG_USER, 403, "wrong_user"},
    {PROBLEM_ORIGIN, 403, "origin_not_allowed"},
    {PROBLEM_UNKNOWN_ROUTE, 404, "unknown_route"},
    {PROBLEM_UNKNOWN_TASK, 404, "unknown_task"},
    {PROBLEM_UNKNOWN_PHOTO, 404, "unknown_photo"},
    {PROBLEM_METHOD, 405, "method_not_allowed"},
    {PROBLEM_TASK_EXISTS, 409, "task_exists"},
    {PROBLEM_RESULT_CONFLICT, 409, "result_conflict"},
    {PROBLEM_LEASE_LOST, 409, "lease_lost"},
    {PROBLEM_AMBIGUOUS_TASK, 409, "ambiguous_task"},
    {PROBLEM_TASK_FINISHED, 409, "task_finished"},
    {PROBLEM_UNFINISHED, 409, "task_not_finished"},
    {PROBLEM_NOT_REPEATABLE, 409, "not_repeatable"},
    {PROBLEM_OUTCOME_KNOWN, 409, "outcome_known"},
    {PROBLEM_LENGTH_REQUIRED, 411, "length_required"},
    {PROBLEM_TOO_LARGE, 413, "too_large"},
    {PROBLEM_TOO_LARGE_HERE, 413, "too_large_here"},
    {PROBLEM_IMAGE, 415, "unsupported_image"},
    {PROBLEM_INVALID_FIELD, 422, "invalid_field"},
    {PROBLEM_KEY_REUSED, 422, "idempotency_key_reused"},
    {PROBLEM_CONFIGURATION, 500, "configuration"},
    {PROBLEM_HOST_LIMIT, 500, "host_limit"},
    {PROBLEM_SPOILT_FILE, 500, "spoilt_file"},
    {PROBLEM_PLUGIN_FAILED, 502, "plugin_failed"},
    {PROBLEM_PLUGIN_MISSING, 503, "plugin_not_connected"},
    {PROBLEM_UNAVAILABLE, 503, "unavailable"},
    {PROBLEM_PLUGIN_TIMEOUT, 504, "plugin_timeout"},
    {PROBLEM_NO_SPACE, 507, "no_space"},
};

static void test_codes_are_stable(void **state)
{
    (void)state;
    const size_t count = sizeof cases / sizeof cases[0];
    assert_int_equal(count, PROBLEMS);
    for (size_t i = 0; i < count; i++) {
        const struct problem_row *row = &problem_rows[cases[i].problem];
        if (row->problem != cases[i].problem ||
            row->status != cases[i].status ||
            strcmp(row->code, cases[i].code) != 0)
            fail_msg("have %d %s, want %d %s", row->status, row->code,
                cases[i].status, cases[i].code);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(row->code, problem_rows[j].code);
            assert_string_not_equal(row->title, problem_rows[j].title);
        }
    }
}

static void expect_body(const struct reply *reply,
    const struct problem_row *row, const char *detail)
{
    struct json_document document;
    struct json_fault fault;
    int64_t status;
    assert_int_equal(json_parse(&document, buffer_text(&reply->body),
                         reply->body.length, &fault),
        ERROR_NONE);
    struct json_value root = json_root(&document);
    assert_int_equal(json_size(root), 5);
    assert_int_equal(
        json_integer(json_member(root, "status"), &status), ERROR_NONE);
    assert_int_equal(status, row->status);
    assert_true(json_string_equals(json_member(root, "type"), "about:blank"));
    assert_true(json_string_equals(json_member(root, "title"), row->title));
    assert_true(json_string_equals(json_member(root, "code"), row->code));
    assert_true(json_string_equals(json_member(root, "detail"), detail));
    json_free(&document);
}

static bool has(const struct reply *reply, const char *header)
{
    return strstr(buffer_text(&reply->headers), header) != NULL;
}

static void test_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEMS; i++) {
        const struct problem_row *row = &problem_rows[i];
        struct reply reply;
        reply_init(&reply);
        buffer_append_text(&reply.body, "half an answer that is no more");
        problem_set(&reply, row->problem, "\"%s\" at %d", "x\n\\", 7);
        assert_int_equal(reply.status, row->status);
        assert_string_equal(reply.content_type, "application/problem+json");
        expect_body(&reply, row, "\"x\n\\\" at 7");
        assert_int_equal(
            has(&reply, "WWW-Authenticate: Bearer\r\n"), row->status == 401);
        assert_int_equal(has(&reply, "Retry-After: "),
            row->status == 503 || row->status == 507);
        reply_free(&reply);
    }
}

/* A detail of any length, and of any bytes, is still JSON. */
static void test_odd_details(void **state)
{
    (void)state;
    char text[2000];
    struct json_document document;
    struct json_fault fault;
    for (size_t length = 590; length < sizeof text; length += 47) {
        struct reply reply;
        memset(text, '\xE9', sizeof text);
        text[length] = '\0';
        reply_init(&reply);
        problem_set(&reply, PROBLEM_INVALID_FIELD, "%s", text);
        assert_int_equal(json_parse(&document, buffer_text(&reply.body),
                             reply.body.length, &fault),
            ERROR_NONE);
        json_free(&document);
        reply_free(&reply);
    }
}

struct error_case {
    enum error error;
    int status;
};

static const struct error_case error_cases[] = {
    {ERROR_FULL, 507},
    {ERROR_IO, 503},
    {ERROR_READ_ONLY, 503},
    {ERROR_DENIED, 503},
    {ERROR_MEMORY, 503},
    {ERROR_BUSY, 503},
    {ERROR_SYSTEM, 503},
    {ERROR_NOT_FOUND, 503}, /* somebody has just taken it away */
    {ERROR_FILE_LIMIT, 500},
    {ERROR_DESCRIPTORS, 500},
    {ERROR_SYNTAX, 500},
    {ERROR_TYPE, 500},
    {ERROR_TOO_LARGE, 500},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_cases / sizeof error_cases[0]; i++) {
        struct reply reply;
        reply_init(&reply);
        problem_set_error(&reply, error_cases[i].error, "Doing it");
        if (reply.status != error_cases[i].status)
            fail_msg("error %d: have %d, want %d", (int)error_cases[i].error,
                reply.status, error_cases[i].status);
        /* Nobody is told to try again where that is of no use. */
        bool later = reply.status != 500;
        assert_int_equal(has(&reply, "Retry-After: "), later);
        assert_int_equal(
            strstr(buffer_text(&reply.body), "Try again later") != NULL, later);
        assert_non_null(strstr(buffer_text(&reply.body), "Doing it"));
        assert_non_null(
            strstr(buffer_text(&reply.body), error_text(error_cases[i].error)));
        reply_free(&reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_are_stable),
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_odd_details),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
