#include <sys/param.h>
#include <sys/vimage.h>
#include <net/slc.h>

struct slcompress *comp;
static int flags;

static MALLOC_DEFINE(M_SLC, "slc", "compression");

int slc_set __P((int flags, struct slcompress *comp));

struct slcompress *
slc_find(id, flags)
	int id;
	char *flags;
{
	register struct slcompress *p;

	for (p = V_comp; p != 0; p = p->next)
		if (p->id == id && *flags)
			break;
	return (p);
}

int
slc_read(b)
	u_char *b;
{
	NEEDBITS(3)
	V_flags = *b & 7;
	DUMPBITS(3)
	DEB(V_flags |= 8;);
	return (V_flags);
}
