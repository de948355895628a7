/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_MBUF_H_
#define	_SYS_MBUF_H_

#define	MLEN		512		/* Bytes of data in one mbuf. */
#define	MAX_LINKHDR	64		/* Room that a new packet leaves. */

struct ifnet;

struct pkthdr {
	struct ifnet	*rcvif;		/* Where it came in. */
	int		 len;		/* Of the whole packet. */
};

struct mbuf {
	struct mbuf	*m_next;	/* The rest of this packet. */
	struct mbuf	*m_nextpkt;	/* The next packet of a queue. */
	caddr_t		 m_data;
	int		 m_len;
	int		 m_flags;
	struct pkthdr	 m_pkthdr;
	char		 m_dat[MLEN] __attribute__((__aligned__(8)));
};

#define	M_PKTHDR	0x0002
#define	M_BCAST		0x0200
#define	M_LOOP		0x0400		/* Came over the loopback. */

#define	mtod(m, t)	((t)((m)->m_data))
#define	M_LEADINGSPACE(m)	((int)((m)->m_data - (m)->m_dat))
#define	M_TRAILINGSPACE(m)	(MLEN - M_LEADINGSPACE(m) - (m)->m_len)

struct ifqueue {
	struct mbuf	*ifq_head;
	struct mbuf	*ifq_tail;
	int		 ifq_len;
	int		 ifq_maxlen;
	int		 ifq_drops;
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
		(m)->m_nextpkt = NULL;					\
		(ifq)->ifq_len--;					\
	}								\
} while (0)

struct mbstat {
	u_long	m_mbufs;		/* In use. */
	u_long	m_drain;		/* Times the protocols were asked. */
};

extern struct mbstat mbstat;
extern int	nmbufs;

struct mbuf *m_gethdr __P((int));
struct mbuf *m_devget __P((const void *, int));
struct mbuf *m_copym __P((struct mbuf *, int, int));
struct mbuf *m_prepend __P((struct mbuf *, int));
struct mbuf *m_pullup __P((struct mbuf *, int));
void	m_freem __P((struct mbuf *));
void	m_adj __P((struct mbuf *, int));
void	m_cat __P((struct mbuf *, struct mbuf *));
void	m_copydata __P((const struct mbuf *, int, int, caddr_t));
void	ifq_drain __P((struct ifqueue *));

#endif /* !_SYS_MBUF_H_ */
