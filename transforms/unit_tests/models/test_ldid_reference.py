"""The LDID grammar against a reference written another way: a scanner instead of SQL and patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from .drawn import drawn

CLIENTS = ["32567", "32568", "40001"]
SEPARATORS = ",;/|+&"
LOOKALIKES = "OoIlSBZ"
WORDS_BETWEEN = (
    *("a", "i", "aj", "and", "und", "en", "nebo", "alebo", "či", "or", "oder", "of", "plus"),
    *(
        "sowie",
        "resp",
        "evt",
        "popř",
        "příp",
        "případně",
        "také",
        "taky",
        "též",
        "tiež",
        "ook",
        "ako",
    ),
)
# Signs that end a number or begin a text; any other between two numbers parts a list.
OF_TEXT = " .,;!?:()[]{}'\"’“”„…\x03"
# Dates, times and phone numbers are text wherever they stand.
MOMENTS = ("1.3.2026", "2026-03-01", "11:30", "+420 777 123 456", "+421905123456")

WORD = st.sampled_from(["LDID", "ldid", "Ldid", "LDID", "LDID", "oLDID", "LDIDs", "1LDID"])
AFTER = st.sampled_from([":", ": ", " ", "", " = ", "=", " :", "-", ". ", "; ", " #", ":  "])
NUMBER = st.sampled_from(
    ["32567", "32568", "40001", "99999", "5", "0", "00", "00032567", "3256O", "O2567", "32567abc"]
)
BETWEEN = st.sampled_from(
    [", ", ",", ";", " / ", "|", "+", " & ", " ", ",, ", "-", " - ", " a "]
    + [" aj ", ", a ", " a také ", " resp. ", "\\", " \\ ", " · ", "•", "~", ". ", " (", " potom "]
)
TAIL = st.sampled_from(
    ["", " Praha", ".", "!", "-Praha", " (nechce)", ", kancelář", " 777 123 456", "_1", ",", ")"]
    + [f" {moment}" for moment in MOMENTS]
    + [f", {moment}" for moment in MOMENTS]
)
LISTED = st.tuples(NUMBER, st.lists(st.tuples(BETWEEN, NUMBER), max_size=3)).map(
    lambda found: found[0] + "".join(between + number for between, number in found[1])
)
BLOCK = st.tuples(WORD, AFTER, LISTED | st.just(""), TAIL).map("".join)
NOTE = st.tuples(
    st.sampled_from(["", "Kancelář ", "Tel. 777 123 456, ", "(", "místnost 32568\n"]),
    st.lists(BLOCK, min_size=1, max_size=2),
    st.sampled_from(["\n", " ", ", ", "\r\n"]),
).map(lambda parts: parts[0] + parts[2].join(parts[1]))


def read_note(note: str) -> tuple[str, list[str]]:
    """What the note says: its kind and the clients it names."""
    blocks, has_glued = find_blocks(note.replace("\r\n", "\n"))
    if not blocks:
        return ("near_miss" if has_glued else "none"), []
    read = [read_block(block) for block in blocks]
    numbers = {number for found, _ in read for number in found}
    if not all(is_whole for _, is_whole in read):
        kind = "malformed"
    else:
        kind = "skip" if read[0][0][:1] == ["0"] else "ids"
    return kind, sorted(numbers - {"0"})


def find_blocks(note: str) -> tuple[list[str], bool]:
    """The rest of the line after each LDID that is a word of its own."""
    low, blocks, has_glued, last = note.lower(), [], False, ""
    begins: int | None = None
    place = 0
    while (at := low.find("ldid", place)) >= 0:
        place = at + 4
        before, after = note[at - 1 : at], note[place : place + 1]
        glued_before = before.isalnum() or before == "_" or (last == "glued" and before == "")
        if after.isalpha() or glued_before:
            has_glued = True
            continue
        if begins is not None:
            blocks.append(note[begins:at])
        begins = place
    if begins is not None:
        blocks.append(note[begins:])
    return [block.partition("\n")[0] for block in blocks], has_glued


def read_block(line: str) -> tuple[list[str], bool]:
    """The numbers of one block, and whether it was read whole."""
    line = line.lstrip(" ")
    line = line[1:].lstrip(" ") if line[:1] in (":", "=") else line
    for moment in MOMENTS:
        line = line.replace(moment, "\x03")
    if line[:1] in ("-", "+") and line[1:].lstrip(" ")[:1].isdigit():
        return [], False
    number, rest = take(line, str.isdigit)
    if not number:
        return [], False
    numbers = [number.lstrip("0") or "0"]
    while True:
        between, after = take(rest, lambda character: character in SEPARATORS + " ")
        number, after = take(after, str.isdigit)
        if not between or not number:
            return numbers, is_end(rest)
        plain = number.lstrip("0") or "0"
        if not between.strip() and plain not in CLIENTS:
            return numbers, True  # text begins here
        numbers.append(plain)
        rest = after


def is_end(rest: str) -> bool:
    """Tell whether what follows the numbers is text, not a part of them."""
    if rest[:1].isalnum() or rest[:1] == "_":
        return False
    if rest[:1] in (".", ":", "'") and rest[1:2].isdigit():
        return False
    between, after = take(rest, lambda character: character in SEPARATORS + " ")
    if between.strip() and after[:1] and after[0] in LOOKALIKES:
        follows = after[1:4]
        if len(follows) == 3 and all(c in LOOKALIKES or c.isdigit() for c in follows):
            return False
    text = rest.lstrip(" ")
    if text[:1] in ("-", "–", "—") and text[1:].lstrip(" ")[:1].isdigit():
        return False
    signs, after = take(
        text, lambda character: not character.isalnum() and character not in OF_TEXT
    )
    if 0 < len(signs) <= 3 and after.lstrip(" ")[:1].isdigit():
        return False
    return not (parts_by_words(rest) or names_a_client(rest))


def parts_by_words(rest: str) -> bool:
    """Tell whether one to three words of a list stand before the next number."""
    text = rest.lstrip(SEPARATORS + " ")
    for _ in range(3):
        word, after = take(text, str.isalpha)
        after = after[1:] if after[:1] in (".", ",") else after
        if word.lower() not in WORDS_BETWEEN or after[:1] != " ":
            return False
        text = after.lstrip(" ")
        if text[:1].isdigit():
            return True
    return False


def names_a_client(rest: str) -> bool:
    """Tell whether the next number is near and one of our clients."""
    between, after = take(rest, lambda character: character not in "0123456789\x03")
    number, _ = take(after, str.isdigit)
    return 1 <= len(between) <= 20 and number.lstrip("0") in CLIENTS


def take(text: str, belongs: Callable[[str], bool]) -> tuple[str, str]:
    end = next((n for n, character in enumerate(text) if not belongs(character)), len(text))
    return text[:end], text[end:]


def test_any_note_is_read_as_the_reference_reads_it(world_class: Any) -> None:
    notes = drawn(NOTE, 600)
    assert len(notes) > 400
    assert {read_note(note)[0] for note in notes} == {"ids", "skip", "malformed", "near_miss"}
    pair = world_class("alveno", "lunchdrive", mode="group", allowed_client_ids=CLIENTS)
    for number, note in enumerate(notes):
        pair.person(f"P{number}", start="2020-01-01", note=note)
    pair.build()
    routes = {row["person_id"]: row for row in pair.rows("mart.ldid_routes")}
    pair.connection.close()
    different = []
    for number, note in enumerate(notes):
        route = routes.get(f"alveno:E1:P{number}")
        read = ("none", []) if route is None else (route["kind"], sorted(route["client_ids"]))
        if read != read_note(note):
            different.append((note, read, read_note(note)))
    assert different == []


def test_the_reference_itself_tells_the_documented_kinds_apart() -> None:
    assert read_note("LDID: 32567") == ("ids", ["32567"])
    assert read_note("LDID: 0") == ("skip", [])
    assert read_note("LDID: 3256O") == ("malformed", ["3256"])
    assert read_note("oLDID: 32567") == ("near_miss", [])
    assert read_note("32567") == ("none", [])
