/* SPDX-License-Identifier: MIT */
#include "locate.h"

#include "drop_list.h"
#include "husk.h"

#include <string.h>

static enum error queue_file(const struct account *account, struct path path)
{
    struct drop_list list = DROP_LIST_EMPTY;
    struct drop_report report = {0};
    struct drop_route route = {
        account->spool, account->config, account->user, 1, NULL, NULL};
    enum error error = drop_list_add(&list, strrchr(path.text, '/') + 1);
    if (error == ERROR_NONE)
        error = drop_list_route(&list, &route, &report);
    drop_list_free(&list);
    return error;
}

enum error locate_task(
    const struct account *account, const char *id, struct task_place *place)
{
    enum error error = husk_find_task(account, id, place, false);
    if (error != ERROR_NONE || !place->by_hand)
        return error;
    error = queue_file(account, place->path);
    if (error == ERROR_NONE)
        error = husk_find_task(account, id, place, false);
    return error == ERROR_NONE && place->by_hand ? ERROR_BUSY : error;
}
