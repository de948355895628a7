/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The loopback interface.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/netisr.h>
#include <net/route.h>

#define	LOMTU	1500

static MALLOC_DEFINE(M_LO, "loop", "loopback interfaces");

struct ifnet *loif = NULL;		/* Used externally. */
static int	lo_maxqueue = 0;	/* 0: no limit but netisr's. */

SYSCTL_DECL(_net_link);
SYSCTL_NODE(_net_link, OID_AUTO, loop, CTLFLAG_RW, NULL, "Loopback");
SYSCTL_INT(_net_link_loop, OID_AUTO, maxqueue, CTLFLAG_RW, &lo_maxqueue, 0,
    "Most packets that may be under way");

static int
looutput(struct ifnet *ifp, struct mbuf *m, struct sockaddr *dst,
    struct rtentry *rt)
{

	if (rt != NULL && rt->rt_flags & RTF_REJECT) {
		m_freem(m);
		return (EHOSTUNREACH);
	}
	ifp->if_opackets++;
	m->m_flags |= M_LOOP;
	return (if_simloop(ifp, m, dst->sa_family));
}

/*
 * Let a packet that ifp sent come in by ifp.
 */
int
if_simloop(struct ifnet *ifp, struct mbuf *m, int af)
{

	if (lo_maxqueue != 0 && netisr_qlen() >= lo_maxqueue) {
		m_freem(m);
		return (ENOBUFS);
	}
	m->m_pkthdr.rcvif = ifp;
	ifp->if_ipackets++;
	return (netisr_queue(af == AF_INET ? NETISR_IP : NETISR_IPV6, m));
}

static void
lo_create(void)
{
	struct ifnet *ifp;

	ifp = malloc(sizeof(*ifp), M_LO, M_WAITOK | M_ZERO);
	ifp->if_flags = IFF_UP | IFF_LOOPBACK;
	ifp->if_output = looutput;
	if_attach(ifp, "lo0", LOMTU);
	KASSERT(loif == NULL, ("lo0 twice"));
	loif = ifp;
}

static void
lo_destroy(void)
{

	if_detach(loif);
	free(loif, M_LO);
	loif = NULL;
}

static int
loop_modevent(module_t mod, int type, void *data)
{

	switch (type) {
	case MOD_LOAD:
		lo_create();
		break;
	case MOD_SHUTDOWN:
		break;
	case MOD_UNLOAD:
		lo_destroy();
		break;
	default:
		return (EOPNOTSUPP);
	}
	return (0);
}

static moduledata_t loop_mod = { "loop", loop_modevent, 0 };

DECLARE_MODULE(loop, loop_mod, SI_SUB_PSEUDO, SI_ORDER_ANY);
