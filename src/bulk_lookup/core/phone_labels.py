"""The words that people write beside numbers: labels, "or", extensions; and what a stretch between numbers means."""

import re
from enum import Enum

_LABEL_WORDS = """
    tel telephone phone telno phoneno ph phn fon fone mobile mob mobileno cell cellphone cellular office off work home
    business biz main direct dir desk fax voice voicemail contact call no nr num number res resi residence pager hotline
    landline land line secondary primary alt alternate alternative assistant switchboard reception text sms
    telefon telefonnr telefonnummer telnr telefax fernsprecher mobil mobiltelefon mobilfunk handy handynr büro buero
    zentrale direkt privat priv dienstlich dienst gesch geschäftlich geschaeftlich festnetz nummer rufnummer sekretariat
    natel
    téléphone portable port bureau domicile fixe standard poste perso pro gsm numéro
    teléfono telefono móvil movil celular cel celu fijo oficina casa trabajo número numero núm directo
    telefone telemóvel telemovel trabalho escritório fixo
    cellulare uff ufficio abitazione fisso centralino
    telefoon mobiel vast werk thuis kantoor mobilnr puh puhelin kom komórka komorka mobilní tlf mobiltlf cep iş ev faks
    telefonu
    whatsapp wa wsp viber signal telegram imo wechat skype voip callto
    тел телефон моб мобильный сот раб дом факс τηλ τηλέφωνο κιν κινητό φαξ هاتف جوال موبايل تلفون ت ج
    טלפון נייד 电话 電話 手机 手機 携帯 携帯電話 传真 傳真 座机 전화 휴대폰 मोबाइल फोन โทร มือถือ
    t m p h w o f c d
"""
_CONJUNCTION_WORDS = "or and oder und ou et o u y e ó и или bzw resp sowie also eller och og of en ve veya lub i"
_AMOUNT_WORDS = """
    eur euro euros usd dollar dollars gbp chf inr rs brl mxn ars kg km cm mm pcs stk stück pct percent uhr h hrs am pm og
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_CONJUNCTIONS = frozenset(_CONJUNCTION_WORDS.split())
_AMOUNTS = frozenset(_AMOUNT_WORDS.split())

# Words before an extension: English, German, French, Italian, Spanish, Portuguese, Polish, Russian, Dutch.
_EXTENSION = (
    r"(?:e?xt(?:ensions?|n|en)?|x|xt|durchwahl|dw|durchw|app(?:arat)?|nebenstelle|nst|klappe|kl|poste|interno|int|anexo|"
    r"anx|ramal|rml|r|extensión|extensi[oó]n|extensão|wewn|доб|доп|toestel|tst|dahili|linja|内線|内线|分机|轉|转|내선)"
)
# Only these touch the digits before them: in "1234567 0r 030 …" the r is half of an "or".
_EXTENSION_GAP = re.compile(
    rf"(?:[\s,;:.(\[/-]+{_EXTENSION}|e?xt(?:ension|n)?|x|[\s,;:.(\[/-]*#)\.?[\s.:=#)(-]*", re.IGNORECASE
)
_EXTENSION_TAIL = re.compile(rf"[\s,;:.(\[/-]+{_EXTENSION}[\s.:=#)\]]*", re.IGNORECASE)
EXTENSION_WORD = re.compile(_EXTENSION, re.IGNORECASE)

_THING = re.compile(r"\.?\s+([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+")
_HARD = frozenset('\n;|,"<>&{}')
_COLON_LABEL = re.compile(r"[^\W\d_]{2,}\.?\)?\s*:\s*[-(\[]*\Z|(?<![^\W_])[tmphwofcdTMPHWOFCD]\.?\s*:\s*[-(\[]*\Z")
_REMARK = re.compile(r"[(\[]\s?[^\W\d_]{2}")

# A word that matters stands within so many characters of the digits.
_NEAR = 60
# What may stand directly between a word and the digits after it.
_SETS_APART = frozenset(" \n:,;()[]{}|\"'<>")
# Directly beside digits these make something else of them: an amount, a link, an identifier, an e-mail address.
_SPOILING = frozenset("@_%=*~^€$£¥₹₽₩?!§°#\\\ufffd\u0300")
_LINK = re.compile(r"[a-z]://|www\.|[^\s<>(),;]@", re.IGNORECASE)


class Gap(Enum):
    """What a stretch without digits says about the number before it and the one after it."""

    APART = "apart"  # a separator or a label: what follows is a number of its own
    LETTER = "letter"  # one letter that may mean "or" and may be a digit mistyped: both sides must be numbers
    EXTENSION = "extension"  # what follows is the extension of the number before
    SPOILED = "spoiled"  # letters or signs among the digits: neither side can be trusted


def is_label(word: str) -> bool:
    """Say whether the word, in any case, is a label such as "mobile", "Büro" or "тел"."""
    return word.casefold() in _LABELS


def begins_well(gap: str) -> bool:
    """Say whether the text before the first digits leaves them a number: words set apart from it, or a label."""
    words = _WORD.findall(gap[-_NEAR:])
    return _ends_well(gap) and not (words and words[-1].casefold() in _AMOUNTS)


def ends_well(gap: str) -> bool:
    """Say whether the text after the last digits leaves them a number."""
    words = _WORD.findall(gap[:_NEAR])
    if words and words[0].casefold() in _AMOUNTS:
        return False
    return not gap or _EXTENSION_TAIL.fullmatch(gap) is not None or _starts_well(gap)


def counts_things(gap: str) -> bool:
    """Say whether the text behind a single digit makes a number of things of it: " 2. Stock", " 3 Tage"."""
    thing = _THING.match(gap)
    return thing is not None and thing[1].casefold() not in _LABELS | _CONJUNCTIONS and not _EXTENSION_GAP.match(gap)


def judge(gap: str, next_begins_with_plus: bool) -> Gap:
    """Say what the text between two stretches of digits means."""
    if _EXTENSION_GAP.fullmatch(gap):
        return Gap.EXTENSION
    if not _starts_well(gap) or not _ends_well(gap):
        return Gap.SPOILED
    words = _WORD.findall(gap)
    if not words:
        if next_begins_with_plus or not _HARD.isdisjoint(gap) or "::" in gap or any(map(_is_symbol, gap)):
            return Gap.APART
        return Gap.SPOILED
    if not _HARD.isdisjoint(gap) or _COLON_LABEL.search(gap[-_NEAR:]):
        return Gap.APART
    if _REMARK.search(gap) and (gap[0].isspace() or gap[-1].isspace()):
        return Gap.APART
    folded = [word.casefold() for word in words]
    if all(word in _LABELS or word in _CONJUNCTIONS for word in folded):
        return Gap.LETTER if any(len(word) == 1 for word in folded) else Gap.APART
    return Gap.SPOILED


def _starts_well(gap: str) -> bool:
    """The side that touches the digits before it."""
    if not gap:
        return True
    first = gap[0]
    if first.isalnum():
        word = _WORD.match(gap)
        return word is not None and len(word[0]) > 1 and is_label(word[0])
    if first in _SPOILING:
        return False
    # "12345-B" is an article number, "030 1234567 - Müller" a number with a name.
    return not (first in "-'." and len(gap) > 1 and gap[1].isalnum())


def _ends_well(gap: str) -> bool:
    """The side that touches the digits after it."""
    if not gap or gap[-1].isspace():
        return True
    if _LINK.search(gap.split()[-1]):
        return False
    if gap[-1] in _SETS_APART:
        return True
    stripped = gap.rstrip(" .-/'")
    last = gap[-1]
    if last in _SPOILING:
        return last == "#" and (len(gap) == 1 or gap[-2] in _SETS_APART)
    words = _WORD.findall(stripped[-_NEAR:])
    if not stripped or not stripped[-1].isalnum():
        return True
    return bool(words) and is_label(words[-1]) and (last in ".-/" or len(words[-1]) > 1)


def _is_symbol(character: str) -> bool:
    """Pictures (📞) and arrows, but no punctuation."""
    return ord(character) > 0x2100 and not character.isalnum() and character != "\ufffd"
