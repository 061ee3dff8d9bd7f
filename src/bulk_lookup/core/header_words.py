"""Words by which people head columns of phone numbers, in the larger languages, and of what is none."""

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

HeaderKind = Literal["phone", "number", "other", "not_phone"]

# Without accents and in lower case. A part is found inside longer words (Mobilnummer, telefonszám), a whole word only
# by itself: "tel" is in "hotel", "cell" in "cancelled".
_PHONE_PARTS: Final = (
    "phone", "mobile", "cellular", "whatsapp", "whats app", "telephone", "portable", "telefon", "mobil", "rufnummer",
    "celular", "movil", "telemovel", "cellulare", "telefoon", "komork", "puhelin",
    "ien thoai", "telepon", "telpon", "nomor hp", "no hp", "msisdn", "handynummer", "gsm no", "gsmnummer",
    "телефон", "мобильн", "мобілн", "мобилен", "τηλεφων", "κινητ", "هاتف", "تلفن", "جوال", "موبايل", "موبایل", "محمول",
    "טלפון", "נייד", "फोन", "फ़ोन", "मोबाइल", "ফোন", "মোবাইল", "โทรศัพท", "เบอร์โทร", "มือถือ",
    "電話", "电话", "手机", "手機", "携帯", "전화", "휴대폰", "핸드폰", "연락처", "联系方式",
)  # fmt: skip
_PHONE_WORDS: Final = frozenset(
    {"tel", "tlf", "tlfn", "tfno", "fone", "fon", "fono", "cell", "cel", "gsm", "handy", "ph", "mob",
     "sms", "sdt", "sđt", "hp", "тел", "моб", "טל", "e164"}
)  # fmt: skip
_FAX_PARTS: Final = ("fax", "факс", "传真", "傳真", "팩스", "ファックス", "ファクス", "فاكس", "פקס", "φαξ")
# A number that counts, dates or pays. "Kundennummer" is no phone although it is a number.
_OTHER_NUMBER_PARTS: Final = (
    "date", "datum", "fecha", "data de", "birth", "geburt", "naissance", "zip", "postal", "postcode", "postleitzahl",
    "price", "preis", "prix", "precio", "preco", "prezzo", "amount", "betrag", "montant", "importe", "total", "invoice",
    "rechnung", "facture", "factura", "order", "bestell", "kunden", "customer", "client", "account", "konto", "compte",
    "cuenta", "iban", "serial", "latitude", "longitude", "quantity", "timestamp", "created", "updated", "邮编", "郵便",
    "日期", "日付", "价格", "価格", "订单", "индекс", "дата", "цена", "сумма", "заказ",
)  # fmt: skip
_OTHER_NUMBER_WORDS: Final = frozenset(
    {"id", "ids", "uuid", "guid", "plz", "cp", "cap", "cep", "ean", "isbn", "sku", "vat", "ssn", "age", "year", "jahr",
     "ip", "lat", "lng", "lon", "qty", "key", "row", "nif", "cpf", "cnpj", "siret", "siren", "inn", "инн"}
)  # fmt: skip
_NUMBER_PARTS: Final = (
    "number",
    "nummer",
    "numero",
    "номер",
    "号码",
    "番号",
    "번호",
    "رقم",
    "nomor",
    "contact",
    "msisdn",
)
_COUNTRY_PARTS: Final = (
    "country", "landcode", "laendercode", "landercode", "pays", "pais", "paese", "nazione", "страна", "країна", "国家",
    "國家", "国名", "국가", "البلد", "الدولة", "देश", "negara", "quoc gia", "ulke", "kraj pochodzenia",
)  # fmt: skip
_COUNTRY_WORDS: Final = frozenset({"land", "nation", "region", "kraj", "zeme", "maa", "iso", "iso2", "国"})


def header_kind(name: str) -> HeaderKind:
    """Tell what a column's name promises: phone numbers, some number, anything else, or surely no phone to call.

    A fax is "not_phone" even where its name also says phone ("Telefax").
    """
    text, words = _normal(name)
    if _has(text, _FAX_PARTS):
        return "not_phone"
    if words & _PHONE_WORDS or _has(text, _PHONE_PARTS):
        return "not_phone" if words & {"id", "ids", "type", "typ", "country"} else "phone"
    if words & _OTHER_NUMBER_WORDS or _has(text, _OTHER_NUMBER_PARTS):
        return "not_phone"
    return "number" if _has(text, _NUMBER_PARTS) else "other"


def names_country(name: str) -> bool:
    """Tell whether a column's name promises countries (and not their calling codes)."""
    text, words = _normal(name)
    return bool(words & _COUNTRY_WORDS) or _has(text, _COUNTRY_PARTS)


def _normal(name: str) -> tuple[str, set[str]]:
    text = _plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))  # phoneNumber
    return " ".join(re.split(r"[\s_\-./]+", text)), set(re.findall(r"[^\W_]+", text))


def _has(text: str, parts: tuple[str, ...]) -> bool:
    return any(_plain(part) in text for part in parts)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    # Latin, Greek and Cyrillic accents only: the marks of other scripts belong to their words.
    letters = [letter for letter in unicodedata.normalize("NFKD", text) if not "\u0300" <= letter <= "\u036f"]
    return unicodedata.normalize("NFC", "".join(letters)).casefold()
