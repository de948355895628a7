/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Protocol control blocks.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>

static MALLOC_DEFINE(M_PCB, "pcb", "protocol control block");

int	ipport_firstauto = IPPORT_HIFIRSTAUTO;	/* 49152 */
int	ipport_lastauto = IPPORT_HILASTAUTO;	/* 65535 */

#define	RANGECHK(var, min, max) do {					\
	if ((var) < (min))						\
		(var) = (min);						\
	else if ((var) > (max))						\
		(var) = (max);						\
} while (0)

static int
sysctl_net_ipport_check(SYSCTL_HANDLER_ARGS)
{
	int error;

	error = sysctl_handle_int(oidp, oidp->oid_arg1, oidp->oid_arg2, req);
	if (error == 0) {
		RANGECHK(ipport_firstauto, IPPORT_RESERVED, 65535);
		RANGECHK(ipport_lastauto, IPPORT_RESERVED, 65535);
	}
	return (error);
}

#undef RANGECHK

SYSCTL_DECL(_net_inet_ip);
SYSCTL_NODE(_net_inet_ip, OID_AUTO, portrange, CTLFLAG_RW, NULL, "IP Ports");

SYSCTL_PROC(_net_inet_ip_portrange, OID_AUTO, first, CTLTYPE_INT|CTLFLAG_RW,
	   &ipport_firstauto, 0, &sysctl_net_ipport_check, "I", "");
SYSCTL_PROC(_net_inet_ip_portrange, OID_AUTO, last, CTLTYPE_INT|CTLFLAG_RW,
	   &ipport_lastauto, 0, &sysctl_net_ipport_check, "I", "");

void
in_pcbinfo_init(pcbinfo, listhead, hashsize)
	struct inpcbinfo *pcbinfo;
	struct inpcbhead *listhead;
	int hashsize;
{

	mtx_init(&pcbinfo->ipi_mtx, "pcbinfo");
	LIST_INIT(listhead);
	pcbinfo->ipi_listhead = listhead;
	pcbinfo->ipi_hashbase = hashinit(hashsize, M_PCB,
	    &pcbinfo->ipi_hashmask);
	pcbinfo->ipi_count = 0;
	pcbinfo->ipi_lastport = 0;
}

void
in_pcbinfo_destroy(pcbinfo)
	struct inpcbinfo *pcbinfo;
{

	KASSERT(pcbinfo->ipi_count == 0, ("pcbs left"));
	free(pcbinfo->ipi_hashbase, M_PCB);
	mtx_destroy(&pcbinfo->ipi_mtx);
}

int
in_pcballoc(so, pcbinfo)
	struct socket *so;
	struct inpcbinfo *pcbinfo;
{
	struct inpcb *inp;

	inp = malloc(sizeof(*inp), M_PCB, M_NOWAIT | M_ZERO);
	if (inp == NULL)
		return (ENOBUFS);
	inp->inp_pcbinfo = pcbinfo;
	inp->inp_socket = so;
	inp->inp_isipv6 = so->so_proto->pr_domain->dom_family == AF_INET6;
	LIST_INSERT_HEAD(pcbinfo->ipi_listhead, inp, inp_list);
	pcbinfo->ipi_count++;
	so->so_pcb = inp;
	return (0);
}

/*
 * A pcb is in the hash table from when it has a local port.
 */
void
in_pcbinshash(inp)
	struct inpcb *inp;
{
	struct inpcbinfo *pcbinfo = inp->inp_pcbinfo;

	INP_INFO_LOCK_ASSERT(pcbinfo);
	LIST_INSERT_HEAD(&pcbinfo->ipi_hashbase[INP_PCBHASH(inp->inp_lport,
	    pcbinfo->ipi_hashmask)], inp, inp_hash);
}

void
in_pcbdetach(inp)
	struct inpcb *inp;
{

	INP_INFO_LOCK_ASSERT(inp->inp_pcbinfo);
	if (inp->inp_lport != 0)
		LIST_REMOVE(inp, inp_hash);
	LIST_REMOVE(inp, inp_list);
	inp->inp_pcbinfo->ipi_count--;
	if (inp->inp_socket != NULL)
		inp->inp_socket->so_pcb = NULL;
	free(inp, M_PCB);
}

/*
 * Is somebody there on this port already?
 */
static int
in_pcbinuse(inp, lport)
	struct inpcb *inp;
	u_int lport;
{
	struct inpcbinfo *pcbinfo = inp->inp_pcbinfo;
	struct inpcb *t;

	LIST_FOREACH(t, &pcbinfo->ipi_hashbase[INP_PCBHASH(lport,
	    pcbinfo->ipi_hashmask)], inp_hash)
		if (t->inp_lport == lport && t->inp_isipv6 == inp->inp_isipv6)
			return (1);
	return (0);
}

int
in_pcbbind(inp, nam)
	struct inpcb *inp;
	struct sockaddr *nam;
{
	struct inpcbinfo *pcbinfo = inp->inp_pcbinfo;
	u_int lport = 0;
	int first, last, count;

	if (inp->inp_lport != 0)
		return (EINVAL);
	if (nam != NULL && inp->inp_isipv6) {
		inp->in6p_laddr = satosin6(nam)->sin6_addr;
		lport = satosin6(nam)->sin6_port;
	} else if (nam != NULL) {
		inp->inp_laddr = satosin(nam)->sin_addr;
		lport = satosin(nam)->sin_port;
	}
	if (lport == 0) {
		first = ipport_firstauto;
		last  = ipport_lastauto;
		if (pcbinfo->ipi_lastport < (u_int)first ||
		    pcbinfo->ipi_lastport >= (u_int)last)
			pcbinfo->ipi_lastport = first - 1;
		for (count = last - first; count >= 0; count--) {
			lport = htons(++pcbinfo->ipi_lastport);
			if (!in_pcbinuse(inp, lport))
				break;
		}
	}
	if (in_pcbinuse(inp, lport))
		return (EADDRINUSE);
	inp->inp_lport = lport;
	in_pcbinshash(inp);
	return (0);
}

/*
 * The address to use as our own towards faddr.
 */
int
in_pcbladdr(faddr, laddr)
	struct in_addr faddr;
	struct in_addr *laddr;
{
	struct sockaddr_in sin;
	struct in_ifaddr *ia;
	struct rtentry *rt;

	if (TAILQ_EMPTY(&in_ifaddrhead))
		return (EADDRNOTAVAIL);
	in_sockaddr(&sin, faddr, 0);
	if ((rt = rtalloc1((struct sockaddr *)&sin, 1)) == NULL)
		return (ENETUNREACH);
	IFP_TO_IA(rt->rt_ifp, ia);
	if (rt->rt_flags & RTF_LOCAL)
		*laddr = faddr;
	else if (ia != NULL)
		*laddr = IA_SIN(ia)->sin_addr;
	RTFREE(rt);
	return (laddr->s_addr == INADDR_ANY ? EADDRNOTAVAIL : 0);
}

int
in_pcbconnect(inp, nam)
	struct inpcb *inp;
	struct sockaddr *nam;
{
	int error;

	if (nam->sa_family != (inp->inp_isipv6 ? AF_INET6 : AF_INET))
		return (EINVAL);
#ifdef INET6
	if (inp->inp_isipv6) {
		error = in6_pcbladdr(&satosin6(nam)->sin6_addr,
		    &inp->in6p_laddr);
		inp->in6p_faddr = satosin6(nam)->sin6_addr;
		inp->inp_fport = satosin6(nam)->sin6_port;
	} else
#endif
	{
		error = in_pcbladdr(satosin(nam)->sin_addr, &inp->inp_laddr);
		inp->inp_faddr = satosin(nam)->sin_addr;
		inp->inp_fport = satosin(nam)->sin_port;
	}
	if (error == 0 && inp->inp_lport == 0)
		error = in_pcbbind(inp, NULL);
	return (error);
}

/*
 * The pcb of a connection, or, if wildcard, that of a listener.
 */
struct inpcb *
in_pcblookup_hash(pcbinfo, faddr, fport, laddr, lport, wildcard)
	struct inpcbinfo *pcbinfo;
	struct in_addr faddr, laddr;
	u_int fport, lport;
	int wildcard;
{
	struct inpcb *inp, *wild = NULL;

	INP_INFO_LOCK_ASSERT(pcbinfo);
	LIST_FOREACH(inp, &pcbinfo->ipi_hashbase[INP_PCBHASH(lport,
	    pcbinfo->ipi_hashmask)], inp_hash) {
		if (inp->inp_isipv6 || inp->inp_lport != lport)
			continue;
		if (inp->inp_faddr.s_addr == faddr.s_addr &&
		    inp->inp_laddr.s_addr == laddr.s_addr &&
		    inp->inp_fport == fport)
			return (inp);
		if (inp->inp_fport == 0 &&
		    (inp->inp_laddr.s_addr == INADDR_ANY ||
		    inp->inp_laddr.s_addr == laddr.s_addr))
			wild = inp;
	}
	return (wildcard ? wild : NULL);
}
