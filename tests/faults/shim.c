/* Loaded before the C library (LD_PRELOAD) into a process that keeps files in one folder: counts its calls that change
 * the disk and lets one of them fail, or kills the process there. Nothing outside the folder is touched.
 *
 * faults_arm(folder, log, calls, suffix, at, fault) chooses; the same can be said in the environment (FAULTS_FOLDER,
 * FAULTS_LOG, FAULTS_CALLS, FAULTS_SUFFIX, FAULTS_AT, FAULTS_FAULT). A suffix that ends with a slash is a folder inside
 * the folder. Calls are counted from 1. Faults:
 *   none            only count
 *   trace           count, and write every call into the log
 *   enospc, eio     the call does nothing and fails
 *   short           a write writes half; the next call that needs room fails with ENOSPC
 *   full            from here on the disk has no room: what makes a file longer fails with ENOSPC, until something is
 *                   removed, and the system says that nothing is free
 *   kill-before, kill-middle, kill-after   SIGKILL; in the middle means: half of a write is done
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum fault { NONE, TRACE, ENOSPACE, EIOERR, SHORT, FULL, KILL_BEFORE, KILL_MIDDLE, KILL_AFTER };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[4096];
static size_t folder_len;
static char calls[256];  /* comma separated, or empty for all */
static char suffix[256];
static long at, seen;
static enum fault fault;
static int log_fd = -1;
static int armed, next_has_no_room, is_full, dies_after;
static long long room;

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void note(const char *what, const char *path) {
    char line[4400];
    int n = snprintf(line, sizeof line, "%ld %s %s\n", seen, what, path + folder_len);
    if (log_fd >= 0 && n > 0) syscall(SYS_write, log_fd, line, (size_t)n);
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

void faults_arm(const char *in, const char *log, const char *of, const char *ending, long n, const char *how) {
    static const char *names[] = {"none", "trace", "enospc", "eio", "short", "full",
                                  "kill-before", "kill-middle", "kill-after"};
    pthread_mutex_lock(&lock);
    snprintf(folder, sizeof folder, "%s/", in);
    folder_len = strlen(folder);
    snprintf(calls, sizeof calls, "%s", of);
    snprintf(suffix, sizeof suffix, "%s", ending);
    at = n;
    seen = 0;
    fault = NONE;
    for (int i = 0; i <= KILL_AFTER; i++)
        if (!strcmp(how, names[i])) fault = (enum fault)i;
    if (log_fd >= 0) syscall(SYS_close, log_fd);
    log_fd = -1;
    if (*log) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 900);
        if (log_fd < 0) log_fd = fd; else syscall(SYS_close, fd);
    }
    next_has_no_room = is_full = dies_after = 0;
    room = 0;
    armed = 1;
    pthread_mutex_unlock(&lock);
}

long faults_seen(void) { return seen; }

void faults_disarm(void) { armed = 0; }

__attribute__((constructor)) static void from_environment(void) {
    const char *in = getenv("FAULTS_FOLDER"), *log = getenv("FAULTS_LOG"), *of = getenv("FAULTS_CALLS");
    const char *ending = getenv("FAULTS_SUFFIX"), *n = getenv("FAULTS_AT"), *how = getenv("FAULTS_FAULT");
    if (in) faults_arm(in, log ? log : "", of ? of : "", ending ? ending : "", n ? atol(n) : 0, how ? how : "none");
}

static int is_counted(const char *what, const char *path) {
    if (strncmp(path, folder, folder_len)) return 0;
    if (*suffix) {
        size_t have = strlen(path), want = strlen(suffix);
        if (suffix[want - 1] == '/') {
            if (!strstr(path + folder_len, suffix)) return 0;
        } else if (have < want || strcmp(path + have - want, suffix)) return 0;
    }
    if (*calls) {
        char all[300], name[64];
        snprintf(all, sizeof all, ",%s,", calls);
        snprintf(name, sizeof name, ",%s,", what);
        if (!strstr(all, name)) return 0;
    }
    return 1;
}

static void path_of(int dir, const char *path, char *into, size_t size) {
    char where[64];
    ssize_t n;
    if (path && *path == '/') { snprintf(into, size, "%s", path); return; }
    if (dir == AT_FDCWD) n = readlink("/proc/self/cwd", into, size - 1);
    else {
        snprintf(where, sizeof where, "/proc/self/fd/%d", dir);
        n = readlink(where, into, size - 1);
    }
    if (n < 0) n = 0;
    into[n] = 0;
    if (path) snprintf(into + n, size - (size_t)n, "/%s", path);
}

/* What is to become of this call: 0 it goes on, an errno it fails, -1 half of it is done. `more` is how much longer the
 * file would become, -1 when the call needs no room. */
static int judge(const char *what, const char *path, int is_write, long long more) {
    int answer = 0;
    if (!armed) return 0;
    pthread_mutex_lock(&lock);
    if (next_has_no_room && more >= 0 && !strncmp(path, folder, folder_len)) {
        next_has_no_room = 0;
        answer = ENOSPC;
    }
    if (is_counted(what, path)) {
        seen++;
        if (fault == TRACE) note(what, path);
        if (seen == at && fault > TRACE) {
            note(what, path);
            switch (fault) {
            case ENOSPACE: answer = ENOSPC; break;
            case EIOERR: answer = EIO; break;
            case SHORT: answer = is_write ? -1 : 0; next_has_no_room = is_write; break;
            case FULL: is_full = 1; break;
            case KILL_BEFORE: die(); break;
            case KILL_MIDDLE: if (is_write) answer = -1; else die(); break;
            case KILL_AFTER: dies_after = 1; break;
            default: break;
            }
        }
    }
    if (is_full && more > 0 && !strncmp(path, folder, folder_len)) {
        if (room < more) answer = ENOSPC; else room -= more;
    }
    pthread_mutex_unlock(&lock);
    return answer;
}

static void freed(long long bytes) {
    if (is_full) room += bytes;
}

static void done(void) {
    if (dies_after) die();
}

static long long length(int fd) {
    struct stat s;
    return fstat(fd, &s) ? 0 : (long long)s.st_size;
}

static long long longer(int fd, long long from, size_t n) {
    long long now = length(fd), end = (from < 0 ? (long long)lseek(fd, 0, SEEK_CUR) : from) + (long long)n;
    return end > now ? end - now : 0;
}

#define ENTER_FD(what, is_write, more) \
    int verdict = 0; \
    if (armed) { char path[4096]; path_of(fd, NULL, path, sizeof path); verdict = judge(what, path, is_write, more); } \
    if (verdict > 0) { errno = verdict; return -1; }

#define LEAVE(result) \
    __typeof__(result) told = (result); \
    if (verdict == -1 && fault == KILL_MIDDLE) die(); \
    done(); \
    return told

static size_t half(int verdict, size_t n) { return verdict == -1 && n > 1 ? n / 2 : n; }

ssize_t write(int fd, const void *data, size_t n) {
    REAL(write);
    ENTER_FD("write", 1, longer(fd, -1, n));
    LEAVE(real(fd, data, half(verdict, n)));
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t from) {
    REAL(pwrite);
    ENTER_FD("write", 1, longer(fd, from, n));
    LEAVE(real(fd, data, half(verdict, n), from));
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t from) {
    REAL(pwrite64);
    ENTER_FD("write", 1, longer(fd, from, n));
    LEAVE(real(fd, data, half(verdict, n), from));
}

static size_t total(const struct iovec *parts, int count) {
    size_t n = 0;
    for (int i = 0; i < count; i++) n += parts[i].iov_len;
    return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    ENTER_FD("write", 1, longer(fd, -1, total(parts, count)));
    LEAVE(real(fd, parts, verdict == -1 && count > 1 ? count / 2 : count));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t from) {
    REAL(pwritev);
    ENTER_FD("write", 1, longer(fd, from, total(parts, count)));
    LEAVE(real(fd, parts, verdict == -1 && count > 1 ? count / 2 : count, from));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t from) {
    REAL(pwritev64);
    ENTER_FD("write", 1, longer(fd, from, total(parts, count)));
    LEAVE(real(fd, parts, verdict == -1 && count > 1 ? count / 2 : count, from));
}

int fsync(int fd) {
    REAL(fsync);
    ENTER_FD("fsync", 0, -1);
    LEAVE(real(fd));
}

int fdatasync(int fd) {
    REAL(fdatasync);
    ENTER_FD("fsync", 0, -1);
    LEAVE(real(fd));
}

static long long shorter(int fd, long long to) {
    long long now = length(fd);
    return now > to ? now - to : 0;
}

int ftruncate(int fd, off_t to) {
    REAL(ftruncate);
    long long less = armed ? shorter(fd, to) : 0;
    ENTER_FD("ftruncate", 0, to > length(fd) ? 1 : -1);
    freed(less);
    LEAVE(real(fd, to));
}

int ftruncate64(int fd, off64_t to) {
    REAL(ftruncate64);
    long long less = armed ? shorter(fd, to) : 0;
    ENTER_FD("ftruncate", 0, to > length(fd) ? 1 : -1);
    freed(less);
    LEAVE(real(fd, to));
}

#define FALLOCATE(name, off) \
    int name(int fd, off from, off n) { \
        REAL(name); \
        int verdict = 0; \
        if (armed) { \
            char path[4096]; \
            path_of(fd, NULL, path, sizeof path); \
            verdict = judge("fallocate", path, 0, longer(fd, from, (size_t)n)); \
        } \
        if (verdict > 0) return verdict; \
        LEAVE(real(fd, from, n)); \
    }
FALLOCATE(posix_fallocate, off_t)
FALLOCATE(posix_fallocate64, off64_t)

#define ENTER_PATH(what, dir, name, more) \
    int verdict = 0; \
    char path[4096]; \
    if (armed) { path_of(dir, name, path, sizeof path); verdict = judge(what, path, 0, more); } \
    if (verdict > 0) { errno = verdict; return -1; }

/* A new file takes a little room; one that is only opened takes none and is not counted. */
#define OPEN(name, dir, ...) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    } \
    if (!(flags & O_CREAT)) return real(__VA_ARGS__, flags, mode); \
    ENTER_PATH("create", dir, name, syscall(SYS_faccessat, dir, name, F_OK) ? 1 : -1); \
    LEAVE(real(__VA_ARGS__, flags, mode))

int open(const char *name, int flags, ...) { REAL(open); OPEN(name, AT_FDCWD, name); }
int open64(const char *name, int flags, ...) { REAL(open64); OPEN(name, AT_FDCWD, name); }
int openat(int dir, const char *name, int flags, ...) { REAL(openat); OPEN(name, dir, dir, name); }
int openat64(int dir, const char *name, int flags, ...) { REAL(openat64); OPEN(name, dir, dir, name); }

int mkdir(const char *name, mode_t mode) {
    REAL(mkdir);
    ENTER_PATH("mkdir", AT_FDCWD, name, 1);
    LEAVE(real(name, mode));
}

int rename(const char *old, const char *new) {
    REAL(rename);
    ENTER_PATH("rename", AT_FDCWD, new, -1);
    LEAVE(real(old, new));
}

int renameat(int a, const char *old, int b, const char *new) {
    REAL(renameat);
    ENTER_PATH("rename", b, new, -1);
    LEAVE(real(a, old, b, new));
}

static long long size_at(int dir, const char *name) {
    struct stat s;
    return fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) ? 0 : (long long)s.st_size;
}

int unlink(const char *name) {
    REAL(unlink);
    long long size = armed ? size_at(AT_FDCWD, name) : 0;
    ENTER_PATH("unlink", AT_FDCWD, name, -1);
    freed(size);
    LEAVE(real(name));
}

int unlinkat(int dir, const char *name, int flags) {
    REAL(unlinkat);
    long long size = armed ? size_at(dir, name) : 0;
    ENTER_PATH("unlink", dir, name, -1);
    freed(size);
    LEAVE(real(dir, name, flags));
}

#define STATVFS(name, type) \
    int name(const char *path, struct type *into) { \
        static int (*real)(const char *, struct type *); \
        if (!real) real = (int (*)(const char *, struct type *))dlsym(RTLD_NEXT, #name); \
        int told = real(path, into); \
        if (!told && armed && is_full && !strncmp(path, folder, folder_len - 1)) \
            into->f_bavail = into->f_bfree = (fsblkcnt_t)(room / (long long)(into->f_frsize ? into->f_frsize : 1)); \
        return told; \
    }
STATVFS(statvfs, statvfs)
STATVFS(statvfs64, statvfs64)
