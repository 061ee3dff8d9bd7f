"""Answers made up from Twilio's own description of its API, as generic mock servers make them: valid, and strange."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

_DESCRIPTION = Path(__file__).parents[1] / "data" / "twilio_lookups_v2.yaml"


@cache
def description() -> dict[str, Any]:
    """The whole description."""
    read = yaml.load(_DESCRIPTION.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert isinstance(read, dict)
    return read


def documented_answers() -> dict[str, dict[str, Any]]:
    """The examples that the description gives for the single lookup, by name."""
    path = description()["paths"]["/v2/PhoneNumbers/{PhoneNumber}"]["get"]
    examples = path["responses"]["200"]["content"]["application/json"]["examples"]
    return {name: example["value"] for name, example in examples.items()}


def typical(schema: dict[str, Any]) -> Any:
    """What a generic mock writes: 0, "string", true, the first word of an enumeration, one item in every list."""
    schema = _resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {name: typical(inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [typical(schema.get("items", {}))]
    return {"string": "string", "integer": 0, "number": 0.0, "boolean": True}.get(kind or "", {})


def any_of(schema: dict[str, Any], *, nullable: bool = True) -> st.SearchStrategy[Any]:
    """Everything that fits a schema: fields may be missing, and null where nothing forbids it."""
    schema = _resolved(schema)
    values = _values(schema)
    return st.none() | values if nullable else values


def lookup_schema() -> dict[str, Any]:
    return {"$ref": "#/components/schemas/LookupResponse"}


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        fields = {name: any_of(inner) for name, inner in schema.get("properties", {}).items()}
        return st.fixed_dictionaries({}, optional=fields)
    if kind == "array":
        return st.lists(any_of(schema.get("items", {}), nullable=False), max_size=2)
    if kind == "integer":
        return st.integers(-(2**31), 2**31 - 1)
    if kind == "boolean":
        return st.booleans()
    if kind == "number":
        return st.floats(allow_nan=False, allow_infinity=False)
    return st.text(max_size=8)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
