"""A small config(8) of our own: how a FreeBSD kernel tree is built, read from the tree alone."""

from vrefactor.build.freebsd.kernconf import DEFAULT_NOOPTIONS
from vrefactor.build.freebsd.plan import check_kernel_compiler, kernel_plan

__all__ = ["DEFAULT_NOOPTIONS", "check_kernel_compiler", "kernel_plan"]
