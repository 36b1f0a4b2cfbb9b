"""Admins change the watchlist in the chat: the difference and a backtest first, a way back after.

What answers here is handed in by the program (model/desk.py): this part has no matcher of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import yaml

from alerts import admin_pages, answers, menus
from alerts.office import Answer, Asker, Office
from alerts.targets import find_pledge
from alerts.texts import say
from model.desk import (
    AcceptedVersion,
    Action,
    Backtest,
    ChangeKind,
    Edit,
    EntryChange,
    WatchlistDesk,
    WatchlistText,
)
from model.errors import ConflictError, MissingRecordError, Problem, WatchlistError
from model.records import Language
from storage.unit_of_work import begin, reading

REPLAYED_DAYS = 90
COMMITMENTS, FEEDS = "commitments", "feeds"
MOST_SHOWN = 3_000  # characters of an entry; a longer one comes as a file


class Editing:
    """`/watch` and `/reload`, and the buttons under them; for admins alone."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @property
    def _desk(self) -> WatchlistDesk:
        assert self._office.desk is not None  # else the commands are not offered
        return self._office.desk

    # --- commands -------------------------------------------------------------------

    def watch(self, asker: Asker, text: str) -> Answer:
        """Show, add, edit or check."""
        language = self._office.language(asker)
        word, _, rest = text.strip().partition(" ")
        if "\n" in word:  # the YAML may begin on the next line
            word, _, rest = text.strip().partition("\n")
        name, _, given = rest.strip().partition("\n" if "\n" in rest.strip() else " ")
        if word == "show" and rest:
            return self._show(rest.strip(), language)
        if word == "check":
            return self._check(language)
        if word == "add" and rest.strip():
            return self._add(asker, rest.strip("\n"), language)
        if word == "edit" and given.strip():
            return self._edit(asker, name.strip(), given.strip("\n"), language)
        return Answer(message=answers.plain(language, "help.watch"))

    def reload(self, asker: Asker) -> Answer:
        """Show how the file differs from what is in use, and ask; else what came last."""
        office, language = self._office, self._office.language(asker)
        text = self._desk.text()
        problems = self._desk.check(text.text, text.file)
        if any(not each.warning for each in problems):
            return Answer(message=admin_pages.problems_page(problems, language))
        if text.number is None and len(text.files) == 1:
            with reading(office.database) as work:
                current = work.watchlists.current()
            if current is not None:
                changes = reversed_changes(self._desk.diff(current.text, text.file))
                return self._keep(asker, text, changes, language)
        newest = next(iter(self._desk.history(1)), None)
        if newest is None:
            return Answer(message=answers.plain(language, "watch.nothing"))
        page = admin_pages.changed_page(newest, self._changes_of(newest), language, office.zone)
        return Answer(message=page)

    def _changes_of(self, version: AcceptedVersion) -> tuple[EntryChange, ...]:
        try:
            return self._desk.changes(version.number)
        except MissingRecordError:
            return ()  # the first version changed nothing

    def _show(self, name: str, language: Language) -> Answer:
        entry = self._entry(name)
        if entry is None:
            return self._unknown(name, language)
        yaml_text = admin_pages.entry_text(entry)
        if len(yaml_text) <= MOST_SHOWN:
            return Answer(message=admin_pages.entry_page(entry, language))
        said = answers.plain(language, "watch.how_to_edit", name=entry.id)
        return Answer(message=said, file=(f"{entry.id}.yaml", yaml_text.encode()))

    def _entry(self, name: str) -> EntryChange | None:
        """Return an entry with all its fields: those that would be gone without it."""
        for remove in self._removals(name):
            try:
                without = self._desk.edited(remove)
            except MissingRecordError:
                continue
            changes = self._desk.diff(without.text, without.file)
            return next((each for each in changes if each.id == remove.id), None)
        return None

    def _removals(self, name: str) -> tuple[Edit, ...]:
        """Return the edits that would take away what somebody calls so: a pledge, or a feed."""
        found = find_pledge(name, self._office.watchlist())
        wanted = str(found.id) if found is not None else name.strip().lower()
        return tuple(
            Edit(action=Action.REMOVE, id=wanted, part=part) for part in (COMMITMENTS, FEEDS)
        )

    def _unknown(self, name: str, language: Language) -> Answer:
        action = f"{menus.ADMIN}:{menus.SHOW}"
        watchlist = self._office.watchlist()
        said = answers.unknown_name(name, action, watchlist, language, pledges_only=True)
        return Answer(message=said)

    def _check(self, language: Language) -> Answer:
        found: list[Problem] = []
        for file in self._desk.text().files:
            text = self._desk.text(file)
            found += self._desk.check(text.text, file)
        problems = tuple(found)
        if any(not each.warning for each in problems):
            return Answer(message=admin_pages.problems_page(problems, language))
        version = self._office.watchlist().version[:12]
        return Answer(message=admin_pages.checked_page(problems, version, language))

    def _add(self, asker: Asker, given: str, language: Language) -> Answer:
        part = FEEDS if _is_feed(given) else COMMITMENTS
        return self._edited(asker, language, Edit(action=Action.ADD_ENTRY, part=part, text=given))

    def _edit(self, asker: Asker, name: str, given: str, language: Language) -> Answer:
        """Put other values into some of an entry's fields; an empty value takes a field away."""
        entry = self._entry(name)
        if entry is None:
            return self._unknown(name, language)
        try:
            merged = _merged(admin_pages.entry_text(entry), given)
        except (yaml.YAMLError, ValueError) as error:
            why = str(error).split("\n")[0]
            return Answer(message=answers.plain(language, "watch.no_yaml", why=why))
        remove = Edit(action=Action.REMOVE, id=entry.id, part=entry.part)
        add = Edit(action=Action.ADD_ENTRY, part=entry.part, text=merged)
        return self._edited(asker, language, remove, add)

    def _edited(self, asker: Asker, language: Language, *edits: Edit) -> Answer:
        try:
            after = self._desk.edited(*edits)
        except WatchlistError as error:
            return Answer(message=admin_pages.problems_page(error.problems, language))
        except MissingRecordError as error:
            return Answer(message=answers.plain(language, "watch.no_yaml", why=str(error)))
        problems = self._desk.check(after.text, after.file)
        if any(not each.warning for each in problems):
            return Answer(message=admin_pages.problems_page(problems, language))
        changes = self._desk.diff(after.text, after.file)
        return self._keep(asker, after, changes, language)

    def _keep(
        self,
        asker: Asker,
        after: WatchlistText,
        changes: Sequence[EntryChange],
        language: Language,
    ) -> Answer:
        """Show what an edit changes and would have found, and keep it until it is accepted."""
        if not changes:
            return Answer(message=answers.plain(language, "watch.same"))
        tested: Backtest | None = None
        if any(each.part == COMMITMENTS for each in changes):
            tested = self._desk.backtest(after.text, days=REPLAYED_DAYS, file=after.file)
        with begin(self._office.database) as work:
            number = work.proposed_edits.add(
                actor=asker.actor,
                file=after.file,
                based_on=after.revision,
                text=after.text,
                now=self._office.clock.now(),
            )
            work.commit()
        return Answer(message=admin_pages.proposal_page(number, changes, tested, language))

    # --- buttons ----------------------------------------------------------------------

    def pressed(self, asker: Asker, action: str, rest: str) -> Answer:
        """Do what a button under an edit says."""
        language = self._office.language(asker)
        if action == menus.SHOW:
            return self._show(rest, language)
        number = menus.from_base36(rest)
        if number is None:
            return Answer(notice=say(language, "button.old"), stop=True)
        if action == menus.ROLL_BACK:
            return self._roll_back(asker, number, language)
        return self._accept(asker, number, language, wanted=action == menus.ACCEPT)

    def _accept(self, asker: Asker, number: int, language: Language, *, wanted: bool) -> Answer:
        office = self._office
        with reading(office.database) as work:
            proposed = work.proposed_edits.get(number)
        if proposed is None:
            return Answer(row=(), group=_HERE, notice=say(language, "watch.forgotten"), stop=True)
        if proposed.accepted_as is not None:
            return Answer(
                row=admin_pages.roll_back_row(proposed.accepted_as, language),
                group=_HERE,
                notice=say(language, "watch.accepted", number=proposed.accepted_as),
            )
        if not wanted:
            with begin(office.database) as work:
                work.proposed_edits.drop(number)
                work.commit()
            return Answer(row=(), group=_HERE, notice=say(language, "unsubscribe.kept"))
        try:
            version = self._desk.accept(
                proposed.text, asker.actor, based_on=proposed.based_on, file=proposed.file
            )
        except ConflictError:
            return Answer(notice=say(language, "watch.conflict"), stop=True)
        except WatchlistError as error:
            return Answer(message=admin_pages.problems_page(error.problems, language))
        with begin(office.database) as work:
            work.proposed_edits.accept(number, version)
            work.commit()
        return Answer(
            row=admin_pages.roll_back_row(version, language),
            group=_HERE,
            notice=say(language, "watch.accepted", number=version),
        )

    def _roll_back(self, asker: Asker, number: int, language: Language) -> Answer:
        """Put the version before one in use again, unless others came after it."""
        versions = self._desk.history()
        newest = next(iter(versions), None)
        if newest is None or newest.number != number:
            later = 0 if newest is None else newest.number
            return Answer(notice=say(language, "watch.later", number=later), stop=True)
        before = next((each for each in versions if each.number < number), None)
        if before is None:
            return Answer(notice=say(language, "watch.nothing"), stop=True)
        try:
            version = self._desk.rollback(before.number, asker.actor)
        except (MissingRecordError, WatchlistError, ConflictError) as error:
            return Answer(notice=str(error), stop=True)
        said = say(language, "watch.rolled_back", number=before.number, now=version)
        return Answer(row=(), group=_HERE, notice=said)


_HERE = frozenset({menus.ADMIN})


def reversed_changes(changes: Sequence[EntryChange]) -> tuple[EntryChange, ...]:
    """Return the same difference read the other way round."""
    kinds = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    return tuple(
        replace(
            each,
            kind=kinds.get(each.kind, each.kind),
            fields=tuple(
                replace(field, before=field.after, after=field.before) for field in each.fields
            ),
        )
        for each in changes
    )


def _is_feed(given: str) -> bool:
    """Tell whether an entry is a feed: it has an address and no words to look for."""
    entry = _read(given)
    return "url" in entry and "language" in entry


def _read(given: str) -> dict[str, Any]:
    """Return the one entry that somebody wrote; what cannot be read has no fields."""
    try:
        value = yaml.safe_load(given)
    except yaml.YAMLError:
        return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else {}


def _merged(entry: str, given: str) -> str:
    """Return an entry with some fields replaced; raise ValueError or a YAML error."""
    value = yaml.safe_load(given)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ValueError("write fields, as in `aliases: [One name, Another]`")
    fields = dict(yaml.safe_load(entry))
    for name, new in value.items():
        if new is None:
            fields.pop(name, None)
        else:
            fields[name] = new
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=10_000)
