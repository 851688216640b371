"""The sample by configuration key, to the letter."""

from __future__ import annotations

from textwrap import dedent

from compare.sample import sample
from gitagent.cli.compare_views.keytable import keys

AT_50 = """
    v3 → v7  11 files changed, 15 lines added, 11 removed

    agent.yaml  modified +5 -4
      ~ greeting
          - "Hello, you have reached the Harbour
          - Table. How can I help?"
          + "Good evening, you have reached the
          + Harbour Table. How may I help you?"
      ~ voice.speed  1.0 → 1.2
      - variables.terrace  "closed in winter"
      ~ handoffs[manager].number
          - "+442079460019"
          + "+442079460020"
      + handoffs[kitchen]
          + name: kitchen
          + number: "+442079460021"

    logo.png  modified
      ! binary, 7 → 8 bytes

    notes.txt  modified
      ! line endings CRLF → LF

    prompt.md  modified +2 -1
      - Be warm, brief and exact; never promise what
      - the kitchen cannot keep.
      + Be warm and brief, use the guest's name, and
      + never promise what the kitchen cannot keep.
      + Hand over to the manager for more than
      + ${largest_party} guests.

    run tests  modified
      ! now executable

    tools/book.json  modified +1 -1
      ~ guests  2 → 4

    topics/hours.yaml  added +4
      + name  "hours"
      + example_queries
          + - when are you open
      + content  "Noon to ten."

    topics/menu.yaml  modified +1 -1
      ! only comments and layout changed

    topics/old.yaml  deleted -2
      - name  "old"
      - content  "Gone."

    topics/car.yaml → topics/parking.yaml  renamed +1 -1
      ~ enabled  true → false

    topics/挨拶.yaml  modified +1 -1
      ~ content
          - "こんにちは、ご予約でしょうか。"
          + "こんばんは、ご予約でしょうか。👩‍🍳"
    """

AT_100 = """
    v3 → v7  11 files changed, 15 lines added, 11 removed

    agent.yaml  modified +5 -4
      ~ greeting
          - "Hello, you have reached the Harbour Table. How can I help?"
          + "Good evening, you have reached the Harbour Table. How may I help you?"
      ~ voice.speed  1.0 → 1.2
      - variables.terrace  "closed in winter"
      ~ handoffs[manager].number  "+442079460019" → "+442079460020"
      + handoffs[kitchen]
          + name: kitchen
          + number: "+442079460021"

    logo.png  modified
      ! binary, 7 → 8 bytes

    notes.txt  modified
      ! line endings CRLF → LF

    prompt.md  modified +2 -1
      - Be warm, brief and exact; never promise what the kitchen cannot keep.
      + Be warm and brief, use the guest's name, and never promise what the kitchen cannot keep.
      + Hand over to the manager for more than ${largest_party} guests.

    run tests  modified
      ! now executable

    tools/book.json  modified +1 -1
      ~ guests  2 → 4

    topics/hours.yaml  added +4
      + name  "hours"
      + example_queries
          + - when are you open
      + content  "Noon to ten."

    topics/menu.yaml  modified +1 -1
      ! only comments and layout changed

    topics/old.yaml  deleted -2
      - name  "old"
      - content  "Gone."

    topics/car.yaml → topics/parking.yaml  renamed +1 -1
      ~ enabled  true → false

    topics/挨拶.yaml  modified +1 -1
      ~ content  "こんにちは、ご予約でしょうか。" → "こんばんは、ご予約でしょうか。👩‍🍳"
    """

SUMMARY = (
    "agent.yaml: greeting, voice.speed 1.0 → 1.2, variables.terrace removed, handoffs[manager].number "
    '"+442079460019" → "+442079460020", and 1 more',
    "logo.png: binary, 7 → 8 bytes",
    "notes.txt: line endings CRLF → LF",
    "prompt.md: +2 -1 lines",
    "run tests: now executable",
    "tools/book.json: guests 2 → 4",
    "topics/hours.yaml added",
    "topics/menu.yaml: only comments and layout changed",
    "… and 3 more files",
)


def test_keys_in_50_columns() -> None:
    assert keys(sample(), width=50, color=False) == dedent(AT_50).lstrip("\n")


def test_keys_in_100_columns() -> None:
    assert keys(sample(), width=100, color=False) == dedent(AT_100).lstrip("\n")


def test_the_summary() -> None:
    assert sample().summary_lines == SUMMARY
