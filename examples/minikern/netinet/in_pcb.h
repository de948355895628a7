/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_IN_PCB_H_
#define	_NETINET_IN_PCB_H_

#include <sys/queue.h>
#include <sys/mutex.h>

/*
 * Who talks to whom.  Addresses and ports are in network byte order.
 */
struct in_conninfo {
	int		inc_isipv6;
	u_int16_t	inc_fport;
	u_int16_t	inc_lport;
	struct in_addr	inc_faddr;
	struct in_addr	inc_laddr;
	struct in6_addr	inc6_faddr;
	struct in6_addr	inc6_laddr;
};

LIST_HEAD(inpcbhead, inpcb);

struct inpcb {
	LIST_ENTRY(inpcb) inp_hash;
	LIST_ENTRY(inpcb) inp_list;
	struct inpcbinfo *inp_pcbinfo;
	struct in_conninfo inp_inc;
	struct socket	*inp_socket;
	void		*inp_ppcb;
#define	inp_isipv6	inp_inc.inc_isipv6
#define	inp_fport	inp_inc.inc_fport
#define	inp_lport	inp_inc.inc_lport
#define	inp_faddr	inp_inc.inc_faddr
#define	inp_laddr	inp_inc.inc_laddr
#define	in6p_faddr	inp_inc.inc6_faddr
#define	in6p_laddr	inp_inc.inc6_laddr
};

/*
 * All pcbs of one protocol.
 */
struct inpcbinfo {
	struct mtx	 ipi_mtx;
	struct inpcbhead *ipi_hashbase;
	u_long		 ipi_hashmask;
	struct inpcbhead *ipi_listhead;
	u_int		 ipi_count;
	u_int		 ipi_lastport;
};

#define	sotoinpcb(so)		((struct inpcb *)(so)->so_pcb)

#define	INP_INFO_LOCK(ipi)	mtx_lock(&(ipi)->ipi_mtx)
#define	INP_INFO_UNLOCK(ipi)	mtx_unlock(&(ipi)->ipi_mtx)
#define	INP_INFO_LOCK_ASSERT(ipi)	mtx_assert(&(ipi)->ipi_mtx, MA_OWNED)

#define	INP_PCBHASH(port, mask)	(ntohs(port) & (mask))

extern int ipport_firstauto, ipport_lastauto;

void	in_pcbinfo_init(struct inpcbinfo *, struct inpcbhead *, int);
void	in_pcbinfo_destroy(struct inpcbinfo *);
int	in_pcballoc(struct socket *, struct inpcbinfo *);
int	in_pcbbind(struct inpcb *, struct sockaddr *);
int	in_pcbconnect(struct inpcb *, struct sockaddr *);
void	in_pcbdetach(struct inpcb *);
void	in_pcbinshash(struct inpcb *);
int	in_pcbladdr(struct in_addr, struct in_addr *);
struct inpcb *in_pcblookup_hash(struct inpcbinfo *, struct in_addr, u_int,
	    struct in_addr, u_int, int);
struct inpcb *in6_pcblookup_hash(struct inpcbinfo *, struct in6_addr *, u_int,
	    struct in6_addr *, u_int, int);
int	in6_pcbladdr(struct in6_addr *, struct in6_addr *);

#endif /* !_NETINET_IN_PCB_H_ */
