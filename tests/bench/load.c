/* SPDX-License-Identifier: MIT */
/* load COUNT CLIENTS STEP...: each client carries out all steps in turn, COUNT
 * times; all begin at one moment, when each has its connection. Prints "CLIENT
 * STEP NANOSECONDS" for each step carried out, and at the end "peak KIB": the
 * most memory that a program which was run held. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SECONDS_MOST = 120, /* a hang ends as a failure */
    STEPS_MOST = 8,
    CLIENTS_MOST = 256,
    COUNT_MOST = 100000
};

/* What every client is to do, and two pipes: each says on the first that it is
 * ready, and the end of the second says that all are. */
struct plan {
    long count;
    struct step steps[STEPS_MOST];
    int most; /* steps */
    int ready[2];
    int begin[2];
};

static void carry_out(
    struct client *client, const struct step *steps, int number)
{
    const struct step *step = &steps[number];
    size_t length;
    char *text = step_fill_in(step, client, &length);
    errno = 0;
    int64_t start = load_now();
    client->answer[0] = '\0';
    if (strcmp(step->kind, "http") == 0)
        http_request(client, text, length);
    else if (strcmp(step->kind, "exec") == 0)
        exec_program(client, step->target, text, length);
    else
        write_durably(step->target, text, length);
    int64_t took = load_now() - start;
    printf("%d %d %lld\n", client->number, number, (long long)took);
    step_note_id(client);
    free(text);
}

static void wait_for_others(const struct plan *plan)
{
    char byte = 0;
    close(plan->begin[1]);
    if (write(plan->ready[1], &byte, 1) != 1 || close(plan->ready[1]) != 0 ||
        read(plan->begin[0], &byte, 1) != 0)
        load_fail("waiting for the other clients");
    close(plan->begin[0]);
    close(plan->ready[0]);
}

static _Noreturn void be_client(struct client *client, const struct plan *plan)
{
    alarm(SECONDS_MOST);
    for (int i = 0; i < plan->most && client->connection < 0; i++) {
        if (strcmp(plan->steps[i].kind, "http") == 0)
            http_connect(client, plan->steps[i].target);
    }
    wait_for_others(plan);
    for (long i = 0; i < plan->count; i++) {
        for (int number = 0; number < plan->most; number++)
            carry_out(client, plan->steps, number);
    }
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("peak %ld\n", usage.ru_maxrss);
    if (fflush(stdout) != 0)
        load_fail("output");
    exit(0);
}

/* Each client collects its lines in a buffer as large as they all can be, so
 * that writing them disturbs nobody before it has finished. */
static void start_client(int number, const struct plan *plan)
{
    static struct client client;
    pid_t child = fork();
    if (child < 0)
        load_fail("fork");
    if (child > 0)
        return;
    size_t size = (size_t)plan->count * (size_t)plan->most * 48 + 64;
    char *lines = malloc(size);
    if (lines == NULL || setvbuf(stdout, lines, _IOFBF, size) != 0)
        load_fail("memory");
    client.number = number;
    client.connection = -1;
    be_client(&client, plan);
}

/* Where a client has failed, reading ends early, and the others are let go. */
static void begin_together(const struct plan *plan, int clients)
{
    char byte;
    close(plan->ready[1]);
    while (clients-- > 0 && read(plan->ready[0], &byte, 1) == 1)
        continue;
    close(plan->begin[1]);
}

int main(int count, char **arguments)
{
    static struct plan plan;
    int status;
    plan.most = count - 3;
    if (plan.most < 1 || plan.most > STEPS_MOST)
        load_fail("usage: load COUNT CLIENTS STEP...");
    plan.count = load_number(arguments[1], COUNT_MOST);
    int clients = (int)load_number(arguments[2], CLIENTS_MOST);
    for (int i = 0; i < plan.most; i++)
        step_read(arguments[3 + i], &plan.steps[i]);
    if (pipe(plan.ready) != 0 || pipe(plan.begin) != 0)
        load_fail("a pipe");
    for (int i = 0; i < clients; i++)
        start_client(i, &plan);
    begin_together(&plan, clients);
    int result = 0;
    while (wait(&status) > 0)
        result |= status != 0;
    return result;
}
