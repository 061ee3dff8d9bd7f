"""A column's name tells what it promises, in the larger languages."""

import pytest

from bulk_lookup.core.header_words import header_kind, names_country


@pytest.mark.parametrize(
    "name",
    ["Phone", "PHONE_NUMBER", "phoneNumber", "Phone 1", "cell", "Cell Phone", "mobile", "Mob.", "tel", "Tel.", "Tel:",
     "WhatsApp", "téléphone", "Téléphone portable", "Portable", "Telefon", "Telefonnummer", "Handy", "Mobilnummer",
     "Rufnummer", "Mobil", "teléfono", "Teléfono móvil", "celular", "Fone", "telemóvel", "telefone", "telefono",
     "cellulare", "telefoon", "mobiel telefoonnummer", "telefonszám", "numer telefonu", "komórka", "telefonní číslo",
     "puhelin", "電話", "電話番号", "携帯電話", "电话", "手机", "手机号码", "전화", "전화번호", "휴대폰",
     "телефон", "Номер телефона", "мобильный", "هاتف", "رقم الهاتف", "جوال", "تلفن", "טלפון", "फ़ोन", "मोबाइल नंबर",
     "फोन", "ফোন", "cep telefonu", "โทรศัพท์", "Số điện thoại", "SĐT", "Nomor HP", "τηλέφωνο", "κινητό", "msisdn", "E164",
     "phone number (home)", "customer phone", "Téle\u0301phone"],
)  # fmt: skip
def test_phone_columns(name: str) -> None:
    assert header_kind(name) == "phone"


@pytest.mark.parametrize(
    "name",
    ["Fax", "fax number", "Telefax", "Telefax-Nummer", "факс", "传真", "팩스", "id", "customer_id", "Kundennummer",
     "Order number", "Bestellnummer", "PLZ", "Zip", "Postal Code", "CEP", "birth date", "Geburtsdatum", "Datum",
     "price", "IBAN", "invoice number", "IP", "lat", "EAN", "amount", "Дата", "日期", "phone_type", "phone id"],
)  # fmt: skip
def test_columns_that_are_no_phones_although_there_are_numbers_in_them(name: str) -> None:
    assert header_kind(name) == "not_phone"


@pytest.mark.parametrize("name", ["number", "Nummer", "número", "号码", "Contact", "contact number"])
def test_columns_of_some_number(name: str) -> None:
    assert header_kind(name) == "number"


@pytest.mark.parametrize("name", ["", "name", "hotel", "excellent", "city", "company", "cancelled", "notes", "Motel"])
def test_other_columns(name: str) -> None:
    assert header_kind(name) == "other"


@pytest.mark.parametrize(
    "name", ["country", "Country Code", "Land", "Ländercode", "pays", "País", "paese", "国家", "страна", "البلد", "ISO"]
)
def test_country_columns(name: str) -> None:
    assert names_country(name)


@pytest.mark.parametrize("name", ["", "city", "Island", "Landing page", "phone", "isolated"])
def test_columns_that_are_no_countries(name: str) -> None:
    assert not names_country(name)
