"""Edits that a program makes in the text of a watchlist: comments, order and style survive.

The place is found in the parsed file and only that place of the text is changed. Afterwards the
text is read again: if it does not hold exactly what was meant, nothing is handed out.
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Callable
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from model.desk import Action, Edit
from model.errors import MissingRecordError, Problem, WatchlistError
from model.watchlist_splicing import Source, flow, quoted, span_of, value_of
from model.watchlist_yaml import read_yaml

Entry = dict[str, Any]


def edit_text(name: str, text: str, edit: Edit) -> str:
    """Return a file's text with one edit made.

    Raises MissingRecordError where the entry or alias is not in it, and WatchlistError where the
    text cannot be edited by a program.
    """
    document = read_yaml(name, text)
    if not isinstance(document.value, dict) or not isinstance(document.root, MappingNode):
        raise WatchlistError((document.problem((), "this is no watchlist that can be edited"),))
    wanted = copy.deepcopy(document.value)
    _do_to_values(wanted, edit)
    source = Source(text, document.root)
    changed = _EDITS[edit.action](source, edit)
    if changed != text and read_yaml(name, changed).value != wanted:
        advice = "write it as the examples in docs/watchlist.md, or edit it by hand"
        line = 1
        if edit.action is not Action.ADD_ENTRY:
            line = source.entry(edit.part, edit.id).start_mark.line + 1
        problem = Problem(
            file=name,
            line=line,
            column=1,
            message=f"the edit {edit.action} cannot be made in what stands here",
            suggestion=advice,
        )
        raise WatchlistError((problem,))
    return changed


def holds(name: str, text: str, edit: Edit) -> bool:
    """Tell whether the entry that an edit is about stands in a text; a new one fits anywhere."""
    contents = read_yaml(name, text).value
    entries = contents.get(edit.part) if isinstance(contents, dict) else None
    if edit.action is Action.ADD_ENTRY:
        return bool(entries)
    return isinstance(entries, list) and any(_is(each, edit.id) for each in entries)


# --- what is meant, on plain values -------------------------------------------------------


def _do_to_values(contents: dict[str, Any], edit: Edit) -> None:
    if edit.action is Action.ADD_ENTRY:
        contents[edit.part] = [*(contents.get(edit.part) or ()), _read_entry(edit.text)]
        return
    entry = next((each for each in contents.get(edit.part) or () if _is(each, edit.id)), None)
    if entry is None:
        raise MissingRecordError(f"There is no {edit.id} in {edit.part}")
    if edit.action is Action.REMOVE:
        contents[edit.part].remove(entry)
    elif edit.action in (Action.PAUSE, Action.RESUME):
        if edit.action is Action.PAUSE or entry.get("paused"):
            entry["paused"] = edit.action is Action.PAUSE
    else:
        _do_to_words(entry, edit)


def _do_to_words(entry: Entry, edit: Edit) -> None:
    aliases = entry.get("aliases") or []
    if edit.action in (Action.ADD_ALIAS, Action.ADD_WEAK_ALIAS):
        if all(_words(each) != edit.text for each in aliases):
            entry["aliases"] = [*aliases, _alias(edit)]
    elif edit.action is Action.ADD_DECOY:
        decoys = entry.get("decoys") or []
        if all(_words(each) != edit.text for each in decoys):
            entry["decoys"] = [*decoys, _decoy(edit)]
    elif edit.action is Action.ADD_CONTEXT:
        context = entry.get("context") or []
        lists = [context] if context and isinstance(context[0], str) else context
        entry["context"] = [*lists, list(edit.terms)]
    else:
        index = _index(aliases, edit.text)
        if edit.action is Action.REMOVE_ALIAS:
            del aliases[index]
            if not aliases:
                del entry["aliases"]
        else:
            mark = "weak" if edit.action is Action.MAKE_WEAK else "case"
            alias = aliases[index]
            before = alias if isinstance(alias, dict) else {"text": alias}
            aliases[index] = {**before, mark: True}


def _is(entry: object, name: str) -> bool:
    return isinstance(entry, dict) and str(entry.get("id")) == name


def _words(alias: object) -> object:
    return alias.get("text") if isinstance(alias, dict) else alias


def _index(aliases: list[object], text: str) -> int:
    for index, each in enumerate(aliases):
        if _words(each) == text:
            return index
    raise MissingRecordError(f"There is no alias “{text}”")


def _alias(edit: Edit) -> object:
    weak = edit.action is Action.ADD_WEAK_ALIAS
    return {"text": edit.text, "weak": True} if weak else edit.text


def _decoy(edit: Edit) -> object:
    return edit.text if edit.why is None else {"text": edit.text, "why": edit.why}


def _read_entry(text: str) -> Entry:
    """Read a new entry: one mapping, or a list that holds just one."""
    value = read_yaml("entry", text).value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        problem = Problem(
            file="entry",
            line=1,
            column=1,
            message="a new entry is one mapping with an `id`",
            suggestion="{id: harbour-fund, title: Fund, aliases: [Harbour Resilience Fund]}",
        )
        raise WatchlistError((problem,))
    return value


# --- the same, in the text ----------------------------------------------------------------


def _add_alias(source: Source, edit: Edit) -> str:
    return _add_word(source, edit, "aliases", flow(_alias(edit)))


def _add_decoy(source: Source, edit: Edit) -> str:
    return _add_word(source, edit, "decoys", flow(_decoy(edit)))


def _add_word(source: Source, edit: Edit, field: str, new: str) -> str:
    entry = source.entry(edit.part, edit.id)
    words = value_of(entry, field)
    if not isinstance(words, SequenceNode):
        return source.with_field(entry, field, f"[{new}]")
    if any(_word(each) == edit.text for each in words.value):
        return source.text
    return source.appended(words, new)


def _word(node: Node) -> object:
    text = value_of(node, "text") if isinstance(node, MappingNode) else node
    return text.value if isinstance(text, ScalarNode) else None


def _add_context(source: Source, edit: Edit) -> str:
    entry = source.entry(edit.part, edit.id)
    context, new = value_of(entry, "context"), flow(list(edit.terms))
    if not isinstance(context, SequenceNode) or not context.value:
        return source.with_field(entry, "context", f"[{new}]")
    if isinstance(context.value[0], SequenceNode):
        return source.appended(context, new)
    if not context.flow_style:
        terms = flow([each.value for each in context.value])
        first, last = span_of(context.value[0])[0], span_of(context.value[-1])[1]
        start = source.text.rfind("-", 0, first)
        indent = " " * context.start_mark.column
        return source.spliced(start, last, f"- {terms}{source.line_end}{indent}- {new}")
    start, end = context.start_mark.index, context.end_mark.index
    return source.spliced(start, end, f"[{source.text[start:end]}, {new}]")


def _mark(source: Source, edit: Edit) -> str:
    mark = "weak" if edit.action is Action.MAKE_WEAK else "case"
    aliases = value_of(source.entry(edit.part, edit.id), "aliases")
    assert isinstance(aliases, SequenceNode)
    alias = next(each for each in aliases.value if _word(each) == edit.text)
    if isinstance(alias, MappingNode):
        return source.with_field(alias, mark, "true")
    written = source.text[alias.start_mark.index : alias.end_mark.index]
    in_braces = written if _can_stand_in_braces(written) else flow(edit.text)
    new = f"{{text: {in_braces}, {mark}: true}}"
    return source.spliced(alias.start_mark.index, alias.end_mark.index, new)


def _can_stand_in_braces(written: str) -> bool:
    return written[:1] in "\"'" or not re.search(r"[\[\]{},#\n]", written)


def _remove_alias(source: Source, edit: Edit) -> str:
    entry = source.entry(edit.part, edit.id)
    place = next(i for i, (key, _) in enumerate(entry.value) if key.value == "aliases")
    aliases = entry.value[place][1]
    if len(aliases.value) == 1:
        return source.without(entry, place)
    index = next(i for i, each in enumerate(aliases.value) if _word(each) == edit.text)
    return source.without(aliases, index)


def _pause(source: Source, edit: Edit) -> str:
    entry = source.entry(edit.part, edit.id)
    if edit.action is Action.RESUME and value_of(entry, "paused") is None:
        return source.text
    return source.with_field(entry, "paused", "true" if edit.action is Action.PAUSE else "false")


def _remove(source: Source, edit: Edit) -> str:
    entry = source.entry(edit.part, edit.id)
    listed = value_of(source.root, edit.part)
    assert isinstance(listed, SequenceNode)
    if len(listed.value) == 1:
        start, end = listed.start_mark.index, span_of(listed)[1]
        return source.spliced(start, end, "[]")
    return source.without(listed, listed.value.index(entry))


def _add_entry(source: Source, edit: Edit) -> str:
    listed = value_of(source.root, edit.part)
    if isinstance(listed, SequenceNode) and listed.value:
        if listed.flow_style:
            return source.appended(listed, flow(_read_entry(edit.text)))
        lines = _entry_lines(edit.text, listed.start_mark.column)
        return source.behind(listed, source.line_end.join(lines))
    lines = _entry_lines(edit.text, 2)
    new = source.line_end.join((f"{edit.part}:", *lines))
    if listed is None:
        return source.behind(source.root, new)
    key = next(key for key, value in source.root.value if value is listed)
    end = max(listed.end_mark.index, key.end_mark.index + 1)
    return source.spliced(key.start_mark.index, end, new)


def _entry_lines(text: str, indent: int) -> list[str]:
    """Return an entry as one item of a block list, its own lines and comments kept."""
    lines = textwrap.dedent(text.replace("\r\n", "\n").strip("\n")).split("\n")
    if lines[0].startswith("- "):
        inner = [lines[0][2:], *(each[2:] if each[:2] == "  " else each for each in lines[1:])]
    else:
        inner = lines
    margin = " " * indent
    first, rest = inner[0], inner[1:]
    return [f"{margin}- {first}", *(f"{margin}  {each}" if each.strip() else "" for each in rest)]


_EDITS: dict[Action, Callable[[Source, Edit], str]] = {
    Action.ADD_ALIAS: _add_alias,
    Action.ADD_WEAK_ALIAS: _add_alias,
    Action.REMOVE_ALIAS: _remove_alias,
    Action.MAKE_WEAK: _mark,
    Action.MAKE_CASED: _mark,
    Action.ADD_DECOY: _add_decoy,
    Action.ADD_CONTEXT: _add_context,
    Action.PAUSE: _pause,
    Action.RESUME: _pause,
    Action.REMOVE: _remove,
    Action.ADD_ENTRY: _add_entry,
}


def written(edit: Edit) -> str:
    """Return what an edit writes into the file, in one line."""
    if edit.action in (Action.ADD_ALIAS, Action.ADD_WEAK_ALIAS):
        return f"aliases: {flow(_alias(edit))}"
    if edit.action is Action.ADD_DECOY:
        return f"decoys: {flow(_decoy(edit))}"
    if edit.action is Action.ADD_CONTEXT:
        return f"context: {flow(list(edit.terms))}"
    if edit.action in (Action.MAKE_WEAK, Action.MAKE_CASED):
        mark = "weak" if edit.action is Action.MAKE_WEAK else "case"
        return f"aliases: {flow({'text': edit.text, mark: True})}"
    return f"{edit.action}: {quoted(edit.text or edit.id)}"
