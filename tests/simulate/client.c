/* SPDX-License-Identifier: MIT */
#include "client.h"

#include "checker.h"
#include "scheduler.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int64_t millisecond = 1000000;

enum {
    REPEATS = 2, /* after a request that got no answer, or a 5xx */
    RESULT_REPEATS = 3
};

/* --- A request -------------------------------------------------------------
 */

void client_note(
    struct client *client, int status, const char *body, size_t length)
{
    if (client->open == NULL)
        return;
    if (scheduler_was_struck(client) || client->is_limited)
        history_struck(client->open);
    history_answer(client->open, status, body, length);
    client->open = NULL;
}

static void note_answer(void *context, const struct told *told)
{
    client_note(context, told->status, told->body, told->length);
}

static void set_limits(struct client *client, struct ask *ask)
{
    client->is_limited = false;
    if (!client->all->has_limits || !draw_once_in(&client->draw, 4))
        return;
    client->is_limited = true;
    if (draw_once_in(&client->draw, 2))
        ask->file_size = draw_range(&client->draw, 1, 2000);
    else
        ask->descriptors = (int)draw_range(&client->draw, 4, 16);
}

static int ask_once(struct client *client, const struct ask *given)
{
    struct ask ask = *given;
    ask.user = client->user;
    const struct request request = {.method = ask.method,
        .path = ask.path,
        .query = ask.query,
        .key = ask.key,
        .body = ask.body,
        .length = ask.body == NULL ? 0 : strlen(ask.body),
        .user = ask.backend ? 0 : client->user};
    set_limits(client, &ask);
    ask.stays = client->all->stays && !client->is_limited;
    client->open = history_request(client->all->history, &request);
    program_ask(&ask, &client->told, note_answer, client);
    client->all->keeps = client->all->keeps || client->told.kept > 0;
    return client->told.status;
}

/* And again, if that came to nothing. */
static int ask_for(struct client *client, const struct ask *ask)
{
    int status = ask_once(client, ask);
    for (int i = 0; i < REPEATS && (status == 0 || status >= 500); i++) {
        if (draw_once_in(&client->draw, 3))
            break;
        scheduler_pause(draw_range(&client->draw, 0, 900) * millisecond);
        status = ask_once(client, ask);
    }
    return status;
}

/* The text of a member of an answer: "" if there is none. */
static void take_member(
    const struct told *told, const char *name, char out[CLIENT_ID_MAX + 1])
{
    char key[40];
    out[0] = '\0';
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(told->body, key);
    if (at == NULL)
        return;
    at += strlen(key);
    size_t length = strcspn(at, "\"");
    if (length <= CLIENT_ID_MAX) {
        memcpy(out, at, length);
        out[length] = '\0';
    }
}

/* --- Creates ---------------------------------------------------------------
 */

static const char *const actions[] = {"get_stats", "create_product",
    "update_product", "get_all_products", "other"};

/* What each needs, with the number of the request in it. */
static void write_params(char out[200], uint32_t action, uint32_t number)
{
    if (action == 1)
        snprintf(out, 200,
            "{\"title\":\"shirt %u\",\"description\":\"a shirt\","
            "\"price\":\"15.00\",\"catalog_id\":5}",
            number);
    else if (action == 3)
        snprintf(out, 200, "{\"user_id\":%u,\"per_page\":%u}",
            number % 8 == 0 ? number : 29535217, number);
    else
        snprintf(out, 200, "{\"item_id\":%u,\"price\":\"12.00\"}", number);
}

static void write_task(
    struct client *client, const char *id, char body[CLIENT_TEXT_MAX])
{
    char params[200];
    char more[120] = "";
    uint32_t drawn = draw_below(&client->draw, 5);
    uint32_t number = ++client->all->numbers;
    write_params(params, drawn, number);
    if (draw_once_in(&client->draw, 6))
        snprintf(more, sizeof more, ",\"expires_in\":%d",
            draw_once_in(&client->draw, 2) ? 1 : 60);
    if (draw_once_in(&client->draw, 6))
        snprintf(more + strlen(more), 60, ",\"retries\":%u",
            draw_below(&client->draw, 2));
    snprintf(body, CLIENT_TEXT_MAX,
        "{\"user_id\":%d,%s%s%s\"action\":\"%s\",\"priority\":%u,"
        "\"params\":%s%s}",
        client->user, id[0] == '\0' ? "" : "\"task_id\":\"", id,
        id[0] == '\0' ? "" : "\",", actions[drawn],
        draw_below(&client->draw, 3), params, more);
}

void client_create(struct client *client)
{
    /* The history begins behind the setup, and knows of none of its keys. */
    static const char *const keys[2][2] = {
        {"order-1", "order-2"}, {"setup-1", "setup-2"}};
    char body[CLIENT_TEXT_MAX];
    char id[CLIENT_ID_MAX + 1] = "";
    uint32_t how = draw_below(&client->draw, 9);
    if (how <= 4)
        snprintf(id, sizeof id, "%s", client_draw_id(client));
    const char *key =
        how >= 4 && how <= 6
            ? keys[client->all->is_setup][draw_below(&client->draw, 2)]
            : NULL;
    write_task(client, id, body);
    struct ask ask = {.kind = PROGRAM_CREATE,
        .method = "POST",
        .path = "/tasks/create",
        .body = body,
        .key = key,
        .backend = true};
    ask_for(client, &ask);
    take_member(&client->told, "task_id", id);
    if (client->told.status == 201)
        acquaintance_add(client->all, id);
}

void client_create_many(struct client *client, uint32_t count)
{
    char body[CLIENT_TEXT_MAX];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(body, sizeof body,
            "{\"user_id\":42,\"action\":\"get_stats\",\"priority\":0,"
            "\"params\":{\"item_id\":%u}}",
            ++client->all->numbers);
        const struct ask ask = {.kind = PROGRAM_CREATE,
            .method = "POST",
            .path = "/tasks/create",
            .body = body,
            .backend = true};
        ask_once(client, &ask);
    }
}

/* --- What a plugin does ----------------------------------------------------
 */

static void draw_receive_id(struct client *client)
{
    static const char *const some[] = {"receive1", "receive2"};
    if (draw_once_in(&client->draw, 3))
        client->receive_id[0] = '\0';
    else if (draw_once_in(&client->draw, 4))
        snprintf(client->receive_id, sizeof client->receive_id, "%s",
            some[draw_below(&client->draw, 2)]);
    else
        snprintf(client->receive_id, sizeof client->receive_id,
            "receive%08" PRIu32, ++client->all->numbers);
}

static void ask_for_task(struct client *client, int wait)
{
    char query[160];
    snprintf(query, sizeof query, "user_id=%d%s%s", client->user,
        client->receive_id[0] == '\0' ? "" : "&receive_id=",
        client->receive_id);
    if (wait > 0)
        snprintf(query + strlen(query), 20, "&wait=%d", wait);
    struct ask ask = {.kind = wait > 0 ? PROGRAM_HELD : PROGRAM_POLL,
        .method = "GET",
        .path = "/plugin/tasks",
        .query = query};
    client->id[0] = client->lease[0] = '\0';
    if (ask_for(client, &ask) != 200)
        return;
    take_member(&client->told, "task_id", client->id);
    take_member(&client->told, "lease", client->lease);
    take_member(&client->told, "action", client->action);
    if (client->id[0] != '\0')
        acquaintance_add(client->all, client->id);
}

void client_poll(struct client *client, bool held)
{
    draw_receive_id(client);
    ask_for_task(client, held ? 1 + (int)draw_below(&client->draw, 3) : 0);
}

void client_poll_again(struct client *client)
{
    if (client->receive_id[0] != '\0')
        ask_for_task(client, 0);
}

/* What the plugin says, as good as an action wants it. */
static void write_data(
    const struct client *client, uint32_t number, char out[400])
{
    if (strcmp(client->action, "get_all_products") == 0)
        snprintf(out, 400,
            "{\"products\":[{\"id\":%u,\"title\":\"a shirt\","
            "\"price\":\"15.00\"}],\"total\":1}",
            number);
    else if (strcmp(client->action, "get_user_data") == 0)
        snprintf(out, 400, "{\"user_id\":29535217,\"login\":\"shop\"}");
    else if (strcmp(client->action, "create_product") == 0)
        snprintf(out, 400, "{\"item_id\":%u,\"id\":%u,\"title\":\"shirt %u\"}",
            number, number, number);
    else
        snprintf(out, 400, "{\"view_count\":%u,\"number\":%u}", number, number);
}

static void write_result(struct client *client, const char *lease, bool success,
    char body[CLIENT_TEXT_MAX])
{
    static const char *const errors[] = {
        "it broke", "Aucun onglet Vinted ouvert", "Session expired"};
    char data[400];
    char given[160] = "";
    uint32_t number = ++client->all->numbers;
    /* Every other one is a plugin that knows who is signed in, which once in a
     * while is somebody else. Not in the end, when the queue must not pause for
     * that: either may be the seller by then. */
    if (number % 2 == 0 && !client->drains)
        snprintf(given, sizeof given,
            ",\"account\":{\"id\":%s,\"login\":\"shop\"}",
            number % 32 == 0 ? "666" : "29535217");
    if (lease[0] != '\0')
        snprintf(given + strlen(given), sizeof given - strlen(given),
            ",\"lease\":\"%s\"", lease);
    write_data(client, number, data);
    if (success)
        snprintf(body, CLIENT_TEXT_MAX,
            "{\"success\":true,\"data\":%s,\"execution_time_ms\":%u%s}", data,
            number, given);
    else
        snprintf(body, CLIENT_TEXT_MAX,
            "{\"success\":false,\"error\":\"%s\",\"execution_time_ms\":%u%s}",
            errors[draw_below(&client->draw, 3)], number, given);
}

static void post(struct client *client, const char *id, enum program_kind kind,
    const char *verb, const char *body)
{
    char path[120];
    snprintf(path, sizeof path, "/plugin/tasks/%s/%s", id, verb);
    struct ask ask = {
        .kind = kind, .method = "POST", .path = path, .body = body};
    ask_for(client, &ask);
}

/* The lease to send: the right one, none, or a wrong one. */
static const char *draw_lease(struct client *client)
{
    if (draw_once_in(&client->draw, 8))
        return "nosuchlease";
    return draw_once_in(&client->draw, 4) ? "" : client->lease;
}

void client_result(struct client *client)
{
    char body[CLIENT_TEXT_MAX];
    char id[CLIENT_ID_MAX + 1];
    bool blind = client->id[0] == '\0'; /* of a task it never had */
    snprintf(id, sizeof id, "%s", blind ? client_draw_id(client) : client->id);
    write_result(
        client, draw_lease(client), !draw_once_in(&client->draw, 3), body);
    post(client, id, PROGRAM_RESULT, "result", body);
    if (draw_once_in(&client->draw, RESULT_REPEATS))
        post(client, id, PROGRAM_RESULT, "result", body);
}

void client_progress(struct client *client)
{
    char body[CLIENT_TEXT_MAX];
    char id[CLIENT_ID_MAX + 1];
    snprintf(id, sizeof id, "%s",
        client->id[0] == '\0' ? client_draw_id(client) : client->id);
    const char *lease = draw_lease(client);
    if (lease[0] == '\0')
        snprintf(body, sizeof body, "{\"done\":1}");
    else
        snprintf(body, sizeof body, "{\"done\":1,\"lease\":\"%s\"}", lease);
    post(client, id, PROGRAM_PROGRESS, "progress", body);
}

/* --- What a backend does ---------------------------------------------------
 */

static const char *name_user(const struct client *client)
{
    return client->user == 43 ? "user_id=43" : "user_id=42";
}

/* A token that is good for all users may leave it to us to find whose it is,
 * where that is but one. */
static const char *draw_user(struct client *client)
{
    bool left = draw_once_in(&client->draw, 4) && !client->all->has_two_users;
    return left ? "" : name_user(client);
}

void client_cancel(struct client *client)
{
    char path[120];
    snprintf(path, sizeof path, "/tasks/%s", client_draw_id(client));
    struct ask ask = {.kind = PROGRAM_CANCEL,
        .method = "DELETE",
        .path = path,
        .query = draw_user(client),
        .backend = true};
    ask_for(client, &ask);
}

void client_retry(struct client *client)
{
    char path[120];
    snprintf(path, sizeof path, "/tasks/%s/retry", client_draw_id(client));
    struct ask ask = {.kind = PROGRAM_RETRY,
        .method = "POST",
        .path = path,
        .query = draw_user(client),
        .body = draw_once_in(&client->draw, 2) ? "{\"force\":true}" : "{}",
        .backend = true};
    ask_for(client, &ask);
}

static void look_at(
    struct client *client, enum program_kind kind, const char *path)
{
    bool is_task = kind == PROGRAM_TASK;
    struct ask ask = {.kind = kind,
        .method = "GET",
        .path = path,
        .query = is_task ? draw_user(client) : name_user(client),
        .backend = true};
    ask_for(client, &ask);
}

void client_look(struct client *client, enum program_kind kind)
{
    char path[120];
    snprintf(path, sizeof path, "/tasks/%s", client_draw_id(client));
    if (kind == PROGRAM_TASKS)
        look_at(client, kind, "/tasks");
    else if (kind == PROGRAM_PRODUCTS)
        look_at(client, kind, "/products");
    else if (kind == PROGRAM_HEALTH)
        look_at(client, kind, "/health");
    else if (kind == PROGRAM_STATUS)
        look_at(client, kind, "/plugin/status");
    else
        look_at(client, PROGRAM_TASK, path);
}

static void post_other(struct client *client, enum program_kind kind,
    const char *path, const char *body)
{
    struct ask ask = {.kind = kind,
        .method = "POST",
        .path = path,
        .body = body,
        .backend = true};
    ask_for(client, &ask);
}

void client_sweep(struct client *client)
{
    post_other(client, PROGRAM_SWEEPER, "/sweeper", "");
}

void client_sync(struct client *client)
{
    char body[40];
    snprintf(body, sizeof body, "{\"user_id\":%d}", client->user);
    post_other(client, PROGRAM_SYNC, "/sync/vinted", body);
}

/* One pixel, as a PNG. */
void client_upload(struct client *client)
{
    post_other(client, PROGRAM_PHOTOS, "/photos",
        "{\"content\":"
        "\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4"
        "2mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\"}");
}

void client_execute(struct client *client)
{
    char body[80];
    snprintf(body, sizeof body,
        "{\"user_id\":%d,\"action\":\"GET_USER_DATA\",\"timeout\":2}",
        client->user);
    post_other(client, PROGRAM_EXECUTE, "/plugin/execute", body);
}

void client_pause(struct client *client, bool paused)
{
    char body[60];
    snprintf(body, sizeof body, "{\"user_id\":%d,\"paused\":%s}", client->user,
        paused ? "true" : "false");
    /* Who would resume changes the account now and then instead. */
    if (!paused && client->all->numbers % 2 == 0) {
        post_other(client, PROGRAM_PAUSE, "/account/change", body);
        return;
    }
    post_other(client, PROGRAM_PAUSE, "/plugin/pause", body);
}

uint32_t client_drain(struct client *client, uint32_t most)
{
    char body[CLIENT_TEXT_MAX];
    uint32_t got = 0;
    client->drains = true;
    while (got < most) {
        client->receive_id[0] = '\0';
        ask_for_task(client, 0);
        if (client->id[0] == '\0')
            break;
        got++;
        write_result(client, client->lease, true, body);
        post(client, client->id, PROGRAM_RESULT, "result", body);
    }
    return got;
}
