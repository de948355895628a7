/* The machine under the framework: memory, panics, threads.  With the C library. */

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int	test_fails = -1;		/* Which request for memory fails. */
int	test_inuse;			/* Blocks. */
int	test_sleepers;			/* Threads that wait. */

static pthread_mutex_t	mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	woken = PTHREAD_COND_INITIALIZER;
static __thread char	me;

void *
test_alloc(size_t size)
{

	if (test_fails >= 0 && test_fails-- == 0)
		return (NULL);
	test_inuse++;
	return (calloc(1, size));
}

/* What is free must not be looked at, but may be: its magic is not right. */
void
test_free(void *p)
{

	(void)p;
	test_inuse--;
}

void
panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	exit(3);
}

void *
machine_thread(void)
{

	return (&me);
}

void
machine_lock(void)
{

	pthread_mutex_lock(&mutex);
}

void
machine_unlock(void)
{

	pthread_mutex_unlock(&mutex);
}

void
machine_sleep(const char *why)
{

	(void)why;
	test_sleepers++;
	pthread_cond_broadcast(&woken);
	pthread_cond_wait(&woken, &mutex);
	test_sleepers--;
}

void
machine_wakeup(void)
{

	pthread_cond_broadcast(&woken);
}

/* Run f in another thread until it is done or waits; join ends it. */
static pthread_t	other;
static int		done;

static void *
start(void *f)
{

	((void (*)(void))f)();
	machine_lock();
	done = 1;
	pthread_cond_broadcast(&woken);
	machine_unlock();
	return (NULL);
}

void
test_fork(void (*f)(void))
{

	done = 0;
	pthread_create(&other, NULL, start, (void *)f);
	machine_lock();
	while (!done && test_sleepers == 0)
		pthread_cond_wait(&woken, &mutex);
	machine_unlock();
}

void
test_join(void)
{

	pthread_join(other, NULL);
}
