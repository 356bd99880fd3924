/* SPDX-License-Identifier: MIT */
#include "catalog_owner.h"

#include "catalog.h"
#include "catalog_save.h"
#include "clock.h"
#include "file.h"
#include "item_id.h"
#include "product.h"
#include "spool_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OWNER_FILE_MAX = 96, /* bytes read: none of ours comes near */
    KIND_SIZE = 64       /* of what follows "42." in a name */
};

static const char since_word[] = " since ";
static const char until_word[] = " until ";
static const char list_word[] = " by a list";

static struct path owner_path(const struct account *account)
{
    return account_file(account, SPOOL_PRODUCTS, "account");
}

static struct path path_aside(const struct account *account, uint64_t number)
{
    char kind[KIND_SIZE];
    snprintf(kind, sizeof kind, "%" PRIu64 ".ndjson", number);
    return account_file(account, SPOOL_PRODUCTS, kind);
}

static enum error sync_folder(const struct account *account)
{
    return directory_sync(
        account->spool->directory, spool_directory_name(SPOOL_PRODUCTS));
}

/* What somebody has made of it says nothing. */
static void parse_owner(struct catalog_owner *owner, const char *text)
{
    const char *until = strstr(text, until_word);
    const char *moment = until != NULL ? until : strstr(text, since_word);
    item_id_parse(text, strspn(text, "0123456789"),
        until == NULL ? &owner->number : &owner->before);
    owner->by_list = owner->number != 0 && strstr(text, list_word) != NULL;
    if (moment == NULL)
        return;
    moment += strlen(until != NULL ? until_word : since_word);
    clock_parse_iso(moment, strcspn(moment, "\n"), &owner->since);
}

enum error catalog_owner_read(
    const struct account *account, struct catalog_owner *owner)
{
    struct buffer text = BUFFER_EMPTY;
    *owner = (struct catalog_owner){.since = product_never};
    enum error error = file_read_lasting(account->spool->directory,
        owner_path(account).text, OWNER_FILE_MAX, &text);
    if (error == ERROR_NONE)
        parse_owner(owner, buffer_text(&text));
    buffer_free(&text);
    return error == ERROR_NOT_FOUND || error == ERROR_TOO_LARGE ? ERROR_NONE
                                                                : error;
}

enum error catalog_owner_write(
    const struct account *account, const struct catalog_owner *owner)
{
    char number[24] = "nobody";
    char moment[CLOCK_ISO_LENGTH + 1] = "";
    char text[OWNER_FILE_MAX];
    const char *word = owner->by_list ? list_word : "";
    uint64_t shown = owner->number != 0 ? owner->number : owner->before;
    if (shown != 0)
        snprintf(number, sizeof number, "%" PRIu64, shown);
    if (owner->since != product_never) {
        clock_format_iso(moment, owner->since);
        word = shown != owner->number ? until_word : since_word;
    }
    snprintf(text, sizeof text, "%s%s%s\n", number, word, moment);
    enum error error = spool_make(account->spool, SPOOL_PRODUCTS);
    return error == ERROR_NONE
               ? spool_replace(account->spool, owner_path(account),
                     SPOOL_PRODUCTS, text, strlen(text))
               : error;
}

/* A network file system may not see for a moment what is there. */
static enum error told_missing(
    const struct account *account, struct path path, enum error missing)
{
    return file_exists(account->spool->directory, path.text) ? ERROR_BUSY
                                                             : missing;
}

/* Moves a catalogue: by a link, which replaces nothing. ERROR_EXISTS: another
 * file has the name. */
static enum error move(
    const struct account *account, struct path from, struct path to)
{
    int directory = account->spool->directory;
    enum error error = file_link(directory, from.text, to.text);
    if (error == ERROR_NOT_FOUND)
        return told_missing(account, from, error);
    if (error != ERROR_NONE)
        return error;
    error = file_remove(directory, from.text);
    if (error == ERROR_NOT_FOUND)
        error = told_missing(account, from, ERROR_NONE);
    return error == ERROR_NONE ? sync_folder(account) : error;
}

/* One that lies there already, as where somebody has copied it, or a crash came
 * between the two steps of a move, is older. It is not lost: it gets a name of
 * its own, by which it comes back by hand. */
static enum error move_aside(
    const struct account *account, uint64_t number, struct path to)
{
    char stamp[CLOCK_STAMP_LENGTH + 1];
    char kind[KIND_SIZE];
    enum error error = move(account, catalog_path(account), to);
    if (error != ERROR_EXISTS)
        return error;
    clock_format_stamp(stamp, clock_now());
    snprintf(kind, sizeof kind, "%" PRIu64 "-%s.ndjson", number, stamp);
    error = move(account, to, account_file(account, SPOOL_PRODUCTS, kind));
    return error == ERROR_NONE ? move(account, catalog_path(account), to)
                               : error;
}

/* Whether what was opened still is the catalogue, and still is that account's:
 * another program may have been faster, where the lock in index/ was removed.
 */
static enum error look_again(
    const struct account *account, int descriptor, uint64_t number)
{
    struct catalog_owner owner;
    struct stat opened;
    struct stat named;
    enum error error = catalog_owner_read(account, &owner);
    if (error != ERROR_NONE)
        return error;
    /* What has come beside it since it was joined must not be left behind. */
    bool same = !file_exists(account->spool->directory,
                    catalog_since_path(account).text) &&
                fstat(descriptor, &opened) == 0 &&
                fstatat(account->spool->directory, catalog_path(account).text,
                    &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                file_is_same(&opened, &named);
    return same && owner.number == number ? ERROR_NONE : ERROR_BUSY;
}

/* Who replaces the catalogue holds the lock on the file itself, and looks that
 * it still has its name: so does who moves it. */
static enum error set_aside(const struct account *account, uint64_t number)
{
    struct path to = path_aside(account, number);
    struct path from = catalog_path(account);
    enum error error = catalog_join(account);
    if (error != ERROR_NONE)
        return error;
    int descriptor = openat(account->spool->directory, from.text,
        O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ENOENT ? told_missing(account, from, ERROR_NONE)
                               : error_from_errno(errno);
    spool_lock_file(descriptor);
    error = look_again(account, descriptor, number);
    if (error == ERROR_NONE)
        error = move_aside(account, number, to);
    close(descriptor);
    if (error == ERROR_NONE)
        account_log(
            account, "account", "%s was set aside as %s", from.text, to.text);
    return error;
}

/* By a rename: it leaves no second name, which would be of an older catalogue
 * as soon as this one is replaced. */
static enum error bring_back(const struct account *account, uint64_t number)
{
    int directory = account->spool->directory;
    struct path from = path_aside(account, number);
    struct path to = catalog_path(account);
    enum error error = file_look(directory, to.text);
    if (error == ERROR_NOT_FOUND)
        error = told_missing(account, to, error);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = file_rename(directory, from.text, to.text);
    if (error == ERROR_NOT_FOUND)
        return told_missing(account, from, ERROR_NONE);
    if (error == ERROR_NONE)
        error = sync_folder(account);
    if (error == ERROR_NONE)
        account_log(
            account, "account", "%s came back as %s", from.text, to.text);
    return error;
}

/* The file says the new number before that one's catalogue comes back. The
 * other way round a crash between the two would leave it under the name of the
 * one before, and it would be set aside as that one's. */
enum error catalog_owner_settle(
    const struct account *account, uint64_t number, struct catalog_owner *owner)
{
    enum error error = catalog_owner_read(account, owner);
    int64_t now = clock_now();
    struct catalog_owner known = *owner;
    if (error != ERROR_NONE)
        return error;
    if (number != 0)
        *owner = (struct catalog_owner){.number = number, .since = known.since};
    if (known.number != 0 && known.number != owner->number)
        error = set_aside(account, known.number);
    if ((known.number != 0 && known.number != owner->number) ||
        known.since > now)
        owner->since = now;
    if (error == ERROR_NONE &&
        (known.number != owner->number || known.since != owner->since ||
            known.by_list != owner->by_list))
        error = catalog_owner_write(account, owner);
    return error == ERROR_NONE && number != 0 ? bring_back(account, number)
                                              : error;
}

enum error catalog_owner_release(
    const struct account *account, const struct catalog_owner *owner)
{
    enum error error = set_aside(account, owner->number);
    uint64_t before = owner->number != 0 ? owner->number : owner->before;
    struct catalog_owner nobody = {.before = before, .since = clock_now()};
    return error == ERROR_NONE ? catalog_owner_write(account, &nobody) : error;
}
