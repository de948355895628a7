"""Reading one text the way a file is read."""

from __future__ import annotations

from tests.steps.support import MACROS
from vrefactor.c.facts.extract import WantedNames, extract
from vrefactor.c.model import FileFacts, TokenSite
from vrefactor.c.preprocess.known_macros import MacroMatcher

MATCHER = MacroMatcher(MACROS)
NAMES = frozenset((b"foo", b"bar"))


def facts_of(text: str, macros: frozenset[bytes] = frozenset()) -> FileFacts:
    """Return the facts of a text with regard to `foo` and `bar`."""
    found = extract("a.c", text.encode(), WantedNames(NAMES, macros), MATCHER)
    return found if found is not None else FileFacts("a.c")


def sites_of(text: str) -> list[TokenSite]:
    """Return the candidates of a text, by their offset."""
    return sorted(facts_of(text).sites, key=lambda site: site.start)
