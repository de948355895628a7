/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which blocks of memory belong to a network stack, and whether a byte in them
 * has changed.  A block is of the stack that was selected when it came.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/vimage.h>

#include <net/vnet.h>

#include <netinet/in_pcb.h>
#include <netinet/tcp_var.h>
#include <netinet/vinet.h>
#ifdef INET6
#include <netinet6/ip6.h>
#include <netinet6/vinet6.h>
#endif

#include <user/stacks.h>

#define	NBLOCKS		16384

static struct block {
	u_char		*b_addr;
	size_t		 b_size;
	struct malloc_type *b_type;
	struct vnet	*b_vnet;
	u_int64_t	 b_sum;		/* What it was. */
	int		 b_saved;
} blocks[NBLOCKS];
static int	nblocks;

/*
 * The machine has lists that go through the memory of all stacks: of stacks,
 * timers and event handlers.  What a stack has of these is not its own.
 */
static const struct {
	const char	*type;
	size_t		 offset;
} links[] = {
	{ "eventhandler", offsetof(struct eventhandler_entry, ee_next) },
	{ "tcpcb", offsetof(struct tcpcb, tt_keep.c_next) },
#ifdef INET6
	{ "ip6ndp", offsetof(struct llinfo_nd6, ln_timer_ch.c_next) },
#endif
};

static void
block_event(void *addr, size_t size, struct malloc_type *type)
{
	int n;

	if (size != 0) {
		if (nblocks == NBLOCKS)
			panic("too many blocks");
		blocks[nblocks++] = (struct block){ addr, size, type, curvnet,
		    0, 0 };
		return;
	}
	for (n = nblocks; n-- > 0; )
		if (blocks[n].b_addr == addr) {
			blocks[n] = blocks[--nblocks];
			return;
		}
}

void
watch(void)
{

	malloc_watch = block_event;
}

/* How many blocks a stack has, or, with NULL, how many belong to none. */
int
watch_count(struct vnet *vnet)
{
	int n, count = 0;

	for (n = 0; n < nblocks; n++)
		count += blocks[n].b_vnet == vnet;
	return (count);
}

/* What came with no stack selected is of a stack that has just been made. */
void
watch_adopt(struct vnet *vnet)
{
	int n;

	for (n = 0; n < nblocks; n++)
		if (blocks[n].b_vnet == NULL)
			blocks[n].b_vnet = vnet;
}

static int
is_link(struct block *b, u_char *p, void **data, struct vnet *vnet)
{
	struct vnet_inet *inet = data[VNET_MOD_INET];
#ifdef INET6
	struct vnet_inet6 *inet6 = data[VNET_MOD_INET6];
#endif
	void *at = p;
	size_t i;

	for (i = 0; i < nitems(links); i++)
		if (p - b->b_addr == (long)links[i].offset &&
		    strcmp(b->b_type->ks_shortdesc, links[i].type) == 0)
			return (1);
	return (at == &vnet->vnet_le.tqe_next || at == &vnet->vnet_le.tqe_prev ||
#ifdef INET6
	    at == &inet6->_rtq_timer6.c_next ||
	    at == &inet6->_nd6_timer_ch.c_next ||
#endif
	    at == &inet->_rtq_timer.c_next ||
	    at == &inet->_tcp_hc_callout.c_next);
}

static u_int64_t
sum(struct block *b, struct vnet *vnet)
{
	u_int64_t x = 0xcbf29ce484222325;
	size_t i, n;

	for (i = 0; i < b->b_size; i += n) {
		n = MIN(sizeof(void *), b->b_size - i);
		if (is_link(b, b->b_addr + i, vnet->mod_data, vnet))
			continue;
		u_int64_t word = 0;
		memcpy(&word, b->b_addr + i, n);
		x = (x ^ word) * 0x100000001b3;
		x ^= x >> 29;
	}
	return (x);
}

/* Remember every byte of a stack. */
void
watch_save(struct stack *s)
{
	int n;

	for (n = 0; n < nblocks; n++)
		if (blocks[n].b_vnet == s->s_vnet) {
			blocks[n].b_sum = sum(&blocks[n], s->s_vnet);
			blocks[n].b_saved = 1;
		}
	s->s_saved = watch_count(s->s_vnet);
}

/* Is every byte of it what it was? */
int
watch_same(struct stack *s)
{
	struct block *b;
	int same;

	same = watch_count(s->s_vnet) == s->s_saved;
	for (b = blocks; b < &blocks[nblocks]; b++)
		if (b->b_vnet == s->s_vnet &&
		    (!b->b_saved || b->b_sum != sum(b, s->s_vnet))) {
			printf("changed: a block of %s\n",
			    b->b_type->ks_shortdesc);
			same = 0;
		}
	return (same);
}
