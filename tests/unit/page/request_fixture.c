/* SPDX-License-Identifier: MIT */
#include "request_fixture.h"

#include "buffer.h"
#include "digest.h"
#include "json_expect.h"
#include "pages.h"
#include "problem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VARIABLES = 8
};

/* A request under way: what the environment and the input hold. */
struct conversation {
    char method[40];
    char path[200];
    char query[400];
    char length[40];
    char token[80];
    char root[100];
    char variable[400];
    char wish[60];
    char *environment[VARIABLES + 1];
    int input[2];
    struct gateway gateway;
    struct program program;
};

static void begin(void)
{
}

static void write_file(
    const struct fixture *fixture, const char *path, const char *text)
{
    char whole[400];
    snprintf(whole, sizeof whole, "%s/etc/%s", fixture->root, path);
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const struct fixture *fixture, const char *path)
{
    char whole[200];
    snprintf(whole, sizeof whole, "%s/%s", fixture->root, path);
    assert_true(mkdir(whole, 0700) == 0 || errno == EEXIST);
}

void request_settings(const struct fixture *fixture, const char *text)
{
    make_folder(fixture, "etc");
    write_file(fixture, "stoflow.ini", text);
}

void request_token_file(
    const struct fixture *fixture, const char *token, const char *text)
{
    char digest[DIGEST_LENGTH + 1];
    char path[100];
    char whole[300];
    digest_sha256(digest, token, strlen(token));
    snprintf(path, sizeof path, "tokens/%s.ini", digest);
    snprintf(whole, sizeof whole, "%s/etc/%s", fixture->root, path);
    remove(whole);
    if (text == NULL)
        assert_int_equal(mkdir(whole, 0700), 0);
    else
        write_file(fixture, path, text);
}

static void make_token(const struct fixture *fixture, const char *token,
    const char *user, const char *scope)
{
    char text[100];
    snprintf(text, sizeof text, "user_id = %s\nscope = %s\n", user, scope);
    request_token_file(fixture, token, text);
}

void request_tokens(const struct fixture *fixture)
{
    make_folder(fixture, "etc");
    make_folder(fixture, "etc/tokens");
    make_token(fixture, "backend", "42", "backend");
    make_token(fixture, "plugin", "42", "plugin");
    make_token(fixture, "cron", "*", "cron");
    make_token(fixture, "everyone", "*", "backend");
}

/* --- The request -----------------------------------------------------------
 */

static void fill_variables(struct conversation *talk,
    const struct fixture *fixture, const struct ask *ask)
{
    const char *path = strchr(ask->request, ' ') + 1;
    size_t length = strcspn(path, "?");
    const char *token = ask->token == NULL ? "backend" : ask->token;
    snprintf(talk->method, sizeof talk->method, "REQUEST_METHOD=%.*s",
        (int)(path - ask->request) - 1, ask->request);
    snprintf(
        talk->path, sizeof talk->path, "PATH_INFO=/api%.*s", (int)length, path);
    snprintf(talk->query, sizeof talk->query, "QUERY_STRING=%s",
        path[length] == '\0' ? "" : path + length + 1);
    snprintf(talk->root, sizeof talk->root, "STOFLOW_ROOT=%s", fixture->root);
    snprintf(talk->token, sizeof talk->token,
        token[0] == '\0' ? "NO_TOKEN=" : "HTTP_AUTHORIZATION=Bearer %s", token);
    if (ask->body == NULL)
        snprintf(talk->length, sizeof talk->length, "CONTENT_LENGTH=");
    else
        snprintf(talk->length, sizeof talk->length, "CONTENT_LENGTH=%zu",
            strlen(ask->body));
    snprintf(talk->variable, sizeof talk->variable, "%s",
        ask->variable == NULL ? "HTTP_HOST=h" : ask->variable);
    snprintf(talk->wish, sizeof talk->wish, "%s",
        strncmp(ask->request, "OPTIONS ", 8) == 0
            ? "HTTP_ACCESS_CONTROL_REQUEST_METHOD=GET"
            : "NO_WISH=");
}

static void open_talk(struct conversation *talk, const struct fixture *fixture,
    const struct ask *ask)
{
    memset(talk, 0, sizeof *talk);
    fill_variables(talk, fixture, ask);
    /* Of two values of a variable the first counts. */
    char *variables[VARIABLES] = {talk->variable, talk->method, talk->path,
        talk->query, talk->length, talk->token, talk->root, talk->wish};
    memcpy((void *)talk->environment, (void *)variables, sizeof variables);
    assert_int_equal(pipe(talk->input), 0);
    if (ask->body != NULL) {
        size_t length = strlen(ask->body);
        assert_int_equal(write(talk->input[1], ask->body, length), length);
    }
    talk->gateway = (struct gateway){.environment = talk->environment,
        .input = {.descriptor = talk->input[0]},
        .begin = begin};
}

static void close_talk(struct conversation *talk)
{
    program_free(&talk->program);
    close(talk->input[0]);
    close(talk->input[1]);
}

/* --- The answer ------------------------------------------------------------
 */

/* A problem says in its body what its head says, and its code is one of the
 * table's. */
static void read_problem(struct answer *answer, struct json_value body)
{
    int64_t status;
    struct json_value code = json_member(body, "code");
    assert_int_equal(
        json_integer(json_member(body, "status"), &status), ERROR_NONE);
    assert_int_equal(status, answer->status);
    for (size_t i = 0; i < PROBLEMS; i++) {
        if (json_string_equals(code, problem_rows[i].code)) {
            assert_int_equal(problem_rows[i].status, answer->status);
            snprintf(
                answer->code, sizeof answer->code, "%s", problem_rows[i].code);
        }
    }
    assert_string_not_equal(answer->code, "");
}

static void read_json(struct answer *answer)
{
    bool is_problem =
        strstr(answer->headers, "\r\nContent-Type: application/problem+json");
    if (!is_problem &&
        strstr(answer->headers, "\r\nContent-Type: application/json") == NULL)
        return;
    struct json_document document = json_parsed(answer->body);
    assert_true(json_is(json_root(&document), JSON_OBJECT));
    if (is_problem)
        read_problem(answer, json_root(&document));
    json_free(&document);
}

/* 0 where the head has no such field. */
static long number_behind(const char *head, const char *field)
{
    const char *at = strstr(head, field);
    return at == NULL ? 0 : strtol(at + strlen(field), NULL, 10);
}

/* The length is what the client goes by, so it must be right to the byte. */
static void read_sent(struct answer *answer, const char *sent, size_t length)
{
    const char *end = strstr(sent, "\r\n\r\n");
    assert_non_null(end);
    size_t head = (size_t)(end - sent) + 4;
    assert_true(head < sizeof answer->headers);
    memset(answer, 0, sizeof *answer);
    memcpy(answer->headers, sent, head);
    memcpy(answer->body, sent + head, length - head);
    answer->status = (int)number_behind(sent, "Status: ");
    assert_int_equal(
        number_behind(sent, "\r\nContent-Length: "), length - head);
    read_json(answer);
}

static const struct answer *receive(const struct reply *reply)
{
    static struct answer answer;
    static char sent[ANSWER_SIZE];
    int ends[2];
    size_t length = 0;
    ssize_t count;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(reply_send(reply, ends[1]), ERROR_NONE);
    close(ends[1]);
    while ((count = read(ends[0], sent + length, sizeof sent - 1 - length)) > 0)
        length += (size_t)count;
    close(ends[0]);
    sent[length] = '\0';
    read_sent(&answer, sent, length);
    return &answer;
}

const struct answer *request_ask(
    const struct fixture *fixture, const struct ask *ask)
{
    static struct conversation talk;
    open_talk(&talk, fixture, ask);
    program_answer(&talk.program, pages, &talk.gateway);
    program_note(&talk.program);
    const struct answer *answer = receive(&talk.program.reply);
    close_talk(&talk);
    return answer;
}

void request_expect(const struct fixture *fixture, const struct ask *ask,
    int status, const char *words)
{
    const struct answer *answer = request_ask(fixture, ask);
    if (answer->status != status || strstr(answer->body, words) == NULL)
        fail_msg("%s: have %d %s, want %d %s", ask->request, answer->status,
            answer->body, status, words);
}

/* --- What fails ------------------------------------------------------------
 */

/* How a call fails, and by which codes a client is told of that. */
struct failure {
    void (*set)(enum fault_call call, unsigned which, int number);
    enum fault_call call;
    int number;
    const char *codes;
    unsigned step; /* from one call that is tried to the next */
};

/* Steps where there are many calls, and one like them is tried at each call: as
 * they begin at another place in each trial, few are left out in all. */
static const struct failure failures[] = {
    {fault_set, FAULT_MEMORY, ENOMEM, "unavailable", 1},
    {fault_set, FAULT_OPEN, EIO, "unavailable", 1},
    {fault_set, FAULT_OPEN, EACCES,
        "unavailable configuration origin_not_allowed", 3},
    {fault_set, FAULT_OPEN, EMFILE, "host_limit", 3},
    {fault_set, FAULT_READ, EIO, "unavailable", 1},
    {fault_set, FAULT_READ, EINTR, "unavailable", 1},
    {fault_set, FAULT_WRITE, EIO, "unavailable", 1},
    {fault_set, FAULT_WRITE, EINTR, "unavailable", 1},
    {fault_set, FAULT_WRITE, ENOSPC, "no_space", 1},
    {fault_set, FAULT_WRITE, EFBIG, "host_limit too_large_here", 1},
    {fault_set, FAULT_SYNC, EIO, "unavailable", 1},
    {fault_set, FAULT_CLOSE, EIO, "unavailable", 1},
    {fault_set, FAULT_STATUS, EIO, "unavailable", 1},
    {fault_set, FAULT_MODE, EPERM, "unavailable", 1},
    {fault_set, FAULT_TIMES, EPERM, "unavailable", 1},
    {fault_set, FAULT_NAMES, EIO, "unavailable", 1},
    {fault_set, FAULT_NAMES, ENOSPC, "no_space", 1},
    {fault_set, FAULT_NAMES, EACCES, "unavailable", 1},
    {fault_set, FAULT_LOCK, EINTR, "unavailable", 1},
    {fault_set, FAULT_RANDOM, EIO, "unavailable", 1},
    {fault_set, FAULT_ALL, EIO, "unavailable", 5},
    {fault_set_late, FAULT_NAMES, EIO, "unavailable", 1},
};

/* Who waits leaves a descriptor to the end of its process (wakeup.h). */
static void expect_closed(const struct trial *trial, int before)
{
    for (int i = before; trial->waits && i < before + 8; i++)
        close(i);
    if (fault_lowest_free() != before)
        fail_msg("%s: a descriptor is left open", trial->name);
}

static bool holds(const struct answer *answer, const struct trial *trial)
{
    return strstr(answer->body, trial->words) != NULL ||
           strstr(answer->headers, trial->words) != NULL ||
           (trial->otherwise != NULL &&
               strstr(answer->body, trial->otherwise) != NULL);
}

/* Where more fails behind it, nothing can be undone; what is done stays so
 * where there is no memory to tell it, or its undoing is said to have failed.
 */
static bool has_one_cause(const struct failure *failure)
{
    return failure->set == fault_set && failure->call != FAULT_ALL &&
           failure->call != FAULT_MEMORY;
}

/* Whether a call has failed. */
static bool ask_failing(const struct fixture *fixture,
    const struct trial *trial, const struct failure *failure, unsigned which)
{
    static struct conversation talk;
    int before = fault_lowest_free();
    open_talk(&talk, fixture, &trial->ask);
    struct buffer pool = fault_take_pool();
    failure->set(failure->call, which, failure->number);
    program_answer(&talk.program, pages, &talk.gateway);
    program_note(&talk.program);
    bool has_come = fault_clear();
    buffer_free(&pool);
    const struct answer *answer = receive(&talk.program.reply);
    close_talk(&talk);
    bool told = has_come && answer->code[0] != '\0' &&
                strstr(failure->codes, answer->code) != NULL;
    bool good = answer->status == trial->status && holds(answer, trial);
    if (!good && !told)
        fail_msg("%s: call %u of kind %d with errno %d: have %d %s",
            trial->name, which, (int)failure->call, failure->number,
            answer->status, answer->body);
    if (!good && has_one_cause(failure) && trial->refused != NULL)
        trial->refused(fixture);
    expect_closed(trial, before);
    return has_come;
}

/* Where an unlink fails an ID stays held, as by one that was killed, until the
 * sweeper takes what is old out of tmp/. */
static void sweep_debris(const struct fixture *fixture)
{
    const char *name;
    while ((name = fixture_find(fixture, "tmp", "")) != NULL)
        assert_int_equal(unlinkat(fixture->spool.directory,
                             path_in(SPOOL_TMP, name).text, 0),
            0);
}

/* A client that was told to try again does so; one that was not may. */
static void ask_again(const struct fixture *fixture, const struct trial *trial,
    const struct failure *failure, unsigned which)
{
    int before = fault_lowest_free();
    const struct answer *answer = request_ask(fixture, &trial->ask);
    if (answer->status != trial->status &&
        (trial->repeated == 0 || answer->status != trial->repeated))
        fail_msg("%s: again (kind %d errno %d call %u): have %d %s",
            trial->name, (int)failure->call, failure->number, which,
            answer->status, answer->body);
    expect_closed(trial, before);
    if (trial->check == NULL)
        return;
    /* What was left half done, for safety's sake, is finished by the sweeper.
     */
    const struct ask sweep = {"POST /sweeper", "", NULL, "cron"};
    request_expect(fixture, &sweep, 200, "did");
    trial->check(fixture);
}

/* Whether a call has failed. */
static bool try_once(
    const struct trial *trial, const struct failure *failure, unsigned which)
{
    void *state;
    fixture_set_up(&state);
    const struct fixture *fixture = state;
    request_tokens(fixture);
    request_settings(fixture, trial->settings == NULL ? "" : trial->settings);
    if (trial->prepare != NULL)
        trial->prepare(fixture);
    bool has_come = ask_failing(fixture, trial, failure, which);
    sweep_debris(fixture);
    ask_again(fixture, trial, failure, which);
    fixture_tear_down(&state);
    return has_come;
}

static void try_failure(
    const struct trial *trial, const struct failure *failure, unsigned first)
{
    unsigned which = 1 + (first % failure->step);
    while (try_once(trial, failure, which))
        which += failure->step;
}

void request_try(const struct trial *trial)
{
    static unsigned tried;
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        try_failure(trial, &failures[i], tried);
    tried++;
}

void request_try_with(const struct trial *trial,
    void (*set)(enum fault_call call, unsigned which, int number),
    enum fault_call call, int number, const char *codes)
{
    const struct failure failure = {set, call, number, codes, 1};
    try_failure(trial, &failure, 0);
}
