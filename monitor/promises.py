"""Promises in a sentence of any of the three scripts. Pure."""

from __future__ import annotations

from monitor.objects import Promise
from monitor.promise_words import VERB, VERB_ZH
from monitor.promises_chinese import promises_chinese
from monitor.promises_english import SEATED, promises_english
from monitor.sentences import Sentence

__all__ = ("SEATED", "is_deed", "promises_in")


def is_deed(verb: str) -> bool:
    """Tell whether a verb says what is done, and not only that something comes to be."""
    found = VERB.match(verb) or VERB_ZH.match(verb)
    return found is not None and bool(found["giving"] or found["doing"])


def promises_in(sentence: Sentence) -> tuple[Promise, ...]:
    """Return the promises of one sentence, in order, each thing once."""
    read = promises_chinese if sentence.chinese else promises_english
    kept: dict[int, Promise] = {}
    for promise in read(sentence):
        kept.setdefault(promise.what.start, promise)
    return tuple(kept[start] for start in sorted(kept))
