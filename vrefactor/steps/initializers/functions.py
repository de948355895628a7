"""Init functions that are there: the INIT calls that they lack, and the place of the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.conditionals import Condition, Literal
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.files import Files
from vrefactor.edit.first_statement import NoPlace, StatementPlace, case, place
from vrefactor.edit.init_destinations import Destination
from vrefactor.edit.openings import Need, calls, opening
from vrefactor.edit.stack_arguments import Arguments
from vrefactor.generated.null_macros import null_heads
from vrefactor.rules.types import Container
from vrefactor.steps.initializers.moving import Moving
from vrefactor.steps.initializers.text import Item, item_of, paragraphs


@dataclass(frozen=True, slots=True)
class InitSite:
    """A function that takes values: its body, the place, and what holds there."""

    body: FunctionBody
    place: StatementPlace

    @property
    def known(self) -> Condition:
        """The condition under which the place is compiled."""
        return self.body.file.conditionals.condition(self.place.at)


@dataclass(slots=True)
class Functions:
    """The init functions of a tree, and what is inserted into them.

    `inserted` are the texts by file and offset, in order.
    """

    files: Files
    arguments: Arguments
    inserted: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def site(self, destination: Destination, moved: Iterable[str]) -> InitSite:
        """Return where the values of `moved` (the `V_` names) go.  Raises NoPlace."""
        found = self.files.functions(destination.path, destination.function)
        if len(found) != 1:
            raise NoPlace(0, f"{destination.path} defines it {len(found)} times")
        file = self.files.file(destination.path, found)
        body = FunctionBody(file, found[0], MacroMatcher(self.files.index.rules.macros))
        if destination.load:
            return InitSite(body, case(body, self.files.index.rules.initializers.load))
        names = frozenset(name.encode() for name in moved)
        return InitSite(body, place(body, self._preludes(), names))

    def _preludes(self) -> frozenset[bytes]:
        rules = self.files.index.rules
        own = {container.init.encode() for container in rules.containers}
        return frozenset(own | {name.encode() for name in null_heads(rules.vocabulary)})

    def check(self, site: InitSite, moving: Moving) -> None:
        """Raise NoPlace if a value is set under another condition than its variable's.

        Or if the INIT call of its container is there, but not under every condition.
        """
        function, file = site.body.function, site.body.file
        own = moving.file.conditionals.condition(moving.at) | moving.condition
        lacking = site.known - own
        if lacking:
            text = b" && ".join(text for text, _ in sorted(lacking)).decode("latin-1")
            raise NoPlace(function.open, f"its code there depends on {text}")
        for container in self.files.index.rules.containers:
            call = self._call(site, container) if container.name in moving.containers else None
            if call is not None and not file.conditionals.condition(call) <= own | site.known:
                raise NoPlace(call, "the INIT call is under an #if that the variable is not under")

    def _call(self, site: InitSite, container: Container) -> int | None:
        """Return where a function has a container's INIT call."""
        function, code = site.body.function, site.body.file.source.code
        pattern = re.compile(rb"(?<!\w)%s\s*\(" % container.init.encode())
        match = pattern.search(code, function.open, function.close)
        return match.start() if match is not None else None

    def fill(self, site: InitSite, items: Sequence[Item], movings: Sequence[Moving]) -> None:
        """Plan the values of one function, and the INIT calls that it lacks."""
        function, file = site.body.function, site.body.file
        lacking = [
            item
            for item in self.needs(movings, site.known, file.path, function)
            if self._call(site, item[0]) is None
        ]
        place = site.place
        if lacking:
            top = opening(file, function)
            self.insert(file.path, top.at, top.render(calls([need for _, need in lacking])))
        text = paragraphs(items, place.indent)
        if not place.follows:
            text = text.removesuffix(b"\n")
        self.insert(file.path, place.at, (b"\n" if place.apart else b"") + text)

    def needs(
        self, movings: Sequence[Moving], known: Condition, path: str, function: Function
    ) -> list[tuple[Container, Need]]:
        """Return the INIT calls that values need, in the rules' order."""
        found: list[tuple[Container, Need]] = []
        for container in self.files.index.rules.containers:
            own = [moving for moving in movings if container.name in moving.containers]
            if not own:
                continue
            argument = self.arguments.of(path, function, container.name)
            found.append((container, Need(container.init, argument, _shared(own, known))))
        return found

    def insert(self, path: str, at: int, text: bytes) -> None:
        """Insert a text, behind what is to be inserted there already."""
        self.inserted[path, at] = self.inserted.get((path, at), b"") + text


def ordered(movings: Iterable[Moving], path: str, known: Condition) -> list[Item]:
    """Return the values for a function of `path` as items: its own file's first."""
    ranked = sorted(movings, key=lambda moving: (moving.path != path, moving.path, moving.at))
    return [item_of(moving, known) for moving in ranked]


def _shared(movings: Sequence[Moving], known: Condition) -> tuple[Literal, ...]:
    """Return the literals under which all values are set, but for those known to hold."""
    conditions = [
        moving.file.conditionals.condition(moving.at) | moving.condition for moving in movings
    ]
    common = conditions[0].intersection(*conditions[1:]) - known
    return tuple(sorted(common))
