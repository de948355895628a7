/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _SYS_MBUF_H_
#define	_SYS_MBUF_H_

#define	MLEN		2304		/* A packet is in one piece. */
#define	MAX_LINKHDR	64		/* Room that a new packet leaves. */

struct ifnet;

struct mbuf {
	struct mbuf	*m_nextpkt;	/* The next packet of a queue. */
	struct ifnet	*m_rcvif;	/* Where it came in. */
	caddr_t		 m_data;
	int		 m_len;
	int		 m_flags;
	char		 m_dat[MLEN] __attribute__((__aligned__(8)));
};

#define	M_BCAST		0x0200
#define	M_LOOP		0x0400		/* Came over the loopback. */

#define	mtod(m, t)	((t)((m)->m_data))
#define	m_adj(m, n)	((m)->m_data += (n), (m)->m_len -= (n))
#define	m_prepend(m, n)	m_adj(m, -(int)(n))

struct ifqueue {
	struct mbuf	*ifq_head;
	struct mbuf	*ifq_tail;
	int		 ifq_len;
	int		 ifq_maxlen;
};

#define	IF_QFULL(ifq)	((ifq)->ifq_len >= (ifq)->ifq_maxlen)
#define	IF_ENQUEUE(ifq, m) do {						\
	(m)->m_nextpkt = NULL;						\
	if ((ifq)->ifq_tail == NULL)					\
		(ifq)->ifq_head = (m);					\
	else								\
		(ifq)->ifq_tail->m_nextpkt = (m);			\
	(ifq)->ifq_tail = (m);						\
	(ifq)->ifq_len++;						\
} while (0)
#define	IF_DEQUEUE(ifq, m) do {						\
	if (((m) = (ifq)->ifq_head) != NULL) {				\
		if (((ifq)->ifq_head = (m)->m_nextpkt) == NULL)		\
			(ifq)->ifq_tail = NULL;				\
		(ifq)->ifq_len--;					\
	}								\
} while (0)

extern int	nmbufs;

struct mbuf *m_gethdr __P((int));
struct mbuf *m_devget __P((const void *, int));
struct mbuf *m_pullup __P((struct mbuf *, int));
int	m_append __P((struct mbuf *, const void *, int));
void	m_freem __P((struct mbuf *));
int	ifq_read __P((struct ifqueue *, void *));
void	ifq_drain __P((struct ifqueue *));

#endif /* !_SYS_MBUF_H_ */
