"""Words that count as one, and the first letters that each of them may be looked up by."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from model.words import HEAD, SAME_SPELLING, heads, stable_prefix, stems

BASES = st.one_of(
    st.text("abeiorstyzgdlu", min_size=1, max_size=6),
    st.sampled_from(
        ["ai", "un", "use", "go", "fly", "city", "body", "size", "rise", "plan", "stop", "labour",
         "labor", "vapor", "organise", "realize", *SAME_SPELLING, *SAME_SPELLING.values()]
    ),
)  # fmt: skip
ENDINGS = st.sampled_from(
    ["", "s", "es", "ed", "d", "ing", "ies", "ied", "ation", "ise", "ize", "isation", "izing", "er"]
)
WORDS = st.builds(str.__add__, BASES, ENDINGS)


@settings(max_examples=500)
@given(WORDS, WORDS)
def test_a_word_of_the_same_stem_begins_with_one_of_the_heads(one, other):
    if not stems(one).isdisjoint(stems(other)):
        assert other[:HEAD] in heads(one)
        assert other.startswith(stable_prefix(one))


@settings(max_examples=500)
@given(BASES, ENDINGS, ENDINGS)
def test_so_does_every_form_of_a_word(base, one, other):
    word, form = base + one, base + other
    if not stems(word).isdisjoint(stems(form)):
        assert form[:HEAD] in heads(word)


def test_short_words_have_few_heads():
    assert set(heads("ai")) == {"ai", "ais"}
    assert heads("organization") == ("orga",)
    assert max(len(heads(word)) for word in ("use", "fly", "size", "go", "plan", "stop")) <= 12
