typedef unsigned int u_int;
typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;
#define	NULL	((void *)0)
