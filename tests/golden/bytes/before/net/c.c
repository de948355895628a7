#ifdef A
#include <sys/param.h>
extern int count;
int h(void) { return count; }
#endif
