struct kld_sym_lookup {
	uintptr_t	symvalue;
	size_t		symsize;
};
