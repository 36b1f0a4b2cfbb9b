"""Admins change the watchlist in the chat: the difference and a backtest first, a way back after.

What answers here is handed in by the program (model/desk.py): this part has no matcher of its own.
"""

from __future__ import annotations

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
        if text.version != office.watchlist().version:
            return self._propose(asker, text.text, text, language)
        newest = next(iter(self._desk.history(1)), None)
        if newest is None:
            return Answer(message=answers.plain(language, "watch.nothing"))
        changes = self._changes_of(newest)
        page = admin_pages.changed_page(newest, changes, language, office.zone)
        return Answer(message=page)

    def _changes_of(self, version: AcceptedVersion) -> tuple[EntryChange, ...]:
        try:
            return self._desk.changes(version.number)
        except MissingRecordError:
            return ()  # the first version changed nothing

    def _show(self, name: str, language: Language) -> Answer:
        found = find_pledge(name, self._office.watchlist())
        wanted = str(found.id) if found is not None else name.strip().lower()
        part = COMMITMENTS if found is not None else FEEDS
        try:
            entry = self._entry(wanted, part)[1]
        except MissingRecordError:
            near = answers.unknown_name(
                name,
                f"{menus.ADMIN}:{menus.SHOW}",
                self._office.watchlist(),
                language,
                pledges_only=True,
            )
            return Answer(message=near)
        page = admin_pages.entry_page(entry, language)
        yaml_text = admin_pages.entry_text(entry)
        if len(yaml_text) <= MOST_SHOWN:
            return Answer(message=page)
        said = answers.plain(language, "watch.how_to_edit", name=entry.id)
        return Answer(message=said, file=(f"{entry.id}.yaml", yaml_text.encode()))

    def _entry(self, name: str, part: str) -> tuple[WatchlistText, EntryChange]:
        """Return the file that holds an entry, and the entry; raise MissingRecordError."""
        for file in self._desk.text().files:
            text = self._desk.text(file)
            try:
                without = self._desk.edited(
                    Edit(action=Action.REMOVE, id=name, part=part), file=file
                )
            except MissingRecordError:
                continue
            changes = self._desk.diff(without, file)
            return text, next(each for each in changes if each.id == name)
        raise MissingRecordError(f"There is no {name} in {part}")

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
        text = self._desk.text()
        part = FEEDS if _is_feed(given) else COMMITMENTS
        return self._edited(
            asker, Edit(action=Action.ADD_ENTRY, part=part, text=given), text, language
        )

    def _edit(self, asker: Asker, name: str, given: str, language: Language) -> Answer:
        """Put other values into some of an entry's fields; an empty value takes a field away."""
        found = find_pledge(name, self._office.watchlist())
        part = COMMITMENTS if found is not None else FEEDS
        wanted = str(found.id) if found is not None else name
        try:
            text, entry = self._entry(wanted, part)
            merged = _merged(admin_pages.entry_text(entry), given)
        except MissingRecordError:
            said = answers.unknown_name(
                name,
                f"{menus.ADMIN}:{menus.SHOW}",
                self._office.watchlist(),
                language,
                pledges_only=True,
            )
            return Answer(message=said)
        except (yaml.YAMLError, ValueError) as error:
            why = str(error).split("\n")[0]
            return Answer(message=answers.plain(language, "watch.no_yaml", why=why))
        remove = Edit(action=Action.REMOVE, id=wanted, part=part)
        try:
            without = self._desk.edited(remove, file=text.file)
        except WatchlistError as error:
            return Answer(message=admin_pages.problems_page(error.problems, language))
        add = Edit(action=Action.ADD_ENTRY, part=part, text=merged)
        return self._edited(asker, add, text, language, without)

    def _edited(
        self,
        asker: Asker,
        edit: Edit,
        text: WatchlistText,
        language: Language,
        start: str | None = None,
    ) -> Answer:
        try:
            after = self._desk.edited(edit, start, text.file)
        except (WatchlistError, MissingRecordError) as error:
            problems = error.problems if isinstance(error, WatchlistError) else ()
            if problems:
                return Answer(message=admin_pages.problems_page(problems, language))
            return Answer(message=answers.plain(language, "watch.no_yaml", why=str(error)))
        return self._propose(asker, after, text, language)

    def _propose(
        self, asker: Asker, after: str, before: WatchlistText, language: Language
    ) -> Answer:
        """Show what an edit changes and would have found, and keep it until it is accepted."""
        problems = self._desk.check(after, before.file)
        if any(not each.warning for each in problems):
            return Answer(message=admin_pages.problems_page(problems, language))
        changes = self._desk.diff(after, before.file)
        if not changes:
            return Answer(message=answers.plain(language, "watch.same"))
        tested: Backtest | None = None
        if any(each.part == COMMITMENTS for each in changes):
            tested = self._desk.backtest(after, days=REPLAYED_DAYS, file=before.file)
        with begin(self._office.database) as work:
            number = work.proposed_edits.add(
                actor=asker.actor,
                file=before.file,
                based_on=before.revision,
                text=after,
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
