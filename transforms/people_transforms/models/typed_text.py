r"""Text that people type, in SQL: what can't be seen, and what is one sign in another shape.

The models call these macros by name; another engine gets functions of the same names
(`portability.yaml`). What counts as blank or hidden stands here and nowhere else.

    seen(text)           composed (NFC), without what can't be seen around it; null if nothing is left
    wide(text)           full-width, mathematical, small and ligated signs as plain ones (NFKC)
    plain(text)          both: for what is compared with words and numbers that we know
    before_hidden(text)  what stands before the first hidden sign inside; null without one
    without_hidden(text) lines without them; a replacement character where one parted two digits
    lookalike(text)      the first letter of another alphabet that looks like a Latin one
    latin(text)          such letters as the Latin ones

NFKC goes as far as its answer is Latin. Raised, lowered and circled signs stay: 32567² is no number.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

import duckdb

from people_transforms.store.statements import quoted

# Controls and format marks, and what fonts draw as nothing: joiners, fillers, variants.
HIDDEN = (
    r"\p{Cc}\p{Cf}\p{Zl}\p{Zp}\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180d}\x{180f}"
    r"\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}\x{e0100}-\x{e01ef}"
)
BLANK = rf"\pZ{HIDDEN}"
# Letters that nearly every name has, none of which NFKC changes.
_USUAL = r" -~À-ıĴ-ľŁ-ňŊ-ž"
# Where signs with a compatible one are: Latin, symbols, forms, mathematical letters.
_RANGES = (
    (0xA0, 0x3400),
    (0xA700, 0xAC00),
    (0xF900, 0x10000),
    (0x1D400, 0x1D800),
    (0x1F100, 0x1F200),
)
_SHAPES = ("<wide>", "<narrow>", "<small>", "<font>", "<compat>", "<noBreak>")
_LIGATURES = "Ĳĳﬀﬁﬂﬃﬄﬅﬆ"
# Cyrillic, then Greek.
LOOKALIKES = "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνιαυ"
LATIN = "ABESIJKMHOPCTYXaesijopcyxdqwhlABEZHIKMNOPTYXopviau"
# Of what is left out of a note, where it stood between two digits: nobody knows which number it is.
_GAP = "\N{REPLACEMENT CHARACTER}"


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros in the store, where its views find them too."""
    for signature, body in macros().items():
        connection.execute(f"create or replace macro {signature} as {body}")


@cache
def shapes() -> dict[str, str]:
    """Each sign that is another shape of one plain sign, and that one."""
    signs = (chr(code) for first, end in _RANGES for code in range(first, end))
    compatible = {
        sign: unicodedata.normalize("NFKC", sign)
        for sign in signs
        if unicodedata.decomposition(sign).startswith(_SHAPES)
    }
    return {sign: plain for sign, plain in compatible.items() if len(plain) == 1 and plain < "ɐ"}


@cache
def macros() -> dict[str, str]:
    """Give each macro's signature and its body."""
    found = shapes()
    ligated = "nfc_normalize(text)"
    for sign in _LIGATURES:
        ligated = f"replace({ligated}, '{sign}', '{unicodedata.normalize('NFKC', sign)}')"
    shaped = f"translate({ligated}, {quoted(''.join(found))}, {quoted(''.join(found.values()))})"
    # The shorter pattern spares the rest for nearly all values.
    usual = quoted(f"^ | $|^$|[^{_USUAL}]")
    hidden = quoted(f"[{HIDDEN}]")
    in_line = HIDDEN.replace(r"\p{Cc}", r"\x{0}-\x{9}\x{b}-\x{1f}\x{7f}-\x{9f}")
    parted = f"regexp_replace(text, '([0-9])[{in_line}]+([0-9])', '\\1{_GAP}\\2', 'g')"
    shaping = quoted(_class([*found, *_LIGATURES]))
    # As many bytes as signs: nothing but ASCII, which is seen ten times as fast.
    is_ascii = "strlen(text) = length(text)"
    return {
        "wide(text)": f"if({is_ascii}, text, "
        f"if(regexp_matches(text, {shaping}), {shaped}, nfc_normalize(text)))",
        "seen(text)": f"if(regexp_matches(text, {usual}), "
        f"nullif({_trimmed('nfc_normalize(text)')}, ''), text)",
        "plain(text)": f"if(regexp_matches(text, {usual}), "
        f"nullif({_trimmed('wide(text)')}, ''), text)",
        "before_hidden(text)": f"if(regexp_matches(text, {hidden}), "
        f"regexp_extract(text, '^([^{HIDDEN}]*)[{HIDDEN}]', 1), null)",
        "without_hidden(text)": f"if(regexp_matches(text, {hidden}), "
        f"regexp_replace({parted}, '[{in_line}]', '', 'g'), text)",
        "lookalike(text)": f"if({is_ascii}, null, "
        f"nullif(regexp_extract(text, '[{LOOKALIKES}]'), ''))",
        "latin(text)": f"if({is_ascii}, text, translate(text, '{LOOKALIKES}', '{LATIN}'))",
    }


def _trimmed(text: str) -> str:
    return f"regexp_replace({text}, '^[{BLANK}]+|[{BLANK}]+$', '', 'g')"


def _class(signs: Iterable[str]) -> str:
    """Write a class of a pattern, neighbours as ranges."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, signs)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges) + "]"
