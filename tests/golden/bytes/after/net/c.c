#ifdef A
#include <sys/param.h>
#include <sys/vimage.h>
extern int count;
int h(void) { return V_count; }
#endif
