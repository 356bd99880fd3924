/* SPDX-License-Identifier: MIT */
/* The IDs that the clients of a schedule tell each other. */
#include "client.h"

#include <stdio.h>
#include <string.h>

void acquaintance_add(struct acquaintance *all, const char *id)
{
    for (size_t i = 0; i < all->id_count; i++) {
        if (strcmp(all->ids[i], id) == 0)
            return;
    }
    if (all->id_count < CLIENT_IDS_MAX)
        snprintf(all->ids[all->id_count++], CLIENT_ID_MAX + 1, "%s", id);
}

const char *client_draw_id(struct client *client)
{
    static const char *const some[] = {"t1", "t2", "t3"};
    struct acquaintance *all = client->all;
    uint32_t drawn = draw_below(&client->draw, (uint32_t)all->id_count + 1);
    return drawn < all->id_count ? all->ids[drawn]
                                 : some[draw_below(&client->draw, 3)];
}
