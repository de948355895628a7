/* There is one mutex, and whoever sleeps waits for any wake-up. */
struct mtx {
	int	mtx_none;
};

#define	MTX_DEF	0
#define	MTX_SYSINIT(name, m, descr, opts)	int name ## _mtx_sysinit
#define	mtx_lock(m)	((void)(m), machine_lock())
#define	mtx_unlock(m)	((void)(m), machine_unlock())
#define	msleep(chan, m, pri, why, timo)	((void)(chan), machine_sleep(why))
#define	wakeup(chan)	((void)(chan), machine_wakeup())

void	machine_lock(void);
void	machine_unlock(void);
void	machine_sleep(const char *);
void	machine_wakeup(void);
