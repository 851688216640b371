/*
 * Kill the process at a chosen write below a watched folder, or let the disk be full from there on, and log every write.
 *
 * Loaded with LD_PRELOAD. Each call that changes the file system is counted; the process dies by SIGKILL just before
 * the k-th one, or in the middle of it where that is a write of bytes. Syncs are counted and logged but never carried
 * out: a killed process loses nothing of what the kernel has taken, so that they would only cost time.
 *
 * A process arms itself by `arm`, or a whole tree of them by the environment: WRITES_BELOW names the folder, WRITES_AT
 * the write, WRITES_HOW what comes of it, WRITES_COUNT a file of eight bytes that they count in together, WRITES_LOG
 * the log. Then it is their process group that dies.
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
#include <sys/mman.h>
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
static long own_count;
static long *counted = &own_count;
static long fatal;
static int log_fd = -1;
static int whole_group;

/* What comes of the write: death before it, or in the middle of it; or it fails, and all that follow. */
enum { DEATH, HALF, FULL, READ_ONLY };
static int how;

/* What the tests call. `at` 0 kills nobody. */
void arm(const char *folder, long at, int what, int log)
{
    snprintf(watched, sizeof watched, "%s", folder);
    watched_length = strlen(watched);
    *counted = 0;
    fatal = at;
    how = what;
    log_fd = log;
    armed = 1;
}

long disarm(void)
{
    armed = 0;
    return *counted;
}

static long given(const char *name)
{
    const char *value = getenv(name);

    return value ? atol(value) : 0;
}

__attribute__((constructor)) static void arm_from_environment(void)
{
    const char *folder = getenv("WRITES_BELOW"), *log = getenv("WRITES_LOG"), *count = getenv("WRITES_COUNT");
    int fd;

    if (!folder || !count)
        return;
    fd = syscall(SYS_openat, AT_FDCWD, count, O_RDWR | O_CLOEXEC);
    counted = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (counted == MAP_FAILED)
        abort();
    close(fd);
    snprintf(watched, sizeof watched, "%s", folder);
    watched_length = strlen(watched);
    fatal = given("WRITES_AT");
    how = given("WRITES_HOW");
    whole_group = 1;
    if (log)
        log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
    armed = 1;
}

static void die(void)
{
    syscall(SYS_kill, whole_group ? 0 : getpid(), SIGKILL);
    for (;;)
        pause();
}

static int is_below(const char *path)
{
    return strncmp(path, watched, watched_length) == 0 && (path[watched_length] == '/' || !path[watched_length]);
}

static const char *squeezed(char *path)
{
    for (char *dot; (dot = strstr(path, "/./")) != NULL;)
        memmove(dot, dot + 2, strlen(dot + 2) + 1);
    return path;
}

/* The absolute path of `path`, seen from the folder `at`. Links are left as they are. */
static const char *absolute(int at, const char *path, char *buffer)
{
    char link[64], base[PATH_MAX];
    ssize_t length;

    if (path[0] == '/') {
        snprintf(buffer, PATH_MAX, "%s", path);
        return squeezed(buffer);
    }
    if (at == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    length = readlink(link, base, sizeof base - 1);
    base[length < 0 ? 0 : length] = 0;
    snprintf(buffer, PATH_MAX, "%.*s%s%s", 2048, base, path[0] ? "/" : "", path);
    return squeezed(buffer);
}

/* What a full disk, or a read-only one, does not let happen. What only gives room back it does. */
static int fails(const char *call)
{
    if (how == READ_ONLY)
        return strcmp(call, "sync") != 0;
    return how == FULL && (!strcmp(call, "write") || !strcmp(call, "create") || !strcmp(call, "open") ||
                           !strcmp(call, "mkdir") || !strcmp(call, "link") || !strcmp(call, "symlink"));
}

/*
 * Count one write, log it as `call path [path]`, and die if it is the fatal one.
 * 0: go on; 1: only half of it is wanted, then death; -1: it fails, and errno says why.
 */
static int at_write(const char *call, const char *path, const char *other)
{
    char line[2 * PATH_MAX + 64];
    int length, saved = errno;

    if (!is_below(path) && !(other && is_below(other)))
        return 0;
    long number = __sync_add_and_fetch(counted, 1);

    if (log_fd >= 0) {
        length = snprintf(line, sizeof line, "%s\t%s\t%s\n", call, path, other ? other : "");
        syscall(SYS_write, log_fd, line, (size_t)length);
    }
    if (fatal && number >= fatal && fails(call)) {
        errno = how == FULL ? ENOSPC : EROFS;
        return -1;
    }
    if (fatal && number == fatal && how <= HALF) {
        if (how == HALF)
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

/* Whether the file cannot be opened, the disk being full. */
static int at_open(int at, const char *path, int flags)
{
    char buffer[PATH_MAX];
    struct stat found;

    if (!armed || !(flags & (O_CREAT | O_TRUNC)))
        return 0;
    /* Opening what is there, with its length kept, changes nothing. */
    if (!(flags & O_TRUNC) && stat(absolute(at, path, buffer), &found) == 0)
        return 0;
    int seen = at_path(flags & O_EXCL ? "create" : "open", at, path);

    if (seen > 0)
        die();
    return seen < 0;
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
    if (at_open(AT_FDCWD, path, flags))
        return -1;
    return REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE(flags)
    if (at_open(AT_FDCWD, path, flags))
        return -1;
    return REAL(open64)(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    MODE(flags)
    if (at_open(at, path, flags))
        return -1;
    return REAL(openat)(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
    MODE(flags)
    if (at_open(at, path, flags))
        return -1;
    return REAL(openat64)(at, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    if (at_open(AT_FDCWD, path, O_CREAT | O_TRUNC))
        return -1;
    return REAL(creat)(path, mode);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    int found = at_file("write", fd);

    if (found < 0)
        return -1;
    if (found) {
        REAL(write)(fd, bytes, size / 2);
        die();
    }
    return REAL(write)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    int found = at_file("write", fd);

    if (found < 0)
        return -1;
    if (found) {
        REAL(pwrite)(fd, bytes, size / 2, offset);
        die();
    }
    return REAL(pwrite)(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    int found = at_file("write", fd);

    if (found < 0)
        return -1;
    if (found) {
        REAL(pwrite64)(fd, bytes, size / 2, offset);
        die();
    }
    return REAL(pwrite64)(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    int found = at_file("write", fd);

    if (found < 0)
        return -1;
    if (found) {
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
        int found = at_file(call, fd); \
        if (found < 0) \
            return -1; \
        if (found) \
            die(); \
        return REAL(name) given; \
    }

#define ON_PATH(call, name, at, declared, given) \
    int name declared \
    { \
        int found = at_path(call, at, path); \
        if (found < 0) \
            return -1; \
        if (found) \
            die(); \
        return REAL(name) given; \
    }

#define ON_TWO(call, name, at, to_at, declared, given) \
    int name declared \
    { \
        int found = at_two(call, at, path, to_at, to); \
        if (found < 0) \
            return -1; \
        if (found) \
            die(); \
        return REAL(name) given; \
    }

#define SYNC(name) \
    int name(int fd) \
    { \
        if (at_file("sync", fd) > 0) \
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
    int found = is_taken(AT_FDCWD, path) ? 0 : at_path("mkdir", AT_FDCWD, path);

    if (found < 0)
        return -1;
    if (found)
        die();
    return REAL(mkdir)(path, mode);
}

int mkdirat(int at, const char *path, mode_t mode)
{
    int found = is_taken(at, path) ? 0 : at_path("mkdir", at, path);

    if (found < 0)
        return -1;
    if (found)
        die();
    return REAL(mkdirat)(at, path, mode);
}

int link(const char *path, const char *to)
{
    int found = is_taken(AT_FDCWD, to) ? 0 : at_two("link", AT_FDCWD, path, AT_FDCWD, to);

    if (found < 0)
        return -1;
    if (found)
        die();
    return REAL(link)(path, to);
}

int linkat(int at, const char *path, int to_at, const char *to, int flags)
{
    int found = is_taken(to_at, to) ? 0 : at_two("link", at, path, to_at, to);

    if (found < 0)
        return -1;
    if (found)
        die();
    return REAL(linkat)(at, path, to_at, to, flags);
}

int symlink(const char *target, const char *path)
{
    int found = at_path("symlink", AT_FDCWD, path);

    if (found < 0)
        return -1;
    if (found)
        die();
    return REAL(symlink)(target, path);
}

int symlinkat(const char *target, int at, const char *path)
{
    int found = at_path("symlink", at, path);

    if (found < 0)
        return -1;
    if (found)
        die();
    return REAL(symlinkat)(target, at, path);
}
