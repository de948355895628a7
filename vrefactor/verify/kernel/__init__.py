"""A small config(8) of our own: how a FreeBSD kernel tree is built, read from the tree alone."""

from vrefactor.verify.kernel.kernconf import DEFAULT_NOOPTIONS
from vrefactor.verify.kernel.plan import kernel_plan

__all__ = ["DEFAULT_NOOPTIONS", "kernel_plan"]
