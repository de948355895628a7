/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* The loopback interface. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>

#include <net/if_var.h>

#define	LOMTU	1500

static MALLOC_DEFINE(M_LO, "loop", "loopback interfaces");

struct ifnet *loif = NULL;		/* Used externally. */

static int
looutput(struct ifnet *ifp, struct mbuf *m, int isr)
{

	ifp->if_opackets++;
	ifp->if_ipackets++;
	m->m_flags |= M_LOOP;
	m->m_rcvif = ifp;
	return (netisr_queue(isr, m));
}

static int
loop_modevent(module_t mod, int type, void *data)
{

	switch (type) {
	case MOD_LOAD:
		KASSERT(loif == NULL, ("lo0 twice"));
		loif = malloc(sizeof(*loif), M_LO, M_NOWAIT | M_ZERO);
		if (loif == NULL)
			return (ENOMEM);
		loif->if_flags = IFF_LOOPBACK;
		loif->if_output = looutput;
		if_attach(loif, "lo0", LOMTU);
		break;
	case MOD_UNLOAD:
		if_detach(loif);
		free(loif, M_LO);
		loif = NULL;
		break;
	}
	return (0);
}

static moduledata_t loop_mod = { "loop", loop_modevent, 0 };

DECLARE_MODULE(loop, loop_mod, SI_SUB_PSEUDO, SI_ORDER_FIRST);
