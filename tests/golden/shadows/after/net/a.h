struct state { int count; };
extern struct state state;
extern int count;
