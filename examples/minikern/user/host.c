/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The machine: what the kernel needs of the C library.
 */

#include <stdio.h>
#include <stdlib.h>

#include "minikern.h"

static long	blocks;

void
host_write(const char *cp, size_t len)
{

	(void)fwrite(cp, 1, len, stdout);
}

void *
host_alloc(size_t size)
{
	void *p = malloc(size);

	if (p != NULL)
		blocks++;
	return (p);
}

void
host_free(void *p)
{

	free(p);
	blocks--;
}

void
host_abort(void)
{

	(void)fflush(stdout);
	abort();
}

/*
 * Blocks that the kernel has and has not given back.
 */
long
host_blocks(void)
{

	return (blocks);
}
