/* SPDX-License-Identifier: MIT */
#include "drop.h"

#include "action.h"
#include "buffer.h"
#include "cancel_mark.h"
#include "clock.h"
#include "draft.h"
#include "file.h"
#include "find.h"
#include "hold.h"
#include "husk.h"
#include "json.h"
#include "past_lease.h"
#include "pause.h"
#include "queue_index.h"
#include "random.h"
#include "reject.h"
#include "stamp.h"
#include "stuck.h"
#include "task.h"
#include "twin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Left where it is; what is stuck, and will be when it is met again, is told
 * of. */
static enum drop_fate leave(struct drop_file *file, enum error error)
{
    file->left_by = error;
    if (error == ERROR_NOT_FOUND)
        return DROP_GONE;
    account_tell_of_memory(&file->account, file->path, error);
    if (!stuck_is_kind(error))
        return DROP_WAITING;
    if (file->is_told)
        account_stuck(&file->account, file->path, error);
    return DROP_STUCK;
}

static enum drop_fate reject(struct drop_file *file, const char *reason)
{
    enum error error =
        reject_file(file->account.spool, file->path, file->name, reason);
    return error == ERROR_NONE ? DROP_REJECTED : leave(file, error);
}

static enum drop_fate reject_size(struct drop_file *file)
{
    char reason[100];
    snprintf(reason, sizeof reason, "It is larger than max_body, %zu bytes.",
        file->account.config->max_body);
    return reject(file, reason);
}

static enum drop_fate cannot_read(struct drop_file *file, enum error error)
{
    switch (error) {
    case ERROR_TYPE:
        return reject(file, "It is not a regular file.");
    case ERROR_TOO_LARGE:
        return reject_size(file);
    default:
        return leave(file, error);
    }
}

/* A file that was touched a moment ago may still be being copied. */
static bool is_young(const struct config *config, const struct stat *status)
{
    return stamp_is_young(status, clock_now(), config->settle);
}

/* Why the draft cannot be queued as it is; NULL if it can. */
static const char *find_fault(
    const struct drop_file *file, const struct draft *draft)
{
    if (draft->action[0] == '\0')
        return "\"action\" is missing.";
    if (file->folder == 0 && draft->user == 0)
        return "\"user_id\" is missing: it says whose task this is.";
    if (file->folder != 0 && draft->user != 0 && draft->user != file->folder)
        return "\"user_id\" is not that of the folder it lay in.";
    return NULL;
}

/* Nobody else can make the target, whose ID is held or has just been drawn. */
static enum error rename_file(const struct drop_file *file, struct path to)
{
    return file->folder == 0 ? queue_index_rename(&file->account, file->path,
                                   to, file->queued.text)
                             : file_rename_ours(file->account.spool->directory,
                                   file->path.text, to.text);
}

/* From pending/ itself two folders change, and a power loss could show the
 * file in both, or in neither: the new place is made safe first. Where that
 * fails the file goes back, because it must not be handed out: by one rename,
 * so that it never lies in both, and to the name it was to have in the queue,
 * which is nobody else's. Under its own another may have been dropped
 * meanwhile. */
static enum error make_safe(const struct drop_file *file, struct path to)
{
    enum error error = account_sync_folder(&file->account, SPOOL_PENDING);
    if (error == ERROR_NONE)
        error = directory_sync(file->account.spool->directory,
            spool_directory_name(SPOOL_PENDING));
    if (error != ERROR_NONE)
        queue_index_rename(&file->account, to,
            path_in(SPOOL_PENDING, file->queued.text), NULL);
    return error;
}

static enum drop_fate rename_to_queue(
    struct drop_file *file, const struct task_name *name)
{
    file->queued = name_format_queued(name);
    struct path to =
        account_path(&file->account, SPOOL_PENDING, file->queued.text);
    enum error error = account_make_folder(&file->account, SPOOL_PENDING);
    if (error == ERROR_NONE)
        error = file_secure(file->account.spool->directory, file->path.text);
    if (error != ERROR_NONE)
        return leave(file, error);
    if (file->begun != 0 && hold_is_outlived(file->begun, clock_now()))
        return DROP_WAITING;
    past_lease_note_moved(&file->account, file->name, name);
    error = rename_file(file, to);
    if (error == ERROR_NONE && file->folder == 0)
        error = make_safe(file, to);
    return error == ERROR_NONE ? DROP_ROUTED : leave(file, error);
}

/* It may have been moved here between the look of who speaks on it for where it
 * was, and the record: it is done in a moment, and waits for that. Whoever
 * speaks from now on looks in vain.
 *
 * What was asked of an earlier task of this ID is not asked of this one. Of a
 * task that was taken back from its plugin, and no other drop counts a try, it
 * is asked still. */
static enum drop_fate queue_unknown(
    struct drop_file *file, const struct task_name *name)
{
    enum error error = find_unspoken(&file->account, name->id);
    if (error == ERROR_NONE && name->generation == 0)
        error = cancel_mark_remove(&file->account, name->id);
    return error == ERROR_NONE ? rename_to_queue(file, name)
                               : leave(file, error);
}

/* A given ID may be taken: look while holding the ID, so that two drops with
 * one ID cannot both find it free. A file that comes back, or is called as if
 * it did, meets itself. */
static enum drop_fate queue_with_id(
    struct drop_file *file, const struct task_name *name, bool back)
{
    struct task_place place;
    char reason[200];
    struct hold hold;
    file->begun = clock_now();
    enum error error = hold_take(&file->account, name->id, false, &hold);
    if (error != ERROR_NONE)
        return leave(file, error);
    enum drop_fate fate;
    error = husk_find_task(&file->account, name->id, &place, true);
    if (error == ERROR_NONE && place.by_hand &&
        (back || strcmp(place.path.text, file->path.text) == 0))
        error = ERROR_NOT_FOUND;
    if (error == ERROR_NOT_FOUND) {
        fate = queue_unknown(file, name);
    } else if (error == ERROR_NONE) {
        bool done = place.state == TASK_COMPLETED || place.state == TASK_FAILED;
        snprintf(reason, sizeof reason,
            "A task %s of user %" PRId64 " exists already: it is %s.%s",
            name->id, file->account.user, task_state_text(place.state),
            done ? " To run that again, retry it." : "");
        fate = reject(file, reason);
    } else {
        fate = leave(file, error);
    }
    hold_release(file->account.spool, &hold);
    return fate;
}

/* No ID tells that it is a task already, under the name that it was given
 * before the power was lost. */
static enum drop_fate queue_with_new_id(
    struct drop_file *file, struct task_name *name)
{
    struct task_place place;
    char reason[200];
    enum error error = twin_find(&file->account, &file->status, &place);
    if (error == ERROR_NONE) {
        snprintf(reason, sizeof reason,
            "This very file is a task already, by another name: %s.",
            place.lease.task.id);
        return reject(file, reason);
    }
    if (error != ERROR_NOT_FOUND)
        return leave(file, error);
    if (random_uuid(name->id) != ERROR_NONE)
        return DROP_WAITING;
    return rename_to_queue(file, name);
}

/* A file moved back here from executing/ by hand keeps what its name says: the
 * plugin that has the task knows it by that ID and lease. Whether it is one. */
static bool take_back(const struct drop_file *file, const struct draft *draft,
    struct task_name *name)
{
    struct lease_name lease;
    if (name_parse_executing(file->name, &lease) != ERROR_NONE ||
        strcmp(lease.task.action, draft->action) != 0 ||
        (draft->id[0] != '\0' && strcmp(lease.task.id, draft->id) != 0))
        return false;
    *name = lease.task;
    if (name->generation < GENERATION_MAX)
        name->generation++;
    return true;
}

/* The words that a create with these parameters is refused with. */
static enum drop_fate reject_params(
    struct drop_file *file, const struct json_misfit *misfit)
{
    char reason[200];
    snprintf(
        reason, sizeof reason, "\"%s\" %s.", misfit->member, misfit->reason);
    return reject(file, reason);
}

/* A task that was handed out before is not judged by newer rules, nor by the
 * limits of what is new: its record may be as large as params and result are
 * together. */
static bool comes_back(const struct drop_file *file, const struct draft *draft)
{
    struct task_name name;
    return draft->finished || take_back(file, draft, &name);
}

static enum drop_fate queue_draft(
    struct drop_file *file, const struct draft *draft)
{
    struct task_name name = {.priority = draft->priority,
        .created = draft_due(draft, file->created)};
    struct json_misfit misfit;
    const char *fault = find_fault(file, draft);
    if (fault != NULL)
        return reject(file, fault);
    file->account.user = file->folder != 0 ? file->folder : draft->user;
    memcpy(name.action, draft->action, sizeof name.action);
    memcpy(name.id, draft->id, sizeof name.id);
    take_back(file, draft, &name);
    if (!comes_back(file, draft) && action_check_params(draft->action,
                                        draft->params, &misfit) != ERROR_NONE)
        return reject_params(file, &misfit);
    if (name.id[0] != '\0')
        return queue_with_id(file, &name, comes_back(file, draft));
    return queue_with_new_id(file, &name);
}

/* What a create would be refused with for its size. */
static enum drop_fate check_size(struct drop_file *file,
    const struct json_document *document, const struct draft *draft)
{
    if (!comes_back(file, draft)) {
        if (document->length > file->account.config->max_body)
            return reject_size(file);
        if (document->count > JSON_VALUES_MAX)
            return reject(file, "It holds too many values.");
    }
    if (task_check_length(document->length) == ERROR_NONE)
        return queue_draft(file, draft);
    return reject(file,
        "This host lets no file become that large, with room for a result.");
}

enum drop_fate drop_file_route(const struct spool *spool,
    const struct config *config, struct drop_file *file)
{
    struct buffer text = BUFFER_EMPTY;
    struct stat status;
    struct json_document document;
    struct draft draft;
    struct task_fault fault;
    bool unparsable = false;
    file->account = (struct account){spool, config, file->folder};
    size_t most = (2 * config->max_body) + RECORD_ROOM;
    enum error error =
        file_read(spool->directory, file->path.text, most, &text, &status);
    if (error != ERROR_NONE)
        return cannot_read(file, error);
    file->status = status;
    enum drop_fate fate;
    error = task_parse(&text, &document, &draft, &fault, &unparsable);
    if (error == ERROR_NONE) {
        fate = check_size(file, &document, &draft);
        json_free(&document);
    } else if (error == ERROR_MEMORY) {
        fate = leave(file, error);
    } else if (unparsable && is_young(config, &status)) {
        fate = DROP_WAITING;
    } else {
        fate = reject(file, fault.reason);
    }
    buffer_free(&text);
    return fate;
}

/* A user's folder; in pending/ itself the name means nothing, and whoever put
 * it there should be told. */
static bool is_pause(struct path folder, const char *name)
{
    return strcmp(name, pause_name) == 0 &&
           strcmp(folder.text, path_of(SPOOL_PENDING).text) != 0;
}

bool drop_is_stranger(
    const struct spool *spool, struct path folder, const char *name)
{
    struct path path;
    struct stat status;
    if (name_is_json(name) || is_pause(folder, name))
        return false;
    int length =
        snprintf(path.text, sizeof path.text, "%s/%s", folder.text, name);
    if (length < 0 || (size_t)length >= sizeof path.text)
        return false;
    return fstatat(spool->directory, path.text, &status, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           S_ISREG(status.st_mode) &&
           stamp_is_due(clock_from_timespec(status.st_mtim), clock_now(),
               DROP_STRANGER_AGE);
}
