/* SPDX-License-Identifier: MIT */
#include "queue_index.h"

#include "clock.h"
#include "file.h"
#include "queue_sum.h"
#include "spool_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const int64_t queue_index_recheck_after = 15 * clock_second;
const int64_t queue_index_believed = 60 * clock_second;

static const char header_format[] =
    "stoflow-queue-4 known=%" PRId64 ".%09ld recheck=%" PRId64 " head=%" PRId64
    " sorted=%" PRId64 " end=%" PRId64 " live=%" PRId64 " sums=%" PRIx64
    "-%" PRIx64 " stretch=%" PRId64 "-%" PRId64 " of=%" PRIx64;

enum {
    CHECKSUM_LENGTH = 9 /* eight hexadecimal digits and the newline */
};

static const char used_mark = '#';
static const char unused_mark = '-';

static struct path index_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "queue");
}

bool queue_index_exists(const struct account *account)
{
    return file_exists(account->spool->directory, index_path(account).text);
}

void queue_index_init(struct queue_index *index, const struct account *account)
{
    *index =
        (struct queue_index){.account = account, .lock = -1, .descriptor = -1};
}

bool queue_index_lock(struct queue_index *index)
{
    index->lock = account_lock(index->account, "lock");
    return index->lock >= 0;
}

static void close_file(struct queue_index *index)
{
    if (index->descriptor >= 0)
        close(index->descriptor);
    index->descriptor = -1;
    index->expected = false;
}

void queue_index_close(struct queue_index *index)
{
    close_file(index);
    spool_unlock(index->lock);
    index->lock = -1;
}

void queue_index_remove(const struct queue_index *index)
{
    if (index->lock >= 0)
        file_remove(
            index->account->spool->directory, index_path(index->account).text);
}

/* FNV-1a: enough to notice a torn or mixed header, which is all it is for. */
static uint32_t checksum(const char *bytes, size_t length)
{
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < length; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * 16777619u;
    return sum;
}

static void format_header(
    const struct queue_index *index, char out[QUEUE_INDEX_HEADER_SIZE + 1])
{
    size_t summed = QUEUE_INDEX_HEADER_SIZE - CHECKSUM_LENGTH;
    memset(out, ' ', summed);
    int length = snprintf(out, summed, header_format,
        (int64_t)index->known.tv_sec, (long)index->known.tv_nsec,
        index->recheck, index->head, index->sorted_end, index->end, index->live,
        index->sorted_sum, index->arrivals_sum, index->stretch.start,
        index->stretch.end, index->stretch.actions);
    if (length >= 0 && (size_t)length < summed)
        out[length] = ' '; /* instead of snprintf's NUL */
    snprintf(out + summed, CHECKSUM_LENGTH + 1, "%08" PRIx32 "\n",
        checksum(out, summed));
}

static bool parse_header(const char *text, struct queue_index *index)
{
    struct queue_index read = *index;
    int64_t seconds;
    long nanoseconds;
    char again[QUEUE_INDEX_HEADER_SIZE + 1];
    int count = sscanf(text, header_format, &seconds, &nanoseconds,
        &read.recheck, &read.head, &read.sorted_end, &read.end, &read.live,
        &read.sorted_sum, &read.arrivals_sum, &read.stretch.start,
        &read.stretch.end, &read.stretch.actions);
    if (count != 12)
        return false;
    read.known.tv_sec = (time_t)seconds;
    read.known.tv_nsec = nanoseconds;
    /* Writing it again proves every byte, the checksum's among them. */
    format_header(&read, again);
    if (memcmp(text, again, QUEUE_INDEX_HEADER_SIZE) != 0)
        return false;
    *index = read;
    return true;
}

static bool offsets_fit(const struct queue_index *index)
{
    struct stat status;
    return index->head >= QUEUE_INDEX_HEADER_SIZE &&
           index->head <= index->sorted_end &&
           index->sorted_end <= index->end && index->live >= 0 &&
           index->stretch.start >= 0 &&
           index->stretch.start <= index->stretch.end &&
           index->stretch.end <= index->sorted_end &&
           fstat(index->descriptor, &status) == 0 &&
           index->end <= status.st_size;
}

enum error queue_index_open(struct queue_index *index)
{
    char text[QUEUE_INDEX_HEADER_SIZE + 1] = "";
    index->descriptor = openat(index->account->spool->directory,
        index_path(index->account).text,
        O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (index->descriptor < 0)
        return error_from_errno(errno);
    ssize_t count = pread(index->descriptor, text, QUEUE_INDEX_HEADER_SIZE, 0);
    if (count == QUEUE_INDEX_HEADER_SIZE && parse_header(text, index) &&
        offsets_fit(index))
        return ERROR_NONE;
    close_file(index);
    return ERROR_SYNTAX;
}

static enum error write_at(
    int descriptor, const char *bytes, size_t length, int64_t offset)
{
    while (length > 0) {
        ssize_t count = pwrite(descriptor, bytes, length, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_from_errno(errno);
        bytes += count;
        length -= (size_t)count;
        offset += count;
    }
    return ERROR_NONE;
}

enum error queue_index_save(const struct queue_index *index)
{
    char text[QUEUE_INDEX_HEADER_SIZE + 1];
    format_header(index, text);
    return write_at(index->descriptor, text, QUEUE_INDEX_HEADER_SIZE, 0);
}

static enum error write_names(
    struct queue_index *index, const struct name_list *names)
{
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < names->count; i++) {
        struct name_slice name = name_list_get(names, i);
        buffer_append(&text, name.text, name.length + 1); /* its newline */
    }
    enum error error = text.failed
                           ? ERROR_MEMORY
                           : write_at(index->descriptor, buffer_text(&text),
                                 text.length, QUEUE_INDEX_HEADER_SIZE);
    index->head = QUEUE_INDEX_HEADER_SIZE;
    index->end = QUEUE_INDEX_HEADER_SIZE + (int64_t)text.length;
    index->sorted_end = index->end;
    index->live = (int64_t)names->count;
    index->sorted_sum = queue_sum_lines(buffer_text(&text), text.length);
    index->arrivals_sum = 0;
    buffer_free(&text);
    return error;
}

/* The file is filled under a name nobody reads and then renamed; the queue's
 * lock, held by the caller, keeps other builders away. It is not fsynced: what
 * power loss tears, the sums show, and a line's grammar or that its name is not
 * there where lines are read one by one. */
static int open_new(const struct account *account, struct path *path)
{
    int flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    *path = account_file(account, SPOOL_INDEX, "queue.new");
    return openat(account->spool->directory, path->text, flags, 0600);
}

enum error queue_index_build(struct queue_index *index,
    const struct name_list *names, struct timespec known, int64_t recheck)
{
    struct path path;
    struct path place = index_path(index->account);
    int directory = index->account->spool->directory;
    close_file(index);
    file_remove(directory, place.text);
    index->descriptor = open_new(index->account, &path);
    if (index->descriptor < 0)
        return error_from_errno(errno);
    index->known = known;
    index->recheck = recheck;
    index->stretch = (struct queue_stretch){0, 0, 0};
    enum error error = write_names(index, names);
    if (error == ERROR_NONE)
        error = queue_index_save(index);
    if (error == ERROR_NONE)
        error = file_rename(directory, path.text, place.text);
    if (error != ERROR_NONE) {
        file_remove(directory, path.text);
        close_file(index);
    }
    return error;
}

enum error queue_index_append(struct queue_index *index, const char *name)
{
    char line[NAME_LENGTH_MAX + 1];
    int length = snprintf(line, sizeof line, "%s\n", name);
    if (length < 0 || (size_t)length >= sizeof line)
        return ERROR_TOO_LARGE;
    enum error error =
        write_at(index->descriptor, line, (size_t)length, index->end);
    if (error != ERROR_NONE)
        return error;
    index->end += length;
    index->live++;
    index->arrivals_sum += queue_sum_lines(line, (size_t)length);
    return ERROR_NONE;
}

/* Whether the text, from `start` on, is what was written there. */
static bool is_whole(
    const struct queue_index *index, int64_t start, const char *text)
{
    size_t sorted = (size_t)(index->sorted_end - start);
    size_t arrivals = (size_t)(index->end - index->sorted_end);
    return (sorted == 0 ||
               queue_sum_lines(text, sorted) == index->sorted_sum) &&
           queue_sum_lines(text + sorted, arrivals) == index->arrivals_sum;
}

static enum error read_from(
    const struct queue_index *index, int64_t start, struct buffer *out)
{
    size_t length = (size_t)(index->end - start);
    if (length == 0)
        return ERROR_NONE;
    char *to = buffer_reserve(out, length);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t count = pread(index->descriptor, to, length, (off_t)start);
    if (count != (ssize_t)length || to[length - 1] != '\n' ||
        !is_whole(index, start, to))
        return ERROR_SYNTAX;
    to[length] = '\0';
    out->length += length;
    return ERROR_NONE;
}

enum error queue_index_read(const struct queue_index *index, struct buffer *out)
{
    return read_from(index, QUEUE_INDEX_HEADER_SIZE, out);
}

enum error queue_index_read_arrivals(
    const struct queue_index *index, struct buffer *out)
{
    return read_from(index, index->sorted_end, out);
}

enum error queue_index_use(const struct queue_index *index, int64_t offset)
{
    return write_at(index->descriptor, &used_mark, 1, offset + QUEUE_MARK_AT);
}

bool queue_index_is_used(const char *line, size_t length)
{
    return length > QUEUE_MARK_AT && line[QUEUE_MARK_AT] == used_mark;
}

void queue_index_unmark(char *line, size_t length)
{
    if (queue_index_is_used(line, length))
        line[QUEUE_MARK_AT] = unused_mark;
}

bool queue_index_agrees(const struct queue_index *index)
{
    struct stat folder;
    struct path path = account_folder(index->account, SPOOL_PENDING);
    return fstatat(index->account->spool->directory, path.text, &folder, 0) ==
               0 &&
           folder.st_mtim.tv_sec == index->known.tv_sec &&
           folder.st_mtim.tv_nsec == index->known.tv_nsec;
}

bool queue_index_mark(const struct account *account, struct timespec *set)
{
    struct stat folder;
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT}, clock_to_timespec(clock_now())};
    struct path path = account_folder(account, SPOOL_PENDING);
    if (utimensat(account->spool->directory, path.text, times, 0) != 0 ||
        fstatat(account->spool->directory, path.text, &folder, 0) != 0)
        return false;
    *set = folder.st_mtim;
    return set->tv_sec == times[1].tv_sec && set->tv_nsec == times[1].tv_nsec;
}

bool queue_index_expect(struct queue_index *index)
{
    index->expected = queue_index_agrees(index);
    return index->expected;
}

/* Where the mark is not kept exactly, as by a file system that knows whole
 * seconds only, a change to come may bear the mtime of this one: then there is
 * no index to trust. */
void queue_index_cover(struct queue_index *index)
{
    struct timespec mark;
    bool expected = index->expected;
    index->expected = false;
    if (!expected)
        return;
    if (!queue_index_mark(index->account, &mark)) {
        queue_index_remove(index);
        return;
    }
    int64_t soon = clock_now() + queue_index_recheck_after;
    index->known = mark;
    if (index->recheck > soon)
        index->recheck = soon;
    enum error error = queue_index_save(index);
    (void)error; /* then `known` differs: the next poll reads the folder */
}

void queue_index_begin(struct queue_index *index, const struct account *account)
{
    queue_index_init(index, account);
    if (queue_index_exists(account) && queue_index_lock(index) &&
        queue_index_open(index) == ERROR_NONE)
        queue_index_expect(index);
}

/* There was no index to keep up to date: who has built one meanwhile may have
 * read the folder before the name came, and marked it since. Or there was no
 * lock to be had, as where the host lets us open no more files: then who is at
 * the index may be about to take the name for a change of his own, and it goes
 * though it may be good. */
static void remove_built_meanwhile(struct queue_index *index)
{
    if (!queue_index_exists(index->account))
        return;
    queue_index_lock(index);
    file_remove(
        index->account->spool->directory, index_path(index->account).text);
}

/* One that was stale before stays so: the next poll will see. */
void queue_index_commit(struct queue_index *index, const char *added)
{
    if (index->lock < 0 && added != NULL)
        remove_built_meanwhile(index);
    else if (index->expected &&
             (added == NULL || queue_index_append(index, added) == ERROR_NONE))
        queue_index_cover(index);
    queue_index_close(index);
}

void queue_index_doubt(struct queue_index *index)
{
    if (index->lock < 0)
        remove_built_meanwhile(index);
    queue_index_close(index);
}

enum error queue_index_rename(const struct account *account, struct path from,
    struct path to, const char *added)
{
    struct queue_index index;
    queue_index_begin(&index, account);
    enum error error =
        file_rename_ours(account->spool->directory, from.text, to.text);
    if (error == ERROR_NONE)
        queue_index_commit(&index, added);
    else
        queue_index_doubt(&index);
    return error;
}
