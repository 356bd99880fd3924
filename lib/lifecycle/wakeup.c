/* SPDX-License-Identifier: MIT */
#include "wakeup.h"

#include "buffer.h"
#include "claim.h"
#include "clock.h"
#include "spool_lock.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

static const uint32_t coming = IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE;
static const uint32_t going = IN_DELETE | IN_MOVED_FROM;

/* The slot is a lock that dies with its holder, so that a killed program
 * never takes a place for ever. */
static int take_slot(const struct spool *spool, const char *kind, int slots)
{
    for (int i = 0; i < slots; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.%d", kind, i);
        int slot = spool_lock_try(spool, name);
        if (slot >= 0)
            return slot;
    }
    return -1;
}

bool wakeup_open(struct wakeup *wakeup, const struct spool *spool,
    const char *kind, int slots)
{
    wakeup->own = -1;
    wakeup->slot = take_slot(spool, kind, slots);
    if (wakeup->slot < 0)
        return false;
    wakeup->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    wakeup->row = 0;
    return true;
}

bool wakeup_open_poll(struct wakeup *wakeup, const struct account *account)
{
    const struct config *config = account->config;
    char kind[40];
    snprintf(kind, sizeof kind, "%" PRId64 ".waiter", account->user);
    int own = take_slot(account->spool, kind, config->user_waiters);
    bool opened = own >= 0 && wakeup_open(wakeup, account->spool, "waiter",
                                  config->max_waiters);
    wakeup->own = own;
    if (!opened)
        spool_unlock(own);
    return opened;
}

void wakeup_close(struct wakeup *wakeup)
{
    if (wakeup->inotify >= 0)
        close(wakeup->inotify);
    spool_unlock(wakeup->own);
    spool_unlock(wakeup->slot);
}

/* Adding a watch that is there already changes nothing, so this may be done
 * again and again: a folder that is made meanwhile is then watched, too. */
static void watch(const struct wakeup *wakeup, const char *root,
    struct path folder, uint32_t events)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_append_format(&path, "%s/spool/%s", root, folder.text);
    if (!path.failed) {
        inotify_add_watch(wakeup->inotify, path.data, events | IN_ONLYDIR);
    }
    buffer_free(&path);
}

/* What goes is of interest only while it holds something back: every claim
 * takes a name out of pending/. */
void wakeup_watch(
    const struct wakeup *wakeup, const char *root, int64_t user, unsigned held)
{
    if (wakeup->inotify < 0)
        return;
    watch(wakeup, root, path_of(SPOOL_PENDING), coming);
    watch(wakeup, root, path_of_user(SPOOL_PENDING, user),
        (held & HELD_BY_PAUSE) != 0 ? coming | going : coming);
    if ((held & (HELD_BY_PACE | HELD_BY_BUDGET)) != 0)
        watch(wakeup, root, path_of_user(SPOOL_PACE, user), going | IN_ATTRIB);
    if ((held & HELD_BY_LIMIT) != 0)
        watch(wakeup, root, path_of_user(SPOOL_EXECUTING, user), going);
}

void wakeup_watch_done(
    const struct wakeup *wakeup, const char *root, int64_t user)
{
    if (wakeup->inotify >= 0)
        watch(wakeup, root, path_of_user(SPOOL_DONE, user), coming);
}

/* What changed does not matter: the folder is looked at anyway. */
static void forget_events(int descriptor)
{
    char events[4096];
    while (read(descriptor, events, sizeof events) > 0)
        continue;
}

/* Milliseconds until then, a tick at the most. */
static int64_t time_left(int64_t until)
{
    int64_t left = ((until - clock_steady()) / 1000) + 1;
    if (left > WAKEUP_TICK)
        left = WAKEUP_TICK;
    return left < 0 ? 0 : left;
}

static void rest(const struct wakeup *wakeup, int64_t until)
{
    if (wakeup->row <= WAKEUPS_EAGER)
        return;
    int64_t left = time_left(until);
    int64_t pause = (int64_t)(wakeup->row - WAKEUPS_EAGER) * WAKEUP_REST;
    poll(NULL, 0, (int)(pause < left ? pause : left));
}

void wakeup_wait(struct wakeup *wakeup, int64_t until)
{
    struct pollfd watched = {.fd = wakeup->inotify, .events = POLLIN};
    /* poll(2) passes over a descriptor of -1 and is then a plain pause. */
    if (poll(&watched, 1, (int)time_left(until)) <= 0) {
        wakeup->row = 0;
        return;
    }
    wakeup->row++;
    rest(wakeup, until);
    forget_events(wakeup->inotify);
}
