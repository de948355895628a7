struct thread;

enum { ENOENT = 2, ENOMEM = 12, EBUSY = 16, EEXIST = 17, EINVAL = 22 };

int	printf(const char *, ...) __attribute__((__format__(__printf__, 1, 2)));
void	panic(const char *, ...)
	    __attribute__((__noreturn__, __format__(__printf__, 1, 2)));
int	strcmp(const char *, const char *);
struct thread *machine_thread(void);
#define	curthread	machine_thread()
