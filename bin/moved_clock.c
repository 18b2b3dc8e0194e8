/* The clock of bin/test-at: loaded before the C library, it adds CLOCK_MOVED_BY seconds to the
   time of day. Whatever is measured, waited for or timed out takes as long as ever: PostgreSQL's
   statement and lock timeouts too, which libfaketime stops while a server waits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long moved_by;

__attribute__((constructor)) static void begin(void) {
  const char *said = getenv("CLOCK_MOVED_BY");
  moved_by = said ? atoll(said) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
  int failed = (int)syscall(SYS_clock_gettime, clock, at);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    at->tv_sec += moved_by;
  return failed;
}

int gettimeofday(struct timeval *at, void *zone) {
  int failed = (int)syscall(SYS_gettimeofday, at, zone);
  if (!failed && at)
    at->tv_sec += moved_by;
  return failed;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at)
    *at = now.tv_sec;
  return now.tv_sec;
}

/* Until a time of day: the kernel's, which knows nothing of ours. */
int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
  int (*plain)(sem_t *, const struct timespec *) = dlsym(RTLD_NEXT, "sem_timedwait");
  struct timespec then = *until;
  then.tv_sec -= moved_by;
  return plain(semaphore, &then);
}
