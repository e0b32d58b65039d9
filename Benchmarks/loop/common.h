/// What the load clients share: how they end, tell the time and read their arguments.
#ifndef COMMON_H
#define COMMON_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What a client prints after a mistake in its arguments; each has its own.
extern const char usage[];

/// One line to stderr, and exit status 1.
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
/// One line and the usage to stderr, and exit status 2.
__attribute__((noreturn, format(printf, 1, 2))) void bad_usage(const char *format, ...);

uint64_t now_ns(void);
/// The processor time a server has used, on all its threads; 0 for no server.
uint64_t server_cpu_ns(pid_t server);

/// The values of options, or bad usage.
uint64_t number(const char *name, const char *text, uint64_t least, uint64_t most);
struct sockaddr_in parse_target(const char *text);

/// Has this process run on one processor only.
void run_on(int cpu);
/// Allows as many descriptors as the system does, or fails when so many connections do not fit.
void allow_connections(size_t count);

#endif
