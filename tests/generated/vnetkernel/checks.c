/* What is wrong on purpose, each by its name: with option VNET_DEBUG, a panic. */

#include <sys/types.h>
#include <sys/systm.h>
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

int	main(int, char **);

VNET_MOD_DECLARE(NET, net, NULL, NULL, NONE, NULL);

static struct vnet *one, *two;

static void
right(void)
{

	CURVNET_SET(one);
	INIT_VNET_NET(curvnet);
	{
		CURVNET_SET(one);
		V_ttl++;
		CURVNET_RESTORE();
	}
	{
		CURVNET_SET_QUIET(two);
		INIT_VNET_NET(curvnet);
		V_ttl++;
		CURVNET_RESTORE();
	}
	VNET_ASSERT(curvnet == one);
	CURVNET_RESTORE();
	VNET_ASSERT(curvnet == NULL);
}

static void
none(void)
{

	CURVNET_SET(NULL);
	CURVNET_RESTORE();
}

static void
within(void)
{

	CURVNET_SET(one);
	{
		CURVNET_SET(two);
		CURVNET_RESTORE();
	}
	CURVNET_RESTORE();
}

static void
destroyed(void)
{

	vnet_destroy(two);
	CURVNET_SET(two);
	CURVNET_RESTORE();
}

static void
restored(void)
{

	CURVNET_SET(one);
	curvnet = two;
	CURVNET_RESTORE();
}

static void
other(void)
{

	CURVNET_SET(one);
	INIT_VNET_NET(two);
	V_ttl++;
	CURVNET_RESTORE();
}

static void
unselected(void)
{
	INIT_VNET_NET(curvnet);

	V_ttl++;
}

static void
asserted(void)
{

	VNET_ASSERT(curvnet == one);
}

static void
first(void)
{

	vnet_destroy(vnet0);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char	*name;
		void		(*run)(void);
	} wrong[] = {
		{ "right", right }, { "none", none }, { "within", within },
		{ "destroyed", destroyed }, { "restored", restored },
		{ "other", other }, { "unselected", unselected },
		{ "asserted", asserted }, { "first", first },
	};
	size_t i;

	(void)vnet_mod_register(&vnet_net_modinfo);
	one = vnet_alloc();
	two = vnet_alloc();
	curvnet = NULL;
	for (i = 0; argc > 1 && i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (strcmp(argv[1], wrong[i].name) == 0) {
			(*wrong[i].run)();
			return (0);
		}
	return (1);
}
