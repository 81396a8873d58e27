"""Draw people from a seed: person number i of a seed is always the same, whatever is asked first.

The first ten people of each country are the cases every demonstration needs; the others are drawn,
with the oddities in about the shares HR departments have them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b

from people_sandbox import names

CLIENTS = (32567, 32568, 32570)

_TRUE = (
    "TRUE",
    "TRUE",
    "TRUE",
    "TRUE",
    "TRUE",
    "true",
    "True ",
    " TRUE",
    "ja",
    "Ja",
    "yes",
    "waar",
    "1",
)
_FALSE = ("FALSE", "FALSE", "FALSE", "false", "nee", "No", "onwaar", "0")
_ODD = ("TREU", "misschien", "j", "TRUE?", "x", "n.v.t.")
_AMOUNTS = (
    "50",
    "50",
    "75",
    "100",
    "50,00",
    "62.50",
    "€ 50",
    "1250,00",
    "1.250,00",
    "0",
    "vijftig",
    "1.250",
    " 45 ",
)
_DOMAIN = "example.nl"


@dataclass(frozen=True, slots=True)
class World:
    """What one HR system is drawn from."""

    seed: int
    size: int
    employers: int
    as_of: date


@dataclass(frozen=True, slots=True)
class Spell:
    """One employment; ``end`` is the last day."""

    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Person:
    """One person as HR knows them, before any vendor's shape."""

    index: int
    employer: int
    is_male: bool
    first: str
    prefix: str | None
    last: str
    birth: date
    work_email: str | None
    private_email: str | None
    first_hired: date
    spells: tuple[Spell, ...]
    bits: int


def draw(seed: int, tag: str, index: int) -> int:
    """256 random bits that belong to (seed, tag, index)."""
    return int.from_bytes(
        blake2b(b"%d/%s/%d" % (seed, tag.encode(), index), digest_size=32).digest(), "big"
    )


@lru_cache(maxsize=4096)
def fixed_guid(seed: int, tag: str, index: int) -> str:
    """The same, kept: for the few ids that many records carry."""
    return guid(seed, tag, index)


def guid(seed: int, tag: str, index: int) -> str:
    """A GUID that belongs to (seed, tag, index), in lower case as Loket's examples have it."""
    text = blake2b(b"%d/%s/%d" % (seed, tag.encode(), index), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def employer_of(world: World, index: int) -> int:
    return index * world.employers // world.size


def own_bits(world: World, tag: str, index: int) -> int:
    """The bits that decide what is typed about a person; part of the same draw as the person."""
    return draw(world.seed, tag, index) >> 150


def spell_count(world: World, tag: str, index: int) -> int:
    """How many employments a person has: one for most, 1.3 on average."""
    return _count(index, draw(world.seed, tag, index))


def _count(index: int, bits: int) -> int:
    if index < 10:
        return 2 if index == 7 else 1
    return (1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 1, 3)[bits >> 250 & 15]


def _spells(world: World, index: int, bits: int, count: int) -> tuple[Spell, ...]:
    today = world.as_of
    if index in (3, 7):
        end = today + timedelta(days=2) if index == 3 else None
        first = Spell(today - timedelta(days=900), end)
        gone = Spell(today - timedelta(days=2000), today - timedelta(days=1400))
        return (gone, first) if index == 7 else (first,)
    if index == 4:
        return (Spell(today + timedelta(days=5), None),)
    start = today - timedelta(days=30 + bits % 5000)
    fate = (bits >> 16) % 100
    end = None
    if index >= 10 and fate < 6:
        end = max(start, today - timedelta(days=1 + (bits >> 24) % 700))
    elif index >= 10 and fate < 10:
        end = today + timedelta(days=(bits >> 24) % 60)
    elif index >= 10 and fate < 12:
        start, end = today + timedelta(days=1 + (bits >> 24) % 30), None
    spells = [Spell(start, end)]
    for _ in range(count - 1):
        until = spells[0].start - timedelta(days=1 + (bits >> 40) % 3 * 45)
        spells.insert(0, Spell(until - timedelta(days=200 + (bits >> 48) % 900), until))
    beside = spells[-1].start + timedelta(days=10)
    if len(spells) == 3 and (end is None or end > beside):
        spells[0] = Spell(beside, end)  # a second contract beside the current one
    return tuple(spells)


@lru_cache(maxsize=4096)
def person(world: World, tag: str, index: int) -> Person:
    """Draw person ``index``; ``tag`` is ``nl`` or ``cz``."""
    bits = draw(world.seed, tag, index)
    pool = names.dutch() if tag == "nl" else names.czech()
    male = bits & 1
    first = pool.first[male][(bits >> 1) % len(pool.first[male])]
    last = pool.last[male][(bits >> 17) % len(pool.last[male])]
    prefix = None
    if pool.prefixes and (bits >> 33) % 100 < 25:
        prefix = pool.prefixes[(bits >> 40) % len(pool.prefixes)]
    if tag == "cz" and (bits >> 56) % 100 < 2:
        last = unicodedata.normalize("NFD", last)
    domain = _DOMAIN if tag == "nl" else "example.cz"
    local = f"{names.ascii_letters(first)}.{names.ascii_letters((prefix or '') + last)}"
    shared = index == 6 or (index >= 10 and index % 97 == 0)
    work = (
        person(world, tag, index - 1).work_email
        if shared
        else _work_email(tag, index, bits, local, domain)
    )
    spells = _spells(world, index, bits >> 64, _count(index, bits))
    return Person(
        index=index,
        employer=employer_of(world, index),
        is_male=bool(male),
        first=first,
        prefix=prefix,
        last=last,
        birth=date(1955, 1, 1) + timedelta(days=(bits >> 128) % 18600),
        work_email=work,
        private_email=f"{local}.{index}@post.{domain}" if (bits >> 144) % 10 < 7 else None,
        first_hired=min(spell.start for spell in spells),
        spells=spells,
        bits=bits >> 150,
    )


def _work_email(tag: str, index: int, bits: int, local: str, domain: str) -> str | None:
    missing = 5 if tag == "nl" else 30
    if index >= 10 and (bits >> 46) % 100 < missing:
        return None
    if (bits >> 54) % 100 < 3:
        local = local.title()
    return f"{local}{index}@{domain}"


def access_values(index: int, bits: int) -> tuple[str | None, str | None]:
    """What somebody typed for ``alleo_access``: on the employee, on the employment."""
    fixed = {
        0: ("TRUE", None),
        1: ("FALSE", None),
        2: (None, "TRUE"),
        3: ("TRUE", None),
        8: ("True ", "FALSE"),
    }
    if index in fixed:
        return fixed[index]
    share, choice = bits % 100, bits >> 8
    if index < 10 or share < 86:
        return _TRUE[choice % len(_TRUE)], "TRUE" if (choice >> 8) % 9 == 0 else None
    if share < 93:
        return _FALSE[choice % len(_FALSE)], None
    if share < 96:
        return _ODD[choice % len(_ODD)], None
    return (None, "TRUE") if share < 98 else (None, None)


def budget_values(bits: int) -> tuple[str | None, str | None]:
    """The monthly and the one-off budget as typed."""
    monthly = _AMOUNTS[(bits >> 30) % len(_AMOUNTS)] if (bits >> 24) % 10 < 4 else None
    once = _AMOUNTS[(bits >> 50) % len(_AMOUNTS)] if (bits >> 44) % 10 < 1 else None
    return monthly, once


def note(one: Person) -> str | None:
    """The note in Alveno, with or without an LDID, as people write it."""
    one_id, other = CLIENTS[one.bits % 3], CLIENTS[(one.bits + 1) % 3]
    fixed = {
        0: f"LDID: {CLIENTS[0]}",
        1: "LDID: 0",
        2: f"LDID: {CLIENTS[0]}, {CLIENTS[1]}",
        5: f"LDID: {CLIENTS[0]}",
        6: f"LDID: {CLIENTS[1]}",
        8: None,
        9: "LDID: 3256O",
    }
    if one.index in fixed:
        return fixed[one.index]
    share = (one.bits >> 8) % 100
    if one.index < 10 or share < 62:
        return f"LDID: {one_id}"
    spelled = (
        f"ldid:{one_id}", f"LDID {one_id}", f"LDID:\u00a0{one_id}", f"Alergie na ořechy. LDID: {one_id}", f"LDID: {one_id}\nklíče od skladu",
        f"brigádník, tel. 602 123 456; LDID={one_id}", f"LDID\uff1a {one_id}", f"LDID: 0{one_id}",
    )  # fmt: skip
    if share < 82:
        return spelled[(one.bits >> 20) % len(spelled)]
    if share < 87:
        return f"LDID: {one_id}, {other}" if share < 85 else f"LDID: {one_id} LDID: {other}"
    if share < 90:
        return "LDID: 0"
    odd = (
        None,
        "",
        "vegetarián",
        "LDID: abc",
        "LDID:",
        "LDID: 99999",
        f"LDID: {one_id}, 32568abc",
        "oLDID 12",
    )
    return odd[(one.bits >> 20) % len(odd)]


def chip(one: Person) -> str | None:
    """The chip number; a few chips went from hand to hand, some are typed with blanks."""
    if one.index == 8 or (one.index >= 10 and (one.bits >> 60) % 100 < 12):
        return None
    owner = one.index - 1 if one.index >= 10 and one.index % 53 == 0 else one.index
    number = f"{(owner * 2654435761 + 11259375) % 2**32:08X}"
    return f" {number} " if (one.bits >> 70) % 50 == 0 else number
