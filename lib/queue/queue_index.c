/* SPDX-License-Identifier: MIT */
#include "queue_index.h"

#include "buffer.h"
#include "clock.h"
#include "error.h"
#include "file.h"
#include "name.h"
#include "name_list.h"
#include "path.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const int64_t queue_recheck_after = 15 * clock_second;

static const char header_format[] =
    "stoflow-queue-3 known=%" PRId64 ".%09ld recheck=%" PRId64 " head=%" PRId64
    " sorted=%" PRId64 " end=%" PRId64 " live=%" PRId64 " stretch=%" PRId64
    "-%" PRId64 " of=%" PRIu64;

enum {
    CHECKSUM_LENGTH = 9, /* eight hexadecimal digits and the newline */
    USED_AT = 3          /* behind the rank, which stays readable */
};

static const char used_mark = '#';

struct path queue_index_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "queue");
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
        index->stretch.start, index->stretch.end, index->stretch.actions);
    if (length >= 0 && (size_t)length < summed)
        out[length] = ' '; /* instead of snprintf's NUL */
    snprintf(out + summed, CHECKSUM_LENGTH + 1, "%08" PRIx32 "\n",
        checksum(out, summed));
}

static bool parse_header(const char *text, struct queue_index *index)
{
    struct queue_index read = {.descriptor = index->descriptor};
    int64_t seconds;
    long nanoseconds;
    char again[QUEUE_INDEX_HEADER_SIZE + 1];
    int count = sscanf(text, header_format, &seconds, &nanoseconds,
        &read.recheck, &read.head, &read.sorted_end, &read.end, &read.live,
        &read.stretch.start, &read.stretch.end, &read.stretch.actions);
    if (count != 10)
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

enum error queue_index_open(
    const struct account *account, struct queue_index *index)
{
    char text[QUEUE_INDEX_HEADER_SIZE + 1] = "";
    index->descriptor =
        openat(account->spool->directory, queue_index_path(account).text,
            O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (index->descriptor < 0)
        return error_from_errno(errno);
    ssize_t count = pread(index->descriptor, text, QUEUE_INDEX_HEADER_SIZE, 0);
    if (count == QUEUE_INDEX_HEADER_SIZE && parse_header(text, index) &&
        offsets_fit(index))
        return ERROR_NONE;
    queue_index_close(index);
    return ERROR_SYNTAX;
}

void queue_index_close(struct queue_index *index)
{
    close(index->descriptor);
    index->descriptor = -1;
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
    buffer_free(&text);
    return error;
}

/* The file is filled under a name nobody reads and then renamed; the queue's
 * lock, held by the caller, keeps other builders away. It is not fsynced: what
 * power loss tears, the header or a line's grammar shows. */
static int open_new(const struct account *account, struct path *path)
{
    int flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    *path = account_file(account, SPOOL_INDEX, "queue.new");
    return openat(account->spool->directory, path->text, flags, 0600);
}

enum error queue_index_build(const struct account *account,
    const struct name_list *names, struct timespec known, int64_t recheck,
    struct queue_index *index)
{
    struct path path;
    struct path place = queue_index_path(account);
    file_remove(account->spool->directory, place.text);
    index->descriptor = open_new(account, &path);
    if (index->descriptor < 0)
        return error_from_errno(errno);
    index->known = known;
    index->recheck = recheck;
    index->stretch = (struct queue_stretch){0, 0, 0};
    enum error error = write_names(index, names);
    if (error == ERROR_NONE)
        error = queue_index_save(index);
    if (error == ERROR_NONE)
        error = file_rename(account->spool->directory, path.text, place.text);
    if (error != ERROR_NONE) {
        file_remove(account->spool->directory, path.text);
        queue_index_close(index);
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
    return ERROR_NONE;
}

static enum error read_region(
    const struct queue_index *index, int64_t start, struct buffer *out)
{
    size_t length = (size_t)(index->end - start);
    if (length == 0)
        return ERROR_NONE;
    char *to = buffer_reserve(out, length);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t count = pread(index->descriptor, to, length, (off_t)start);
    if (count != (ssize_t)length || to[length - 1] != '\n')
        return ERROR_SYNTAX;
    to[length] = '\0';
    out->length += length;
    return ERROR_NONE;
}

enum error queue_index_arrivals(
    const struct queue_index *index, struct buffer *out)
{
    return read_region(index, index->sorted_end, out);
}

enum error queue_index_names(
    const struct queue_index *index, struct buffer *out)
{
    return read_region(index, QUEUE_INDEX_HEADER_SIZE, out);
}

enum error queue_index_use(const struct queue_index *index, int64_t offset)
{
    return write_at(index->descriptor, &used_mark, 1, offset + USED_AT);
}

bool queue_index_is_used(const char *line, size_t length)
{
    return length > USED_AT && line[USED_AT] == used_mark;
}

bool queue_index_exists(const struct account *account)
{
    return file_exists(
        account->spool->directory, queue_index_path(account).text);
}

int queue_index_lock(const struct account *account)
{
    return account_lock(account, "lock");
}

bool queue_index_agrees(
    const struct account *account, const struct queue_index *index)
{
    struct stat folder;
    struct path path = account_folder(account, SPOOL_PENDING);
    return fstatat(account->spool->directory, path.text, &folder, 0) == 0 &&
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

void queue_index_note_change(
    const struct account *account, struct queue_index *index)
{
    struct timespec known;
    if (!queue_index_mark(account, &known))
        return; /* the next poll reads the folder: slower, not wrong */
    index->known = known;
    if (index->recheck == 0)
        index->recheck = clock_now() + queue_recheck_after;
    enum error error = queue_index_save(index);
    (void)error; /* then `known` differs, as above */
}
