"""Words and sentences, for skills that do without a text generator."""

import re

_TOO_COMMON = frozenset(
    "a about an and are as at be by can do does for from has have how in is it its of on or our say says"
    " that the their they this to was we what when which who why will with you your".split()
)


def words_of(text: str) -> set[str]:
    """The words that say what a text is about, in lower case and without the plural's s."""
    words = re.findall(r"[a-z0-9][a-z0-9-]+", text.lower())
    return {word.removesuffix("s") if len(word) > 3 else word for word in words if word not in _TOO_COMMON}


def sentences_of(text: str) -> list[str]:
    return [sentence.strip() for sentence in re.split(r"(?<=[.!?])\s+|\n+", text) if sentence.strip()]


def shared_words(one: str, other: str) -> int:
    """How much two texts are about the same."""
    return len(words_of(one) & words_of(other))
