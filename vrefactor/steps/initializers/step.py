"""Step 2.1: initial values of virtualised variables are assigned in init functions.

A member of a structure that is allocated at run time has no initialiser.  Each one becomes
an assignment in the function that initialises the variable's file, or that the rules name.

    int     ip_defttl = 64; /* hops */      int     ip_defttl;

    void                                    void
    ip_init(void)                           ip_init(void)
    {                                       {
            INIT_VNET_INET(curvnet);                INIT_VNET_INET(curvnet);

                                                    V_ip_defttl = 64;       /* hops */

            in_init();                              in_init();
    }                                       }

Left alone: variables without an initialiser, and those that are not virtualised.

    int     ip_id;
    static int ip_nosourceroute = 1;
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.c.preprocess.conditionals import ALWAYS, Condition
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.draft import Draft
from vrefactor.edit.files import Files
from vrefactor.edit.first_statement import NoPlace
from vrefactor.edit.function_start import function_start
from vrefactor.edit.init_destinations import Destination, Destinations
from vrefactor.edit.init_hooks import Hooks
from vrefactor.edit.lines import FileLines
from vrefactor.edit.new_functions import Making, dummy
from vrefactor.edit.openings import calls
from vrefactor.edit.stack_arguments import Arguments
from vrefactor.generated.container_headers import Headers
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Skip, Verdict
from vrefactor.plan.symbols import SymbolTable
from vrefactor.source.edits import Edit
from vrefactor.steps.initializers.collect import InitializedDefinition, candidates
from vrefactor.steps.initializers.defines import Defines
from vrefactor.steps.initializers.definitions import clean
from vrefactor.steps.initializers.exports import Exports, NotExported
from vrefactor.steps.initializers.functions import Functions, ordered
from vrefactor.steps.initializers.functions import InitSite as Target
from vrefactor.steps.initializers.moving import Moving
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.text import Item, paragraphs
from vrefactor.steps.initializers.tunables import NoFetch, Tunable, Tunables
from vrefactor.steps.initializers.use_before import MovedVariable, early_uses
from vrefactor.steps.initializers.visibility import Sight

NAME = "initializers"

_Target = Target | int
"""A function that is there, or the offset at which one is made."""


def plan(draft: Draft) -> Plan:
    """Return the plan of step 2.1; see the module's docstring."""
    index, table = draft.index, draft.table
    work = _Work(index, table)
    work.judge()
    work.write()
    early = early_uses(index, table, work.moved())
    return Plan(
        NAME,
        draft.title,
        work.all_edits(),
        (),
        tuple(sorted(_site(candidate) for candidate in work.candidates)),
        (*work.headers.notes, *work.notes(), *early.notes),
        findings=early.findings,
    )


def moved(index: Index, table: SymbolTable) -> tuple[MovedVariable, ...]:
    """Return the values that the step moves, in the order of their files."""
    work = _Work(index, table)
    work.judge()
    return work.moved()


@dataclass(slots=True)
class _Work:
    """The plan while it is made."""

    index: Index
    table: SymbolTable
    files: Files = field(init=False)
    hooks: Hooks = field(init=False)
    sight: Sight = field(init=False)
    defines: Defines = field(init=False)
    exports: Exports = field(init=False)
    functions: Functions = field(init=False)
    making: Making = field(init=False)
    tunables: Tunables = field(init=False)
    headers: Headers = field(init=False)
    candidates: list[InitializedDefinition] = field(default_factory=list)
    targets: dict[Destination, _Target] = field(default_factory=dict)
    fetched: dict[Moving, list[Tunable]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = Files(self.index, MacroMatcher(self.index.rules.macros))
        self.hooks = Hooks(self.files)
        self.sight = Sight(self.files)
        self.defines = Defines(self.files, self.sight)
        self.exports = Exports(self.files, NAME)
        self.functions = Functions(self.files, Arguments(self.index.rules))
        self.making = Making(self.files, self.hooks, self.functions, NAME)
        self.tunables = Tunables(self.files, NAME)
        self.headers = Headers(self.index, self.table, NAME)

    @property
    def movings(self) -> list[Moving]:
        """What moves, by what is known so far."""
        return [
            candidate.answer
            for candidate in self.candidates
            if isinstance(candidate.answer, Moving)
        ]

    def judge(self) -> None:
        """Find what moves; refuse what can't."""
        destinations = Destinations(self.files, self.hooks)
        self.candidates = list(candidates(self.index, self.table, self.files, destinations))
        self._find_targets()
        for test in (self._in_place, self._in_sight, self._exported, self._fetched):
            self._sift(test)
        self._stuck()
        self._together()

    def _refuse(self, refused: Mapping[Moving, tuple[Refusal, str]]) -> None:
        for number, candidate in enumerate(self.candidates):
            if isinstance(candidate.answer, Moving) and candidate.answer in refused:
                reason, detail = refused[candidate.answer]
                self.candidates[number] = replace(candidate, answer=reason, detail=detail)

    def _sift(self, test: Callable[[Moving], tuple[Refusal, str] | None]) -> None:
        answers = {moving: test(moving) for moving in self.movings}
        self._refuse({moving: answer for moving, answer in answers.items() if answer is not None})

    def _find_targets(self) -> None:
        refused: dict[Moving, tuple[Refusal, str]] = {}
        for destination, movings in self._by_destination().items():
            try:
                self.targets[destination] = self._target(destination, movings)
            except NoPlace as obstacle:
                detail = self._detail(destination, obstacle)
                refused.update(dict.fromkeys(movings, (InitializerRefusal.PLACE, detail)))
        self._refuse(refused)

    def _by_destination(self) -> dict[Destination, list[Moving]]:
        found: dict[Destination, list[Moving]] = {}
        for moving in self.movings:
            found.setdefault(moving.destination, []).append(moving)
        return {key: found[key] for key in sorted(found, key=_key)}

    def _target(self, destination: Destination, movings: Sequence[Moving]) -> _Target:
        if destination.made is None:
            return self.functions.site(destination, [moving.value.macro for moving in movings])
        caller = self.making.caller(destination.made)
        if caller is not None:
            self.functions.site(caller, ())
        own = [moving.declaration.end for moving in movings if moving.path == destination.path]
        return self.making.place(destination, max(own, default=0))

    def _detail(self, destination: Destination, obstacle: NoPlace) -> str:
        where = f"{destination.function} of {destination.path}"
        if not obstacle.offset:
            return f"{where}: {obstacle.reason}"
        line = self.files.open(destination.path)[0].line(obstacle.offset)
        return f"{where}, line {line}: {obstacle.reason}"

    def _in_place(self, moving: Moving) -> tuple[Refusal, str] | None:
        target = self.targets[moving.destination]
        if isinstance(target, int):
            return None
        try:
            self.functions.check(target, moving)
        except NoPlace as obstacle:
            return InitializerRefusal.PLACE, self._detail(moving.destination, obstacle)
        return None

    def _in_sight(self, moving: Moving) -> tuple[Refusal, str] | None:
        target = self.targets[moving.destination]
        at = target if isinstance(target, int) else target.body.function.open
        names = self.sight.names(moving)
        if not moving.elsewhere:
            names = [*names, moving.name]
        unseen = self.sight.unseen(moving, at, names)
        if unseen:
            where = f"{moving.destination.function} of {moving.destination.path}"
            return InitializerRefusal.UNSEEN, f"{where} does not see {', '.join(unseen)}"
        return None

    def _exported(self, moving: Moving) -> tuple[Refusal, str] | None:
        if self.exports.is_needed(moving):
            try:
                self.exports.check(moving)
            except NotExported as obstacle:
                return InitializerRefusal.EXPORT, str(obstacle)
        return None

    def _fetched(self, moving: Moving) -> tuple[Refusal, str] | None:
        variable = moving.declared.known.variable
        try:
            found = self.tunables.of(variable, moving.value.macro, moving.destination.path)
        except NoFetch as obstacle:
            return InitializerRefusal.TUNABLE, str(obstacle)
        if found:
            self.fetched[moving] = found
        return None

    def _stuck(self) -> None:
        """Refuse values with macros that stay; what goes with them may then have to stay too."""
        while stuck := self.defines.split(self.movings):
            self._refuse(
                {
                    moving: (
                        InitializerRefusal.UNSEEN,
                        f"{moving.path} uses {', '.join(names)} for more than this",
                    )
                    for moving, names in stuck.items()
                }
            )

    def _together(self) -> None:
        """Refuse a definition if another one of the same variable is refused."""
        refused = {
            candidate.declared.known.macro
            for candidate in self.candidates
            if isinstance(candidate.answer, Refusal)
        }
        detail = "the same variable under another #if"
        self._refuse(
            {
                moving: (InitializerRefusal.TOGETHER, detail)
                for moving in self.movings
                if moving.value.macro in refused
            }
        )

    def moved(self) -> tuple[MovedVariable, ...]:
        """Return what moves as others see it."""
        found: list[MovedVariable] = []
        for moving in self.movings:
            target, rule = self.targets[moving.destination], moving.destination.made
            called = None if rule is None else self.making.called(rule)
            at = None if isinstance(target, int) else target.place.at
            found.append(moving.moved(at, called, fetched=moving in self.fetched))
        return tuple(found)

    def write(self) -> None:
        """Plan the edits for what moves."""
        for moving in self.movings:
            self.edits.extend(clean(moving, NAME))
            if self.exports.is_needed(moving):
                self.exports.add(moving)
        self._move_defines()
        self._drop_tunables()
        groups = self._by_destination()
        calls_of = self._calls_of_made(groups)
        for destination in sorted({*groups, *calls_of}, key=_key):
            self._write_function(
                destination, groups.get(destination, ()), calls_of.get(destination, ())
            )
        self._include(groups)

    def _move_defines(self) -> None:
        for leaving in self.defines.leaving(self.movings):
            source = self.files.open(leaving.path)[0]
            target = self.targets[leaving.destination]
            path = leaving.destination.path
            at = target
            if not isinstance(target, int):
                at = function_start(self.files, path, target.body.function.open)
            texts = [source.data[start:end] for start, end in leaving.lines]
            assert isinstance(at, int)
            self.functions.insert(path, at, b"\n".join(texts) + b"\n")
            for start, end in leaving.lines:
                last = FileLines(source).with_blank(start, end)
                reason = f"only values that {leaving.destination.function} sets use it"
                self.edits.append(Edit(leaving.path, start, last, b"", NAME, reason))

    def _drop_tunables(self) -> None:
        found = {
            (tunable.path, tunable.found.start): tunable
            for ones in self.fetched.values()
            for tunable in ones
        }
        self.edits.extend(self.tunables.removal(tunable) for _, tunable in sorted(found.items()))

    def _calls_of_made(self, made: Iterable[Destination]) -> dict[Destination, list[Item]]:
        """Return the calls of functions that are made, by the function that calls them."""
        found: dict[Destination, list[Item]] = {}
        for destination in made:
            caller = self.making.caller(destination.made) if destination.made is not None else None
            if caller is not None:
                self.targets.setdefault(caller, self.functions.site(caller, ()))
                call = (f"{destination.function}();".encode(),)
                item = Item("", 0, (), ALWAYS, call, *self.files.open(destination.path))
                found.setdefault(caller, []).append(item)
        return found

    def _write_function(
        self, destination: Destination, movings: Sequence[Moving], made: Sequence[Item]
    ) -> None:
        target = self.targets[destination]
        known: Condition = ALWAYS if isinstance(target, int) else target.known
        items = [*made, *self._with_tunables(movings, destination.path, known)]
        if not isinstance(target, int):
            self.functions.fill(target, items, movings)
            return
        function = dummy(destination.function)
        needs = self.functions.needs(movings, known, destination.path, function)
        text = paragraphs(items, b"\t").removesuffix(b"\n")
        self.making.make(destination, target, calls([need for _, need in needs]), text)

    def _with_tunables(self, movings: Sequence[Moving], path: str, known: Condition) -> list[Item]:
        """Return the values as items, each file's with its tunables behind them."""
        items = ordered(movings, path, known)
        found: dict[tuple[str, int], tuple[Moving, Tunable]] = {}
        for other_moving in movings:
            for tunable in self.fetched.get(other_moving, ()):
                found.setdefault((tunable.path, tunable.found.start), (other_moving, tunable))
        for _, (moving, tunable) in sorted(found.items(), key=lambda pair: pair[0]):
            last = max(n for n, item in enumerate(items) if item.path == moving.path)
            items.insert(last + 1, self.tunables.item(tunable, moving.path, moving.at, known))
        return items

    def _include(self, groups: Mapping[Destination, Sequence[Moving]]) -> None:
        users: dict[str, dict[str, list[int]]] = {}
        for destination, movings in groups.items():
            target = self.targets[destination]
            at = target if isinstance(target, int) else target.place.at
            names = frozenset[str]().union(*(moving.containers for moving in movings))
            headers = {
                container.header
                for container in self.index.rules.containers
                if container.name in names
            }
            wanted = {self.index.rules.prefix.header, *headers}
            for header in sorted(wanted - self.files.closure(destination.path)):
                users.setdefault(destination.path, {}).setdefault(header, []).append(at)
            if destination.made is not None:
                for path, header, use in self.making.prototype_users(destination.made):
                    users.setdefault(path, {}).setdefault(header, []).append(use)
        self.headers.plan(users)

    def notes(self) -> list[str]:
        """Say where a value depends on an option that its new file may not know."""
        found: dict[tuple[str, str], set[str]] = {}
        for moving in self.movings:
            lacking = self.sight.options(moving) if moving.elsewhere else []
            if lacking:
                found.setdefault((moving.path, moving.destination.path), set()).update(lacking)
        return [
            f"{path}: its values are set in {other}, which may not know {', '.join(sorted(names))}:"
            " it includes fewer headers of options"
            for (path, other), names in sorted(found.items())
        ]

    def all_edits(self) -> tuple[Edit, ...]:
        """Return the edits, those that insert at one place as one."""
        inserted = [
            Edit(path, at, at, text, NAME, "initial values")
            for (path, at), text in self.functions.inserted.items()
        ]
        groups = (
            self.edits, self.exports.finish(), self.making.edits, inserted, self.headers.edits,
        )  # fmt: skip
        merged: dict[tuple[str, int, int], Edit] = {}
        for edit in (other_edit for group in groups for other_edit in group):
            key = (edit.path, edit.start, edit.end)
            known = merged.get(key)
            text = edit.replacement if known is None else known.replacement + edit.replacement
            merged[key] = replace(edit, replacement=self._line_ends(edit.path, text))
        return tuple(sorted(merged.values()))

    def _line_ends(self, path: str, text: bytes) -> bytes:
        if b"\r\n" not in self.index.tree.read(path)[:4096]:
            return text.replace(b"\r\n", b"\n")
        return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _key(destination: Destination) -> tuple[str, str]:
    return destination.path, destination.function


def _site(candidate: InitializedDefinition) -> Site:
    fact, answer = candidate.declared.fact, candidate.answer
    if isinstance(answer, Moving):
        detail = f"{answer.destination.path}: {answer.destination.function}"
        said: tuple[Verdict, Evidence | Refusal | Skip] = (Verdict.REWRITTEN, Evidence.BOUND)
    else:
        detail = candidate.detail
        skipped = isinstance(answer, Skip)
        said = (Verdict.SKIPPED if skipped else Verdict.REFUSED, answer)
    return Site(candidate.file.path, fact.start, fact.line, fact.name, *said, detail)
