"""What a step is: its number, its name, its title, what it claims, and how it plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan
    from vrefactor.rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Claim:
    """What is true of the trees before and after a step, and what shows it.

    `verify` are the options for `vrefactor verify BEFORE AFTER`.  `options` are those of the
    kernel with which the tree after compiles as well.  All are templates of the words of the
    rules: `{option}`.
    """

    text: str
    verify: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def worded(self, words: Vocabulary) -> Claim:
        """Return the claim in the words of a rule set."""
        known = words.words()
        verify, options = (
            tuple(word.format_map(known) for word in group) for group in (self.verify, self.options)
        )
        return Claim(self.text.format_map(known), verify, options)

    def arguments(self) -> list[str]:
        """Return what `vrefactor verify BEFORE AFTER` is given to prove the claim."""
        with_options = (word for option in self.options for word in ("--with-option", option))
        return [*self.verify, *with_options]


SAME_OBJECTS = Claim("Every object file is the same as before, byte for byte, once stripped.")
"""The claim of the steps that change nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    `title` says in one line what the step does; it is a template as the text of a claim is.
    `plan` fills the draft of a plan on a tree and returns the plan; it loads what it needs when
    it is called, so that a run loads only the steps that it plans.
    """

    number: str
    name: str
    title: str
    claims: tuple[Claim, ...]
    plan: Callable[[Draft], Plan]

    def titled(self, words: Vocabulary) -> str:
        """Return the title in the words of a rule set."""
        return self.title.format_map(words.words())
