extern int if_index, if_log;
