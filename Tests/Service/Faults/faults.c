// Makes changes of files below a folder fail now and then, as a dying or full disk does. For LD_PRELOAD:
//
//     FAULTS_FOLDER   the folder
//     FAULTS_WHILE    a file: changes fail only while it exists
//     FAULTS_EVERY    one change of so many fails, chosen by a generator
//     FAULTS_SEED     of that generator
//     FAULTS_LOG      a file outside the folder; a letter is written to it for each failure
//
// A change is what write, pwrite, fsync, fdatasync, ftruncate, rename, mkdir and open with O_CREAT do.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_ulong changes;

static int isBelow(const char *path) {
    const char *folder = getenv("FAULTS_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

// Whether this change is to fail; sets errno then.
static int fails(const char *path, char letter) {
    const char *whileThere = getenv("FAULTS_WHILE"), *every = getenv("FAULTS_EVERY");
    if (!isBelow(path) || !whileThere || !every || access(whileThere, F_OK) != 0) return 0;
    const char *seed = getenv("FAULTS_SEED");
    uint64_t z = (seed ? strtoull(seed, 0, 10) : 0) + 0x9e3779b97f4a7c15u * (atomic_fetch_add(&changes, 1) + 1);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    if (z % strtoull(every, 0, 10) != 0) return 0;
    const char *log = getenv("FAULTS_LOG");
    int descriptor = log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (descriptor >= 0) {
        syscall(SYS_write, descriptor, &letter, 1);
        close(descriptor);
    }
    errno = (z >> 32) % 2 ? EIO : ENOSPC;
    return 1;
}

static int descriptorFails(int descriptor, char letter) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    return fails(path, letter);
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int descriptor, const void *bytes, size_t count) {
    NEXT(write);
    return descriptorFails(descriptor, 'w') ? -1 : next(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    NEXT(pwrite);
    return descriptorFails(descriptor, 'w') ? -1 : next(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    NEXT(pwrite64);
    return descriptorFails(descriptor, 'w') ? -1 : next(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
    NEXT(fsync);
    return descriptorFails(descriptor, 's') ? -1 : next(descriptor);
}

int fdatasync(int descriptor) {
    NEXT(fdatasync);
    return descriptorFails(descriptor, 's') ? -1 : next(descriptor);
}

int ftruncate(int descriptor, off_t size) {
    NEXT(ftruncate);
    return descriptorFails(descriptor, 't') ? -1 : next(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
    NEXT(ftruncate64);
    return descriptorFails(descriptor, 't') ? -1 : next(descriptor, size);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return fails(to, 'r') ? -1 : next(from, to);
}

int renameat2(int fromFolder, const char *from, int toFolder, const char *to, unsigned int flags) {
    NEXT(renameat2);
    return fails(to, 'r') ? -1 : next(fromFolder, from, toFolder, to, flags);
}

int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    return fails(path, 'm') ? -1 : next(path, mode);
}

int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return flags & O_CREAT && fails(path, 'o') ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return flags & O_CREAT && fails(path, 'o') ? -1 : next(path, flags, mode);
}
