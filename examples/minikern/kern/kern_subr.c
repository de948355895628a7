/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>

#undef malloc				/* The machine's. */
#undef free
void	*malloc(size_t);
void	 free(void *);

long	malloc_inuse;			/* Blocks not given back. */
int	malloc_fails = -1;
void	(*malloc_watch)(void *, size_t, struct malloc_type *);
static long	malloc_failures;
static u_int32_t random_state = 0x2545f491;

SYSCTL_LONG(_kern, OID_AUTO, malloc_failures, CTLFLAG_RD, &malloc_failures, 0,
    "Requests that could not be met");

void *
kern_malloc(size_t size, struct malloc_type *type, int flags)
{
	void *p = NULL;

	if ((flags & M_WAITOK) || malloc_fails < 0 || malloc_fails-- > 0)
		p = malloc(size);
	if (p == NULL) {
		malloc_failures++;
		if (flags & M_WAITOK)
			panic("malloc: no %s", type->ks_shortdesc);
		return (NULL);
	}
	if (flags & M_ZERO)
		bzero(p, size);
	type->ks_inuse++;
	malloc_inuse++;
	if (malloc_watch != NULL)
		(*malloc_watch)(p, size, type);
	return (p);
}

void
kern_free(void *addr, struct malloc_type *type)
{

	KASSERT(type->ks_inuse > 0, ("free: %s", type->ks_shortdesc));
	type->ks_inuse--;
	malloc_inuse--;
	if (malloc_watch != NULL)
		(*malloc_watch)(addr, 0, type);
	free(addr);
}

/* A table of list heads; elements is a power of two. */
void *
hashinit(int elements, struct malloc_type *type, u_long *hashmask)
{

	*hashmask = elements - 1;
	return (kern_malloc(elements * sizeof(void *), type,
	    M_WAITOK | M_ZERO));
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
	size_t n = MIN(strlen(src), size - 1);

	memcpy(dst, src, n);
	dst[n] = '\0';
	return (strlen(src));
}
