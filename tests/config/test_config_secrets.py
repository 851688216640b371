"""Secrets: what looks like one is told wherever it stands in what an agent's owner writes."""

from __future__ import annotations

import pytest
from support.checking import told

HINT = " -> Write ${env:NAME} instead and set NAME where the agent runs; a secret that was saved once must be replaced."
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("secret", "sort"),
    [
        ("sk-" + "a1" * 16, "an API key"),
        ("sk_live_" + "a1" * 12, "an API key"),
        ("sk-proj-" + "a1" * 16, "an API key"),
        ("AKIA" + "ABCDEFGH" * 2, "an AWS access key"),
        ("ghp_" + "a1" * 18, "a GitHub token"),
        ("github_pat_" + "a1" * 25, "a GitHub token"),
        ("glpat-" + "a1" * 10, "a GitLab token"),
        ("xoxb-" + DIGITS, "a Slack token"),
        ("AIza" + "a1" * 17 + "b", "a Google API key"),
        ("eyJ" + "a1" * 6 + ".eyJ" + "b2" * 6 + ".x", "a JSON Web Token"),
        ("Bearer " + "a1b2" * 6, "a bearer token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ("postgres://admin:hunter22@db/x", "a password in an address"),
    ],
)
def test_a_secret_is_known_by_its_shape(secret: str, sort: str) -> None:
    contents = {"agent.yaml": f"name: A\nprompt: prompt.md\ngreeting: '{secret}'\n", "prompt.md": f"one\n  {secret}\n"}

    assert told(contents) == [
        f"agent.yaml:3:12: secret: this looks like {sort}{HINT}",
        f"prompt.md:2:3: secret: this looks like {sort}{HINT}",
    ]


@pytest.mark.parametrize(
    "key", ["api_key", "API-KEY", "token", "x.password", "client_secret", "access_token", "Authorization"]
)
def test_a_value_made_at_random_is_known_by_its_key(key: str) -> None:
    headers = f"headers: {{{key}: 9f8e7d6c5b4a3f2e1d}}"
    tool = f"name: t\ndescription: d\nrequest: {{url: 'https://x.example', {headers}}}\n"

    lines = told({"agent.yaml": "name: A\n", "tools/t.yaml": tool})

    assert f"secret: the value of '{key}' looks like a secret{HINT}" in [line.partition(": ")[2] for line in lines]


@pytest.mark.parametrize(
    "value",
    [
        "${env:API_KEY}",
        "Bearer ${env:TOKEN}",
        "a token is asked for here",
        "ask-for-it",
        "required",
        "1234",
        "aaaa1111aaaa",
        "sk-short",
    ],
)
def test_what_is_no_secret_is_let_be(value: str) -> None:
    tool = f"name: t\ndescription: d\nrequest: {{url: 'https://x.example', headers: {{token: '{value}'}}}}\n"

    assert told({"agent.yaml": "name: A\n", "tools/t.yaml": tool}) == []


def test_words_are_no_secrets() -> None:
    text = "Ask for the task-force-of-everything-we-know; a bearer of news; https://x.example/a:b@c; sk-ip it"

    assert told({"agent.yaml": f"name: A\ngreeting: '{text}'\n"}) == []


def test_a_secret_is_told_once_where_an_alias_repeats_it() -> None:
    suite = "fixtures: {t: &a {token: 9f8e7d6c5b4a3f2e1d}}\ncases:\n- {name: c, turns: [{}], fixtures: {t: *a}}\n"
    tool = "name: t\ndescription: d\n"

    assert told({"agent.yaml": "name: A\n", "tests/s.yaml": suite, "tools/t.yaml": tool}) == [
        f"tests/s.yaml:1:26: secret: the value of 'token' looks like a secret{HINT}"
    ]


def test_a_secret_with_a_shape_under_a_telling_key_is_told_once() -> None:
    tool = f"name: t\ndescription: d\nrequest: {{url: 'https://x.example', headers: {{token: {'ghp_' + 'a1' * 18}}}}}\n"

    assert told({"agent.yaml": "name: A\n", "tools/t.yaml": tool}) == [
        f"tools/t.yaml:3:54: secret: this looks like a GitHub token{HINT}"
    ]
