/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Memory buffers.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

static MALLOC_DEFINE(M_MBUF, "mbuf", "mbuf");

struct mbstat mbstat;
int	nmbufs = 512;

TUNABLE_INT("kern.ipc.nmbufs", &nmbufs);

SYSCTL_NODE(_kern, OID_AUTO, ipc, CTLFLAG_RW, NULL, "IPC");
SYSCTL_INT(_kern_ipc, OID_AUTO, nmbufs, CTLFLAG_RD, &nmbufs, 0,
    "Most mbufs that may be in use");
SYSCTL_STRUCT(_kern_ipc, OID_AUTO, mbstat, CTLFLAG_RD, &mbstat, mbstat,
    "Mbuf statistics");

static struct mbuf *
m_get(how)
	int how;
{
	struct mbuf *m;

	if (mbstat.m_mbufs >= (u_long)nmbufs) {
		mbstat.m_drain++;
		pfdrain();
		if (mbstat.m_mbufs >= (u_long)nmbufs)
			return (NULL);
	}
	m = malloc(sizeof(*m), M_MBUF, how);
	if (m == NULL)
		return (NULL);
	bzero(m, offsetof(struct mbuf, m_dat));
	m->m_data = m->m_dat;
	mbstat.m_mbufs++;
	return (m);
}

/*
 * An mbuf for the start of a packet, with room for the headers of the layers
 * below.
 */
struct mbuf *
m_gethdr(how)
	int how;
{
	struct mbuf *m;

	if ((m = m_get(how)) != NULL) {
		m->m_flags = M_PKTHDR;
		m->m_data += MAX_LINKHDR;
	}
	return (m);
}

static struct mbuf *
m_free(m)
	struct mbuf *m;
{
	struct mbuf *n = m->m_next;

	free(m, M_MBUF);
	mbstat.m_mbufs--;
	return (n);
}

void
m_freem(m)
	struct mbuf *m;
{

	while (m != NULL)
		m = m_free(m);
}

/*
 * Append len bytes of somebody's memory to a chain.
 */
static int
m_append(m, cp, len)
	struct mbuf *m;
	const char *cp;
	int len;
{
	struct mbuf *n;
	int todo;

	for (n = m; n->m_next != NULL; n = n->m_next)
		continue;
	while (len > 0) {
		if (M_TRAILINGSPACE(n) == 0) {
			if ((n->m_next = m_get(M_NOWAIT)) == NULL)
				return (0);
			n = n->m_next;
		}
		todo = MIN(len, M_TRAILINGSPACE(n));
		bcopy(cp, n->m_data + n->m_len, todo);
		n->m_len += todo;
		m->m_pkthdr.len += todo;
		cp += todo;
		len -= todo;
	}
	return (1);
}

struct mbuf *
m_devget(buf, len)
	const void *buf;
	int len;
{
	struct mbuf *m;

	if ((m = m_gethdr(M_NOWAIT)) != NULL && !m_append(m, buf, len)) {
		m_freem(m);
		m = NULL;
	}
	return (m);
}

/*
 * A copy of len bytes from off on.
 */
struct mbuf *
m_copym(m, off, len)
	struct mbuf *m;
	int off, len;
{
	struct mbuf *top;
	int n;

	KASSERT(off + len <= m->m_pkthdr.len, ("m_copym: too short"));
	if ((top = m_gethdr(M_NOWAIT)) == NULL)
		return (NULL);
	top->m_flags |= m->m_flags & M_BCAST;
	top->m_pkthdr.rcvif = m->m_pkthdr.rcvif;
	for (; len > 0; m = m->m_next, off = 0) {
		if (off >= m->m_len) {
			off -= m->m_len;
			for (m = m->m_next; off >= m->m_len; m = m->m_next)
				off -= m->m_len;
		}
		n = MIN(len, m->m_len - off);
		if (!m_append(top, m->m_data + off, n)) {
			m_freem(top);
			return (NULL);
		}
		len -= n;
	}
	return (top);
}

/*
 * Make room for len bytes in front of a packet.
 */
struct mbuf *
m_prepend(m, len)
	struct mbuf *m;
	int len;
{
	struct mbuf *n;

	if (M_LEADINGSPACE(m) >= len) {
		m->m_data -= len;
		m->m_len += len;
		m->m_pkthdr.len += len;
		return (m);
	}
	if ((n = m_gethdr(M_NOWAIT)) == NULL) {
		m_freem(m);
		return (NULL);
	}
	n->m_flags = m->m_flags;
	n->m_pkthdr = m->m_pkthdr;
	n->m_pkthdr.len += len;
	n->m_len = len;
	n->m_next = m;
	return (n);
}

/*
 * See that the first len bytes lie in one piece.
 */
struct mbuf *
m_pullup(m, len)
	struct mbuf *m;
	int len;
{
	struct mbuf *n;

	if (m->m_len >= len)
		return (m);
	if (len > m->m_pkthdr.len || len > MLEN - MAX_LINKHDR ||
	    (n = m_gethdr(M_NOWAIT)) == NULL) {
		m_freem(m);
		return (NULL);
	}
	n->m_flags = m->m_flags;
	n->m_pkthdr = m->m_pkthdr;
	m_copydata(m, 0, len, n->m_data);
	n->m_len = len;
	m_adj(m, len);
	n->m_next = m;
	return (n);
}

/*
 * Cut len bytes off the front, or -len off the end.
 */
void
m_adj(m, len)
	struct mbuf *m;
	int len;
{
	int n;

	if (len < 0) {
		m->m_pkthdr.len += len;
		for (len = m->m_pkthdr.len; m != NULL; m = m->m_next) {
			m->m_len = MIN(m->m_len, len);
			len -= m->m_len;
		}
		return;
	}
	m->m_pkthdr.len -= len;
	for (; m != NULL && len > 0; m = m->m_next) {
		n = MIN(m->m_len, len);
		m->m_data += n;
		m->m_len -= n;
		len -= n;
	}
}

void
m_cat(m, n)
	struct mbuf *m, *n;
{

	m->m_pkthdr.len += n->m_pkthdr.len;
	while (m->m_next != NULL)
		m = m->m_next;
	m->m_next = n;
}

void
m_copydata(m, off, len, cp)
	const struct mbuf *m;
	int off, len;
	caddr_t cp;
{
	int n;

	for (; m != NULL && len > 0; m = m->m_next) {
		if (off >= m->m_len) {
			off -= m->m_len;
			continue;
		}
		n = MIN(m->m_len - off, len);
		bcopy(m->m_data + off, cp, n);
		cp += n;
		len -= n;
		off = 0;
	}
}

void
ifq_drain(ifq)
	struct ifqueue *ifq;
{
	struct mbuf *m;

	for (;;) {
		IF_DEQUEUE(ifq, m);
		if (m == NULL)
			break;
		m_freem(m);
	}
}
