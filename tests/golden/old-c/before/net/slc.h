struct slcompress { int id; struct slcompress *next; };
extern struct slcompress *comp;
