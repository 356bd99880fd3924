/* SPDX-License-Identifier: MIT */
/* A client of the API: it makes the requests that a backend and a plugin make,
 * repeats those that got no answer or a 5xx, and has each of them written into
 * the history. */
#ifndef SIMULATE_CLIENT_H
#define SIMULATE_CLIENT_H

#include "draw.h"
#include "programs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;   /* checker.h */
struct operation; /* checker.h */

enum client_limits {
    CLIENT_ID_MAX = 64,
    CLIENT_IDS_MAX = 12,
    CLIENT_TEXT_MAX = 1024
};

/* What all clients of a schedule know, telling each other. */
struct acquaintance {
    struct history *history;
    uint32_t numbers; /* given out so far: each request has one of its own, by
                       * which its task or result is told from all others */
    char ids[CLIENT_IDS_MAX][CLIENT_ID_MAX + 1];
    size_t id_count;
    bool has_two_users;
    uint32_t kinds;  /* bit k: programs of kind k are run at all */
    bool is_setup;   /* before the first round */
    bool has_limits; /* some requests meet limits of the host */
    bool stays;      /* processes stay, as by FastCGI */
    bool keeps;      /* one of them has left a file open */
};

struct client {
    struct acquaintance *all;
    struct draw draw;
    int user;               /* whose: 42 or 43 */
    bool is_limited;        /* the request that is open meets a limit */
    struct operation *open; /* asked, without an answer so far; else NULL */
    struct told told;       /* the last answer */
    char receive_id[33];    /* "": none */
    /* What the last poll brought. */
    char id[CLIENT_ID_MAX + 1]; /* "": nothing */
    char lease[CLIENT_ID_MAX + 1];
    char action[CLIENT_ID_MAX + 1];
    bool drains; /* nobody else is signed in any more */
};

/* The answer to what it has asked last; status 0: none came. */
void client_note(
    struct client *client, int status, const char *body, size_t length);

/* What a client does; each may be more than one request. */
void client_create(struct client *client);
void client_create_many(struct client *client, uint32_t count);
void client_poll(struct client *client, bool held);
/* Under the same receive_id, as after a restart. */
void client_poll_again(struct client *client);
void client_result(struct client *client);
void client_progress(struct client *client);
void client_cancel(struct client *client);
void client_retry(struct client *client);
/* At a task, or a list. */
void client_look(struct client *client, enum program_kind kind);
void client_sweep(struct client *client);
void client_sync(struct client *client);
void client_upload(struct client *client);
void client_execute(struct client *client);
void client_pause(struct client *client, bool paused);

/* Polls with nothing going wrong, until there is nothing, at most `most` times;
 * posts a success of each. Returns how many it got. */
uint32_t client_drain(struct client *client, uint32_t most);

/* An ID that some task has, or may get. */
const char *client_draw_id(struct client *client);
void acquaintance_add(struct acquaintance *all, const char *id);

#endif
