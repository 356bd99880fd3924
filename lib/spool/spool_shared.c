/* SPDX-License-Identifier: MIT */
#include "spool_shared.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/vfs.h>

/* As statfs(2) has them. A network's are many more, and FUSE's tells nothing of
 * what is behind it: what is not known here may be one. */
static const uint32_t alone[] = {
    0xef53,     /* ext2, ext3, ext4 */
    0x58465342, /* XFS */
    0x9123683e, /* btrfs */
    0x2fc12fc1, /* ZFS */
    0xca451a4e, /* bcachefs */
    0xf2f52010, /* F2FS */
    0x3153464a, /* JFS */
    0x52654973, /* ReiserFS */
    0x794c7630, /* overlayfs, whose writable layer is on one of these */
    0x01021994, /* tmpfs */
    0x858458f6  /* ramfs */
};

bool spool_is_shared(const struct spool *spool)
{
    struct statfs status;
    if (fstatfs(spool->directory, &status) != 0)
        return true;
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        if ((uint32_t)status.f_type == alone[i])
            return false;
    }
    return true;
}
