"""Strays: a secret is told in whatever file it would become part of a version, and in a settings file by its key."""

from __future__ import annotations

import pytest
from support.checking import link, told

from gitagent.config.files import FileKind, MemoryFile

KEY = "sk-proj-abcdEFGH1234567890abcdEFGH"


def secrets(path: str, content: str | bytes) -> list[str]:
    """Place and message of each secret in a file beside an agent."""
    return [
        line.partition(" -> ")[0].removeprefix(f"{path}:")
        for line in told({"agent.yaml": "name: A\n", path: content})
        if ": secret: " in line
    ]


def test_a_key_in_a_file_of_settings_is_told_with_a_way_out() -> None:
    assert told({"agent.yaml": "name: A\n", ".env": f"DEBUG=1\nOPENAI_API_KEY={KEY}\n"}) == [
        ".env:2:16: secret: this looks like an API key -> Name .env in .gitignore (git rm --cached .env where git"
        " knows it already), or write ${env:NAME} instead; a secret that was saved once must be replaced."
    ]


@pytest.mark.parametrize(
    "path", ["notes.txt", "bin/run", "src/tool.py", "other.yaml", "data.json", "keys/server.pem", "x.js"]
)
def test_a_secret_is_known_by_its_shape_in_every_text(path: str) -> None:
    assert secrets(path, f'["{KEY}"]\n') == ["1:3: secret: this looks like an API key"]
    assert secrets(path, '["-----BEGIN EC PRIVATE KEY-----"]') == ["1:3: secret: this looks like a private key"]


@pytest.mark.parametrize("kind", [FileKind.EXECUTABLE, FileKind.FILE])
def test_files_without_any_layout_are_looked_through(kind: FileKind) -> None:
    assert len(told({"run.sh": MemoryFile(f"curl -H 'Authorization: Bearer {'a1b2' * 6}'".encode(), kind)})) == 1


@pytest.mark.parametrize(
    "path",
    [".env", "prod.env", ".env.local", "deploy/.env.prod", "a.ini", "setup.cfg", "a.TOML", "app.properties"],
)
def test_a_secret_is_known_by_its_key_in_a_file_of_settings(path: str) -> None:
    assert secrets(path, "# a\nname = me\nexport DB_PASSWORD=hunter22\n") == [
        "3:8: secret: the value of 'DB_PASSWORD' looks like a secret"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "SECRET_KEY=Abc+/=def!",
        "secret_key_base=0123456789abcdef",
        "PGPASSWORD = hunter22 # mine",
        "token='9f8e7d'",
        'client-secret = "9f8e7d"',
        "spring.datasource.password: hunter22\r",
        "SMTP_PASS=hunter22;",
        "jwt_secret=correct-horse",
        "TWILIO_AUTH_TOKEN=0a0a0a0a0a0a",
    ],
)
def test_keys_and_values_are_written_in_many_ways(line: str) -> None:
    key = line.removeprefix("export ").replace("=", " ").replace(":", " ").split()[0]

    assert secrets("app.ini", f"{line}\n") == [f"1:1: secret: the value of '{key}' looks like a secret"]


@pytest.mark.parametrize(
    "line",
    [
        "API_KEY=",
        "API_KEY=''",
        "API_KEY=short",
        "API_KEY=${env:API_KEY}",
        "API_KEY=$API_KEY",
        "API_KEY=<your key>",
        "API_KEY=your-key-here",
        "API_KEY=changeme",
        "API_KEY=xxxxxxxx",
        "API_KEY={{ vault.key }}",
        "PASSWORD=password",
        "PASSWORD = a few words in all",
        "PASSWORD='a few words'",
        "max_tokens = 1000000",
        'eos_token = "</s>"',
        'tokens = ["one", "two"]',
        "token = required",
        "token = https://id.shop.test/token",
        "PRIVATE_KEY=/run/secrets/key",
        "GOOGLE_APPLICATION_CREDENTIALS=account.json",
        "# PASSWORD=hunter22",
        "password_file_name=hunter22",
        "monkey=business1",
        "OPENAI_API_KEY_EXAMPLE=sk-xxxxxxxxxxxxxxxxxxxxxxx1",
        "AWS=AKIAIOSFODNN7EXAMPLE",
        "DATABASE_URL=postgres://user:password@localhost/x",
    ],
)
def test_a_placeholder_is_no_secret(line: str) -> None:
    assert secrets(".env.example", f"{line}\n") == []


@pytest.mark.parametrize("path", ["prompt.md", "notes.txt", "env", "environment.py", "a.env.md"])
def test_other_texts_may_speak_of_passwords(path: str) -> None:
    assert secrets(path, "password: hunter22\nPASSWORD=hunter22\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "div.sk-folding-cube-animation {}",
        "from sk_learn_some_function import it",
        "Bearer authentication-and-authorization",
        "a task-force-1-of-everything-we-know",
    ],
)
def test_words_of_source_code_are_no_secrets(text: str) -> None:
    assert secrets("src/code.css", text) == []


def test_a_secret_with_a_shape_and_a_telling_key_is_told_once() -> None:
    assert secrets(".env", f"API_KEY={KEY}\n") == ["1:9: secret: this looks like an API key"]


def test_a_token_after_the_word_bearer_is_told_once() -> None:
    token = "eyJ" + "a1" * 6 + ".eyJ" + "b2" * 6 + ".x"

    assert secrets("a.http", f"Authorization: Bearer {token}\n") == ["1:16: secret: this looks like a bearer token"]


def test_a_text_in_another_encoding_is_looked_through() -> None:
    line = f"TOKEN={KEY} é\n"

    assert secrets(".env", line.encode("utf-16")) == ["1:7: secret: this looks like an API key"]
    assert secrets(".env", line.encode("latin-1")) == ["1:7: secret: this looks like an API key"]
    assert secrets(".env", line.encode("utf-8-sig")) == ["1:7: secret: this looks like an API key"]


def test_what_is_no_text_is_let_be() -> None:
    assert secrets("a.bin", b"\0" + KEY.encode()) == []
    assert secrets("a.WAV", KEY) == []
    assert secrets("large.txt", KEY + " " * 1024 * 1024) == []


def test_a_link_is_not_looked_through_twice() -> None:
    assert len(told({"agent.yaml": "name: A\n", ".env": f"A={KEY}", "other": link(".env")})) == 1


def test_a_prompt_is_not_looked_through_twice() -> None:
    lines = told({"agent.yaml": "name: A\nprompt: p.md\n", "p.md": KEY})

    assert [line.partition(" -> ")[0] for line in lines] == ["p.md:1:1: secret: this looks like an API key"]
