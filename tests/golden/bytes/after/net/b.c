#include <sys/vimage.h>
extern int count; int g(void) { return V_count; }