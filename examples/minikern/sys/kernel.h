/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _SYS_KERNEL_H_
#define	_SYS_KERNEL_H_

/* Linker sets: tables that the linker gathers from all objects. */
#define	DATA_SET(set, sym)						\
	static void const * const __set_##set##_sym_##sym		\
	    __section("set_" #set) __used = &sym
#define	SET_DECLARE(set, type)						\
	extern type *__start_set_##set[], *__stop_set_##set[]
#define	SET_BEGIN(set)	(__start_set_##set)
#define	SET_LIMIT(set)	(__stop_set_##set)
#define	SET_FOREACH(pvar, set)						\
	for (pvar = SET_BEGIN(set); pvar < SET_LIMIT(set); pvar++)

/*
 * Start-up: all SYSINITs run in order.  No two have the same pair of numbers,
 * so that the order of linking says nothing.
 */
enum sysinit_sub_id {
	SI_SUB_TUNABLES		= 0x0700000,
	SI_SUB_COPYRIGHT	= 0x0800001,
	SI_SUB_SYSCTL		= 0x1000000,
	SI_SUB_MBUF		= 0x2700000,
	SI_SUB_INIT_IF		= 0x3000000,
	SI_SUB_PROTO_DOMAIN	= 0x8800000,
	SI_SUB_PSEUDO		= 0x8800001,
	SI_SUB_CLOCKS		= 0x9000000
};
enum sysinit_elem_order {
	SI_ORDER_FIRST, SI_ORDER_SECOND, SI_ORDER_THIRD,
	SI_ORDER_MIDDLE		= 0x1000000
};

struct sysinit {
	enum sysinit_sub_id	subsystem;
	enum sysinit_elem_order	order;
	void			(*func)(void *);
	void			*udata;
};

#define	SYSINIT(uniquifier, subsystem, order, func, ident)		\
	static struct sysinit uniquifier ## _sys_init = {		\
		subsystem, order, func, ident				\
	};								\
	DATA_SET(sysinit_set, uniquifier ## _sys_init)
#define	SYSUNINIT(uniquifier, subsystem, order, func, ident)		\
	static struct sysinit uniquifier ## _sys_uninit = {		\
		subsystem, order, func, ident				\
	};								\
	DATA_SET(sysuninit_set, uniquifier ## _sys_uninit)

/* Tunables: numbers of the loader's environment. */
struct tunable_int {
	const char	*path;
	int		*var;
};

#define	TUNABLE_CONCAT(a, b)	a ## b
#define	TUNABLE_NAME(line)	TUNABLE_CONCAT(__tunable_int_, line)
#define	TUNABLE_INT(path, var)						\
	static struct tunable_int TUNABLE_NAME(__LINE__) = { path, var }; \
	TUNABLE_SET(TUNABLE_NAME(__LINE__))
#define	TUNABLE_SET(sym)	TUNABLE_SET1(sym)
#define	TUNABLE_SET1(sym)	DATA_SET(tunable_set, sym)
#define	TUNABLE_INT_FETCH(path, var)	getenv_int((path), (var))

int	getenv_int(const char *, int *);

/* Modules. */
typedef enum modeventtype { MOD_LOAD, MOD_UNLOAD, MOD_SHUTDOWN } modeventtype_t;
typedef struct moduledata {
	const char	*name;
	int		(*evhand)(struct moduledata *, int, void *);
	void		*priv;
} moduledata_t;
typedef struct moduledata *module_t;

void	module_register_init(void *);
void	module_shutdown(void *);

#define	DECLARE_MODULE(name, data, sub, order)				\
	SYSINIT(name##_module, sub, order, module_register_init, &data); \
	SYSUNINIT(name##_module, sub, order, module_shutdown, &data)

/*
 * Event handlers.  A handler's type is eventhandler_<name>_t; what is stored
 * is a pointer to no function in particular.
 */
typedef void (*eventhandler_fn)(void);
typedef struct eventhandler_entry {
	struct eventhandler_entry *ee_next;
	const char	*ee_name;
	eventhandler_fn	ee_func;
	void		*ee_arg;
} *eventhandler_tag;

extern eventhandler_tag eventhandler_list;

eventhandler_tag eventhandler_register(const char *, eventhandler_fn, void *);
void	eventhandler_deregister(eventhandler_tag);

#define	EVENTHANDLER_DECLARE(name, type)				\
	typedef type eventhandler_ ## name ## _t
#define	EVENTHANDLER_REGISTER(name, func, arg)				\
	eventhandler_register(#name, (eventhandler_fn)(func), (arg))
#define	EVENTHANDLER_DEREGISTER(name, tag)	eventhandler_deregister(tag)
#define	EVENTHANDLER_INVOKE(name, ...) do {				\
	eventhandler_tag _ep;						\
	for (_ep = eventhandler_list; _ep != NULL; _ep = _ep->ee_next)	\
		if (strcmp(_ep->ee_name, #name) == 0)			\
			((eventhandler_ ## name ## _t)_ep->ee_func)	\
			    (_ep->ee_arg, __VA_ARGS__);			\
} while (0)

/* Memory. */
#define	M_NOWAIT	0x0001
#define	M_WAITOK	0x0002
#define	M_ZERO		0x0100

struct malloc_type {
	const char	*ks_shortdesc;
	int		 ks_inuse;	/* Blocks. */
};

extern long	malloc_inuse;

/*
 * For tests: how many requests that may fail are met until one is not (-1: all
 * are), and who hears of blocks that come, and, with size 0, go.
 */
extern int	malloc_fails;
extern void	(*malloc_watch)(void *, size_t, struct malloc_type *);

#define	MALLOC_DEFINE(type, shortdesc, longdesc)			\
	struct malloc_type type[1] = { { shortdesc, 0 } }

#define	malloc(size, type, flags)	kern_malloc((size), (type), (flags))
#define	free(addr, type)		kern_free((addr), (type))

void	*kern_malloc(size_t, struct malloc_type *, int);
void	 kern_free(void *, struct malloc_type *);
void	*hashinit(int, struct malloc_type *, u_long *);

/* Callouts. */
struct callout {
	struct callout	*c_next;
	int		 c_time;	/* When, in ticks. */
	int		 c_flags;
	void		*c_arg;
	void		(*c_func)(void *);
};

#define	CALLOUT_PENDING		0x0001
#define	callout_pending(c)	((c)->c_flags & CALLOUT_PENDING)
#define	callout_drain(c)	callout_stop(c)

void	callout_init(struct callout *, int);
int	callout_reset(struct callout *, int, void (*)(void *), void *);
int	callout_stop(struct callout *);

/*
 * Locks.  One processor, no preemption: a lock only remembers that it is held.
 */
struct mtx {
	int	 mtx_held;
};

#define	mtx_assert(m)		KASSERT((m)->mtx_held, ("lock not held"))
#define	mtx_lock(m) do {						\
	KASSERT(!(m)->mtx_held, ("lock held"));				\
	(m)->mtx_held = 1;						\
} while (0)
#define	mtx_unlock(m) do { mtx_assert(m); (m)->mtx_held = 0; } while (0)

#endif /* !_SYS_KERNEL_H_ */
