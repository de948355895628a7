/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NETINET_IN_PCB_H_
#define	_NETINET_IN_PCB_H_

#include <sys/kernel.h>
#include <sys/protosw.h>

#include <netinet/in.h>

/*
 * Who talks to whom.  Addresses and ports are in network byte order; what a
 * family does not use is 0.
 */
struct in_conninfo {
	int		inc_isipv6;
	u_int16_t	inc_fport;
	u_int16_t	inc_lport;
	struct in_addr	inc_faddr, inc_laddr;
	struct in6_addr	inc6_faddr, inc6_laddr;
};

LIST_HEAD(inpcbhead, inpcb);

struct inpcb {
	LIST_ENTRY(inpcb) inp_list;
	struct inpcbinfo *inp_pcbinfo;
	struct in_conninfo inp_inc;
	void		*inp_ppcb;
	struct inpcb	*inp_accept;	/* The latest caller. */
	struct ifqueue	 inp_rcv;
#define	inp_isipv6	inp_inc.inc_isipv6
#define	inp_fport	inp_inc.inc_fport
#define	inp_lport	inp_inc.inc_lport
#define	inp_faddr	inp_inc.inc_faddr
#define	inp_laddr	inp_inc.inc_laddr
#define	in6p_faddr	inp_inc.inc6_faddr
#define	in6p_laddr	inp_inc.inc6_laddr
};

/* All pcbs of one protocol. */
struct inpcbinfo {
	struct mtx	 ipi_mtx;
	struct inpcbhead *ipi_listhead;
	u_int		 ipi_count;
	u_int		 ipi_lastport;
};

#define	INP_INFO_LOCK(ipi)	mtx_lock(&(ipi)->ipi_mtx)
#define	INP_INFO_UNLOCK(ipi)	mtx_unlock(&(ipi)->ipi_mtx)
#define	INP_INFO_LOCK_ASSERT(ipi)	mtx_assert(&(ipi)->ipi_mtx)

void	in_pcbinfo_init(struct inpcbinfo *, struct inpcbhead *);
struct inpcb *in_pcballoc(struct inpcbinfo *, int);
int	in_pcbbind(struct inpcb *, int);
int	in_pcbconnect(struct inpcb *, const void *, int);
void	in_pcbdetach(struct inpcb *);
int	in_pcbladdr(struct in_addr, struct in_addr *);
int	in6_pcbladdr(struct in6_addr *, struct in6_addr *);
struct inpcb *in_pcblookup(struct inpcbinfo *, struct in_conninfo *);
int	in_pcbinput(struct in_conninfo *, struct mbuf *, int, int);
int	in_pcboutput(struct in_conninfo *, struct mbuf *, int, u_int16_t *);

#endif /* !_NETINET_IN_PCB_H_ */
