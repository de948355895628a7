# What a person mends in the rules that `vrefactor scan` proposes for slirp, before step 2.

# An `#ifdef notdef` block that is no C any more names it: no tool can tell what to do there.
/^    "ipstat",$/d

# Nothing writes it: a constant that is handed out by its address, not declared const.
/^    "PADDING",$/d

# Asked in the proposal, and answered: limits of a stack and of its link, so each has its own.
s/^"debug\.c" = \[$/&\n    "slirp_debug",/
s/^"if\.c" = \[$/&\n    "if_maxlinkhdr",/
s/^"ip_input\.c" = \[$/&\n    "ip_defttl",/
s/^"mbuf\.c" = \[$/&\n    "msize",/
s/^"tcp_subr\.c" = \[$/&\n    "tcp_rcvspace",\n    "tcp_sndspace",/
