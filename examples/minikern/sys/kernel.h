/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_KERNEL_H_
#define	_SYS_KERNEL_H_

/*
 * Linker sets: tables that the linker gathers from all objects.
 */
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
 * Start-up: mi_startup() sorts all SYSINITs by subsystem and order.  No two
 * have the same pair, so that the order of linking says nothing.
 */
enum sysinit_sub_id {
	SI_SUB_COPYRIGHT	= 0x0800001,
	SI_SUB_TUNABLES		= 0x0700000,
	SI_SUB_SYSCTL		= 0x1000000,
	SI_SUB_MBUF		= 0x2700000,
	SI_SUB_INIT_IF		= 0x3000000,
	SI_SUB_DRIVERS		= 0x3100000,
	SI_SUB_PSEUDO		= 0x7000000,
	SI_SUB_PROTO_DOMAIN	= 0x8800000,
	SI_SUB_PROTO_IFATTACHDOMAIN = 0x8800001,
	SI_SUB_CLOCKS		= 0x9000000
};
enum sysinit_elem_order {
	SI_ORDER_FIRST		= 0x0,
	SI_ORDER_SECOND		= 0x1,
	SI_ORDER_THIRD		= 0x2,
	SI_ORDER_FOURTH		= 0x3,
	SI_ORDER_MIDDLE		= 0x1000000,
	SI_ORDER_ANY		= 0xfffffff
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

/*
 * Tunables: numbers of the loader's environment.
 */
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

/*
 * Modules.
 */
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
typedef struct eventhandler_entry *eventhandler_tag;

struct eventhandler_entry {
	struct eventhandler_entry *ee_next;
	const char	*ee_name;
	eventhandler_fn	ee_func;
	void		*ee_arg;
};

extern struct eventhandler_entry *eventhandler_list;

eventhandler_tag eventhandler_register(const char *, eventhandler_fn, void *);
void	eventhandler_deregister(eventhandler_tag);
int	eventhandler_match(const char *, const char *);

#define	EVENTHANDLER_DECLARE(name, type)				\
	typedef type eventhandler_ ## name ## _t
#define	EVENTHANDLER_REGISTER(name, func, arg)				\
	eventhandler_register(#name, (eventhandler_fn)(func), (arg))
#define	EVENTHANDLER_DEREGISTER(name, tag)	eventhandler_deregister(tag)
#define	EVENTHANDLER_INVOKE(name, ...) do {				\
	struct eventhandler_entry *_ep, *_en;				\
	for (_ep = eventhandler_list; _ep != NULL; _ep = _en) {		\
		_en = _ep->ee_next;					\
		if (eventhandler_match(_ep->ee_name, #name))		\
			((eventhandler_ ## name ## _t)_ep->ee_func)	\
			    (_ep->ee_arg, __VA_ARGS__);			\
	}								\
} while (0)

typedef void (*vm_lowmem_handler_t)(void *, int);
EVENTHANDLER_DECLARE(vm_lowmem, vm_lowmem_handler_t);

#endif /* !_SYS_KERNEL_H_ */
