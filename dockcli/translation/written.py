"""Values as a person would write them in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def arguments(operands: Iterable[str], keywords: Mapping[str, object]) -> str:
    """What stands between the brackets of a call."""
    named = (f"{name}={literal(value)}" for name, value in keywords.items())
    return ", ".join([*map(literal, operands), *named])


def literal(value: object) -> str:
    """Python's text for *value*, with texts in double quotes."""
    if isinstance(value, dict):
        pairs = (f"{literal(name)}: {literal(member)}" for name, member in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if not isinstance(value, str):
        return repr(value)
    text = repr(value)
    if text.startswith('"'):
        return text
    inside = text[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inside}"'
