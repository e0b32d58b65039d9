#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

void bad_usage(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n%s", usage);
    va_end(arguments);
    exit(2);
}

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static uint64_t read_clock(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) {
        fail("the server's processor time cannot be read: %s", strerror(errno));
    }
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t now_ns(void) { return read_clock(CLOCK_MONOTONIC); }

uint64_t server_cpu_ns(pid_t server) {
    if (server == 0) {
        return 0;
    }
    clockid_t clock;
    int error = clock_getcpuclockid(server, &clock);
    if (error != 0) {
        fail("there is no server process %d: %s", (int)server, strerror(error));
    }
    return read_clock(clock);
}

uint64_t number(const char *name, const char *text, uint64_t least, uint64_t most) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || value < least || value > most) {
        bad_usage("--%s takes a number from %llu to %llu, not '%s'", name, (unsigned long long)least,
            (unsigned long long)most, text);
    }
    return value;
}

struct sockaddr_in parse_target(const char *text) {
    struct sockaddr_in target = {.sin_family = AF_INET};
    char host[64];
    const char *colon = strrchr(text, ':');
    size_t length = colon == NULL ? sizeof host : (size_t)(colon - text);
    if (length >= sizeof host) {
        bad_usage("--target takes HOST:PORT, not '%s'", text);
    }
    memcpy(host, text, length);
    host[length] = '\0';
    const char *address = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    if (inet_pton(AF_INET, address, &target.sin_addr) != 1) {
        bad_usage("--target takes an IPv4 address, not '%s'", host);
    }
    target.sin_port = htons((uint16_t)number("target", colon + 1, 1, UINT16_MAX));
    return target;
}

void run_on(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        fail("cannot run on processor %d: %s", cpu, strerror(errno));
    }
}

void allow_connections(size_t count) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < count + 16) {
        fail("%zu connections need more than the %llu descriptors allowed", count, (unsigned long long)limit.rlim_cur);
    }
}
