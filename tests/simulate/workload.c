/* SPDX-License-Identifier: MIT */
#include "workload.h"

#include "client.h"
#include "person.h"
#include "programs.h"

enum {
    SETUP_MAX = 7, /* requests before the first round */
    DRAIN_MAX = 40
};

/* --- What actors do --------------------------------------------------------
 */

static bool is_run(const struct client *client, enum program_kind kind)
{
    return (client->all->kinds & (1u << kind)) != 0;
}

/* A client's way through a round, by the program that it begins with. */
static void run_plugin(struct client *client, bool held)
{
    client_poll(client, held);
    if (client->id[0] == '\0' && !draw_once_in(&client->draw, 3))
        return;
    if (is_run(client, PROGRAM_PROGRESS) && draw_once_in(&client->draw, 3))
        client_progress(client);
    if (is_run(client, PROGRAM_RESULT) && !draw_once_in(&client->draw, 4))
        client_result(client);
    if (draw_once_in(&client->draw, 4))
        client_poll_again(client);
}

static void run_backend(struct client *client, enum program_kind kind)
{
    if (kind == PROGRAM_CREATE)
        client_create(client);
    else if (kind == PROGRAM_CANCEL)
        client_cancel(client);
    else if (kind == PROGRAM_RETRY)
        client_retry(client);
    else
        client_look(client, kind);
}

static void run_other(struct client *client, enum program_kind kind)
{
    if (kind == PROGRAM_SWEEPER)
        client_sweep(client);
    else if (kind == PROGRAM_SYNC)
        client_sync(client);
    else if (kind == PROGRAM_PHOTOS)
        client_upload(client);
    else if (kind == PROGRAM_EXECUTE)
        client_execute(client);
    else
        client_pause(client, draw_once_in(&client->draw, 2));
}

static void run_kind(struct client *client, enum program_kind kind)
{
    switch (kind) {
    case PROGRAM_POLL:
    case PROGRAM_HELD:
        run_plugin(client, kind == PROGRAM_HELD);
        break;
    case PROGRAM_RESULT:
        client_result(client);
        break;
    case PROGRAM_PROGRESS:
        client_progress(client);
        break;
    case PROGRAM_CREATE:
    case PROGRAM_CANCEL:
    case PROGRAM_RETRY:
    case PROGRAM_TASK:
    case PROGRAM_TASKS:
    case PROGRAM_PRODUCTS:
    case PROGRAM_HEALTH:
    case PROGRAM_STATUS:
        run_backend(client, kind);
        break;
    case PROGRAM_PERSON:
        person_act(client);
        break;
    default:
        run_other(client, kind);
    }
}

/* How often each is drawn, of what changes the queue more often. */
static const enum program_kind kinds[] = {PROGRAM_CREATE, PROGRAM_CREATE,
    PROGRAM_CREATE, PROGRAM_POLL, PROGRAM_POLL, PROGRAM_POLL, PROGRAM_POLL,
    PROGRAM_HELD, PROGRAM_RESULT, PROGRAM_RESULT, PROGRAM_PROGRESS,
    PROGRAM_CANCEL, PROGRAM_CANCEL, PROGRAM_RETRY, PROGRAM_RETRY, PROGRAM_TASK,
    PROGRAM_TASKS, PROGRAM_PRODUCTS, PROGRAM_HEALTH, PROGRAM_STATUS,
    PROGRAM_SWEEPER, PROGRAM_SWEEPER, PROGRAM_SYNC, PROGRAM_PHOTOS,
    PROGRAM_EXECUTE, PROGRAM_PAUSE, PROGRAM_PERSON, PROGRAM_PERSON,
    PROGRAM_PERSON};

static enum program_kind draw_kind(struct client *client)
{
    uint32_t count = sizeof kinds / sizeof kinds[0];
    enum program_kind kind;
    do {
        kind = kinds[draw_below(&client->draw, count)];
    } while (!is_run(client, kind));
    return kind;
}

void workload_client(void *context)
{
    struct client *client = context;
    uint32_t count = 1 + draw_below(&client->draw, 2);
    for (uint32_t i = 0; i < count; i++)
        run_kind(client, draw_kind(client));
}

/* What there is before: tasks in all states, as programs made them. */
void workload_setup(void *context)
{
    struct client *client = context;
    uint32_t count = draw_below(&client->draw, SETUP_MAX + 1);
    for (uint32_t i = 0; i < count; i++) {
        client_create(client);
        if (draw_once_in(&client->draw, 2))
            client_poll(client, false);
        if (client->id[0] != '\0' && draw_once_in(&client->draw, 2))
            client_result(client);
    }
}

void workload_sweep(void *context)
{
    client_sweep(context);
}

void workload_drain(void *context)
{
    struct client *client = context;
    for (client->user = 42; client->user <= 43; client->user++)
        client_drain(client, DRAIN_MAX);
}

void workload_many(void *context)
{
    client_create_many(context, WORKLOAD_MANY);
}
