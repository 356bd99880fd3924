/* SPDX-License-Identifier: MIT */
/* inotify(7). */
#include "world.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

enum {
    QUEUE_MAX = 16384 /* bytes; what comes then is one IN_Q_OVERFLOW */
};

struct watch {
    struct watch *next_of_node, *next_of_notifier;
    struct notifier *notifier;
    struct node *node;
    int number;
    uint32_t mask;
};

struct notifier {
    struct watch *watches;
    int watches_begun;
    struct bytes queue;
    size_t last; /* where the last event begins */
};

struct notifier *notifier_make(void)
{
    return region_take(sizeof(struct notifier));
}

static void forget(struct watch *watch)
{
    struct watch **at = &watch->node->watches;
    while (*at != watch)
        at = &(*at)->next_of_node;
    *at = watch->next_of_node;
    node_release(watch->node);
    region_give(watch, sizeof *watch);
}

void notifier_free(struct notifier *notifier)
{
    while (notifier->watches != NULL) {
        struct watch *watch = notifier->watches;
        notifier->watches = watch->next_of_notifier;
        forget(watch);
    }
    bytes_free(&notifier->queue);
    region_give(notifier, sizeof *notifier);
}

static struct watch *find(
    const struct notifier *notifier, const struct node *node)
{
    struct watch *watch = notifier->watches;
    while (watch != NULL && watch->node != node)
        watch = watch->next_of_notifier;
    return watch;
}

static struct watch *add(struct notifier *notifier, struct node *node)
{
    struct watch *watch = region_take(sizeof *watch);
    *watch = (struct watch){.next_of_node = node->watches,
        .next_of_notifier = notifier->watches,
        .notifier = notifier,
        .node = node,
        .number = ++notifier->watches_begun};
    node->watches = watch;
    notifier->watches = watch;
    node_hold(node);
    return watch;
}

int notifier_watch(struct notifier *notifier, struct node *node, uint32_t mask)
{
    if ((mask & IN_ONLYDIR) != 0 && !S_ISDIR(node->mode))
        return -ENOTDIR;
    int error = path_may(node, RIGHT_READ);
    if (error != 0)
        return error;
    struct watch *watch = find(notifier, node);
    if (watch == NULL)
        watch = add(notifier, node);
    watch->mask = (mask & IN_MASK_ADD) != 0 ? watch->mask | mask : mask;
    return watch->number;
}

bool notifier_is_ready(const struct notifier *notifier)
{
    return notifier->queue.length > 0;
}

/* --- Events --------------------------------------------------------------- */

/* One that equals the last one is left out. */
static void append(struct notifier *notifier, const char *event, size_t size)
{
    struct bytes *queue = &notifier->queue;
    size_t last = queue->length - notifier->last;
    if (queue->length > 0 && last == size &&
        memcmp(queue->at + notifier->last, event, size) == 0)
        return;
    notifier->last = queue->length;
    bytes_put(queue, queue->length, event, size);
}

static void send(
    const struct watch *watch, uint32_t mask, const char *name, size_t length)
{
    _Alignas(
        struct inotify_event) char text[sizeof(struct inotify_event) + 272];
    size_t padded = length == 0 ? 0 : (length + 16) / 16 * 16;
    bool over = watch->notifier->queue.length > QUEUE_MAX;
    struct inotify_event event = {.wd = over ? -1 : watch->number,
        .mask = over ? IN_Q_OVERFLOW : mask,
        .len = over ? 0 : (uint32_t)padded};
    memset(text, 0, sizeof text);
    memcpy(text, &event, sizeof event);
    if (!over)
        memcpy(text + sizeof event, name, length);
    append(watch->notifier, text, sizeof event + event.len);
}

void watch_tell(
    struct node *folder, uint32_t event, const char *name, size_t length)
{
    for (struct watch *watch = folder->watches; watch != NULL;
        watch = watch->next_of_node) {
        if ((watch->mask & event & IN_ALL_EVENTS) != 0)
            send(watch, event, name, length);
    }
}

/* Whole events only. */
static size_t fitting(const struct bytes *queue, size_t length)
{
    size_t end = 0;
    while (end < queue->length) {
        struct inotify_event event;
        memcpy(&event, queue->at + end, sizeof event);
        if (end + sizeof event + event.len > length)
            break;
        end += sizeof event + event.len;
    }
    return end;
}

int64_t notifier_read(struct notifier *notifier, char *to, size_t length)
{
    struct bytes *queue = &notifier->queue;
    size_t count = fitting(queue, length);
    if (count == 0)
        return queue->length == 0 ? -EAGAIN : -EINVAL;
    memcpy(to, queue->at, count);
    memmove(queue->at, queue->at + count, queue->length - count);
    notifier->last = notifier->last > count ? notifier->last - count : 0;
    bytes_resize(queue, queue->length - count);
    return (int64_t)count;
}
