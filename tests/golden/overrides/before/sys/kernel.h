extern char hostname[];
extern int count;
