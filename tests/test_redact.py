"""Secrets: replaced before anything reads the commit, wherever they stand, and noted by place and sort alone."""

from __future__ import annotations

import base64
import json
import pkgutil
import random
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import detect_secrets.plugins
import pytest
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.ip_public import IPPublicDetector
from detect_secrets.settings import transient_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.analyse.redact import DETECTORS, MARK, redact
from generator.patches import Change
from generator.records import Redaction, Trailer
from tests.changes import Edit, edit, make_change

HEX, LOWER, DIGITS = "0123456789abcdef", string.ascii_lowercase, string.digits
WORD = string.ascii_letters + DIGITS
UPPER = string.ascii_uppercase + DIGITS
# Written in two pieces, so that no scanner takes this file for a key.
PRIVATE = "PRIVATE" + " KEY"


def load_detectors() -> list[RegexBasedDetector]:
    """Load detect-secrets' own detectors, which are asked what is still to be found."""
    names = (name.partition(".") for name in DETECTORS)
    return [
        getattr(import_module(f"detect_secrets.plugins.{module}"), plugin)() for module, _, plugin in names
    ]


ORACLE = load_detectors()


def draw(chooser: random.Random, letters: str, length: int) -> str:
    return "".join(chooser.choice(letters) for _ in range(length))


def make_token(chooser: random.Random) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": draw(chooser, WORD, 12)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, draw(chooser, WORD + "-_", 43)])


def make_secrets(seed: int) -> Iterator[tuple[str, str, str]]:
    """Make one secret of each shape that is known: its sort, the code it stands in, the secret itself."""
    chooser = random.Random(seed)

    def of(letters: str, length: int) -> str:
        return draw(chooser, letters, length)

    def plain(sort: str, secret: str, code: str = 'value = "{}"') -> tuple[str, str, str]:
        return sort, code.format(secret), secret

    yield plain("Artifactory Credentials", "AKC" + of(WORD, 20))
    yield plain("Artifactory Credentials", "APB" + of(WORD, 16), "password: {}")
    for start in ("AKIA", "ASIA", "ABIA", "ACCA", "A3TX"):
        yield plain("AWS Access Key", start + of(UPPER, 16))
    yield plain("AWS Access Key", of(WORD + "/+", 40), "aws_secret_access_key = '{}'")
    yield plain("Azure Storage Account access key", "AccountKey=" + of(WORD + "+/", 86) + "==", "x;{};y")
    yield plain("Basic Auth Credentials", of(WORD, 12), "url = https://ada:{}@example.org/path")
    yield plain("Cloudant Credentials", of(HEX, 64), "cloudant_password = '{}'")
    yield plain("Cloudant Credentials", of(LOWER, 24), "CLOUDANT_APIKEY: {}")
    yield plain("Discord Bot Token", f"M{of(WORD, 23)}.{of(WORD, 6)}.{of(WORD, 27)}")
    for letter in "pousr":
        yield plain("GitHub Token", f"gh{letter}_{of(WORD, 36)}")
    for start, length in {
        "glpat-": 20, "gldt-": 20, "glft-": 20, "glsoat-": 20, "glrt-": 24, "GR1348941": 20, "glcbt-": 20,
        "glimt-": 25, "glptt-": 40, "glagent-": 50, "gloas-": 64,
    }.items():  # fmt: skip
        yield plain("GitLab Token", start + of(WORD, length))
    yield plain("IBM Cloud IAM Key", of(WORD, 44), 'ibm_cloud_iam_api_key: "{}"')
    yield plain("IBM Cloud IAM Key", of(WORD, 44), "token={}")
    yield plain("IBM COS HMAC Credentials", of(HEX, 48), "secret_access_key => '{}'")
    yield plain("JSON Web Token", make_token(chooser))
    yield plain("Mailchimp Access Key", f"{of(LOWER + DIGITS, 32)}-us{chooser.randint(1, 20)}")
    yield plain("NPM tokens", f"npm_{of(WORD, 36)}", "//registry.example.org/:_authToken={}")
    yield plain("OpenAI Token", f"sk-proj-{of(WORD, 20)}T3BlbkFJ{of(WORD, 20)}")
    yield plain("PyPI Token", f"pypi-AgEIcHlwaS5vcmc{of(WORD, 90)}")
    yield plain("PyPI Token", f"pypi-AgENdGVzdC5weXBpLm9yZw{of(WORD, 90)}")
    yield plain("SendGrid API Key", f"SG.{of(WORD, 22)}.{of(WORD, 43)}")
    yield plain("Slack Token", f"xoxb-{of(DIGITS, 11)}-{of(DIGITS, 12)}-{of(LOWER, 24)}")
    yield plain(
        "Slack Token", f"https://hooks.slack.com/services/T{of(UPPER, 8)}/B{of(UPPER, 8)}/{of(WORD, 24)}"
    )
    yield plain("SoftLayer Credentials", of(LOWER + DIGITS, 64), "softlayer_api_key = {}")
    yield plain("SoftLayer Credentials", of(HEX, 64), "http://api.softlayer.com/soap/v3/{}")
    yield plain("Square OAuth Secret", f"sq0csp-{of(WORD, 43)}")
    yield plain("Stripe Access Key", f"{chooser.choice('rs')}k_live_{of(WORD, 24)}")
    yield plain("Telegram Bot Token", f"{of('123456789', 9)}:{of(WORD, 35)}")
    yield plain("Twilio API Key", f"AC{of(HEX, 32)}")
    yield plain("Twilio API Key", f"SK{of(HEX, 32)}")


SECRETS = [*make_secrets(1), *make_secrets(2), *make_secrets(3)]


def plant(place: int, code: str) -> Change:
    """Plant a line of code in one of the places that a commit has."""
    hunk = "@@ -7,3 +9,3 @@ def before():\n"
    if place == 0:
        return make_change(code, edit("a.py", "+x"))
    if place == 1:
        return make_change(
            "Add a thing", edit("a.py", "+x"), body=f"Why it is needed.\n\n    {code}\n\nMore."
        )
    if place == 2:
        body = f"Why.\n\nSetup: {code}\nSigned-off-by: Ada"
        return make_change("Add", body=body, trailers=(("Setup", code), ("Signed-off-by", "Ada")))
    patches = {
        3: f"{hunk} x\n+{code}\n y",
        4: f"{hunk} x\n-{code}\n y",
        5: f"{hunk} x\n+z\n {code}",
        6: f"@@ -7 +9 @@ {code}\n+x",
    }
    return make_change("Add", edit("a.py", patches[place]))


PLACED = [
    pytest.param(sort, place, code, secret, id=f"{number}-{sort}-{place}")
    for number, (sort, code, secret) in enumerate(SECRETS)
    for place in [number % 7]
]
# The line that a reader finds the secret on.
NUMBERS = {
    0: (None, 1),
    1: (None, 5),
    2: (None, 5),
    3: ("a.py", 10),
    4: ("a.py", 8),
    5: ("a.py", 11),
    6: ("a.py", 9),
}


def test_more_than_a_hundred_secrets_of_every_supported_sort_are_planted() -> None:
    assert len(SECRETS) >= 100
    sorts = {sort for sort, *_ in SECRETS}
    assert sorts == {detector.secret_type for detector in ORACLE} - {"Private Key"}


@pytest.mark.parametrize(("sort", "place", "code", "secret"), PLACED)
def test_no_secret_is_left_anywhere_and_its_place_is_noted(
    sort: str, place: int, code: str, secret: str
) -> None:
    change = plant(place, code)
    assert secret in repr(change)
    redacted = redact(change)
    assert secret not in repr(redacted)
    path, line = NUMBERS[place]
    assert Redaction(path=path, line=line, sort=sort) in redacted.facts.redactions
    assert {(one.path, one.line) for one in redacted.facts.redactions} == {(path, line)}


@pytest.mark.parametrize(("sort", "code", "secret"), SECRETS[: len(SECRETS) // 3])
def test_a_redacted_commit_comes_back_as_the_same_object(sort: str, code: str, secret: str) -> None:
    redacted = redact(plant(3, code))
    assert redact(redacted) is redacted
    assert (sort, secret in repr(redacted)) == (sort, False)


def test_what_stands_around_a_secret_stays_and_lines_stay_lines() -> None:
    chooser = random.Random(5)
    key, password = "AKIA" + draw(chooser, UPPER, 16), draw(chooser, WORD, 14)
    change = make_change(
        f"Use {key} in CI",
        edit("a.py", f'@@ -1,3 +1,4 @@ def f():\n x\n-key = "{key}"  # old\n+key = "{key}"  # new\n+y\n z'),
        edit("b.py", "+nothing()"),
        edit("c.cfg", f"@@ -4 +4,2 @@\n+url = https://ada:{password}@example.org/x\n keep"),
        body=f"See https://ada:{password}@example.org.\n\nKey: {key}",
        trailers=(("Key", key),),
    )
    expected = make_change(
        "Use [redacted] in CI",
        edit(
            "a.py",
            '@@ -1,3 +1,4 @@ def f():\n x\n-key = "[redacted]"  # old\n+key = "[redacted]"  # new\n+y\n z',
        ),
        edit("b.py", "+nothing()"),
        edit("c.cfg", "@@ -4 +4,2 @@\n+url = https://ada:[redacted]@example.org/x\n keep"),
        body="See https://ada:[redacted]@example.org.\n\nKey: [redacted]",
        trailers=(("Key", "[redacted]"),),
    )
    redactions = (
        Redaction(line=1, sort="AWS Access Key"),
        Redaction(line=3, sort="Basic Auth Credentials"),
        Redaction(line=5, sort="AWS Access Key"),
        Redaction(path="a.py", line=2, sort="AWS Access Key"),
        Redaction(path="c.cfg", line=4, sort="Basic Auth Credentials"),
    )
    facts = expected.facts.model_copy(update={"redactions": redactions})
    assert redact(change) == Change(facts=facts, patches=expected.patches)


def test_a_trailer_broken_over_two_lines_is_noted_where_it_begins() -> None:
    first, second = "AKIA" + "Q7" * 4, "Z9" * 4
    change = make_change(
        "Add", body=f"Why.\n\nNote: {first}\n {second}", trailers=(("Note", f"{first}{second}"),)
    )
    redacted = redact(change)
    assert redacted.facts.trailers == (Trailer(key="Note", value=MARK),)
    assert redacted.facts.redactions == (Redaction(line=5, sort="AWS Access Key"),)


@pytest.mark.parametrize(
    "line",
    [
        'sdist = { url = "https://files.example.org/packages/96/f0/anyio-4.12.1.tar.gz", hash = "sha256:'
        + "41cfcc3a4c85d3f05c932da7c26d0201ac36f72abd4435ba90d0464a3ffed703"
        + '" }',
        'integrity: "sha512-' + "q7Zf" * 20 + '=="',
        "rows = keyJoin.rows + monkeyJungle.size",
        "base_url = http://localhost:8080/v1/models@latest",
        'clone(f"https://{user}:{token}@example.org/{name}.git")',
        "git clone https://<user>:<password>@example.org/x.git",
        "ssh://git@example.org:2222/x.git",
        "password=None, token: str | None = None, api_key=os.environ['API_KEY']",
        "token = tokenizer.convert_tokens_to_string(prompt)",
        "commit 3c1f0f5d3b0f2c6a9e8d7b6a5f4e3d2c1b0a9f8e",
        "-ussr, -us, PRIVATE, KEY, AP, AC/DC, SK, xoxo, softlayer, aws",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(line: str) -> None:
    change = make_change("Add", edit("uv.lock", f"+{line}"), body=line)
    assert redact(change) is change


def make_key(sort: str, lines: int = 6, last: str = "Qk9=") -> list[str]:
    chooser = random.Random(f"{sort}{lines}")
    body = [draw(chooser, WORD + "+/", 64) for _ in range(lines)]
    return [f"-----BEGIN {sort}{PRIVATE}-----", *body, last, f"-----END {sort}{PRIVATE}-----"]


KEY_SORTS = ("", "RSA ", "DSA ", "EC ", "OPENSSH ", "ENCRYPTED ")


@pytest.mark.parametrize("sort", KEY_SORTS)
@pytest.mark.parametrize("head", ["+", "-", " ", "+    ", "+// ", "+# "])
def test_a_private_key_goes_from_its_first_line_to_its_last(sort: str, head: str) -> None:
    key = make_key(sort)
    text = "\n".join(["@@ -3,9 +3,20 @@", " before", *(head + line for line in key), " after"])
    redacted = redact(make_change("Add", edit("key.txt", text)))
    shown = redacted.patches[0].text.split("\n")
    assert [shown[0], shown[1], shown[-1]] == ["@@ -3,9 +3,20 @@", " before", " after"]
    assert all(re.fullmatch(r"[-+ ](?: {4}|// |# )?\[redacted\]", line) for line in shown[2:-1])
    assert len(shown) == len(text.split("\n"))
    assert redacted.facts.redactions == (Redaction(path="key.txt", line=4, sort="Private Key"),)


def test_a_key_that_replaces_another_goes_with_it() -> None:
    old, new = make_key("RSA ", 5), make_key("RSA ", 7)
    lines = [
        f" {old[0]}",
        *(f"-{line}" for line in old[1:-1]),
        *(f"+{line}" for line in new[1:-1]),
        f" {old[-1]}",
    ]
    redacted = redact(make_change("Rotate", edit("key.pem", "\n".join(["@@ -1,8 +1,10 @@", *lines]))))
    assert redacted.patches[0].text.split("\n")[1:] == [line[0] + MARK for line in lines]


@pytest.mark.parametrize(
    ("shown", "hidden"),
    [
        # Cut by the end of the hunk, by the start of it, and a hunk's heading that quotes a line of the key.
        ([0, 1, 2, 3], {0, 1, 2, 3}),
        ([4, 5, 6, 7, 8], {4, 5, 6, 7, 8}),
        ([6, 7, 8], {6, 7, 8}),
    ],
)
def test_of_a_key_that_is_shown_in_part_no_line_is_left(shown: list[int], hidden: set[int]) -> None:
    key = make_key("EC ")
    text = "\n".join(
        [f"@@ -1 +1 @@ {key[3]}" if 0 not in shown else "@@ -1 +1 @@", *(f"+{key[n]}" for n in shown)]
    )
    redacted = redact(make_change("Add", edit("key.pem", f"{text}\n+after()")))
    assert not [key[number] for number in hidden if key[number] in repr(redacted)]
    assert redacted.patches[0].text.endswith("\n+after()")


def test_a_key_inside_a_string_or_a_message_is_hidden() -> None:
    key = make_key("RSA ")
    joined = "\\n".join(key)
    change = make_change(
        "Add",
        edit("a.py", f'+KEY = "{joined}\\n"\n+x = 1'),
        body="\n".join(["Use this:", "", *(f"    {k}" for k in key)]),
    )
    redacted = redact(change)
    assert redacted.patches[0].text == f'@@ -1 +1 @@\n+KEY = "{MARK}\\n"\n+x = 1'
    assert redacted.facts.body == "\n".join(["Use this:", "", *(f"    {MARK}" for _ in key)])
    assert redacted.facts.redactions == (
        Redaction(line=5, sort="Private Key"),
        Redaction(path="a.py", line=1, sort="Private Key"),
    )


def test_a_putty_key_is_hidden_with_its_headers() -> None:
    chooser = random.Random(9)
    body = [draw(chooser, WORD + "+/", 64) for _ in range(4)]
    mac = f"Private-MAC: {draw(chooser, HEX, 40)}"
    name = "PuTTY-User-Key-File" + "-2: ssh-rsa"
    key = [
        name,
        "Encryption: none",
        "Comment: a key",
        "Public-Lines: 2",
        *body[:2],
        "Private-Lines: 2",
        *body[2:],
        mac,
    ]
    redacted = redact(make_change("Add", edit("key.ppk", "\n".join(f"+{line}" for line in [*key, "after"]))))
    assert not [line for line in [*body, mac] if line in repr(redacted)]
    assert redacted.patches[0].text.endswith("\n+after")


def test_code_that_only_names_a_keys_first_line_keeps_the_lines_below() -> None:
    text = f'+if "BEGIN RSA {PRIVATE}" in text:\n+    return\n+    raise ValueError'
    redacted = redact(make_change("Check", edit("a.py", text)))
    assert (
        redacted.patches[0].text == f'@@ -1 +1 @@\n+if "{MARK}" in text:\n+    return\n+    raise ValueError'
    )


def test_code_between_two_lines_that_name_a_keys_ends_stays() -> None:
    text = f'+first = "BEGIN {PRIVATE}"\n+found = read(text)[0]\n+last = "END {PRIVATE}"'
    redacted = redact(make_change("Check", edit("a.py", text)))
    expected = f'@@ -1 +1 @@\n+first = "{MARK}"\n+found = read(text)[0]\n+last = "{MARK}"'
    assert redacted.patches[0].text == expected


def test_a_hunk_that_ends_a_key_leaves_the_hunk_above_it_alone() -> None:
    key, digest = make_key("RSA "), draw(random.Random(3), HEX, 64)
    text = f"@@ -1 +1 @@\n+{digest}\n@@ -9 +9 @@ {key[5]}\n+{key[6]}\n+{key[7]}\n+{key[8]}"
    redacted = redact(make_change("Add", edit("key.pem", text)))
    hidden = f"@@ -1 +1 @@\n+{digest}\n@@ -9 +9 @@ {MARK}\n+{MARK}\n+{MARK}\n+{MARK}"
    assert redacted.patches[0].text == hidden


def test_a_signed_or_encrypted_token_goes_whole() -> None:
    chooser = random.Random(4)
    signed = make_token(chooser)
    header = signed.partition(".")[0]
    encrypted = ".".join([header, *(draw(chooser, WORD, 40) for _ in range(4))])
    redacted = redact(make_change("Add", edit("a.txt", f"+a {signed}, b\n+c {encrypted} d")))
    assert redacted.patches[0].text == f"@@ -1 +1 @@\n+a {MARK}, b\n+c {MARK} d"


def test_a_co_authors_name_is_cleaned_like_the_trailer_it_comes_from() -> None:
    name = "Eve AKIA" + "Q7" * 8
    change = make_change("Add", body=f"Co-authored-by: {name}", trailers=(("Co-authored-by", name),))
    facts = change.facts.model_copy(update={"co_authors": (name,)})
    assert redact(Change(facts=facts)).facts.co_authors == (f"Eve {MARK}",)


PATTERNS = [
    pytest.param(detector, pattern, id=f"{detector.secret_type}-{number}")
    for detector in ORACLE
    for number, pattern in enumerate(detector.denylist)
]
LINE = st.characters(codec="ascii", exclude_characters="\n\r")


@pytest.mark.parametrize(("detector", "pattern"), PATTERNS)
@settings(max_examples=25)
@given(data=st.data())
def test_nothing_is_left_that_detect_secrets_would_find(
    detector: RegexBasedDetector, pattern: re.Pattern[str], data: st.DataObject
) -> None:
    code = data.draw(st.from_regex(pattern, alphabet=LINE))
    redacted = redact(make_change("Add", edit_exactly("a.txt", f"+{code}"), body=code))
    left = [redacted.patches[0].text.split("\n")[1][1:], redacted.facts.body]
    # A placeholder is no password, whatever characters stand in it.
    found = {secret for line in left for secret in detector.analyze_string(line)}
    assert {
        secret for secret in found if not re.fullmatch(r"\{[^{}]*\}|<[^<>]*>|%\w|[*.x]+", secret)
    } == set()
    assert redact(redacted) is redacted


def edit_exactly(path: str, line: str) -> Edit:
    """Change a file by one line, blanks at its ends included."""
    made = edit(path, "+x")
    assert made.patch is not None
    return Edit(file=made.file, patch=type(made.patch)(path=path, text=f"@@ -0,0 +1 @@\n{line}"))


def test_every_detector_of_detect_secrets_that_is_a_pattern_is_used() -> None:
    found = set()
    for module in pkgutil.iter_modules(detect_secrets.plugins.__path__):
        members = vars(import_module(f"detect_secrets.plugins.{module.name}")).values()
        found |= {
            member
            for member in members
            if isinstance(member, type) and issubclass(member, RegexBasedDetector)
        }
    names = {
        f"{plugin.__module__.rpartition('.')[2]}.{plugin.__name__}" for plugin in found - {RegexBasedDetector}
    }
    assert names - {f"ip_public.{IPPublicDetector.__name__}"} == set(DETECTORS)


def test_settings_of_detect_secrets_change_nothing() -> None:
    change = plant(3, SECRETS[0][1])
    with transient_settings({"plugins_used": [], "filters_used": []}):
        assert redact(change) == redact(plant(3, SECRETS[0][1]))
        assert redact(change) != change


def test_a_commit_without_secrets_does_not_load_the_detectors() -> None:
    script = (
        "import sys; from tests.changes import edit, make_change; from generator.analyse.redact import redact\n"
        "change = make_change('Add', edit('a.py', '+x'), body='See https://example.org/x')\n"
        "assert redact(change) is change\n"
        "print(sorted({'detect_secrets', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_long_line_is_read_to_its_end() -> None:
    secret = "AKIA" + "Q7" * 8
    for place in (3_990, 4_000, 5_995, 9_990, 50_000):
        body = "word " * (place // 5) + secret + " word" * 300
        assert redact(make_change("Add", body=body)).facts.body == body.replace(secret, MARK)
