"""Step 3, how code of a network stack looks: patterns of the words of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from vrefactor.rules.types import RuleSet

_REGISTERS = "vnet_mod_\\w+"


@dataclass(frozen=True)
class Words:
    """Patterns for the statements of functions that run for each stack."""

    rules: RuleSet

    @cached_property
    def inits(self) -> tuple[str, ...]:
        """The macros that find the data of a container, sorted."""
        return tuple(sorted({container.init for container in self.rules.containers}))

    @property
    def current(self) -> bytes:
        """The expression for the stack that is selected."""
        return self.rules.vocabulary.current.encode()

    @property
    def is_first(self) -> bytes:
        """The condition that the first stack is selected."""
        return b"%s(%s)" % (self.rules.vocabulary.is_default.encode(), self.current)

    @cached_property
    def selects(self) -> re.Pattern[bytes]:
        """A statement that selects a stack, or finds the data of a container."""
        words = self.rules.vocabulary
        return _pattern(r"(?:%s)\s*\(", (*self.inits, words.set, words.set_quiet))

    @cached_property
    def speaks(self) -> re.Pattern[bytes]:
        """A word that only code of a network stack has."""
        words = self.rules.vocabulary
        named = (
            words.set, words.set_quiet, words.restore, words.foreach, words.iterator, words.lock,
            words.unlock, words.is_default, words.assert_stack,
        )  # fmt: skip
        accessors = (container.accessor for container in self.rules.containers)
        every = (*named, *self.inits, *accessors)
        return _pattern(r"(?<!\w)(?:%s|" + _REGISTERS + r")(?!\w)", every)

    @cached_property
    def left(self) -> re.Pattern[bytes]:
        """A statement by which further stacks leave a function."""
        default = self.rules.vocabulary.is_default
        return _pattern(r"if\s*\(\s*!\s*(?:%s)\s*\([^()]*\)\s*\)\s*return\b", (default,))

    @cached_property
    def once(self) -> re.Pattern[bytes]:
        """What is done once already: for the first stack, or by registering."""
        default = self.rules.vocabulary.is_default
        return _pattern(r"(?<!\w)(?:%s|" + _REGISTERS + r")\s*\(", (default,))


def _pattern(form: str, words: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return a pattern in which `%s` is any of some words."""
    return re.compile((form % "|".join(map(re.escape, dict.fromkeys(words)))).encode())
