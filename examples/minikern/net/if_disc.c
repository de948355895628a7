/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* A pseudo-driver: an interface that throws away what it is given. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#define	DSMTU	1280
#define	net_device	ifnet	/* What the author's other kernel calls it. */

struct disc_softc {
	struct net_device sc_if;
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
SYSCTL_INT(_net_link, OID_AUTO, disc_icmplim, CTLFLAG_RW, &icmplim, 0, "");

static int
discoutput(struct net_device *ifp, struct mbuf *m, int isr)
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

	printf("%s: nobody has ever answered\n", ifp->if_xname);
}

static int
disc_modevent(module_t mod, int type, void *data)
{
	struct disc_softc *sc;

	switch (type) {
	case MOD_LOAD:
		sc = malloc(sizeof(*sc), M_DISC, M_NOWAIT | M_ZERO);
		if (sc == NULL)
			return (ENOMEM);
		sc->icmplim = icmplim;
		sc->sc_if.if_softc = sc;
		sc->sc_if.if_output = discoutput;
		sc->sc_if.if_watchdog = discwatchdog;
		if_attach(&sc->sc_if, "disc0", DSMTU);
		LIST_INSERT_HEAD(&disc_softc_list, sc, sc_list);
		break;
	case MOD_UNLOAD:
		while ((sc = LIST_FIRST(&disc_softc_list)) != NULL) {
			LIST_REMOVE(sc, sc_list);
			if_detach(&sc->sc_if);
			free(sc, M_DISC);
		}
		break;
	}
	return (0);
}

static moduledata_t disc_mod = { "disc", disc_modevent, 0 };

DECLARE_MODULE(disc, disc_mod, SI_SUB_PSEUDO, SI_ORDER_MIDDLE);
