#include <mach/mach_types.h>
#include <sys/mount.h>

static vfstable_t table;

kern_return_t acmefs_start(kmod_info_t *ki, void *d)
{
    struct vfs_fsentry entry = {0};
    return vfs_fsadd(&entry, &table) ? KERN_FAILURE : KERN_SUCCESS;
}
