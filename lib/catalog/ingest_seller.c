/* SPDX-License-Identifier: MIT */
#include "ingest_seller.h"

#include "item_id.h"
#include "product.h"
#include "seller.h"
#include "seller_other.h"

/* Who was signed in; 0: it does not tell. Plugins of the guide only tell where
 * they were asked for it. */
static uint64_t signed_in(const struct ingest_record *record)
{
    uint64_t number = record->signed_in;
    if (number == 0 && record->kind == INGEST_USER)
        seller_read_number(record->result, &number);
    return number;
}

/* Who tells with the result was heeded when it came, before the next poll. */
static void heed(const struct account *account,
    const struct ingest_record *record, uint64_t found)
{
    struct buffer id = BUFFER_EMPTY;
    struct json_value root = json_root(&record->document);
    if (record->signed_in != 0)
        return;
    json_string(json_member(root, "task_id"), &id);
    seller_other_heed(account, buffer_text(&id), found,
        json_member(record->result, "login"), record->seller);
    buffer_free(&id);
}

/* Where users/42.json was removed, or is not written yet, the catalogue still
 * says whose it is. */
static uint64_t find_own(const struct ingest_record *record)
{
    return record->seller != 0 ? record->seller : record->owner.number;
}

/* Whose wardrobe was listed; 0: it is no list, or does not tell. */
static uint64_t listed(const struct ingest_record *record)
{
    uint64_t wardrobe = 0;
    if (record->kind == INGEST_LIST)
        item_id_read(json_member(record->params, "user_id"), &wardrobe);
    return wardrobe;
}

/* A list of another's wardrobe, whoever has read it. */
static bool is_of_strangers(const struct ingest_record *record)
{
    uint64_t wardrobe = listed(record);
    uint64_t own = find_own(record);
    return wardrobe != 0 && own != 0 && wardrobe != own;
}

bool ingest_is_before(const struct ingest_record *record)
{
    return record->owner.since != product_never &&
           (record->astray || record->started < record->owner.since);
}

/* Whether it tells of an account that certainly is not the one that was given
 * up: whenever the clock says that it began, that one comes next. */
static bool is_next(const struct ingest_record *record, uint64_t found)
{
    return found != 0 && record->seller == 0 && record->owner.before != 0 &&
           record->owner.before != found;
}

/* Somebody was the seller, and nobody is now: what does not tell who was signed
 * in may be of either, or of a third; but for a list of the wardrobe whose the
 * catalogue still is. */
static bool is_between(const struct ingest_record *record)
{
    const struct catalog_owner *owner = &record->owner;
    bool changed = owner->since != product_never ||
                   (owner->number != 0 && !owner->by_list);
    bool own = owner->number != 0 && listed(record) == owner->number;
    return record->seller == 0 && changed && !own;
}

enum ingest_whose ingest_judge(const struct account *account,
    const struct ingest_record *record, const char **why)
{
    static const char of_another[] = "it comes from another account at Vinted "
                                     "than this user's: nothing is taken in";
    uint64_t found = signed_in(record);
    uint64_t own = found;
    bool proves = found != 0 && found == find_own(record);
    if (record->kind == INGEST_USER)
        seller_read_number(record->result, &own);
    if (own != found) {
        *why = "it is about another account at Vinted than was signed in";
        return INGEST_FOREIGN;
    }
    if (!proves && ingest_is_before(record) && !is_next(record, found)) {
        *why = "it was handed out before the seller's account at Vinted was "
               "changed: nothing is taken in";
        return INGEST_FOREIGN;
    }
    if (found == 0 && is_between(record)) {
        *why = "it does not tell who was signed in at Vinted, and nobody is "
               "the seller since the account was changed: nothing is taken in";
        return INGEST_FOREIGN;
    }
    if (found != 0 && record->seller == 0)
        return INGEST_FIRST;
    if (found != 0 && found != record->seller) {
        *why = of_another;
        heed(account, record, found);
        return INGEST_FOREIGN;
    }
    if (!is_of_strangers(record))
        return find_own(record) == 0 && listed(record) != 0 ? INGEST_LISTED
                                                            : INGEST_OWN;
    *why = "it lists another wardrobe than the seller's: nothing is taken in";
    return INGEST_FOREIGN;
}

enum error ingest_fix_owner(const struct account *account,
    const struct ingest_record *record, struct catalog_owner *owner)
{
    *owner = (struct catalog_owner){
        .number = listed(record), .since = product_never, .by_list = true};
    return catalog_owner_write(account, owner);
}

enum error ingest_fix_seller(const struct account *account,
    const struct ingest_record *record, const char **why)
{
    uint64_t number;
    bool told = record->kind == INGEST_USER &&
                seller_read_number(record->result, &number);
    return seller_observe(account, told ? record->result : record->account,
        record->completed, why);
}
