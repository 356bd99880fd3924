/* SPDX-License-Identifier: MIT */
#include "programs.h"

#include "arena.h"
#include "background.h"
#include "buffer.h"
#include "kernel.h"
#include "pages.h"
#include "process.h"
#include "program.h"
#include "reply.h"
#include "safety.h"
#include "scheduler.h"
#include "strike.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    VARIABLES_MAX = 16,
    VARIABLE_SIZE = 320,
    ROOT_SIZE = 64 /* of the path of the root */
};

static const char *const names[PROGRAM_KINDS] = {
    [PROGRAM_CREATE] = "create",
    [PROGRAM_POLL] = "poll",
    [PROGRAM_HELD] = "held",
    [PROGRAM_RESULT] = "result",
    [PROGRAM_PROGRESS] = "progress",
    [PROGRAM_CANCEL] = "cancel",
    [PROGRAM_RETRY] = "retry",
    [PROGRAM_TASK] = "task",
    [PROGRAM_TASKS] = "tasks",
    [PROGRAM_SWEEPER] = "sweeper",
    [PROGRAM_SYNC] = "sync",
    [PROGRAM_PRODUCTS] = "products",
    [PROGRAM_HEALTH] = "health",
    [PROGRAM_STATUS] = "status",
    [PROGRAM_PHOTOS] = "photos",
    [PROGRAM_EXECUTE] = "execute",
    [PROGRAM_PAUSE] = "pause",
    [PROGRAM_PERSON] = "person",
};

const char *program_name(unsigned kind)
{
    return names[kind];
}

/* --- The host --------------------------------------------------------------
 */

static const char *const plugin_tokens[] = {
    "plugin-token-of-42", "plugin-token-of-43"};
static const char backend_token[] = "backend-token";

static void write_file(const char *path, const char *text)
{
    kernel_write(path, text, strlen(text), 0600, PROGRAM_USER);
}

/* A token's file is named by its SHA-256. */
void program_configure(const char *settings)
{
    kernel_chown("/root", PROGRAM_USER);
    kernel_mkdir("/root/etc", 0700, PROGRAM_USER);
    kernel_mkdir("/root/etc/tokens", 0700, PROGRAM_USER);
    write_file("/root/etc/stoflow.ini", settings);
    write_file("/root/etc/tokens/472c6e354b87ce4fbe9ed8ac243f681b5c4cd3fd0d8d59"
               "f914bf16798629968b.ini",
        "user_id = 42\nscope = plugin\n");
    write_file("/root/etc/tokens/2e5a026c1f690948d50315411ebec221e6dcec041d70f1"
               "ff6d1d7c02995e0cd5.ini",
        "user_id = 43\nscope = plugin\n");
    write_file("/root/etc/tokens/7ad70ab919f6b881d608f7f2e39909e016a6865bc1cefa"
               "781b86e32390b3e6e4.ini",
        "user_id = *\nscope = backend\n");
}

/* Programs share their static memory here. All that they change there is the
 * pool of buffer.c, which is used up once and for all: then each buffer lies in
 * the program's own memory. */
void program_prepare(void)
{
    static struct buffer used[200];
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++)
        buffer_reserve(&used[i], 1);
}

/* --- The environment -------------------------------------------------------
 */

struct environment {
    char texts[VARIABLES_MAX][VARIABLE_SIZE];
    char *variables[VARIABLES_MAX + 1];
    size_t count;
};

static void set(
    struct environment *environment, const char *name, const char *value)
{
    char *text = environment->texts[environment->count];
    if (value == NULL)
        return;
    snprintf(text, VARIABLE_SIZE, "%s=%s", name, value);
    environment->variables[environment->count++] = text;
    environment->variables[environment->count] = NULL;
}

static void fill(struct environment *environment, const struct ask *ask)
{
    char number[24];
    char bearer[80];
    snprintf(number, sizeof number, "%zu",
        ask->body == NULL ? (size_t)0 : strlen(ask->body));
    snprintf(bearer, sizeof bearer, "Bearer %s",
        ask->backend ? backend_token : plugin_tokens[ask->user == 43]);
    environment->count = 0;
    set(environment, "GATEWAY_INTERFACE", "CGI/1.1");
    set(environment, "STOFLOW_ROOT", "/root");
    set(environment, "REQUEST_METHOD", ask->method);
    set(environment, "PATH_INFO", ask->path);
    set(environment, "QUERY_STRING", ask->query);
    set(environment, "HTTP_AUTHORIZATION", bearer);
    set(environment, "HTTP_HOST", "shop.example");
    set(environment, "HTTP_IDEMPOTENCY_KEY", ask->key);
    set(environment, "CONTENT_TYPE", "application/json");
    set(environment, "CONTENT_LENGTH", ask->body == NULL ? NULL : number);
}

/* --- The answer ------------------------------------------------------------
 */

/* "Status: 200 OK", headers, an empty line, the body, of which Content-Length
 * must have come. */
static void read_answer(const struct tasklet *process, struct told *told)
{
    char head[2048];
    size_t size;
    const char *all = kernel_stdout(process, &size);
    told->status = 0;
    told->length = 0;
    told->body[0] = '\0';
    if (all == NULL)
        return;
    size_t kept = size < sizeof head - 1 ? size : sizeof head - 1;
    memcpy(head, all, kept);
    head[kept] = '\0';
    const char *end = strstr(head, "\r\n\r\n");
    if (end == NULL || strncmp(head, "Status: ", 8) != 0)
        return;
    size_t begun = (size_t)(end + 4 - head);
    const char *length = strstr(head, "Content-Length: ");
    if (length != NULL && length < end &&
        strtoul(length + 16, NULL, 10) != size - begun)
        return;
    told->status = (int)strtol(head + 8, NULL, 10);
    told->length = size - begun < TOLD_MAX ? size - begun : TOLD_MAX;
    memcpy(told->body, all + begun, told->length);
    told->body[told->length] = '\0';
}

/* --- A process -------------------------------------------------------------
 */

struct life {
    struct environment environment;
    struct program program;
    struct told *told;
    void (*answered)(void *context, const struct told *told);
    void *context;
    bool is_answered;
    struct tasklet *process;
    const char *name;
};

static void begin(void)
{
    alarm(PROGRAM_ALARM);
}

static void tell(struct life *life)
{
    if (life->is_answered)
        return;
    struct arena *arena = arena_use(NULL);
    life->is_answered = true;
    strike_note_answer();
    read_answer(life->process, life->told);
    trace_line(life->name, "answers %d %.*s", life->told->status,
        life->told->length < 300 ? (int)life->told->length : 300,
        life->told->body);
    if (life->answered != NULL)
        life->answered(life->context, life->told);
    arena_use(arena);
}

/* What a fork gives to its child. */
struct background {
    struct program program;
    char root[ROOT_SIZE];
    struct process_work work;
    struct tasklet *process;
};

static void tidy_up(void *context)
{
    const struct background *background = context;
    alarm(PROGRAM_ALARM);
    process_do_work(&background->program, background->work);
}

/* The memory of its parent is not there any more: what is needed of it is a
 * part of its own. */
static void run_background(void *context)
{
    struct background *background = context;
    struct program *program = &background->program;
    program->spool.root = background->root;
    program->account.spool = &program->spool;
    program->account.config = &program->config;
    scheduler_process("background", PROGRAM_BACKGROUND, background->process,
        tidy_up, background);
    scheduler_process_end();
}

/* False: with errno. */
static bool begin_background(
    const struct program *program, struct process_work work)
{
    struct background background = {.program = *program, .work = work};
    snprintf(background.root, ROOT_SIZE, "%s", program->spool.root);
    if (fork() < 0)
        return false;
    background.process = kernel_process_fork(kernel_process());
    if (scheduler_fork(
            background.process, run_background, &background, sizeof background))
        return true;
    kernel_process_end(background.process);
    errno = EAGAIN;
    return false;
}

/* As process_run does it. */
static void work_in_background(const struct program *program)
{
    struct process_work work = process_find_work(program);
    if (!process_has_work(work))
        return;
    if (!begin_background(program, work))
        background_refused(&program->spool, errno);
}

/* As process_run and its follow_up. */
static void live(void *context)
{
    struct life *life = context;
    struct program *program = &life->program;
    const struct gateway gateway = {.environment = life->environment.variables,
        .input = {.descriptor = STDIN_FILENO},
        .begin = begin};
    process_begin();
    program_answer(program, pages, &gateway);
    reply_send(&program->reply, STDOUT_FILENO);
    tell(life);
    work_in_background(program);
    program_note(program);
    program_free(program);
}

void program_ask(const struct ask *ask, struct told *told,
    void (*answered)(void *context, const struct told *told), void *context)
{
    struct life life = {.told = told,
        .answered = answered,
        .context = context,
        .name = names[ask->kind]};
    fill(&life.environment, ask);
    told->kept = 0;
    life.process = ask->stays ? kernel_process_resume() : NULL;
    if (life.process == NULL)
        life.process = kernel_process_begin(PROGRAM_USER);
    if (ask->body != NULL)
        kernel_stdin(life.process, ask->body, strlen(ask->body));
    if (ask->file_size > 0)
        kernel_limit_file_size(life.process, ask->file_size);
    if (ask->descriptors > 0)
        kernel_limit_descriptors(life.process, ask->descriptors);
    bool lives = scheduler_process(
        names[ask->kind], ask->kind, life.process, live, &life);
    tell(&life); /* if it was killed before */
    if (lives && ask->stays)
        told->kept = scheduler_process_rest();
    else
        scheduler_process_end();
}
