"""Benchmarks: run by hand (`make bench VREFACTOR_SYS=DIR`), never by the test suite."""
