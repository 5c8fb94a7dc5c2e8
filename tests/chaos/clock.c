/* A clock that steps: preloaded into a process (LD_PRELOAD), it shifts the wall clock by as many milliseconds as the
 * file that CHAOS_CLOCK names says, 8 bytes that the test writes while the process runs. The machine's clock and
 * the monotonic one are left alone, as they are when somebody sets a host's time. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const int64_t none = 0;
static const volatile int64_t *shift_ms = &none;

/* Before main(), while the process may still read the test's folder. */
__attribute__((constructor)) static void open_shift(void)
{
	const char *path = getenv("CHAOS_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	void *mapped = mmap(NULL, sizeof *shift_ms, PROT_READ, MAP_SHARED, fd, 0);
	if (mapped != MAP_FAILED)
		shift_ms = mapped;
	close(fd);
}

static void step(struct timespec *time)
{
	int64_t ms = *shift_ms;
	int64_t ns = time->tv_nsec + ms % 1000 * 1000000;
	time->tv_sec += ms / 1000 + (ns >= 1000000000) - (ns < 0);
	time->tv_nsec = (ns + 1000000000) % 1000000000;
}

static int shifted_gettime(clockid_t clock, struct timespec *now)
{
	int code = (int)syscall(SYS_clock_gettime, clock, now);
	if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		step(now);
	return code;
}

static time_t shifted_time(time_t *now_or_null)
{
	struct timespec now;
	shifted_gettime(CLOCK_REALTIME, &now);
	if (now_or_null)
		*now_or_null = now.tv_sec;
	return now.tv_sec;
}

/* In place of libc's. */
int clock_gettime(clockid_t, struct timespec *) __attribute__((alias("shifted_gettime")));
time_t time(time_t *) __attribute__((alias("shifted_time")));
