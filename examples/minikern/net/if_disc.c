/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * A pseudo-driver: an interface that throws away what it is given.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

#define	DSMTU	1280
#define	net_device	ifnet	/* What the author's other kernel calls it. */

struct disc_softc {
	struct net_device	*sc_ifp;
	LIST_ENTRY(disc_softc) sc_list;
	int		 icmplim;	/* Packets until the next bark. */
};

static MALLOC_DEFINE(M_DISC, "disc", "Discard interfaces");
static LIST_HEAD(, disc_softc) disc_softc_list;

/*
 * How many packets go by unseen.  ICMP's limit has this name too, and is
 * another variable.
 */
static int	icmplim = 2;

SYSCTL_DECL(_net_link);
SYSCTL_NODE(_net_link, OID_AUTO, disc, CTLFLAG_RW, NULL, "Discard");
SYSCTL_INT(_net_link_disc, OID_AUTO, icmplim, CTLFLAG_RW, &icmplim, 0,
    "Packets between two calls of the watchdog");

static int
discoutput(struct net_device *ifp, struct mbuf *m, struct sockaddr *dst,
    struct rtentry *rt)
{
	struct disc_softc *sc = ifp->if_softc;

	ifp->if_opackets++;
	if (--sc->icmplim <= 0) {
		sc->icmplim = icmplim;
		ifp->if_timer = 1;
	}
	m_freem(m);
	return (0);
}

static void
discwatchdog(struct net_device *ifp)
{

	ifp->if_oerrors++;		/* Nobody has ever heard an answer. */
}

static void
disc_create(const char *name)
{
	struct disc_softc *sc;
	struct net_device *ifp;

	sc = malloc(sizeof(*sc), M_DISC, M_WAITOK | M_ZERO);
	ifp = malloc(sizeof(*ifp), M_DISC, M_WAITOK | M_ZERO);
	sc->sc_ifp = ifp;
	sc->icmplim = icmplim;
	ifp->if_softc = sc;
	ifp->if_flags = IFF_UP | IFF_POINTOPOINT;
	ifp->if_output = discoutput;
	ifp->if_watchdog = discwatchdog;
	if_attach(ifp, name, DSMTU);
	LIST_INSERT_HEAD(&disc_softc_list, sc, sc_list);
}

static int
disc_modevent(module_t mod, int type, void *data)
{
	struct disc_softc *sc;

	switch (type) {
	case MOD_LOAD:
		disc_create("disc0");
		break;
	case MOD_SHUTDOWN:
		break;
	case MOD_UNLOAD:
		while ((sc = LIST_FIRST(&disc_softc_list)) != NULL) {
			LIST_REMOVE(sc, sc_list);
			if_detach(sc->sc_ifp);
			free(sc->sc_ifp, M_DISC);
			free(sc, M_DISC);
		}
		break;
	default:
		return (EOPNOTSUPP);
	}
	return (0);
}

static moduledata_t disc_mod = { "disc", disc_modevent, 0 };

DECLARE_MODULE(disc, disc_mod, SI_SUB_PSEUDO, SI_ORDER_MIDDLE);
