/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Memory buffers, a packet each. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

static MALLOC_DEFINE(M_MBUF, "mbuf", "mbuf");

int	nmbufs = 512;			/* Most that may be in use. */

TUNABLE_INT("kern.nmbufs", &nmbufs);
SYSCTL_INT(_kern, OID_AUTO, nmbufs, CTLFLAG_RD, &nmbufs, 0, "Number of mbufs");

/* An mbuf with room for the headers of the layers below. */
struct mbuf *
m_gethdr(int how)
{
	struct mbuf *m;

	if (M_MBUF->ks_inuse >= nmbufs)
		pfdrain();
	if (M_MBUF->ks_inuse >= nmbufs ||
	    (m = malloc(sizeof(*m), M_MBUF, how)) == NULL)
		return (NULL);
	bzero(m, offsetof(struct mbuf, m_dat));
	m->m_data = m->m_dat + MAX_LINKHDR;
	return (m);
}

void
m_freem(struct mbuf *m)
{

	if (m != NULL)
		free(m, M_MBUF);
}

int
m_append(struct mbuf *m, const void *cp, int len)
{

	if (m->m_data + m->m_len + len > m->m_dat + MLEN)
		return (0);
	bcopy(cp, m->m_data + m->m_len, len);
	m->m_len += len;
	return (1);
}

struct mbuf *
m_devget(const void *buf, int len)
{
	struct mbuf *m;

	if ((m = m_gethdr(M_NOWAIT)) != NULL && !m_append(m, buf, len)) {
		m_freem(m);
		m = NULL;
	}
	return (m);
}

/* See that the first len bytes are there. */
struct mbuf *
m_pullup(struct mbuf *m, int len)
{

	if (m->m_len >= len)
		return (m);
	m_freem(m);
	return (NULL);
}

void
ifq_drain(struct ifqueue *ifq)
{
	struct mbuf *m;

	while (ifq->ifq_len > 0) {
		IF_DEQUEUE(ifq, m);
		m_freem(m);
	}
}

/*
 * Take what waits first; returns its length, or -EAGAIN.
 */
int
ifq_read(struct ifqueue *ifq, void *buf)
{
	struct mbuf *m;
	int len;

	IF_DEQUEUE(ifq, m);
	if (m == NULL)
		return (-EAGAIN);
	len = m->m_len;
	bcopy(m->m_data, buf, len);
	m_freem(m);
	return (len);
}
