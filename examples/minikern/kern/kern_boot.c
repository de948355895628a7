/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>

static MALLOC_DEFINE(M_EVENTHANDLER, "eventhandler", "Event handlers");

eventhandler_tag eventhandler_list;

/* What a loader would have handed over: all numbers have one digit. */
static const char *static_env[] = {
	"net.inet.tcp.sack.enable=0",
	"net.inet.tcp.hostcache.hashsize=8",
	"net.inet6.ip6.auto_linklocal=1",
};

SET_DECLARE(sysinit_set, struct sysinit);
SET_DECLARE(sysuninit_set, struct sysinit);
SET_DECLARE(tunable_set, struct tunable_int);

int
getenv_int(const char *name, int *data)
{
	size_t i, len = strlen(name);

	for (i = 0; i < nitems(static_env); i++)
		if (strlen(static_env[i]) == len + 2 &&
		    memcmp(static_env[i], name, len) == 0) {
			*data = static_env[i][len + 1] - '0';
			return (1);
		}
	return (0);
}

static void
tunable_init(void *arg)
{
	struct tunable_int **tp;

	SET_FOREACH(tp, tunable_set)
		(void)getenv_int((*tp)->path, (*tp)->var);
}
SYSINIT(tunables, SI_SUB_TUNABLES, SI_ORDER_FIRST, tunable_init, NULL);

static void
boot_banner(void *arg)
{

	strlcpy(hostname, "minikern.example.org", sizeof(hostname));
	strlcpy(domainname, "example.org", sizeof(domainname));
	printf("minikern on %s\n", hostname);
}
SYSINIT(banner, SI_SUB_COPYRIGHT, SI_ORDER_FIRST, boot_banner, NULL);

/* Run a set of SYSINITs in ascending, or of SYSUNINITs in descending order. */
static void
sysinit_run(struct sysinit **begin, struct sysinit **end, int down)
{
	struct sysinit **sp, *next, *last = NULL;
	int n;

#define	BEFORE(a, b)	((a)->subsystem != (b)->subsystem ?		\
	(a)->subsystem < (b)->subsystem : (a)->order < (b)->order)
#define	AFTER(a, b)	(down ? BEFORE(a, b) : BEFORE(b, a))
	for (n = end - begin; n > 0; n--) {
		next = NULL;
		for (sp = begin; sp < end; sp++)
			if ((last == NULL || AFTER(*sp, last)) &&
			    (next == NULL || AFTER(next, *sp)))
				next = *sp;
		if (next == NULL)
			panic("two SYSINITs of one order");
		(*next->func)(next->udata);
		last = next;
	}
#undef AFTER
#undef BEFORE
}

void
kern_boot(void)
{

	sysinit_run(SET_BEGIN(sysinit_set), SET_LIMIT(sysinit_set), 0);
}

long
kern_shutdown(void)
{

	sysinit_run(SET_BEGIN(sysuninit_set), SET_LIMIT(sysuninit_set), 1);
	return (malloc_inuse);
}

void
module_register_init(void *arg)
{
	moduledata_t *data = arg;

	if ((*data->evhand)(data, MOD_LOAD, data->priv) != 0)
		printf("module %s does not load\n", data->name);
}

void
module_shutdown(void *arg)
{
	moduledata_t *data = arg;

	if ((*data->evhand)(data, MOD_SHUTDOWN, data->priv) == 0)
		(void)(*data->evhand)(data, MOD_UNLOAD, data->priv);
}

eventhandler_tag
eventhandler_register(const char *name, eventhandler_fn func, void *arg)
{
	eventhandler_tag ep;

	ep = malloc(sizeof(*ep), M_EVENTHANDLER, M_WAITOK);
	ep->ee_name = name;
	ep->ee_func = func;
	ep->ee_arg = arg;
	ep->ee_next = eventhandler_list;
	eventhandler_list = ep;
	return (ep);
}

void
eventhandler_deregister(eventhandler_tag tag)
{
	eventhandler_tag *epp;

	for (epp = &eventhandler_list; *epp != tag; epp = &(*epp)->ee_next)
		continue;
	*epp = tag->ee_next;
	free(tag, M_EVENTHANDLER);
}
