"""Put into words what is wrong with a value of archive.yml: its line, its key, what it is, and what to write.

This module must not read the file or judge a value; that is done when it is called.
"""

from __future__ import annotations

from pydantic_core import ErrorDetails

from generator.config_provider import SecretRefusal
from generator.config_values import Refusal, show_value
from generator.config_yaml import Document, Location, Place
from generator.errors import ConfigError

_LIST_STEP = "Write `repositories:` and under it, for each one, `- url: https://…`."
_WATCH_STEP = 'Write `watch: ["lib/kv-router/**", "*.proto"]`, each by the rules of .gitignore.'
_MODEL_STEP = "Write `- gpt-5-mini`, or `- name: …` and under it `base_url:`, `key:`, `context:` or `price:`."
_LIMIT_STEP = "Remove the line for no limit."
_PRICE_STEP = "Write US dollars per million tokens: `price: {input: 0.25, output: 2}`."
# What a value should have been, and what to do; all other keys hold text.
_FORMS: dict[str | int, tuple[str, str]] = {
    "site": ("a mapping", "Write `site:` and under it, indented, `name: …` and `url: …`."),
    "host": (
        "github, cloudflare, gitlab or none",
        "Write whose limits the site must keep, or remove the line: the address tells.",
    ),
    "language": ("zh or en", "Write zh for Chinese or en for English."),
    "first_days": (
        "a whole number from 1 to 366",
        "Write for how many landing days to look back at first, such as 7.",
    ),
    "repositories": ("a list of repositories", _LIST_STEP),
    "watch": ("a list of at most 50 path globs", _WATCH_STEP),
    "analysis": ("a mapping", "Write `analysis:` and under it, indented, `models: [gpt-5-mini]`."),
    "models": ("a list of models", "Write `models: [gpt-5-mini]`; the first that answers is taken."),
    "context": (
        "a whole number from 8000 to 10000000",
        "Write how many tokens the model takes, question and answer together, such as 128000.",
    ),
    "price": ("a mapping", _PRICE_STEP),
    **dict.fromkeys(("input", "output", "cached"), ("a number of dollars, 0 or more", _PRICE_STEP)),
    "budget": ("a mapping", "Write `budget: {usd_per_day: 2}`, or leave it out for no limit."),
    "usd_per_day": ("a number of dollars, 0 or more", _LIMIT_STEP),
    **dict.fromkeys(("tokens_per_day", "calls_per_day"), ("a whole number, 0 or more", _LIMIT_STEP)),
    "concurrency": ("a whole number from 1 to 64", "Write how many calls may run at once, such as 8."),
    "deadline": ("a whole number from 10 to 3600", "Write how many seconds one call may take, such as 300."),
    "parts": ("a whole number from 1 to 32", "Write how many calls may read one large commit, such as 4."),
    "batch": ("yes or no", "Write true or false."),
}
_MISSING_STEPS: dict[str | int, str] = {"name": _MODEL_STEP, "input": _PRICE_STEP, "output": _PRICE_STEP}
_MEMBERS: dict[str | int, tuple[str, str]] = {
    "repositories": ("a repository is a mapping of keys, not a value alone", _LIST_STEP),
    "models": ("a model is its name, or a mapping of keys", _MODEL_STEP),
    "watch": ("a path glob of watch is text", 'Put it in quotes: - "lib/kv-router/**"'),
}


def explain_errors(errors: list[ErrorDetails], document: Document, file: str) -> ConfigError:
    """Turn what Pydantic found into the message about what stands first in the file."""
    # A default that needs the address is not made where the address is refused already.
    found = [error for error in errors if error["type"] != "default_factory_not_called"]
    # A list with a wrong member is reported as too short beside it.
    found = [error for error in found if error["type"] != "too_short" or len(found) == 1]
    first = min(found, key=lambda error: document.find_line(error["loc"]))
    fact, next_step = _explain(first, document)
    return ConfigError(f"{file}:{document.find_line(first['loc'])}: {fact}", next_step)


def _explain(error: ErrorDetails, document: Document) -> tuple[str, str]:
    key = error["loc"][-1]
    place = _find_place(error["loc"], document)
    refusal = error.get("ctx", {}).get("error")
    if isinstance(refusal, SecretRefusal):
        return f"{key} {refusal.reason}", refusal.next_step
    if isinstance(refusal, Refusal):
        shown = show_value(error["input"])
        # A member of a list goes by the list's name.
        name = error["loc"][-2] if isinstance(key, int) else key
        subject = f"{name} {shown}" if place else f"the {key} that follows from the address is {shown}, which"
        return f"{subject} {refusal.reason}", refusal.next_step
    if not place:
        return f"{key} is missing", _MISSING_STEPS.get(key, _LIST_STEP)
    if place.kind == "":
        return f"{key} has no value", "Write one behind the colon, or remove the line."
    return _explain_form(error["loc"], place)


def _find_place(location: Location, document: Document) -> Place | None:
    """Find a value's place; a model's name may be all that is written of the model."""
    whole = document.places.get(location[:-1])
    return document.places.get(location) or (whole if whole and whole.text is not None else None)


def _explain_form(location: Location, place: Place) -> tuple[str, str]:
    key = location[-1]
    if isinstance(key, int):
        return _MEMBERS[location[-2]]
    if key == "key":
        # Whatever it is, it may be a key.
        return "key is not text", "Write the name of an environment variable, such as OPENAI_API_KEY."
    if key not in _FORMS and place.kind:
        return (
            f"{key} {place.text} is read as {place.kind}, not as text",
            f'Put it in quotes: {key}: "{place.text}"',
        )
    written = "" if place.text is None else f" {show_value(place.text)}"
    form, next_step = _FORMS.get(key, ("text", "Write one value behind the colon."))
    return f"{key}{written} is not {form}", next_step
