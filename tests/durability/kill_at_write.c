/*
 * Kill the process at a chosen write below a watched folder, and log every such write.
 *
 * Loaded with LD_PRELOAD. Each call that changes the file system is counted; the process dies by SIGKILL just before
 * the k-th one, or in the middle of it where that is a write of bytes. Syncs are counted and logged but never carried
 * out: a killed process loses nothing of what the kernel has taken, so that they would only cost time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char watched[PATH_MAX];
static size_t watched_length;
static int armed;
static long counted;
static long fatal;
static int halfway;
static int log_fd = -1;

/* What the tests call. `at` 0 kills nobody; `half` lets a write at `at` put half of its bytes first. */
void arm(const char *folder, long at, int half, int log)
{
    snprintf(watched, sizeof watched, "%s", folder);
    watched_length = strlen(watched);
    counted = 0;
    fatal = at;
    halfway = half;
    log_fd = log;
    armed = 1;
}

long disarm(void)
{
    armed = 0;
    return counted;
}

static void die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

static int is_below(const char *path)
{
    return strncmp(path, watched, watched_length) == 0 && (path[watched_length] == '/' || !path[watched_length]);
}

/* The absolute path of `path`, seen from the folder `at`. Links and dots are left as they are. */
static const char *absolute(int at, const char *path, char *buffer)
{
    char link[64], base[PATH_MAX];
    ssize_t length;

    if (path[0] == '/') {
        snprintf(buffer, PATH_MAX, "%s", path);
        return buffer;
    }
    if (at == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    length = readlink(link, base, sizeof base - 1);
    base[length < 0 ? 0 : length] = 0;
    snprintf(buffer, PATH_MAX, "%.*s%s%s", 2048, base, path[0] ? "/" : "", path);
    return buffer;
}

/* Count one write, log it as `call path [path]`, and die if it is the fatal one. True: only half of it is wanted. */
static int at_write(const char *call, const char *path, const char *other)
{
    char line[2 * PATH_MAX + 64];
    int length, saved = errno;

    if (!is_below(path) && !(other && is_below(other)))
        return 0;
    counted++;
    if (log_fd >= 0) {
        length = snprintf(line, sizeof line, "%s\t%s\t%s\n", call, path, other ? other : "");
        syscall(SYS_write, log_fd, line, (size_t)length);
    }
    if (fatal && counted == fatal) {
        if (halfway)
            return 1;
        die();
    }
    errno = saved;
    return 0;
}

static int at_path(const char *call, int at, const char *path)
{
    char buffer[PATH_MAX];

    return armed && path ? at_write(call, absolute(at, path, buffer), NULL) : 0;
}

static int at_two(const char *call, int at, const char *path, int other_at, const char *other)
{
    char buffer[PATH_MAX], other_buffer[PATH_MAX];

    if (!armed)
        return 0;
    return at_write(call, absolute(at, path, buffer), absolute(other_at, other, other_buffer));
}

static int at_file(const char *call, int fd)
{
    return armed ? at_path(call, fd, "") : 0;
}

static void at_open(int at, const char *path, int flags)
{
    char buffer[PATH_MAX];
    struct stat found;

    if (!armed || !(flags & (O_CREAT | O_TRUNC)))
        return;
    /* Opening what is there, with its length kept, changes nothing. */
    if (!(flags & O_TRUNC) && stat(absolute(at, path, buffer), &found) == 0)
        return;
    at_path(flags & O_EXCL ? "create" : "open", at, path);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...)
{
    MODE(flags)
    at_open(AT_FDCWD, path, flags);
    return REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE(flags)
    at_open(AT_FDCWD, path, flags);
    return REAL(open64)(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    MODE(flags)
    at_open(at, path, flags);
    return REAL(openat)(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
    MODE(flags)
    at_open(at, path, flags);
    return REAL(openat64)(at, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    at_open(AT_FDCWD, path, O_CREAT | O_TRUNC);
    return REAL(creat)(path, mode);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (at_file("write", fd)) {
        REAL(write)(fd, bytes, size / 2);
        die();
    }
    return REAL(write)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (at_file("write", fd)) {
        REAL(pwrite)(fd, bytes, size / 2, offset);
        die();
    }
    return REAL(pwrite)(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    if (at_file("write", fd)) {
        REAL(pwrite64)(fd, bytes, size / 2, offset);
        die();
    }
    return REAL(pwrite64)(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (at_file("write", fd)) {
        REAL(writev)(fd, parts, count / 2);
        die();
    }
    return REAL(writev)(fd, parts, count);
}

/* Copies inside the kernel are refused, so that the caller falls back to writing, which is seen. */
ssize_t sendfile64(int to, int from, off64_t *offset, size_t size)
{
    ssize_t (*real)(int, int, off64_t *, size_t) = dlsym(RTLD_NEXT, "sendfile64");

    if (armed) {
        errno = ENOTSOCK;
        return -1;
    }
    return real(to, from, offset, size);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
    return sendfile64(to, from, (off64_t *)offset, size);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags)
{
    if (armed) {
        errno = EXDEV;
        return -1;
    }
    return REAL(copy_file_range)(from, from_at, to, to_at, size, flags);
}

#define ON_FILE(call, name, declared, given) \
    int name declared \
    { \
        if (at_file(call, fd)) \
            die(); \
        return REAL(name) given; \
    }

#define ON_PATH(call, name, at, declared, given) \
    int name declared \
    { \
        if (at_path(call, at, path)) \
            die(); \
        return REAL(name) given; \
    }

#define ON_TWO(call, name, at, to_at, declared, given) \
    int name declared \
    { \
        if (at_two(call, at, path, to_at, to)) \
            die(); \
        return REAL(name) given; \
    }

#define SYNC(name) \
    int name(int fd) \
    { \
        if (at_file("sync", fd)) \
            die(); \
        return 0; \
    }

SYNC(fsync)
SYNC(fdatasync)
ON_FILE("truncate", ftruncate, (int fd, off_t size), (fd, size))
ON_FILE("truncate", ftruncate64, (int fd, off64_t size), (fd, size))
ON_FILE("mode", fchmod, (int fd, mode_t mode), (fd, mode))
ON_FILE("times", futimens, (int fd, const struct timespec times[2]), (fd, times))
ON_PATH("truncate", truncate, AT_FDCWD, (const char *path, off_t size), (path, size))
ON_PATH("mode", chmod, AT_FDCWD, (const char *path, mode_t mode), (path, mode))
ON_PATH("mode", fchmodat, at, (int at, const char *path, mode_t mode, int flags), (at, path, mode, flags))
ON_PATH("times", utimes, AT_FDCWD, (const char *path, const struct timeval times[2]), (path, times))
ON_PATH("times", utimensat, at, (int at, const char *path, const struct timespec times[2], int flags),
        (at, path, times, flags))
ON_PATH("rmdir", rmdir, AT_FDCWD, (const char *path), (path))
ON_PATH("unlink", unlink, AT_FDCWD, (const char *path), (path))
ON_PATH("unlink", unlinkat, at, (int at, const char *path, int flags), (at, path, flags))
ON_PATH("unlink", remove, AT_FDCWD, (const char *path), (path))
ON_TWO("rename", rename, AT_FDCWD, AT_FDCWD, (const char *path, const char *to), (path, to))
ON_TWO("rename", renameat, at, to_at, (int at, const char *path, int to_at, const char *to), (at, path, to_at, to))

/* What fails because the name is taken changes nothing, and so counts as nothing. */
static int is_taken(int at, const char *path)
{
    char buffer[PATH_MAX];
    struct stat found;

    return armed && lstat(absolute(at, path, buffer), &found) == 0;
}

int mkdir(const char *path, mode_t mode)
{
    if (!is_taken(AT_FDCWD, path) && at_path("mkdir", AT_FDCWD, path))
        die();
    return REAL(mkdir)(path, mode);
}

int mkdirat(int at, const char *path, mode_t mode)
{
    if (!is_taken(at, path) && at_path("mkdir", at, path))
        die();
    return REAL(mkdirat)(at, path, mode);
}

int link(const char *path, const char *to)
{
    if (!is_taken(AT_FDCWD, to) && at_two("link", AT_FDCWD, path, AT_FDCWD, to))
        die();
    return REAL(link)(path, to);
}

int linkat(int at, const char *path, int to_at, const char *to, int flags)
{
    if (!is_taken(to_at, to) && at_two("link", at, path, to_at, to))
        die();
    return REAL(linkat)(at, path, to_at, to, flags);
}

int symlink(const char *target, const char *path)
{
    if (at_path("symlink", AT_FDCWD, path))
        die();
    return REAL(symlink)(target, path);
}

int symlinkat(const char *target, int at, const char *path)
{
    if (at_path("symlink", at, path))
        die();
    return REAL(symlinkat)(target, at, path);
}
