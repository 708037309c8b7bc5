"""Say which models, addresses of providers and names of keys archive.yml may hold.

This module must not look into the environment, and must not put into a message what may be a key.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from generator.config_values import WEB, Refusal, check_no_secrets

_SECRET = re.compile(
    r"(?:KEYS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|PASS|CREDENTIALS?)(?:_|$)|(?:^|_)PAT(?:_|$)"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
# What the keys of providers and hosts begin with.
_KEY_STARTS = ("sk-", "sk_", "gsk_", "xai-", "hf_", "ghp_", "github_pat_", "AIza", "Bearer ")
_MODEL = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._:/+-]{0,99}")
# A name without a dot is one of the network's own; one that begins with a digit may be a number for any address.
_NEAR = re.compile(r"[a-z][a-z0-9-]*|.+\.(?:local|internal|localhost)")
_CALLS = re.compile(r"/(?:chat/)?completions$|/responses$|/models$|/batches$")
_URL_STEP = (
    "Write the address that the provider's manual gives as the base URL, such as https://api.example.org/v1."
)


class SecretRefusal(Refusal):
    """Say why a value is not usable without showing it: it may be a key."""


def is_secret(variable: str) -> bool:
    """Say whether an environment variable is a secret by its name."""
    return bool(_SECRET.search(variable.upper()))


def check_base_url(url: str) -> str:
    """Check the address of an OpenAI-compatible server; a `/` at its end is taken off.

    A key travels there, and a repository's code: without encryption only within this machine or a private network.
    """
    check_no_secrets(url)
    match = WEB.fullmatch(url)
    if not match or match["scheme"].lower() not in ("http", "https") or not _has_port_in_range(url):
        raise Refusal("is not a web address", _URL_STEP)
    if match["scheme"].lower() == "http" and not _is_near(urlsplit(url).hostname or ""):
        raise Refusal(
            "is reached without encryption, so that anyone on the way can read the key",
            f"Write https{url[len('http') :]} instead; http is for this machine and private networks.",
        )
    url = url.rstrip("/")
    if call := _CALLS.search(url):
        raise Refusal(
            f"ends in {call[0]}, which is added for each call", f"Write {url[: call.start()]} instead."
        )
    return url


def _has_port_in_range(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _is_near(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return bool(_NEAR.fullmatch(host))
    return address.is_private or address.is_loopback


def check_key(variable: str) -> str:
    """Check the name of the environment variable that a key is in.

    Only a name that says it is a secret: such a variable is kept from git and from every other program.
    """
    if _looks_like_key(variable):
        raise SecretRefusal(
            "holds what looks like a key itself, and archive.yml is public",
            "Write the name of an environment variable, such as OPENAI_API_KEY; and change that key at the provider if "
            "this file was ever committed.",
        )
    if not is_secret(variable):
        raise Refusal(
            "is not named like a secret, so that git and other programs would see it",
            f"Call the variable {variable.upper()}_KEY, here and where it is set.",
        )
    return variable


def _looks_like_key(text: str) -> bool:
    """Say whether text is more likely a key than a variable's name, which is short and in one case."""
    if text.startswith(_KEY_STARTS) or not _VARIABLE.fullmatch(text):
        return True
    digits = len(re.findall("[0-9]", text))
    return digits > 7 or (digits > 0 and len(text) > 15 and text != text.upper())


def check_model(name: str) -> str:
    """Check a model's name, as its provider writes it."""
    if name.startswith(_KEY_STARTS):
        raise SecretRefusal(
            "holds what looks like a key, and archive.yml is public",
            "Write the model's name; and change that key at the provider if this file was ever committed.",
        )
    if not _MODEL.fullmatch(name):
        raise Refusal(
            "is not a model's name, which holds letters, digits and . _ : / + - @ alone",
            "Write it as the provider does, such as gpt-5-mini.",
        )
    return name
