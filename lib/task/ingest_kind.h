/* SPDX-License-Identifier: MIT */
/* What the success of an action does to what the spool knows about a seller
 * (ingest.h carries it out; the table of actions says which is which). */
#ifndef STOFLOW_INGEST_KIND_H
#define STOFLOW_INGEST_KIND_H

enum ingest_kind {
    INGEST_NONE,   /* nothing */
    INGEST_USER,   /* tells who the seller is: users/42.json */
    INGEST_LIST,   /* lists a wardrobe; a complete list proves absence */
    INGEST_STATS,  /* counts views, favourites and messages of one product */
    INGEST_ITEM,   /* made or changed one product */
    INGEST_PHOTO,  /* added a photo, perhaps to a product */
    INGEST_PRICES, /* changed the prices of several products */
    INGEST_DELETE  /* removed one product */
};

#endif
