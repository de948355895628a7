/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Memory, printing, random numbers.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/queue.h>
#include <sys/sysctl.h>

static u_long	malloc_inuse;
static u_long	malloc_failures;
static u_int32_t random_state = 0x2545f491;

SYSCTL_LONG(_kern, OID_AUTO, malloc_failures, CTLFLAG_RD, &malloc_failures, 0,
    "Requests that could not be met");

void *
kern_malloc(size_t size, struct malloc_type *type, int flags)
{
	void *p;

	p = host_alloc(size);
	if (p == NULL) {
		malloc_failures++;
		if (flags & M_WAITOK)
			panic("malloc: no %s", type->ks_shortdesc);
		return (NULL);
	}
	if (flags & M_ZERO)
		bzero(p, size);
	type->ks_inuse++;
	type->ks_calls++;
	malloc_inuse++;
	return (p);
}

void
kern_free(void *addr, struct malloc_type *type)
{

	if (addr == NULL)
		return;
	KASSERT(type->ks_inuse > 0, ("free: %s", type->ks_shortdesc));
	type->ks_inuse--;
	malloc_inuse--;
	host_free(addr);
}

/*
 * A table of list heads, its size a power of two.
 */
void *
kern_hashinit(int elements, struct malloc_type *type, u_long *hashmask)
{
	LIST_HEAD(generic, generic_entry) *hashtbl;
	u_long hashsize;

	for (hashsize = 1; hashsize < (u_long)elements; hashsize <<= 1)
		continue;
	hashtbl = malloc(hashsize * sizeof(*hashtbl), type, M_WAITOK | M_ZERO);
	*hashmask = hashsize - 1;
	return (hashtbl);
}

u_int32_t
arc4random(void)
{

	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return (random_state);
}

size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), n;

	if (size != 0) {
		n = MIN(len, size - 1);
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return (len);
}

static void
putnum(u_long num, u_int base)
{
	char buf[24], *cp = &buf[sizeof(buf)];

	do {
		*--cp = "0123456789abcdef"[num % base];
	} while ((num /= base) != 0);
	host_write(cp, &buf[sizeof(buf)] - cp);
}

/*
 * Knows %c, %d, %s, %u, %x and %%, and the size l.
 */
static void
kvprintf(const char *fmt, __builtin_va_list ap)
{
	const char *cp, *s;
	char c;
	int lflag;
	long num;

	for (cp = fmt; *cp != '\0'; cp++) {
		if (*cp != '%') {
			host_write(cp, 1);
			continue;
		}
		for (lflag = 0, cp++; *cp == 'l'; cp++)
			lflag = 1;
		switch (*cp) {
		case 'c':
			c = __builtin_va_arg(ap, int);
			host_write(&c, 1);
			break;
		case 's':
			s = __builtin_va_arg(ap, const char *);
			host_write(s, strlen(s));
			break;
		case 'd':
			num = lflag ? __builtin_va_arg(ap, long) :
			    __builtin_va_arg(ap, int);
			if (num < 0)
				host_write("-", 1);
			putnum(num < 0 ? -(u_long)num : (u_long)num, 10);
			break;
		case 'u':
		case 'x':
			putnum(lflag ? __builtin_va_arg(ap, u_long) :
			    __builtin_va_arg(ap, u_int), *cp == 'x' ? 16 : 10);
			break;
		default:
			host_write(cp, 1);
			break;
		}
	}
}

int
printf(const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	kvprintf(fmt, ap);
	__builtin_va_end(ap);
	return (0);
}

void
panic(const char *fmt, ...)
{
	__builtin_va_list ap;

	host_write("panic: ", 7);
	__builtin_va_start(ap, fmt);
	kvprintf(fmt, ap);
	__builtin_va_end(ap);
	host_write("\n", 1);
	host_abort();
}
