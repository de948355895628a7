"""The rules' word on single sites: which get another form, and which stay."""

from __future__ import annotations

from collections.abc import Iterable

from vrefactor.c.model import TokenSite as Token
from vrefactor.rules.globs import Matcher, path_matcher
from vrefactor.rules.types import Override


class Overrides:
    """The rules' per-site overrides, first match wins."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._entries: list[tuple[Matcher, Override]] = [
            (path_matcher([override.path]), override) for override in overrides
        ]

    def find(self, path: str, function: str | None, name: str) -> Override | None:
        """Return the override for a token of this name in a function of a file."""
        for matches, override in self._entries:
            if override.function is not None and override.function != function:
                continue
            if (not override.names or name in override.names) and matches(path):
                return override
        return None


def keeps(override: Override, token: Token) -> bool:
    """Say whether the rules keep a token as it is, or its form has been put there before."""
    return override.form == "keep" or wraps(override, token)


def wraps(override: Override, token: Token) -> bool:
    """Say whether a token stands in the form of an override: `MODULE_GLOBAL(MOD_NET, ifnet)`."""
    wrapper, bracket, _ = override.form.partition("(")
    return bool(bracket) and any(call.name == wrapper for call in token.calls)
