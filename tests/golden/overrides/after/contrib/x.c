int f(void) { return count; }
