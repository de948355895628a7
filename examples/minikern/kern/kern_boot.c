/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Start-up and shutdown; the loader's environment, modules, event handlers.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>

MALLOC_DEFINE(M_TEMP, "temp", "misc temporary data");
static MALLOC_DEFINE(M_EVENTHANDLER, "eventhandler", "Event handlers");

struct eventhandler_entry *eventhandler_list;

/* What a loader would have handed over. */
static const char *static_env[] = {
	"net.inet.tcp.sack.enable=0",
	"net.inet.tcp.hostcache.hashsize=16",
	"net.inet6.ip6.auto_linklocal=1",
	NULL
};

SET_DECLARE(sysinit_set, struct sysinit);
SET_DECLARE(sysuninit_set, struct sysinit);
SET_DECLARE(tunable_set, struct tunable_int);

int
getenv_int(const char *name, int *data)
{
	const char **ep, *cp;
	size_t len = strlen(name);
	int value;

	for (ep = static_env; *ep != NULL; ep++) {
		if (strlen(*ep) <= len || memcmp(*ep, name, len) != 0 ||
		    (*ep)[len] != '=')
			continue;
		value = 0;
		for (cp = *ep + len + 1; *cp >= '0' && *cp <= '9'; cp++)
			value = value * 10 + (*cp - '0');
		*data = value;
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

/*
 * Run a set of SYSINITs in ascending, or of SYSUNINITs in descending order.
 */
static void
sysinit_run(struct sysinit **begin, struct sysinit **end, int down)
{
	struct sysinit **sp, *next, *last = NULL;
	int n;

	for (n = end - begin; n > 0; n--) {
		next = NULL;
		for (sp = begin; sp < end; sp++) {
#define	BEFORE(a, b)	((a)->subsystem < (b)->subsystem ||		\
	((a)->subsystem == (b)->subsystem && (a)->order < (b)->order))
			if (last != NULL && !(down ? BEFORE(*sp, last) :
			    BEFORE(last, *sp)))
				continue;
			if (next == NULL || (down ? BEFORE(next, *sp) :
			    BEFORE(*sp, next)))
				next = *sp;
#undef BEFORE
		}
		if (next == NULL)
			panic("two SYSINITs of one order");
		(*next->func)(next->udata);
		last = next;
	}
}

void
kern_boot(void)
{

	sysinit_run(SET_BEGIN(sysinit_set), SET_LIMIT(sysinit_set), 0);
}

void
kern_shutdown(void)
{

	sysinit_run(SET_BEGIN(sysuninit_set), SET_LIMIT(sysuninit_set), 1);
}

void
module_register_init(void *arg)
{
	moduledata_t *data = arg;
	int error;

	error = (*data->evhand)(data, MOD_LOAD, data->priv);
	if (error)
		printf("module %s: error %d\n", data->name, error);
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
	eventhandler_tag ep, *epp;

	ep = malloc(sizeof(*ep), M_EVENTHANDLER, M_WAITOK | M_ZERO);
	ep->ee_name = name;
	ep->ee_func = func;
	ep->ee_arg = arg;
	for (epp = &eventhandler_list; *epp != NULL; epp = &(*epp)->ee_next)
		continue;
	*epp = ep;
	return (ep);
}

void
eventhandler_deregister(eventhandler_tag tag)
{
	eventhandler_tag *epp;

	for (epp = &eventhandler_list; *epp != NULL; epp = &(*epp)->ee_next)
		if (*epp == tag) {
			*epp = tag->ee_next;
			free(tag, M_EVENTHANDLER);
			return;
		}
}

int
eventhandler_match(const char *a, const char *b)
{

	return (strcmp(a, b) == 0);
}
