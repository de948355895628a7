/* What registers, in what order, and what is made and undone: each scene tells. */

#include <sys/types.h>
#include <sys/systm.h>
#include <sys/linker.h>
#include <sys/sysctl.h>
#include <sys/vimage.h>

struct list {
	int	first;
};
struct vnet_net {
	struct list	_ifnet;
	int		_rtstat[4];
	int		_ttl;
};

#include <net/vnet.h>

extern int test_fails, test_inuse;

void	*test_alloc(size_t);
void	test_free(void *);
void	test_fork(void (*)(void));
void	test_join(void);
int	main(int, char **);

static const char *refusing;		/* Who fails */
static u_int	refused;		/* in this stack. */

static int
tell(const char *sign, const void *arg)
{

	if (refusing == arg && curvnet->vnet_id == refused) {
		printf(" !%s%u", (const char *)arg, curvnet->vnet_id);
		return (EBUSY);
	}
	printf(" %s%s%u", sign, (const char *)arg, curvnet->vnet_id);
	return (0);
}

static const char	net[] = "net", a[] = "a", b[] = "b";

static int
net_iattach(const void *unused)
{
	INIT_VNET_NET(curvnet);

	(void)unused;
	if (V_ttl != 0)
		printf(" dirty");
	V_ttl = 64 + (int)curvnet->vnet_id;
	return (tell("+", net));
}

static int
net_idetach(const void *unused)
{

	(void)unused;
	return (tell("-", net));
}

static int
a_iattach(const void *unused)
{

	(void)unused;
	return (tell("+", a));
}

static int
a_idetach(const void *unused)
{

	(void)unused;
	return (tell("-", a));
}

static int
b_iattach(const void *arg)
{

	return (tell("+", arg != NULL ? arg : b));
}

static int
b_idetach(const void *arg)
{

	return (tell("-", arg != NULL ? arg : b));
}

static const struct vnet_symmap map[] = {
	VNET_SYMMAP(net, rtstat),
	VNET_SYMMAP_END
};
VNET_MOD_DECLARE(NET, net, net_iattach, net_idetach, NONE, map);
VNET_MOD_DECLARE_STATELESS(A, a, a_iattach, a_idetach, NET);
VNET_MOD_DECLARE_STATELESS(B, b, b_iattach, b_idetach, A);
SYSCTL_V_INT(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, "");

int
sysctl_handle_int(SYSCTL_HANDLER_ARGS)
{

	(void)oidp, (void)arg2, (void)req;
	return (*(int *)arg1);
}

static void
show(const char *what, int error)
{

	printf(" [%s %d, %d blocks]\n", what, error, test_inuse);
}

static void
enter(void)
{

	printf("b:");
	show("waits", vnet_mod_register(&vnet_b_modinfo));
	printf("a:");
	show("waits", vnet_mod_register(&vnet_a_modinfo));
	printf("net:");
	show("all", vnet_mod_register(&vnet_net_modinfo));
}

/* Dependencies arrive last; then stacks come and go. */
static void
order(void)
{
	struct vnet *one, *two;

	enter();
	printf("one:");
	one = vnet_alloc();
	show("made", one == NULL);
	printf("two:");
	two = vnet_alloc();
	show("made", two == NULL);
	printf("one:");
	vnet_destroy(one);
	show("gone", 0);
	printf("again:");
	one = vnet_alloc();
	show("made", one == NULL);
	vnet_destroy(one);
	vnet_destroy(two);
	printf("\n");
	vnet_destroy(vnet0);
	show("gone", vnet0 != NULL);
}

/* What comes late is in all stacks there are, under several arguments. */
static void
late(void)
{
	static char c[] = "c", d[] = "d";

	(void)vnet_mod_register(&vnet_net_modinfo);
	(void)vnet_mod_register(&vnet_a_modinfo);
	(void)vnet_alloc();
	printf("\n");
	show("c", vnet_mod_register_multi(&vnet_b_modinfo, c, "c"));
	show("d", vnet_mod_register_multi(&vnet_b_modinfo, d, "d"));
	show("c again", vnet_mod_register_multi(&vnet_b_modinfo, c, "c"));
	show("net again", vnet_mod_register(&vnet_net_modinfo));
	show("data", vnet_mod_register_multi(&vnet_net_modinfo, c, "c"));
	show("a is needed", vnet_mod_deregister(&vnet_a_modinfo));
	show("c leaves", vnet_mod_deregister_multi(&vnet_b_modinfo, c));
	show("c is gone", vnet_mod_deregister_multi(&vnet_b_modinfo, c));
	show("d leaves", vnet_mod_deregister_multi(&vnet_b_modinfo, d));
	show("a leaves", vnet_mod_deregister(&vnet_a_modinfo));
	show("a again", vnet_mod_register(&vnet_a_modinfo));
	(void)vnet_alloc();
	printf("\n");
}

/* Who refuses leaves nothing behind, and can come again. */
static void
refuse(void)
{
	u_int n;

	(void)vnet_mod_register(&vnet_net_modinfo);
	(void)vnet_mod_register(&vnet_a_modinfo);
	refusing = b;
	refused = 2;
	(void)vnet_alloc();
	(void)vnet_alloc();
	printf("\n");
	show("b in two", vnet_mod_register(&vnet_b_modinfo));
	refused = 9;
	show("b", vnet_mod_register(&vnet_b_modinfo));
	refused = 3;
	show("three", vnet_alloc() == NULL);
	refusing = net;
	refused = 4;
	show("four", vnet_alloc() == NULL);
	refusing = b;
	refused = 2;
	show("b stays", vnet_mod_deregister(&vnet_b_modinfo));
	refused = 1;
	show("b leaves", vnet_mod_deregister(&vnet_b_modinfo));
	refusing = NULL;
	for (n = 0; n < 3; n++) {
		test_fails = n;
		show("no memory", vnet_alloc() == NULL);
	}
	test_fails = 0;
	show("no memory", vnet_mod_register_multi(&vnet_b_modinfo, a, "b"));
}

/* A constructor may register more. */
static int
nested_iattach(const void *unused)
{

	(void)unused;
	(void)tell("+", "nested");
	return (IS_DEFAULT_VNET(curvnet) ?
	    vnet_mod_register(&vnet_a_modinfo) : 0);
}

VNET_MOD_DECLARE_STATELESS(NONE, nested, nested_iattach, NULL, NONE);

static void
nested(void)
{

	(void)vnet_mod_register(&vnet_net_modinfo);
	show("nested", vnet_mod_register(&vnet_nested_modinfo));
	show("one", vnet_alloc() == NULL);
	printf("selected: %d\n", (int)curvnet->vnet_id);
}

/* Each stack has its own data; a walk meets all. */
static void
data(void)
{
	struct kld_sym_lookup lookup;
	struct vnet *one;
	VNET_ITERATOR_DECL(it);

	(void)vnet_mod_register(&vnet_net_modinfo);
	one = vnet_alloc();
	printf("\n");
	VNET_LIST_RLOCK();
	VNET_LIST_RLOCK();
	VNET_FOREACH(it) {
		CURVNET_SET_QUIET(it);
		INIT_VNET_NET(curvnet);

		printf("%d: %d by sysctl, default %d, symbol %d", V_ttl,
		    (*oid_ttl)(NULL, NULL, 0, NULL),
		    IS_DEFAULT_VNET(curvnet),
		    vi_symlookup(&lookup, "rtstat"));
		printf(" at %d, size %d, none %d\n",
		    (int)(lookup.symvalue - (uintptr_t)vnet_net),
		    (int)lookup.symsize, vi_symlookup(&lookup, "ttl"));
		CURVNET_RESTORE();
	}
	VNET_LIST_RUNLOCK();
	VNET_LIST_RUNLOCK();
	CURVNET_SET_QUIET(NULL);
	printf("none: %d\n", vi_symlookup(&lookup, "rtstat"));
	CURVNET_RESTORE();
	curvnet = one;
	vnet_destroy(one);
	printf(", selected: %d\n", curvnet != NULL);
	(void)vnet_mod_register(&vnet_b_modinfo);
	vnet_boot_done();
	printf("selected: %d\n", curvnet != NULL);
}

static void
make_one(void)
{

	curvnet = vnet_alloc();
	printf(" made");
}

/* A stack waits for those who walk over all; one thread at a time registers. */
static int
slow_iattach(const void *unused)
{

	(void)unused;
	if (IS_DEFAULT_VNET(curvnet))
		test_fork(make_one);
	return (tell("+", "slow"));
}

VNET_MOD_DECLARE_STATELESS(NONE, slow, slow_iattach, NULL, NONE);

static void
threads(void)
{

	vnet_boot();
	VNET_LIST_RLOCK();
	test_fork(make_one);
	printf("read");
	VNET_LIST_RUNLOCK();
	test_join();
	printf("\n");
	(void)vnet_mod_register(&vnet_slow_modinfo);
	test_join();
	printf("\nselected: %d\n", (int)curvnet->vnet_id);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char	*name;
		void		(*run)(void);
	} scenes[] = {
		{ "order", order }, { "late", late }, { "refuse", refuse },
		{ "nested", nested }, { "data", data }, { "threads", threads },
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (strcmp(argv[1], scenes[i].name) == 0) {
			(*scenes[i].run)();
			return (0);
		}
	return (1);
}
