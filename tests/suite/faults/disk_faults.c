// Makes calls to the disk fail, or the process die at one of them, where a test says so.
//
// Loaded with LD_PRELOAD (faults/mod.rs compiles and steers it). Only calls on paths below one
// folder count; all processes and threads of a run share the count.
//
//   DISK_FAULT_BELOW    the folder, absolute, no slash at the end
//   DISK_FAULT_CALLS    which calls count, separated by commas: create write sync rename mkdir
//                       truncate copy link; open read list
//   DISK_FAULT_AT       the number of the call that fails, from 1; 0 only counts
//   DISK_FAULT_WITH     the errno as a number, or "kill": SIGKILL, after half of a write was written
//   DISK_FAULT_LASTING  set: every later call fails as well
//   DISK_FAULT_ROOM     set: bytes that may be written; what goes beyond is cut short, then ENOSPC
//   DISK_FAULT_STATE    a file of 16 bytes: calls so far, bytes written so far

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct state {
    atomic_long calls;
    atomic_long bytes;
};

static struct state *state;
static const char *below;
static const char *counted;
static long fail_at;
static int fail_with;
static int kills;
static int lasting;
static long room = -1;

static void read_settings(void) {
    const char *file = getenv("DISK_FAULT_STATE");
    below = getenv("DISK_FAULT_BELOW");
    counted = getenv("DISK_FAULT_CALLS");
    if (!file || !below || !counted) return;
    const char *at = getenv("DISK_FAULT_AT"), *with = getenv("DISK_FAULT_WITH");
    const char *bytes = getenv("DISK_FAULT_ROOM");
    fail_at = at ? atol(at) : 0;
    kills = with && strcmp(with, "kill") == 0;
    fail_with = with ? atoi(with) : 0;
    lasting = getenv("DISK_FAULT_LASTING") != NULL;
    if (bytes) room = atol(bytes);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (map != MAP_FAILED) state = map;
}

static int watching(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_settings);
    return state != NULL;
}

static int is_counted(const char *call) {
    size_t length = strlen(call);
    for (const char *at = counted; (at = strstr(at, call)); at += length) {
        int starts = at == counted || at[-1] == ',';
        if (starts && (at[length] == ',' || at[length] == 0)) return 1;
    }
    return 0;
}

static int is_below(const char *path) {
    size_t length = strlen(below);
    return strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int fd_path(int fd, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlink, link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int fd_is_below(int fd) {
    char path[PATH_MAX];
    return fd_path(fd, path) && is_below(path);
}

// A relative path counts by the folder that it starts from.
static int at_is_below(int dirfd, const char *path) {
    if (path[0] == '/') return is_below(path);
    return dirfd != AT_FDCWD && fd_is_below(dirfd);
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

// Counts one call; true where it is the one to fail. `errno` is set then.
static int strikes(const char *call) {
    int before = errno;
    long number = atomic_fetch_add(&state->calls, 1) + 1;
    if (fail_at == 0 || (lasting ? number < fail_at : number != fail_at)) {
        errno = before;
        return 0;
    }
    dprintf(2, "disk fault: %s, call %ld\n", call, number);
    errno = fail_with;
    return 1;
}

static int fails(const char *call) {
    if (!strikes(call)) return 0;
    if (kills) die();
    return 1;
}

#define PATH_FAILS(call, path) (watching() && is_counted(call) && is_below(path) && fails(call))
#define AT_FAILS(call, fd, path) (watching() && is_counted(call) && at_is_below(fd, path) && fails(call))
#define FD_FAILS(call, fd) (watching() && is_counted(call) && fd_is_below(fd) && fails(call))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// --- opening ---------------------------------------------------------------------------------

static const char *opening(int flags) { return flags & O_CREAT ? "create" : "open"; }

#define MODE(flags, last)                     \
    mode_t mode = 0;                          \
    if ((flags) & (O_CREAT | O_TMPFILE)) {    \
        va_list arguments;                    \
        va_start(arguments, last);            \
        mode = va_arg(arguments, mode_t);     \
        va_end(arguments);                    \
    }

int open(const char *path, int flags, ...) {
    MODE(flags, flags)
    return PATH_FAILS(opening(flags), path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags, flags)
    return PATH_FAILS(opening(flags), path) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int fd, const char *path, int flags, ...) {
    MODE(flags, flags)
    return AT_FAILS(opening(flags), fd, path) ? -1 : REAL(openat)(fd, path, flags, mode);
}

int openat64(int fd, const char *path, int flags, ...) {
    MODE(flags, flags)
    return AT_FAILS(opening(flags), fd, path) ? -1 : REAL(openat64)(fd, path, flags, mode);
}

DIR *opendir(const char *path) { return PATH_FAILS("open", path) ? NULL : REAL(opendir)(path); }

// --- writing ---------------------------------------------------------------------------------

// Bytes of this write that still find room; -1 (and ENOSPC) where none does.
static ssize_t roomy(int fd, size_t length) {
    if (!watching() || room < 0 || !fd_is_below(fd)) return (ssize_t)length;
    long before = atomic_fetch_add(&state->bytes, (long)length);
    long left = room - before;
    if (left >= (long)length) return (ssize_t)length;
    if (left > 0) return left;
    errno = ENOSPC;
    return -1;
}

// A process that dies while it writes leaves half of what it wrote.
static int write_strikes(int fd, const void *bytes, size_t length) {
    if (!watching() || !is_counted("write") || !fd_is_below(fd) || !strikes("write")) return 0;
    if (kills) {
        syscall(SYS_write, fd, bytes, length / 2);
        die();
    }
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (write_strikes(fd, bytes, length)) return -1;
    ssize_t fits = roomy(fd, length);
    return fits < 0 ? -1 : REAL(write)(fd, bytes, (size_t)fits);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    if (FD_FAILS("write", fd)) return -1;
    ssize_t fits = roomy(fd, length);
    return fits < 0 ? -1 : REAL(pwrite64)(fd, bytes, (size_t)fits, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}

// Written part by part where the room is bounded: a short write is allowed at any place.
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (count > 0 && watching() && room >= 0 && fd_is_below(fd)) {
        return write(fd, parts[0].iov_base, parts[0].iov_len);
    }
    return FD_FAILS("write", fd) ? -1 : REAL(writev)(fd, parts, count);
}

ssize_t copy_file_range(int from, off64_t *in, int to, off64_t *out, size_t length, unsigned flags) {
    return FD_FAILS("copy", to) ? -1 : REAL(copy_file_range)(from, in, to, out, length, flags);
}

int ftruncate64(int fd, off64_t length) {
    return FD_FAILS("truncate", fd) ? -1 : REAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) { return FD_FAILS("sync", fd) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return FD_FAILS("sync", fd) ? -1 : REAL(fdatasync)(fd); }

// --- names -----------------------------------------------------------------------------------

int mkdir(const char *path, mode_t mode) { return PATH_FAILS("mkdir", path) ? -1 : REAL(mkdir)(path, mode); }

int mkdirat(int fd, const char *path, mode_t mode) {
    return AT_FAILS("mkdir", fd, path) ? -1 : REAL(mkdirat)(fd, path, mode);
}

int rename(const char *from, const char *to) { return PATH_FAILS("rename", to) ? -1 : REAL(rename)(from, to); }

int renameat(int old, const char *from, int new, const char *to) {
    return AT_FAILS("rename", new, to) ? -1 : REAL(renameat)(old, from, new, to);
}

int renameat2(int old, const char *from, int new, const char *to, unsigned flags) {
    return AT_FAILS("rename", new, to) ? -1 : REAL(renameat2)(old, from, new, to, flags);
}

int link(const char *from, const char *to) { return PATH_FAILS("link", to) ? -1 : REAL(link)(from, to); }

// --- reading ---------------------------------------------------------------------------------

ssize_t read(int fd, void *bytes, size_t length) {
    return FD_FAILS("read", fd) ? -1 : REAL(read)(fd, bytes, length);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
    return FD_FAILS("read", fd) ? -1 : REAL(pread64)(fd, bytes, length, offset);
}

struct dirent64 *readdir64(DIR *folder) {
    return FD_FAILS("list", dirfd(folder)) ? NULL : REAL(readdir64)(folder);
}
