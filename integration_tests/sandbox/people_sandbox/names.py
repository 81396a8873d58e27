"""Name lists (Faker's) and the letters an e-mail address keeps of them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module

_PREFIXES = (
    "van",
    "de",
    "van de",
    "van der",
    "van den",
    "den",
    "ten",
    "ter",
    "'t",
    "in 't",
    "el",
    "op de",
)
_LIGATURES = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "'": None, " ": None}
)


@dataclass(frozen=True, slots=True)
class Names:
    """What names of one country are drawn from; last names by sex where the language bends them."""

    first: tuple[tuple[str, ...], tuple[str, ...]]
    last: tuple[tuple[str, ...], tuple[str, ...]]
    prefixes: tuple[str, ...]


@cache
def dutch() -> Names:
    provider = import_module("faker.providers.person.nl_NL").Provider
    last = tuple(name for name in provider.last_names if len(name) <= 20 and " " not in name)
    extra_women = ("Chloë", "Noëlle", "Renée", "Zoë", "Anaïs", "Daniëlle", "Elif", "Fenna-Marie")
    extra_men = ("André", "Daniël", "Joël", "René", "Jürgen", "Óscar", "Søren", "Mohamed")
    return Names(
        (
            tuple(provider.first_names_female) + extra_women,
            tuple(provider.first_names_male) + extra_men,
        ),
        (last, last),
        _PREFIXES,
    )


@cache
def czech() -> Names:
    """Czech and Slovak names together, as they work side by side in one plant."""
    cz = import_module("faker.providers.person.cs_CZ").Provider
    sk = import_module("faker.providers.person.sk_SK").Provider
    return Names(
        (
            tuple(cz.first_names_female) + tuple(sk.first_names_female),
            tuple(cz.first_names_male) + tuple(sk.first_names_male),
        ),
        (
            tuple(cz.last_names_female) + tuple(sk.last_names_female)[:300],
            tuple(cz.last_names_male) + tuple(sk.last_names_male)[:300],
        ),
        (),
    )


@cache
def ascii_letters(name: str) -> str:
    """``Dvořák`` → ``dvorak``: what people put into an e-mail address."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    return "".join(
        letter for letter in plain if letter.isascii() and (letter.isalnum() or letter == "-")
    )
