char hostname[64];
